//! Who read whose data, which fields and why: one record for each operation, on disk before the
//! first byte of the answer leaves.

mod journal;
mod record;

pub use journal::Journal;
pub use record::{CoordinateOutcome, DepartmentOutcome, Record};

use futures::future::BoxFuture;

/// Evidence can't be written, so nothing may be answered.
#[derive(Clone, Debug, thiserror::Error)]
#[error("evidence can't be written: {0}")]
pub struct EvidenceUnavailable(pub String);

/// A place where records stay.
pub trait Evidence: Send + Sync + std::fmt::Debug {
    /// Appends a record; ready when it would survive a crash.
    fn append(&self, record: Record) -> BoxFuture<'_, Result<(), EvidenceUnavailable>>;
}
