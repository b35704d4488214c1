//! What replicas share through Redis, where there is one: documents that clients registered, what callers took of
//! their quotas, and word that a department's state changed.
//!
//! Redis is believed in nothing that opens or tells anything (decision 27): texts are sealed and compared with their
//! hash, quotas only refuse, and word of a department makes a replica ask it itself. Where Redis is away each
//! replica goes on by itself.

mod address;
mod bounded;
mod documents;
mod link;
mod names;
mod tally;
mod word;

use std::sync::Arc;

pub(crate) use link::{Away, Standing, Use};
pub(crate) use tally::{Charge, Tally};
pub(crate) use word::carry;

use crate::config::Redis;
use crate::trusted::Store;
use address::Address;
use documents::Documents;
use link::Link;
use names::Names;

/// What replicas share, as one of them sees it.
#[derive(Debug)]
pub struct Replicas {
    link: Arc<Link>,
    names: Names,
    documents: Arc<Documents>,
}

impl Replicas {
    /// Connects, and goes on trying; `None` where the configuration names no Redis.
    ///
    /// # Errors
    /// What is wrong with the configuration. That Redis is away is none: it may come later.
    pub async fn open(settings: &Redis, secret: &[u8]) -> anyhow::Result<Option<Arc<Self>>> {
        let Some(address) = Address::read(settings)? else { return Ok(None) };
        let names = Names::new(secret, &settings.prefix)?;
        let link = Link::begin(address, settings, &names).await;
        let documents = Arc::new(Documents::new(link.clone(), names.clone(), secret));
        Ok(Some(Arc::new(Replicas { link, names, documents })))
    }

    /// Whether the configuration can be used; nobody is asked.
    ///
    /// # Errors
    /// What is wrong with it, by its key.
    pub fn check(settings: &Redis) -> anyhow::Result<()> {
        Address::read(settings)?;
        Names::new(&[], &settings.prefix).map(drop)
    }

    /// Where documents are shared.
    pub(crate) fn documents(&self) -> Arc<dyn Store> {
        self.documents.clone()
    }

    /// Where quotas are counted together.
    pub(crate) fn tally(&self) -> Tally {
        Tally::new(self.link.clone(), self.names.clone())
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }
}
