//! PostgreSQL: `COPY` into frozen pages, one transaction to a database, indexes at the end.

use std::collections::HashMap;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::SinkExt;
use sea_orm::{ConnectOptions, Database};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls, Statement};
use yimen_migration::ExchangeDatabase;

use super::copy_text::copy_text;
use super::holds_rows;
use crate::chunk::{Chunk, Rows};

/// Secondary indexes of some tables: their names and the statements that make them anew.
const INDEXES: &str = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) \
     FROM pg_index AS i \
     WHERE NOT i.indisprimary \
       AND i.indrelid IN (SELECT to_regclass(quote_ident(t)) FROM unnest($1::text[]) AS t)";

/// One PostgreSQL database, open for loading, in a transaction that its end commits.
pub(super) struct Target {
    database: ExchangeDatabase,
    client: Client,
    driver: JoinHandle<Result<(), tokio_postgres::Error>>,
    copies: HashMap<&'static str, Statement>,
    indexes: Vec<String>,
}

impl Target {
    pub(super) async fn open(url: &str, database: ExchangeDatabase) -> Result<Self> {
        migrate(url, database).await?;
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("can't be reached")?;
        let driver = tokio::spawn(connection);
        let mut target = Target { database, client, driver, copies: HashMap::new(), indexes: Vec::new() };
        target.prepare().await?;
        Ok(target)
    }

    /// Locks the tables, makes sure that they are empty, and sets their indexes aside.
    async fn prepare(&mut self) -> Result<()> {
        let chunk = Chunk::default();
        let tables: Vec<_> = chunk.tables(self.database).into_iter().map(Rows::table).collect();
        let names = tables.iter().map(|table| format!("\"{table}\"")).collect::<Vec<_>>().join(", ");
        self.run("BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL maintenance_work_mem = '128MB'")
            .await?;
        self.run(&format!("LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")).await?;
        for table in &tables {
            let found = self.client.query(&format!("SELECT 1 FROM \"{table}\" LIMIT 1"), &[]).await?;
            if !found.is_empty() {
                return Err(holds_rows(table));
            }
        }
        for row in self.client.query(INDEXES, &[&tables]).await? {
            self.run(&format!("DROP INDEX {}", row.get::<_, &str>(0))).await?;
            self.indexes.push(row.get(1));
        }
        // Pages may be written frozen only if their table was emptied in this very transaction.
        self.run(&format!("TRUNCATE {names}")).await
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).await?;
        Ok(())
    }

    pub(super) async fn write(&mut self, chunk: &Chunk) -> Result<()> {
        for rows in chunk.tables(self.database).into_iter().filter(|rows| rows.count() > 0) {
            let copy = self.copy(rows).await?;
            let sink = self.client.copy_in::<_, Bytes>(&copy).await?;
            futures::pin_mut!(sink);
            sink.send(copy_text(rows)?).await?;
            let written = sink.finish().await.with_context(|| format!("writing `{}`", rows.table()))?;
            anyhow::ensure!(written == rows.count() as u64, "`{}` took {written} rows", rows.table());
        }
        Ok(())
    }

    /// The statement that copies into a table, prepared once.
    async fn copy(&mut self, rows: &dyn Rows) -> Result<Statement> {
        if let Some(statement) = self.copies.get(rows.table()) {
            return Ok(statement.clone());
        }
        let names = rows.columns().iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>();
        let sql = format!("COPY \"{}\" ({}) FROM STDIN WITH (FREEZE)", rows.table(), names.join(", "));
        let statement = self.client.prepare(&sql).await?;
        self.copies.insert(rows.table(), statement.clone());
        Ok(statement)
    }

    pub(super) async fn finish(self) -> Result<()> {
        for index in &self.indexes {
            self.run(index).await?;
        }
        self.run("COMMIT").await?;
        self.run("ANALYZE").await?;
        let Target { client, driver, .. } = self;
        drop(client);
        driver.await?.context("closing the connection")
    }
}

async fn migrate(url: &str, database: ExchangeDatabase) -> Result<()> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await?;
    yimen_migration::migrate(&connection, database).await?;
    connection.close().await?;
    Ok(())
}
