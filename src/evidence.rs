//! Who read whose data, which fields and why: one record for each operation, on disk before the
//! first byte of the answer leaves, and in a log that anybody can verify soon after.
//!
//! Two steps. [`Ledger`] makes records durable in the hub: a request waits for its own commit and for
//! nothing else. [`Log`] then gives them their places in one Merkle log, writes tiles and signs the
//! tree head; it can be late without anybody waiting.

pub mod act;
pub mod anomaly;
pub mod archive;
mod bulk;
pub(crate) mod china;
mod coordinates;
mod edge;
pub mod entry;
pub mod erase;
mod export;
pub mod gone;
mod hub;
pub mod index_check;
mod integrate;
mod kept;
pub mod kin;
mod lane;
mod leaves;
mod ledger;
mod log;
pub mod merkle;
pub mod note;
mod openings;
mod people;
mod placed;
pub mod prove;
mod record;
mod seal;
pub mod search;
mod secret;
mod set_aside;
pub mod source;
mod standing;
pub(crate) mod store;
pub mod tile;
mod turn;
pub mod verify;
mod waiting;
mod witness;

pub use coordinates::{CoordinateOutcome, Coordinates, Outcomes};
pub use hub::Hub;
pub use integrate::{Done, Error as IntegrateError, Round};
pub use kept::Kept;
pub use lane::Coming;
pub use ledger::{Ledger, LedgerOptions};
pub use log::{Log, LogOptions};
pub use people::{People, PersonKeys};
pub use record::{DepartmentOutcome, Kind, Record};
pub use seal::SealKey;
pub use turn::Turn;

use futures::future::{BoxFuture, ready};
use sea_orm::DatabaseTransaction;

/// Evidence can't be written, so nothing may be answered.
#[derive(Clone, Debug, thiserror::Error)]
#[error("evidence can't be written: {0}")]
pub struct EvidenceUnavailable(pub String);

/// Why a record isn't kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotRecorded {
    /// No bundle of the log can take it; here it is again, so that less of it can be kept.
    #[error("a record is larger than an entry may be")]
    TooLarge(Box<Record>),
    /// Nothing can be kept at the moment.
    #[error(transparent)]
    Unavailable(#[from] EvidenceUnavailable),
}

/// A place where records stay.
pub trait Evidence: Send + Sync + std::fmt::Debug {
    /// Appends a record; ready when it would survive a crash.
    fn append(&self, record: Record) -> BoxFuture<'_, Result<(), NotRecorded>>;

    /// Appends a record to a transaction of the hub, with which it becomes durable or doesn't. A place
    /// that isn't in the hub refuses, so that nothing is changed.
    fn append_within<'a>(
        &'a self,
        _transaction: &'a DatabaseTransaction,
        _record: Record,
    ) -> BoxFuture<'a, Result<(), EvidenceUnavailable>> {
        Box::pin(ready(Err(EvidenceUnavailable(String::from("records don't go to the hub")))))
    }

    /// An operation begins whose record will come; it ends when what this gives is dropped. Records may then be
    /// gathered that come at about the same time.
    fn begin(&self) -> Coming {
        Coming::uncounted()
    }

    /// A transaction with records in it was committed.
    fn is_committed(&self) {}
}
