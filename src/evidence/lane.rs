//! Lanes: each takes everything that waits, commits it in one transaction and comes back for more.
//!
//! A batch starts whenever a lane is free; there is no timer. While one commit is under way the next
//! batch gathers, so batches grow with the load and a lone request waits for one flush only.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use tokio::sync::oneshot;

use crate::evidence::EvidenceUnavailable;
use crate::evidence::entry::Entry;
use crate::evidence::seal::SEAL;

/// The most records of one transaction, so that no statement grows beyond what memory is for.
pub(crate) const BATCH: usize = 1_024;

/// An entry with the seal that shows it to be a process's of this installation.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) entry: Entry,
    pub(crate) seal: [u8; SEAL],
}

/// A record's entries, and who waits for them.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) entries: Vec<Sealed>,
    pub(crate) done: oneshot::Sender<Result<(), EvidenceUnavailable>>,
}

/// Tells everybody of a batch what became of it, and the log once.
fn tell(batch: &mut Vec<Waiting>, result: Result<(), EvidenceUnavailable>) {
    if let Err(error) = &result {
        tracing::error!(%error, records = batch.len(), "evidence can't be written");
    }
    for waiting in batch.drain(..) {
        // A caller that went away doesn't need to know.
        let _ = waiting.done.send(result.clone());
    }
}
