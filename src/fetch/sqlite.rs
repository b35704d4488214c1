//! SQLite: the database is a file, and a small read is cheaper than handing it to another thread.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use crate::fetch::rows::Flat;
use crate::fetch::{Parameter, Rows, Unavailable};

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
}

#[derive(Debug)]
struct Pool {
    path: std::path::PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// A database that is opened when it is first asked.
    pub fn new(path: &Path, deadline: Duration) -> Self {
        Sqlite { pool: Arc::new(Pool { path: path.to_owned(), idle: Mutex::default() }), deadline }
    }

    /// The rows of a statement.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) async fn rows(
        &self,
        sql: &Arc<str>,
        parameters: &[Parameter],
        limit: usize,
    ) -> Result<Rows, Unavailable> {
        let many = |parameter: &Parameter| matches!(parameter, Parameter::List(values) if values.len() > INLINE_KEYS);
        let is_page = !parameters.iter().any(|parameter| matches!(parameter, Parameter::List(_)));
        if !is_page && !parameters.iter().any(many) {
            return self.run(sql, parameters, limit);
        }
        let (this, sql, parameters) = (self.clone(), sql.clone(), parameters.to_vec());
        let task = tokio::task::spawn_blocking(move || this.run(&sql, &parameters, limit));
        task.await.map_err(|error| Unavailable::Statement(error.to_string()))?
    }

    fn run(&self, sql: &str, parameters: &[Parameter], limit: usize) -> Result<Rows, Unavailable> {
        let connection = self.pool.take()?;
        let deadline = Instant::now() + self.deadline;
        let guard = connection.progress_handler(STEPS, Some(move || Instant::now() > deadline));
        let rows = guard.and_then(|()| read(&connection, sql, parameters, limit));
        let rows = rows.map_err(|error| self.failed(&error));
        self.pool.give_back(connection);
        match rows? {
            Some(flat) => Ok(Rows::Sqlite(flat)),
            None => Err(Unavailable::TooManyRows(limit)),
        }
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
    let pragmas = "PRAGMA query_only = ON; PRAGMA mmap_size = 1073741824; PRAGMA busy_timeout = 2000;";
    connection.execute_batch(pragmas).map_err(|error| Unavailable::Connection(error.to_string()))?;
    Ok(connection)
}

/// The rows, or `None` where there are more than the limit.
fn read(
    connection: &Connection,
    sql: &str,
    parameters: &[Parameter],
    limit: usize,
) -> Result<Option<Flat>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut flat = Flat::new(width);
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count > limit {
            return Ok(None);
        }
        for slot in 0..width {
            match row.get_ref(slot)? {
                ValueRef::Null | ValueRef::Blob(_) => flat.push_null(),
                ValueRef::Integer(number) => flat.push_int(number),
                ValueRef::Real(number) => flat.push_real(number),
                ValueRef::Text(text) => flat.push_text(std::str::from_utf8(text).unwrap_or_default()),
            }
        }
    }
    Ok(Some(flat))
}

impl ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Parameter::Text(Some(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Parameter::Text(None) => ToSqlOutput::Owned(Value::Null),
            Parameter::Rows(rows) => ToSqlOutput::Owned(Value::Integer(*rows)),
            // Lists are read by `json_each`.
            Parameter::List(values) => {
                let json = serde_json::to_string(values.as_slice());
                let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
                ToSqlOutput::Owned(Value::Text(json))
            }
        })
    }
}
