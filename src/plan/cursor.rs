//! Cursors: where a page ended, sealed, so that a cursor tells nothing and can't be made up.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::plan::error::{Invalid, code};

/// The most characters of a cursor that is looked at.
const MAX_CURSOR: usize = 2_048;

/// The key that cursors are sealed with; replicas of one gateway share it.
pub struct CursorKey {
    key: LessSafeKey,
    nonces: hmac::Key,
    /// What the keys of callers are made from.
    derive: hmac::Key,
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

impl CursorKey {
    /// A key made from a secret of any length.
    pub fn new(secret: &[u8]) -> Self {
        let digest = digest(&SHA256, secret);
        let key =
            UnboundKey::new(&AES_256_GCM, digest.as_ref()).expect("a SHA-256 digest has the key's length");
        let nonces = hmac::Key::new(hmac::HMAC_SHA256, &[b"cursor nonces ", secret].concat());
        let derive = hmac::Key::new(hmac::HMAC_SHA256, &[b"cursor keys ", secret].concat());
        CursorKey { key: LessSafeKey::new(key), nonces, derive }
    }

    /// The key of one caller, purpose and case: what was sealed for somebody else, or for another purpose, doesn't
    /// open.
    pub fn of(&self, holder: &[&str]) -> Self {
        let mut named = Vec::new();
        for part in holder {
            named.extend_from_slice(&(part.len() as u64).to_be_bytes());
            named.extend_from_slice(part.as_bytes());
        }
        CursorKey::new(hmac::sign(&self.derive, &named).as_ref())
    }

    /// Seals the values of a row; `scope` names the connection and its order.
    ///
    /// The nonce is a keyed digest of what is sealed: equal rows give equal cursors, as clients
    /// expect, two different texts never share a nonce, and nobody can try texts against it.
    pub fn seal(&self, scope: &str, values: &[Option<String>]) -> String {
        let mut text = serde_json::to_vec(values).unwrap_or_default();
        let mut named = scope.as_bytes().to_vec();
        named.push(0);
        named.extend_from_slice(&text);
        let mut nonce = [0u8; NONCE_LEN];
        nonce.copy_from_slice(&hmac::sign(&self.nonces, &named).as_ref()[..NONCE_LEN]);
        let sealed = self.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(scope.as_bytes()),
            &mut text,
        );
        sealed.expect("a cursor is far shorter than the cipher's bound");
        URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat())
    }

    /// Opens a cursor of the same connection and order.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for anything that wasn't sealed here for this scope.
    pub fn open(&self, scope: &str, cursor: &str, terms: usize) -> Result<Vec<Option<String>>, Invalid> {
        self.try_open(scope, cursor).filter(|values| values.len() == terms).ok_or_else(|| {
            let message = "argument `after` is no cursor of this connection and order";
            Invalid::new(code::BAD_USER_INPUT, message)
        })
    }

    fn try_open(&self, scope: &str, cursor: &str) -> Option<Vec<Option<String>>> {
        if cursor.len() > MAX_CURSOR {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let text = self.key.open_in_place(nonce, Aad::from(scope.as_bytes()), &mut sealed).ok()?;
        serde_json::from_slice(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_in_its_scope_and_nowhere_else() {
        let key = CursorKey::new(b"secret");
        let values_of = || vec![Some(String::from("2019-04-17")), None];
        let values = values_of();
        let cursor = key.seal("households|id", &values);
        assert_eq!(key.open("households|id", &cursor, 2), Ok(values));
        assert!(key.open("households|-id", &cursor, 2).is_err());
        assert!(key.open("households|id", &cursor, 1).is_err());
        assert!(CursorKey::new(b"other").open("households|id", &cursor, 2).is_err());
        let own = key.of(&["li", "HOUSING"]);
        let sealed = own.seal("households|id", &values_of());
        assert_eq!(key.of(&["li", "HOUSING"]).open("households|id", &sealed, 2), Ok(values_of()));
        for other in [&["li", "UNION"][..], &["liHOUSING"], &["liH", "OUSING"], &[]] {
            assert!(key.of(other).open("households|id", &sealed, 2).is_err(), "{other:?}");
        }
        assert!(key.open("households|id", &sealed, 2).is_err());
    }

    #[test]
    fn a_cursor_shows_nothing_of_its_values() {
        let number = "11010519491231002X";
        let cursor = CursorKey::new(b"secret").seal("persons", &[Some(number.to_owned())]);
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        assert!(!bytes.windows(6).any(|window| number.as_bytes().starts_with(window)));
    }
}
