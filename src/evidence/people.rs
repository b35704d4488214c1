//! People in evidence: keyed digests to find them by, and commitments that show nothing.
//!
//! An entry of the log holds one hash for all its people: the root over a commitment to each, which
//! is the hash of a random salt and the person's digest. Salts and digests stand in a table of their
//! own, from which they can be erased; the commitments that stay tell nothing without them, and
//! every proof goes on holding.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use serde::Serialize;

use crate::clock::{fill, hex};
use crate::evidence::merkle::{leaf_hash, root_of};

/// Bytes of a digest: enough to tell people apart, and half of what the log would hold.
pub(crate) const DIGEST: usize = 16;

/// Bytes of a salt: nobody can try all of them.
pub(crate) const SALT: usize = 16;

/// The keys of people's digests, one for each year.
pub struct PersonKeys {
    secret: Vec<u8>,
    generation: u32,
    current: Mutex<Option<Arc<YearKey>>>,
}

/// The key of one year.
pub struct YearKey {
    year: i32,
    /// What records name the key by.
    pub name: Arc<str>,
    key: hmac::Key,
}

impl std::fmt::Debug for PersonKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKeys")
    }
}

impl PersonKeys {
    /// Keys made from a secret of any length. A greater generation makes other keys: records from
    /// then on can't be linked to earlier ones without the secret.
    pub fn new(secret: &[u8], generation: u32) -> Self {
        PersonKeys { secret: secret.to_vec(), generation, current: Mutex::new(None) }
    }

    /// The key of a year.
    pub fn of(&self, year: i32) -> Arc<YearKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = current.as_ref().filter(|key| key.year == year) {
            return key.clone();
        }
        let key = Arc::new(self.named(&format!("{year}.{}", self.generation), year));
        *current = Some(key.clone());
        key
    }

    /// The generation in use.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The digest of a person under a key that a record names.
    pub fn digest(&self, name: &str, number: &str) -> [u8; DIGEST] {
        self.named(name, 0).digest(number)
    }

    /// A key of its own name, for as many digests as are needed.
    pub(crate) fn lasting(&self, name: &str) -> YearKey {
        self.named(name, 0)
    }

    fn named(&self, name: &str, year: i32) -> YearKey {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let derived = hmac::sign(&secret, format!("yimen people {name}").as_bytes());
        YearKey { year, name: name.into(), key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()) }
    }
}

impl YearKey {
    /// The digest of a person.
    pub fn digest(&self, number: &str) -> [u8; DIGEST] {
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hmac::sign(&self.key, number.as_bytes()).as_ref()[..DIGEST]);
        digest
    }
}

/// The people of a record, sealed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct People {
    /// How many.
    pub count: usize,
    /// The key of their digests.
    #[serde(skip_serializing_if = "str::is_empty")]
    key: Arc<str>,
    /// The root over their commitments, in lower hex; empty where there is nobody.
    #[serde(skip_serializing_if = "String::is_empty")]
    root: String,
    /// Salts and digests, one after the other.
    #[serde(skip)]
    openings: Vec<u8>,
}

impl People {
    /// Seals the people behind some citizen numbers, each once.
    pub fn seal<'a>(key: &YearKey, numbers: impl IntoIterator<Item = &'a str>) -> Self {
        // The order of digests tells nothing of the order of rows.
        let mut digests: Vec<[u8; DIGEST]> = numbers.into_iter().map(|number| key.digest(number)).collect();
        digests.sort_unstable();
        digests.dedup();
        if digests.is_empty() {
            return People::default();
        }
        let mut salts = vec![0; digests.len() * SALT];
        fill(&mut salts);
        let mut openings = Vec::with_capacity(digests.len() * (SALT + DIGEST));
        for (salt, digest) in salts.chunks(SALT).zip(&digests) {
            openings.extend_from_slice(salt);
            openings.extend_from_slice(digest);
        }
        let root = root_of(openings.chunks(SALT + DIGEST).map(leaf_hash));
        People { count: digests.len(), key: key.name.clone(), root: hex(&root), openings }
    }

    /// What opens the commitments; never part of an entry.
    pub fn openings(&self) -> &[u8] {
        &self.openings
    }
}

/// The digests in what [`People::openings`] gave.
pub(crate) fn digests(openings: &[u8]) -> impl Iterator<Item = &[u8]> {
    openings.chunks_exact(SALT + DIGEST).map(|opening| &opening[SALT..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_found_again_within_a_year_and_never_seen_in_an_entry() {
        let keys = PersonKeys::new(b"secret", 0);
        let number = "11010519491231002X";
        let key = keys.of(2026);
        assert_eq!(key.digest(number), keys.digest("2026.0", number));
        assert_ne!(key.digest(number), keys.of(2027).digest(number));
        assert_ne!(key.digest(number), PersonKeys::new(b"secret", 1).of(2026).digest(number));
        assert_ne!(key.digest(number), PersonKeys::new(b"other", 0).of(2026).digest(number));
        let people = People::seal(&key, [number, number]);
        assert_eq!(people.count, 1);
        let again = People::seal(&key, [number]);
        assert_ne!(people.root, again.root, "a salt makes equal people look different");
        let text = serde_json::to_string(&people).unwrap();
        assert!(!text.contains(&hex(&key.digest(number))), "{text}");
    }
}
