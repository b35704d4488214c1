//! The issuer's public keys: a JWKS in a file or behind a URL, read again when it may have changed.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet};

/// Where keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file on this machine.
    File(PathBuf),
    /// An address that answers with a JWKS.
    Url(String),
}

impl KeySource {
    /// A URL where the text says so, else a file.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            KeySource::Url(text.to_owned())
        } else {
            KeySource::File(PathBuf::from(text))
        }
    }

    async fn read(&self) -> Result<JwkSet, String> {
        let text = match self {
            KeySource::File(path) => {
                tokio::fs::read(path).await.map_err(|error| format!("`{}`: {error}", path.display()))?
            }
            KeySource::Url(url) => fetch(url).await.map_err(|error| format!("`{url}`: {error}"))?,
        };
        serde_json::from_slice(&text).map_err(|error| format!("isn't a JWKS: {error}"))
    }
}

/// The most bytes of a key set.
const MAX_KEY_SET: usize = 1 << 20;

async fn fetch(url: &str) -> Result<Vec<u8>, reqwest::Error> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let body = client.get(url).send().await?.error_for_status()?.bytes().await?;
    Ok(body.into_iter().take(MAX_KEY_SET).collect())
}

/// The keys in force. When reading them again fails, the last good ones stay.
#[derive(Debug)]
pub struct KeySet {
    source: KeySource,
    keys: RwLock<Arc<Vec<Jwk>>>,
    /// When keys were last read, so that unknown key names can't make this read without end.
    last_read: tokio::sync::Mutex<Instant>,
}

/// Keys are read again this often.
const POLL: Duration = Duration::from_secs(60);

/// An unknown key name makes keys be read again, not more often than this.
const EARLIEST_REREAD: Duration = Duration::from_secs(2);

impl KeySet {
    /// Reads the keys for the first time.
    ///
    /// # Errors
    /// Why they can't be read.
    pub async fn open(source: KeySource) -> Result<Arc<Self>, String> {
        let keys = usable(source.read().await?);
        if keys.is_empty() {
            return Err(String::from("the JWKS has no key for ES256, EdDSA or RS256"));
        }
        let keys = RwLock::new(Arc::new(keys));
        Ok(Arc::new(KeySet { source, keys, last_read: tokio::sync::Mutex::new(Instant::now()) }))
    }

    /// Reads the keys again every minute for as long as somebody holds them.
    pub fn keep_fresh(self: &Arc<Self>) {
        let this = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(POLL).await;
                let Some(this) = this.upgrade() else { return };
                this.read_again(POLL / 2).await;
            }
        });
    }

    /// The key of a name, read again once where it isn't known. A set of one key needs no name.
    pub(crate) async fn key(&self, name: Option<&str>) -> Option<Jwk> {
        if let Some(key) = self.known(name) {
            return Some(key);
        }
        self.read_again(EARLIEST_REREAD).await;
        self.known(name)
    }

    fn known(&self, name: Option<&str>) -> Option<Jwk> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        match name {
            Some(name) => keys.iter().find(|key| key.common.key_id.as_deref() == Some(name)).cloned(),
            None if keys.len() == 1 => keys.first().cloned(),
            None => None,
        }
    }

    async fn read_again(&self, earliest: Duration) {
        let mut last_read = self.last_read.lock().await;
        if last_read.elapsed() < earliest {
            return;
        }
        *last_read = Instant::now();
        match self.source.read().await.map(usable) {
            Ok(keys) if !keys.is_empty() => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            }
            Ok(_) => tracing::warn!("the JWKS has no usable key; the last good ones stay"),
            Err(error) => tracing::warn!(%error, "the JWKS can't be read; the last good keys stay"),
        }
    }
}

fn usable(set: JwkSet) -> Vec<Jwk> {
    set.keys.into_iter().filter(|key| algorithm_of(key).is_some()).collect()
}

/// The one algorithm that a key is for; symmetric keys and other curves are for none.
pub(crate) fn algorithm_of(key: &Jwk) -> Option<jsonwebtoken::Algorithm> {
    use jsonwebtoken::Algorithm;
    use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve};
    match &key.algorithm {
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        _ => None,
    }
}
