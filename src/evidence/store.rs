//! What the hub holds of the log, statement by statement; the same text for PostgreSQL and SQLite.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, RuntimeErr, Statement, TryGetable, Value};
use tokio_postgres::types::FromSql;

use crate::evidence::tile::{Tile, WIDTH, bundle};

/// A row of the log on its way in.
pub(crate) type Row = Vec<Value>;

/// Where statements go: a connection of the hub, or a turn at the log.
pub(crate) trait Session: Sync {
    /// A row of an answer.
    type Row: Fields;

    /// Runs a statement that answers rows.
    fn query(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, DbErr>> + Send;

    /// Runs a statement. Gives the number of rows that it changed.
    fn execute(&self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<u64, DbErr>> + Send;
}

/// What a column may be read as, whichever way the hub is reached.
pub(crate) trait Field: TryGetable + for<'a> FromSql<'a> {}

impl<T: TryGetable + for<'a> FromSql<'a>> Field for T {}

/// A row whose columns are read by name.
pub(crate) trait Fields {
    /// The value of a column.
    fn field<T: Field>(&self, column: &str) -> Result<T, DbErr>;
}

impl Fields for QueryResult {
    fn field<T: Field>(&self, column: &str) -> Result<T, DbErr> {
        self.try_get("", column)
    }
}

impl<C: ConnectionTrait> Session for C {
    type Row = QueryResult;

    async fn query(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        self.query_all_raw(statement).await.map_err(scrubbed)
    }

    async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        Ok(self.execute_raw(statement).await.map_err(scrubbed)?.rows_affected())
    }
}

pub(crate) async fn rows<S: Session>(
    session: &S,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<S::Row>, DbErr> {
    session.query(sql, values).await
}

pub(crate) async fn run<S: Session>(session: &S, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    session.execute(sql, values).await
}

/// Runs statements without parameters, one behind the other.
pub(crate) async fn batch<C: ConnectionTrait>(connection: &C, sql: &str) -> Result<(), DbErr> {
    connection.execute_unprepared(sql).await.map(drop).map_err(scrubbed)
}

/// An error without the database's own message, which may quote values: `SQLSTATE 23505` or `SQLite 2067`.
pub(crate) fn scrubbed(error: DbErr) -> DbErr {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = &error
    else {
        return error;
    };
    let Some(database) = inner.as_database_error() else { return error };
    let code = database.code().unwrap_or_default();
    // A state of SQL has five characters of digits and letters, a code of SQLite is a number below 10,000.
    let is_state = code.len() == 5;
    let told = format!("{} {code}", if is_state { "SQLSTATE" } else { "SQLite" });
    // Where the statement itself is wrong, such as in tables of another version, the message names parts of it,
    // and values are never part of a statement.
    match (is_state && code.starts_with("42")) || code == "1" {
        true => DbErr::Custom(format!("{told}: {}", database.message())),
        false => DbErr::Custom(told),
    }
}

/// Whether an error is the database's of this code.
pub(crate) fn is_code(error: &DbErr, code: &str) -> bool {
    matches!(error, DbErr::Custom(found) if found == code)
}

/// Whether a statement took longer than it may, for which fewer rows are a remedy.
pub(crate) fn took_too_long(error: &DbErr) -> bool {
    is_code(error, "SQLSTATE 57014")
}

/// Whether what was to be written is wrong, and not the hub: data exceptions, constraints and limits of
/// PostgreSQL (classes 22, 23 and 54), and their like of SQLite (too big, constraint, mismatch).
pub(crate) fn is_about_data(error: &DbErr) -> bool {
    let DbErr::Custom(found) = error else { return false };
    let class = |state: &str| ["22", "23", "54"].iter().any(|class| state.starts_with(class));
    // The lower byte of an extended code is the code.
    let primary = |code: &str| code.parse::<u32>().is_ok_and(|code| [18, 19, 20].contains(&(code & 0xff)));
    found.strip_prefix("SQLSTATE ").is_some_and(class) || found.strip_prefix("SQLite ").is_some_and(primary)
}

/// Parameters of one statement. SQLite finds a parameter by its name one after the other, so that
/// thousands of them cost their square; PostgreSQL gains little from more.
const MAX_PARAMETERS: usize = 512;

/// Inserts rows, many by a statement.
pub(crate) async fn insert<S: Session>(
    connection: &S,
    into: &str,
    rows: Vec<Row>,
    tail: &str,
) -> Result<(), DbErr> {
    each(connection, |rows| format!("INSERT INTO {into} VALUES {rows} {tail}"), rows).await
}

/// Runs a statement over rows, of which it takes many at once, written behind `VALUES`; the database calls their
/// columns `column1` and so on. Statements have a power of two of rows, so that there are few different ones to
/// prepare.
pub(crate) async fn each<S: Session>(
    connection: &S,
    statement: impl Fn(&str) -> String,
    rows: Vec<Row>,
) -> Result<(), DbErr> {
    let mut rows = rows.into_iter().peekable();
    while let Some(width) = rows.peek().map(Vec::len) {
        let most = rows.len().min(MAX_PARAMETERS / width);
        let count = 1 << most.ilog2();
        let places: Vec<String> = (0..count).map(|row| place(row * width, width)).collect();
        let values: Vec<Value> = rows.by_ref().take(count).flatten().collect();
        run(connection, &statement(&places.join(",")), values).await?;
    }
    Ok(())
}

fn place(before: usize, width: usize) -> String {
    let places: Vec<String> = (1..=width).map(|at| format!("${}", before + at)).collect();
    format!("({})", places.join(","))
}

/// The newest checkpoint, as it was signed.
pub(crate) async fn checkpoint<S: Session>(connection: &S) -> Result<Option<String>, DbErr> {
    let sql = "SELECT note FROM evidence_checkpoint ORDER BY size DESC LIMIT 1";
    rows(connection, sql, Vec::new()).await?.first().map(|row| row.field("note")).transpose()
}

/// The newest heads, all of which are kept for witnesses to sign.
pub(crate) const RECENT: u64 = 64;

/// Thins the heads: the one that has just become older than the newest [`RECENT`] stays only where it is
/// the last of its minute or a witness has signed it.
pub(crate) async fn thin_heads<S: Session>(connection: &S) -> Result<(), DbErr> {
    let nth = |column: &str, at: u64| {
        format!("(SELECT {column} FROM evidence_checkpoint ORDER BY size DESC LIMIT 1 OFFSET {at})")
    };
    let sql = format!(
        "DELETE FROM evidence_checkpoint WHERE size = {} AND substr(at, 1, 16) = {} \
         AND note NOT LIKE '%\u{2014}%\u{2014}%'",
        nth("size", RECENT),
        nth("substr(at, 1, 16)", RECENT - 1)
    );
    run(connection, &sql, Vec::new()).await.map(drop)
}

/// The newest heads with their sizes, the newest first.
pub(crate) async fn recent_heads<C: ConnectionTrait>(connection: &C) -> Result<Vec<(i64, String)>, DbErr> {
    let sql = "SELECT size, note FROM evidence_checkpoint ORDER BY size DESC LIMIT $1";
    let found = rows(connection, sql, vec![(RECENT as i64).into()]).await?;
    found.iter().map(|row| Ok((row.try_get("", "size")?, row.try_get("", "note")?))).collect()
}

/// How many records were set aside, with the first reason; `None` where none was.
pub(crate) async fn rejected<C: ConnectionTrait>(connection: &C) -> Result<Option<(u64, String)>, DbErr> {
    let sql = "SELECT reason, (SELECT COUNT(*) FROM evidence_rejected) AS rejected \
               FROM evidence_rejected ORDER BY place LIMIT 1";
    let found = rows(connection, sql, Vec::new()).await?;
    let read =
        |row: &QueryResult| Ok((row.try_get::<i64>("", "rejected")? as u64, row.try_get("", "reason")?));
    found.first().map(read).transpose()
}

/// A tile of hashes or a bundle of entries; `None` where the hub hasn't all of it.
pub(crate) async fn tile<S: Session>(connection: &S, tile: Tile) -> Result<Option<Vec<u8>>, DbErr> {
    match tile.level {
        Some(level) => hashes(connection, level, tile).await,
        None => {
            let low = tile.index * WIDTH;
            let entries = entries(connection, low, low + tile.width).await?;
            let whole = entries.len() as u64 == tile.width;
            Ok(whole.then(|| bundle(entries.iter().map(|(_, text)| text.as_bytes()))))
        }
    }
}

async fn hashes<S: Session>(connection: &S, level: u8, tile: Tile) -> Result<Option<Vec<u8>>, DbErr> {
    let sql = "SELECT hashes FROM evidence_tile WHERE level = $1 AND tile = $2";
    let found = rows(connection, sql, vec![i64::from(level).into(), (tile.index as i64).into()]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let mut hashes: Vec<u8> = row.field("hashes")?;
    let width = tile.width as usize * 32;
    Ok((hashes.len() >= width).then(|| {
        hashes.truncate(width);
        hashes
    }))
}

/// Entries `low..high` that are there, with their indexes.
pub(crate) async fn entries<S: Session>(
    connection: &S,
    low: u64,
    high: u64,
) -> Result<Vec<(u64, String)>, DbErr> {
    let sql = "SELECT log_index, entry FROM evidence_record \
               WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index";
    let found = rows(connection, sql, vec![(low as i64).into(), (high as i64).into()]).await?;
    found.iter().map(|row| Ok((row.field::<i64>("log_index")? as u64, row.field("entry")?))).collect()
}

/// The first entry beyond the newest head. One statement: the log may grow while it is looked at.
pub(crate) async fn beyond<C: ConnectionTrait>(connection: &C) -> Result<Option<u64>, DbErr> {
    let sql = "SELECT MIN(log_index) AS beyond FROM evidence_record \
               WHERE log_index >= (SELECT COALESCE(MAX(size), 0) FROM evidence_checkpoint)";
    let found = rows(connection, sql, Vec::new()).await?;
    let beyond: Option<i64> = found.first().map_or(Ok(None), |row| row.try_get("", "beyond"))?;
    Ok(beyond.map(|at| at as u64))
}

/// How many records wait for a place in the log, with the first of them; `None` where none does.
pub(crate) async fn waiting<C: ConnectionTrait>(connection: &C) -> Result<Option<(u64, String)>, DbErr> {
    let sql = "SELECT entry, (SELECT COUNT(*) FROM evidence_pending) AS waiting \
               FROM evidence_pending ORDER BY seq LIMIT 1";
    let found = rows(connection, sql, Vec::new()).await?;
    let read = |row: &QueryResult| Ok((row.try_get::<i64>("", "waiting")? as u64, row.try_get("", "entry")?));
    found.first().map(read).transpose()
}
