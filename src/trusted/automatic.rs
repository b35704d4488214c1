//! Documents that clients registered themselves, kept for a day in this process, or in a store that
//! replicas share.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use moka::sync::Cache;

use crate::config::Documents as Settings;

/// Where replicas share documents. What it doesn't know or can't say, clients send again.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// A kept text.
    fn get<'a>(&'a self, sha256: &'a str) -> BoxFuture<'a, Option<String>>;

    /// Keeps a text for some seconds.
    fn set<'a>(&'a self, sha256: &'a str, text: &'a str, seconds: u64) -> BoxFuture<'a, ()>;
}

/// The documents that clients registered.
#[derive(Debug)]
pub struct Automatic {
    own: Cache<String, Arc<str>>,
    shared: Option<Arc<dyn Store>>,
    seconds: u64,
}

impl Automatic {
    pub(crate) fn new(settings: &Settings, shared: Option<Arc<dyn Store>>) -> Self {
        let own = Cache::builder()
            .max_capacity(settings.automatic_bytes)
            .weigher(|_, text: &Arc<str>| u32::try_from(text.len()).unwrap_or(u32::MAX))
            .time_to_live(Duration::from_secs(settings.automatic_ttl_s))
            .build();
        Automatic { own, shared, seconds: settings.automatic_ttl_s }
    }

    pub(crate) async fn find(&self, sha256: &str) -> Option<String> {
        if let Some(text) = self.own.get(sha256) {
            return Some(text.to_string());
        }
        let text = self.shared.as_ref()?.get(sha256).await?;
        // The store is others' too: what it says must be what it was asked for.
        let honest = crate::clock::hex(&<sha2::Sha256 as sha2::Digest>::digest(&text)) == sha256;
        honest.then(|| {
            self.own.insert(sha256.to_owned(), text.as_str().into());
            text
        })
    }

    pub(crate) async fn keep(&self, sha256: &str, text: &str) {
        if self.own.contains_key(sha256) {
            return;
        }
        self.own.insert(sha256.to_owned(), text.into());
        if let Some(shared) = &self.shared {
            shared.set(sha256, text, self.seconds).await;
        }
    }
}
