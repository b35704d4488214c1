//! Values that must stay in the hub and say something: sealed, so that the hub alone shows nobody.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

use crate::clock::random;

/// The key that the gateway's replicas share, made from the installation secret.
pub struct Seal {
    key: LessSafeKey,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A key made from a secret of any length.
    ///
    /// # Panics
    /// Never: the derived key has the cipher's length.
    pub fn new(secret: &[u8]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, b"yimen sealed values of the hub");
        let key = UnboundKey::new(&AES_256_GCM, derived.as_ref()).expect("a digest has the key's length");
        Seal { key: LessSafeKey::new(key) }
    }

    /// Seals a text for its place: what is moved to another place doesn't open there. Equal texts give
    /// different seals.
    ///
    /// # Panics
    /// Never: no text here comes near the cipher's bound.
    pub fn close(&self, place: &str, text: &str) -> Vec<u8> {
        let nonce = random::<NONCE_LEN>();
        let mut bytes = text.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = self.key.seal_in_place_append_tag(unique, Aad::from(place.as_bytes()), &mut bytes);
        sealed.expect("a value is far shorter than the cipher's bound");
        [&nonce[..], &bytes].concat()
    }

    /// Opens what was sealed for this place; `None` for anything else.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let text = self.key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_alone_and_shows_nothing() {
        let seal = Seal::new(b"secret");
        let sealed = seal.close("case 1", "11010519491231002X");
        assert_eq!(seal.open("case 1", &sealed).as_deref(), Some("11010519491231002X"));
        assert_eq!(seal.open("case 2", &sealed), None);
        assert_eq!(Seal::new(b"other").open("case 1", &sealed), None);
        assert_eq!(seal.open("case 1", &sealed[..20]), None);
        assert_ne!(sealed, seal.close("case 1", "11010519491231002X"));
        assert!(!sealed.windows(6).any(|window| window == b"110105"));
    }
}
