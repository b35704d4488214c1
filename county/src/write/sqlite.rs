//! SQLite: rows of many values to a statement, one transaction to a chunk, indexes at the end.

use anyhow::Result;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
    TransactionTrait, Value,
};
use yimen_migration::ExchangeDatabase;

use super::holds_rows;
use crate::chunk::{Chunk, Rows};

/// Rows of one statement; more make it no faster.
const ROWS_PER_STATEMENT: usize = 64;

/// One SQLite file, open for loading.
pub(super) struct Target {
    database: ExchangeDatabase,
    connection: DatabaseConnection,
    /// The statements that make the indexes anew.
    indexes: Vec<String>,
    /// The value of `PRAGMA synchronous` before loading.
    synchronous: i64,
}

impl Target {
    pub(super) async fn open(url: &str, database: ExchangeDatabase) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        yimen_migration::migrate(&connection, database).await?;
        for rows in Chunk::default().tables(database) {
            let table = rows.table();
            let found = query(&connection, &format!("SELECT 1 AS found FROM \"{table}\" LIMIT 1")).await?;
            if !found.is_empty() {
                return Err(holds_rows(table));
            }
        }
        let mut target = Target { database, connection, indexes: Vec::new(), synchronous: 2 };
        target.prepare().await?;
        Ok(target)
    }

    /// Trades safety for speed until the load is done, and sets the indexes aside.
    async fn prepare(&mut self) -> Result<()> {
        if let Some(row) = query(&self.connection, "PRAGMA synchronous").await?.first() {
            self.synchronous = row.try_get("", "synchronous")?;
        }
        for pragma in
            ["journal_mode = WAL", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -65536"]
        {
            self.run(&format!("PRAGMA {pragma}")).await?;
        }
        let sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
        for row in query(&self.connection, sql).await? {
            let name: String = row.try_get("", "name")?;
            self.run(&format!("DROP INDEX \"{name}\"")).await?;
            self.indexes.push(row.try_get("", "sql")?);
        }
        Ok(())
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.connection.execute_unprepared(sql).await?;
        Ok(())
    }

    pub(super) async fn write(&mut self, chunk: &Chunk) -> Result<()> {
        let transaction = self.connection.begin().await?;
        for rows in chunk.tables(self.database) {
            for statement in statements(rows) {
                transaction.execute_raw(statement).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn finish(self) -> Result<()> {
        for index in &self.indexes {
            self.run(index).await?;
        }
        self.run("ANALYZE").await?;
        self.run("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        self.run(&format!("PRAGMA synchronous = {}", self.synchronous)).await?;
        self.connection.close().await?;
        Ok(())
    }
}

async fn query(connection: &DatabaseConnection, sql: &str) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    Ok(connection.query_all_raw(statement).await?)
}

/// The rows of a table as `INSERT` statements.
fn statements(rows: &dyn Rows) -> impl Iterator<Item = Statement> {
    let columns = rows.columns();
    let (count, table) = (rows.count(), rows.table());
    (0..count).step_by(ROWS_PER_STATEMENT).map(move |first| {
        let last = count.min(first + ROWS_PER_STATEMENT);
        let mut values: Vec<Value> = Vec::with_capacity((last - first) * columns.len());
        for row in first..last {
            rows.values(row, &mut values);
        }
        Statement::from_sql_and_values(DbBackend::Sqlite, insert(table, &columns, last - first), values)
    })
}

fn insert(table: &str, columns: &[&str], rows: usize) -> String {
    let names = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    let places = format!("({})", vec!["?"; columns.len()].join(", "));
    format!("INSERT INTO \"{table}\" ({names}) VALUES {}", vec![places.as_str(); rows].join(", "))
}
