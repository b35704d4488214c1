//! Evidence that stays in memory, so that each answer can be held against its record.

use std::collections::HashMap;
use std::sync::Mutex;

use futures::future::{BoxFuture, ready};
use yimen::evidence::{Evidence, EvidenceUnavailable, Kind, NotRecorded, Record};

/// The records that nobody has taken yet, by their names.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    records: Mutex<HashMap<String, Record>>,
}

impl Ledger {
    /// The record of an answer; there is one, and it is taken once.
    pub(crate) fn take(&self, id: &str) -> Option<Record> {
        self.records.lock().unwrap().remove(id)
    }

    /// How many records belong to no answer.
    pub(crate) fn left(&self) -> usize {
        self.records.lock().unwrap().len()
    }
}

impl Evidence for Ledger {
    fn append(&self, record: Record) -> BoxFuture<'_, Result<(), NotRecorded>> {
        if record.kind == Kind::Refused {
            // A refusal has no answer to be held against.
            return Box::pin(ready(Ok(())));
        }
        let known = self.records.lock().unwrap().insert(record.id.clone(), record);
        let appended = match known {
            None => Ok(()),
            Some(record) => Err(EvidenceUnavailable(format!("two records are named `{}`", record.id)).into()),
        };
        Box::pin(ready(appended))
    }
}
