//! Turns at the log: whoever changes it holds the hub's one lock for as long as a transaction lasts.
//!
//! On PostgreSQL that is an advisory lock; a holder that has died or hangs is thrown out by the server,
//! so that it stops nobody for long. On SQLite it is the write transaction itself.

pub(crate) mod postgres;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    DatabaseTransaction, DbErr, QueryResult, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    Value,
};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::store::{self, Field, Fields, Session};
use crate::evidence::turn::postgres::{Held, Writer};

/// The key of PostgreSQL's advisory lock.
const LOCK: i64 = 0x7969_6d65_6e01;

/// PostgreSQL's state where a lock wasn't to be had in time.
const LOCK_TIMEOUT: &str = "SQLSTATE 55P03";

/// SQLite's code where another process writes.
const SQLITE_BUSY: &str = "SQLite 5";

/// A turn: as long as it is held nobody else changes the log. Dropped without [`Turn::commit`], it has
/// changed nothing.
#[derive(Debug)]
pub struct Turn(Link);

/// The transaction of a turn.
#[derive(Debug)]
pub(crate) enum Link {
    Postgres(Box<Held>),
    Sqlite {
        transaction: DatabaseTransaction,
        /// Held behind the transaction, where one process has the writer of SQLite to itself.
        _own: OwnedMutexGuard<()>,
    },
}

/// A row as the holder of a turn reads it.
#[derive(Debug)]
pub(crate) enum TurnRow {
    Postgres(tokio_postgres::Row),
    Sqlite(QueryResult),
}

impl Fields for TurnRow {
    fn field<T: Field>(&self, column: &str) -> Result<T, DbErr> {
        match self {
            TurnRow::Postgres(row) => row.try_get(column).map_err(|error| DbErr::Type(error.to_string())),
            TurnRow::Sqlite(row) => row.field(column),
        }
    }
}

impl Session for Turn {
    type Row = TurnRow;

    async fn query(&self, sql: &str, values: Vec<Value>) -> Result<Vec<TurnRow>, DbErr> {
        Ok(match &self.0 {
            Link::Postgres(held) => {
                held.query(sql, &values).await?.into_iter().map(TurnRow::Postgres).collect()
            }
            Link::Sqlite { transaction, .. } => {
                let rows = store::rows(transaction, sql, values).await?;
                rows.into_iter().map(TurnRow::Sqlite).collect()
            }
        })
    }

    async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        match &self.0 {
            Link::Postgres(held) => held.execute(sql, &values).await,
            Link::Sqlite { transaction, .. } => store::run(transaction, sql, values).await,
        }
    }
}

/// Whether a turn is waited for.
#[derive(Clone, Copy, Debug)]
enum Wait {
    Not,
    AtMost(Duration),
}

impl Turn {
    pub(crate) fn link(&self) -> &Link {
        &self.0
    }

    /// Makes what was done last, and lets the next have their turn.
    ///
    /// # Errors
    /// A hub that doesn't answer, or has given the turn to somebody else meanwhile; then nothing was done.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            Link::Postgres(held) => held.commit().await,
            Link::Sqlite { transaction, .. } => transaction.commit().await.map_err(store::scrubbed),
        }
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
        match self.hub().turns() {
            None => self.begin_on_sqlite(wait).await,
            Some(writer) => self.begin_on_postgres(writer, wait).await,
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
                Ok(transaction) => return Ok(Some(Turn(Link::Sqlite { transaction, _own: own }))),
                Err(error) if !store::is_code(&error, SQLITE_BUSY) => return Err(error.into()),
                Err(_) if Instant::now() >= until => return Ok(None),
                Err(_) => {}
            }
        }
    }

    async fn begin_on_postgres(&self, writer: &Arc<Writer>, wait: Wait) -> Result<Option<Turn>, Error> {
        let patience = self.options().patience.as_millis();
        // Whoever hangs with the lock is ended by the server, which rolls back and gives the lock away. A head
        // that was signed must be on disk before it is told of.
        let bounds = format!(
            "SET LOCAL idle_in_transaction_session_timeout = {patience}; SET LOCAL synchronous_commit = on"
        );
        let held = writer.begin(&bounds).await?;
        if !lock(&held, wait).await? {
            held.roll_back().await?;
            return Ok(None);
        }
        held.script(&format!("SET LOCAL statement_timeout = {patience}")).await?;
        Ok(Some(Turn(Link::Postgres(Box::new(held)))))
    }
}

async fn lock(held: &Held, wait: Wait) -> Result<bool, DbErr> {
    let Wait::AtMost(wait) = wait else {
        let sql = "SELECT pg_try_advisory_xact_lock($1) AS held";
        let found = held.query(sql, &[LOCK.into()]).await?;
        return Ok(found.first().is_some_and(|row| row.get("held")));
    };
    // Zero would be for ever.
    let wait_ms = wait.as_millis().max(1);
    let statements = format!(
        "SET LOCAL lock_timeout = {wait_ms}; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})"
    );
    match held.script(&statements).await {
        Ok(()) => Ok(true),
        Err(error) if store::is_code(&error, LOCK_TIMEOUT) => Ok(false),
        Err(error) => Err(error),
    }
}
