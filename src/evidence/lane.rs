//! Lanes: each takes everything that waits, commits it in one transaction and comes back for more.
//!
//! A lone request waits for one flush only: its batch starts at once. A commit costs both sides as much as a
//! dozen records, whatever it holds, so that where many operations are under way a batch waits until a share of
//! them has come to it, for [`GATHER`] at most.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::evidence::EvidenceUnavailable;
use crate::evidence::entry::Entry;
use crate::evidence::seal::SEAL;

/// The most records of one transaction, so that no statement grows beyond what memory is for.
pub(crate) const BATCH: usize = 1_024;

/// How long a batch waits for more records at most.
const GATHER: Duration = Duration::from_millis(4);

/// The share of the operations under way whose records make a batch: one in so many.
const SHARE: usize = 4;

/// Operations under way whose records are still to come or to be committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay(Arc<AtomicUsize>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Coming(Option<UnderWay>);

impl UnderWay {
    pub(crate) fn begin(&self) -> Coming {
        self.0.fetch_add(1, Ordering::Relaxed);
        Coming(Some(self.clone()))
    }

    /// How many records are worth a commit at the moment.
    fn enough(&self) -> usize {
        (self.0.load(Ordering::Relaxed) / SHARE).clamp(1, BATCH)
    }
}

impl Coming {
    /// An operation that nobody counts.
    pub(crate) fn uncounted() -> Self {
        Coming(None)
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if let Some(UnderWay(count)) = &self.0 {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Records that wait for a lane.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) waiting: mpsc::Receiver<Waiting>,
    pub(crate) under_way: UnderWay,
}

impl Queue {
    /// Takes the next batch. Gives its number of records: none where nobody can append any more.
    pub(crate) async fn take(&mut self, batch: &mut Vec<Waiting>) -> usize {
        if self.waiting.recv_many(batch, BATCH).await == 0 {
            return 0;
        }
        let until = Instant::now() + GATHER;
        while batch.len() < self.under_way.enough() {
            let more = self.waiting.recv_many(batch, BATCH - batch.len());
            if !matches!(timeout_at(until, more).await, Ok(1..)) {
                break;
            }
        }
        batch.len()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a batch where so many records wait while so many operations are under way. Gives its records, and
    /// whether it waited for more.
    fn taken(records: usize, operations: usize) -> (usize, bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (sender, waiting) = mpsc::channel(4_096);
            let under_way = UnderWay::default();
            let _coming: Vec<Coming> = (0..operations).map(|_| under_way.begin()).collect();
            for _ in 0..records {
                let (done, _) = oneshot::channel();
                sender.send(Waiting { entries: Vec::new(), done }).await.unwrap();
            }
            let (mut batch, began) = (Vec::new(), Instant::now());
            let taken = Queue { waiting, under_way }.take(&mut batch).await;
            (taken, began.elapsed() >= GATHER)
        })
    }

    #[test]
    fn a_batch_waits_for_more_only_where_more_will_come() {
        assert_eq!(taken(1, 0), (1, false), "an operation that nobody counts");
        assert_eq!(taken(1, 2 * SHARE - 1), (1, false));
        assert_eq!(taken(1, 2 * SHARE), (1, true));
        assert_eq!(taken(2, 2 * SHARE), (2, false));
        assert_eq!(taken(2, 3 * SHARE), (2, true));
        assert_eq!(taken(BATCH, 10_000), (BATCH, false), "no more than a transaction may hold");
        assert_eq!(taken(BATCH + 1, 0), (BATCH, false));
    }

    #[test]
    fn an_operation_is_under_way_until_it_ends() {
        let under_way = UnderWay::default();
        let coming: Vec<Coming> = (0..2 * SHARE).map(|_| under_way.begin()).collect();
        assert_eq!(under_way.enough(), 2);
        drop(coming);
        assert_eq!(under_way.enough(), 1);
    }
}
