//! SQLite: the database is a file, and a small read is cheaper than handing it to another thread.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};

use crate::fetch::asked::Asked;
use crate::fetch::rows::MAX_TEXT;
use crate::fetch::{Cell, Parameter, Rows, Texts, Unavailable};

/// Statements that look up more values than this run on a thread for blocking work.
const INLINE_KEYS: usize = 64;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// How many steps of SQLite's machine pass between two looks at the clock.
const STEPS: i32 = 20_000;

/// A SQLite file, opened for reading only.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: Arc<Pool>,
    deadline: Duration,
    /// The one connection of a snapshot, in whose transaction every statement runs.
    pinned: Option<Arc<Mutex<Connection>>>,
}

#[derive(Debug)]
struct Pool {
    path: std::path::PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// A database that is opened when it is first asked.
    pub fn new(path: &Path, deadline: Duration) -> Self {
        let pool = Arc::new(Pool { path: path.to_owned(), idle: Mutex::default() });
        Sqlite { pool, deadline, pinned: None }
    }

    /// The same database in the one state that it has now, for as long as somebody holds it. A file that isn't
    /// in WAL mode takes no writes meanwhile.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) fn snapshot(&self) -> Result<Sqlite, Unavailable> {
        let connection = open(&self.pool.path)?;
        // Reading something takes the state; beginning alone doesn't.
        let taken = connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema");
        taken.map_err(|error| self.failed(&error))?;
        let pinned = Some(Arc::new(Mutex::new(connection)));
        Ok(Sqlite { pool: self.pool.clone(), deadline: self.deadline, pinned })
    }

    /// The rows of a statement, which is run once for each value that it looks up: nothing crosses a
    /// network here, and a lookup by one value is the plan that SQLite is best at.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) async fn rows(&self, asked: Asked, keys: Arc<Texts>) -> Result<Rows, Unavailable> {
        // Statements of a snapshot wait for one another.
        if asked.keys_at.is_some() && keys.len() <= INLINE_KEYS && self.pinned.is_none() {
            return self.run(&asked, &keys);
        }
        let this = self.clone();
        let task = tokio::task::spawn_blocking(move || this.run(&asked, &keys));
        task.await.map_err(|error| Unavailable::Statement(error.to_string()))?
    }

    fn run(&self, asked: &Asked, keys: &Texts) -> Result<Rows, Unavailable> {
        if let Some(pinned) = &self.pinned {
            let connection = pinned.lock().unwrap_or_else(PoisonError::into_inner);
            return self.run_on(&connection, asked, keys)?.ok_or(Unavailable::TooManyRows(asked.limit));
        }
        let connection = self.pool.take()?;
        let rows = self.run_on(&connection, asked, keys);
        if connection.is_autocommit() {
            self.pool.give_back(connection);
        }
        rows?.ok_or(Unavailable::TooManyRows(asked.limit))
    }

    /// Within its time.
    fn run_on(&self, on: &Connection, asked: &Asked, keys: &Texts) -> Result<Option<Rows>, Unavailable> {
        let deadline = Instant::now() + self.deadline;
        let guard = on.progress_handler(STEPS, Some(move || Instant::now() > deadline));
        guard.and_then(|()| read(on, asked, keys)).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &rusqlite::Error) -> Unavailable {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::OperationInterrupted) => Unavailable::Deadline(self.deadline),
            // SQLite's own words name tables and columns only, never values.
            _ => Unavailable::Statement(error.to_string()),
        }
    }
}

impl Pool {
    fn take(&self) -> Result<Connection, Unavailable> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open(&self.path), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

fn open(path: &Path) -> Result<Connection, Unavailable> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|error| Unavailable::Connection(error.to_string()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan that depends on values is made again for each of them: more work than most reads are.
    let steady = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    steady.map_err(|error| Unavailable::Connection(error.to_string()))?;
    let pragmas = "PRAGMA query_only = ON; PRAGMA mmap_size = 2147418112; PRAGMA busy_timeout = 2000;";
    connection.execute_batch(pragmas).map_err(|error| Unavailable::Connection(error.to_string()))?;
    Ok(connection)
}

/// The rows, or `None` where there are more than the limit.
fn read(connection: &Connection, asked: &Asked, keys: &Texts) -> Result<Option<Rows>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&asked.sql)?;
    for (at, parameter) in asked.parameters.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, parameter)?;
    }
    let mut found = Rows::new(statement.column_count());
    let Some(at) = asked.keys_at else {
        return Ok(read_into(&mut found, &mut statement, asked.limit)?.then_some(found));
    };
    let alone = connection.is_autocommit();
    let _snapshot = if keys.len() > 1 && alone { Some(Snapshot::begin(connection)?) } else { None };
    for key in keys.iter() {
        statement.raw_bind_parameter(at + 1, key)?;
        if !read_into(&mut found, &mut statement, asked.limit)? {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

/// One state of the database for all runs of a statement, and its locks taken once.
struct Snapshot<'c> {
    connection: &'c Connection,
}

impl<'c> Snapshot<'c> {
    fn begin(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Snapshot { connection })
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written; a connection that can't end its reading isn't used again.
        let _ = self.connection.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
    }
}

/// Appends the rows of one run; false where they pass the limit.
fn read_into(found: &mut Rows, statement: &mut Statement<'_>, limit: usize) -> Result<bool, rusqlite::Error> {
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        for slot in 0..width {
            found.push(match row.get_ref(slot)? {
                ValueRef::Null | ValueRef::Blob(_) => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Real(number) => Cell::Real(number),
                ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).unwrap_or_default()),
            });
        }
        if found.len() > limit || found.text_len() > MAX_TEXT {
            return Ok(false);
        }
    }
    Ok(true)
}

impl ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Parameter::Text(Some(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Parameter::Text(None) => ToSqlOutput::Owned(Value::Null),
            Parameter::Rows(rows) => ToSqlOutput::Owned(Value::Integer(*rows)),
            // Lists are read by `json_each`.
            Parameter::List(values) => {
                let values: Vec<&str> = values.iter().collect();
                let json = serde_json::to_string(&values);
                let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
                ToSqlOutput::Owned(Value::Text(json))
            }
        })
    }
}
