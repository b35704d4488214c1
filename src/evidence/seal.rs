//! Seals on records that wait for their places: whoever can write the hub's tables but doesn't know the
//! installation's secret can't make one, and so can't get a record of their own signed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, sign};

/// Bytes of a seal.
pub(crate) const SEAL: usize = 32;

/// The key that seals are made with. Replicas of one log have the same.
#[derive(Clone)]
pub struct SealKey(Key);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

impl SealKey {
    /// The key derived from the installation's secret, apart from every other use of it.
    pub fn new(secret: &[u8]) -> Self {
        let derived = sign(&Key::new(HMAC_SHA256, secret), b"yimen evidence waiting");
        SealKey(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// What this key is known by. It shows nothing of the key, and is no seal.
    pub(crate) fn mark(&self) -> String {
        crate::clock::hex(&sign(&self.0, b"mark").as_ref()[..16])
    }

    /// The seal of a record: HMAC-SHA-256 over its name, its entry and its openings, each behind its length.
    pub(crate) fn seal(&self, id: &str, entry: &str, openings: &[u8]) -> [u8; SEAL] {
        let mut context = Context::with_key(&self.0);
        for part in [id.as_bytes(), entry.as_bytes(), openings] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut seal = [0; SEAL];
        seal.copy_from_slice(context.sign().as_ref());
        seal
    }

    /// Whether a seal is this record's.
    pub(crate) fn fits(&self, seal: &[u8], id: &str, entry: &str, openings: &[u8]) -> bool {
        verify_slices_are_equal(&self.seal(id, entry, openings), seal).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_fits_its_record_and_no_other() {
        let key = SealKey::new(b"secret");
        let seal = key.seal("id", "entry", b"people");
        assert!(key.fits(&seal, "id", "entry", b"people"));
        assert!(!key.fits(&seal, "ide", "ntry", b"people"), "parts don't run into each other");
        assert!(!key.fits(&seal, "id", "entry", b"peopl"));
        assert!(!key.fits(&[], "id", "entry", b"people"));
        assert!(!SealKey::new(b"other").fits(&seal, "id", "entry", b"people"));
    }
}
