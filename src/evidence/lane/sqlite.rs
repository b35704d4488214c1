//! The one lane of a SQLite hub: a thread that commits batch after batch.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use tokio::sync::{Mutex, mpsc};

use crate::evidence::EvidenceUnavailable;
use crate::evidence::lane::{BATCH, Sealed, Waiting, tell};
use crate::evidence::ledger::Commits;

/// Pages of the write-ahead log after which SQLite moves them into the database.
const CHECKPOINT_PAGES: u32 = 4_000;

/// What the lane works with.
pub(crate) struct Lane {
    pub(crate) path: PathBuf,
    pub(crate) queue: mpsc::Receiver<Waiting>,
    pub(crate) commits: Arc<Commits>,
    pub(crate) deadline: Duration,
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Lane {
    /// Works until nobody can append any more.
    pub(crate) fn run(mut self) {
        let mut connection = None;
        let mut batch = Vec::new();
        while self.queue.blocking_recv_many(&mut batch, BATCH) > 0 {
            let result = {
                let _turn = self.turn.blocking_lock();
                self.write(&mut connection, &batch)
            };
            if result.is_err() {
                connection = None;
            }
            let result = result.map_err(|error| failed(&error));
            tell(&mut batch, result);
            self.commits.add();
        }
    }

    fn write(&self, connection: &mut Option<Connection>, batch: &[Waiting]) -> rusqlite::Result<()> {
        let connection = match connection {
            Some(connection) => connection,
            None => connection.insert(open(&self.path, self.deadline)?),
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO evidence_pending (id, entry, people, mac) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for Sealed { entry, seal } in batch.iter().flat_map(|waiting| &waiting.entries) {
                insert.execute(params![entry.id, entry.text, entry.openings, seal])?;
            }
        }
        transaction.commit()
    }
}

/// A connection whose commits are on disk when they return.
fn open(path: &Path, deadline: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(deadline)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    ))?;
    Ok(connection)
}

/// SQLite's code alone is told, as of any database.
fn failed(error: &rusqlite::Error) -> EvidenceUnavailable {
    EvidenceUnavailable(match error.sqlite_error() {
        Some(failure) => format!("SQLite {}", failure.extended_code),
        None => String::from("the hub's file can't be written"),
    })
}
