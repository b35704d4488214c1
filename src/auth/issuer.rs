//! The demonstration's own issuer: a key in the data folder and tokens signed with it.
//!
//! A county has an identity provider of its own; its JWKS goes into the configuration instead.

use std::path::{Path, PathBuf};

use anyhow::Context;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use crate::clock::{hex, random};

/// An issuer that lives in a folder.
#[derive(Debug)]
pub struct Issuer {
    folder: PathBuf,
}

/// What a new token says.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The person or program.
    pub subject: String,
    /// The department's code.
    pub department: String,
    /// The role's code.
    pub role: String,
    /// The 12-digit division.
    pub division: String,
    /// How long it is good, in seconds.
    pub ttl_s: i64,
    /// The person's own citizen number, for a portal's token.
    pub citizen_id: Option<String>,
}

/// The issuer's name in its tokens.
pub const DEMO_ISSUER: &str = "https://issuer.demo.yimen.invalid";

/// The audience of its tokens.
pub const DEMO_AUDIENCE: &str = "yimen";

impl Issuer {
    /// The issuer of a data folder.
    pub fn at(data: &Path) -> Self {
        Issuer { folder: data.join("issuer") }
    }

    /// Where the public keys stand.
    pub fn jwks_path(&self) -> PathBuf {
        self.folder.join("jwks.json")
    }

    fn key_path(&self) -> PathBuf {
        self.folder.join("key.pkcs8")
    }

    /// Makes a key unless there is one.
    ///
    /// # Errors
    /// Where the folder can't be written.
    pub fn create(&self) -> anyhow::Result<()> {
        if self.key_path().exists() && self.jwks_path().exists() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        let random_source = aws_lc_rs::rand::SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random_source);
        let key = key.map_err(|_| anyhow::anyhow!("no key can be made"))?;
        let encoding = EncodingKey::from_ec_der(key.as_ref());
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::ES256)?;
        public.common.key_id = Some(hex(&random::<8>()));
        write_private(&self.key_path(), key.as_ref())?;
        std::fs::write(self.jwks_path(), serde_json::to_vec_pretty(&JwkSet { keys: vec![public] })?)?;
        Ok(())
    }

    /// Signs a token.
    ///
    /// # Errors
    /// Where the folder has no key.
    pub fn sign(&self, token: &NewToken, now: DateTime<Utc>) -> anyhow::Result<String> {
        let missing = || format!("no issuer key in `{}`; `yimen demo` makes one", self.folder.display());
        let key = std::fs::read(self.key_path()).with_context(missing)?;
        let jwks: JwkSet = serde_json::from_slice(&std::fs::read(self.jwks_path()).with_context(missing)?)?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = jwks.keys.first().and_then(|key| key.common.key_id.clone());
        let mut claims = json!({
            "iss": DEMO_ISSUER,
            "aud": DEMO_AUDIENCE,
            "sub": token.subject,
            "iat": now.timestamp(),
            "exp": now.timestamp() + token.ttl_s,
            "jti": hex(&random::<8>()),
            "department": token.department,
            "role": token.role,
            "division": token.division,
        });
        if let Some(number) = &token.citizen_id {
            claims["citizen_id"] = json!(number);
        }
        Ok(encode(&header, &claims, &EncodingKey::from_ec_der(&key))?)
    }
}

/// Only the owner of the process may read the key.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}
