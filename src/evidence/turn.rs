//! Turns at the log: whoever changes it holds the hub's one lock for as long as a transaction lasts.
//!
//! On PostgreSQL that is an advisory lock; a holder that has died or hangs is thrown out by the server,
//! so that it stops nobody for long. On SQLite it is the write transaction itself.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::store;

/// The key of PostgreSQL's advisory lock.
const LOCK: i64 = 0x7969_6d65_6e01;

/// PostgreSQL's state where a lock wasn't to be had in time.
const LOCK_TIMEOUT: &str = "SQLSTATE 55P03";

/// SQLite's code where another process writes.
const SQLITE_BUSY: &str = "SQLite 5";

/// A turn: as long as it is held nobody else changes the log. Dropped without [`Turn::commit`], it has
/// changed nothing.
#[derive(Debug)]
pub struct Turn {
    transaction: DatabaseTransaction,
    /// Held behind the transaction, where one process has the writer of SQLite to itself.
    _own: Option<OwnedMutexGuard<()>>,
}

/// Whether a turn is waited for.
#[derive(Clone, Copy, Debug)]
enum Wait {
    Not,
    AtMost(Duration),
}

impl Turn {
    /// Where the holder's statements go.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Makes what was done last, and lets the next have their turn.
    ///
    /// # Errors
    /// A hub that doesn't answer, or has given the turn to somebody else meanwhile; then nothing was done.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.transaction.commit().await.map_err(store::scrubbed)
    }
}

impl Log {
    /// A turn, unless somebody else has theirs.
    pub(crate) async fn try_turn(&self) -> Result<Option<Turn>, Error> {
        self.begin(Wait::Not).await
    }

    /// A turn, waited for as long as the log's options say.
    ///
    /// # Errors
    /// [`Error::Busy`] where it didn't come, or a hub that doesn't answer.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let wait = self.options().wait;
        self.begin(Wait::AtMost(wait)).await?.ok_or(Error::Busy(wait))
    }

    async fn begin(&self, wait: Wait) -> Result<Option<Turn>, Error> {
        match self.hub().backend() {
            DbBackend::Sqlite => self.begin_on_sqlite(wait).await,
            _ => self.begin_on_postgres(wait).await,
        }
    }

    async fn begin_on_sqlite(&self, wait: Wait) -> Result<Option<Turn>, Error> {
        let own = self.hub().turn().clone().lock_owned().await;
        let until = match wait {
            Wait::Not => Instant::now(),
            Wait::AtMost(wait) => Instant::now() + wait,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        loop {
            // SQLite itself waits a few seconds for another process.
            let begun = self.hub().writer().begin_with_options(options).await.map_err(store::scrubbed);
            match begun {
                Ok(transaction) => return Ok(Some(Turn { transaction, _own: Some(own) })),
                Err(error) if !store::is_code(&error, SQLITE_BUSY) => return Err(error.into()),
                Err(_) if Instant::now() >= until => return Ok(None),
                Err(_) => {}
            }
        }
    }

    async fn begin_on_postgres(&self, wait: Wait) -> Result<Option<Turn>, Error> {
        // Read committed: a snapshot from before the lock would show the log as it was.
        let options =
            TransactionOptions { isolation_level: Some(IsolationLevel::ReadCommitted), ..Default::default() };
        let transaction = self.hub().writer().begin_with_options(options).await.map_err(store::scrubbed)?;
        let patience = self.options().patience.as_millis();
        // Whoever hangs with the lock is ended by the server, which rolls back and gives the lock away. A head
        // that was signed must be on disk before it is told of.
        let bounds = format!(
            "SET LOCAL idle_in_transaction_session_timeout = {patience}; SET LOCAL synchronous_commit = on"
        );
        store::batch(&transaction, &bounds).await?;
        if !lock(&transaction, wait).await? {
            return Ok(None);
        }
        store::batch(&transaction, &format!("SET LOCAL statement_timeout = {patience}")).await?;
        Ok(Some(Turn { transaction, _own: None }))
    }
}

async fn lock(transaction: &DatabaseTransaction, wait: Wait) -> Result<bool, DbErr> {
    let Wait::AtMost(wait) = wait else {
        let sql = "SELECT pg_try_advisory_xact_lock($1) AS held";
        let held = store::rows(transaction, sql, vec![LOCK.into()]).await?;
        return held.first().map_or(Ok(false), |row| row.try_get("", "held"));
    };
    // Zero would be for ever.
    let wait_ms = wait.as_millis().max(1);
    let bounds = format!("SET LOCAL lock_timeout = {wait_ms}; SET LOCAL statement_timeout = 0");
    store::batch(transaction, &bounds).await?;
    match transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await {
        Ok(_) => Ok(true),
        Err(error) => match store::scrubbed(error) {
            error if store::is_code(&error, LOCK_TIMEOUT) => Ok(false),
            error => Err(error),
        },
    }
}
