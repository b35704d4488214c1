//! What things are called in Redis: below the installation's prefix, and so that a name tells nothing of what it is for.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};

use crate::clock::hex;

/// The most characters of a prefix.
const MAX_PREFIX: usize = 64;

/// Makes names.
#[derive(Clone)]
pub(crate) struct Names {
    prefix: String,
    key: Key,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Names").field(&self.prefix).finish()
    }
}

impl Names {
    /// Names below a prefix, keyed by the installation's secret.
    ///
    /// # Errors
    /// A prefix that is no plain word.
    pub(crate) fn new(secret: &[u8], prefix: &str) -> anyhow::Result<Self> {
        let is_plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-_.".contains(&byte));
        anyhow::ensure!(
            !prefix.is_empty() && prefix.len() <= MAX_PREFIX && is_plain,
            "`redis.prefix` must have 1 to {MAX_PREFIX} letters, digits and signs of `:-_.`"
        );
        let derived = sign(&Key::new(HMAC_SHA256, secret), b"yimen names in Redis");
        Ok(Names { prefix: prefix.to_owned(), key: Key::new(HMAC_SHA256, derived.as_ref()) })
    }

    /// The name of a thing of a kind: nobody without the secret can find it from what it is for, nor the other way.
    pub(crate) fn of(&self, kind: &str, what: &str) -> String {
        let digest = sign(&self.key, format!("{kind}\0{what}").as_bytes());
        format!("{}{kind}:{}", self.prefix, hex(digest.as_ref()))
    }

    /// The one thing of a kind.
    pub(crate) fn only(&self, kind: &str) -> String {
        format!("{}{kind}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_for_all_replicas_and_tells_nothing() {
        let names = |secret: &[u8]| Names::new(secret, "yimen:").unwrap();
        let name = names(b"secret").of("quota", "somebody");
        assert_eq!(name, names(b"secret").of("quota", "somebody"));
        assert!(name.starts_with("yimen:quota:") && !name.contains("somebody"), "{name}");
        assert_ne!(name, names(b"other").of("quota", "somebody"));
        assert_ne!(name, names(b"secret").of("quota", "somebody else"));
    }

    #[test]
    fn a_prefix_is_a_plain_word_of_bounded_length() {
        for good in ["y", "yimen:fengqiu-1_a.b:", &"p".repeat(64)] {
            assert!(Names::new(b"secret", good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a*", "a\nb", "封丘", &"p".repeat(65)] {
            assert!(Names::new(b"secret", bad).is_err(), "{bad}");
        }
    }
}
