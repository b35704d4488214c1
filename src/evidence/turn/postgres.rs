//! Turns on PostgreSQL: one connection of the driver that knows `COPY`, which every turn of this process uses.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use sea_orm::{DbErr, Value};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, Statement};

use crate::evidence::bulk::BulkRow;
use crate::postgres::Address;

/// How long a connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connection that turns use, while nobody has one.
#[derive(Debug)]
pub(crate) struct Writer {
    address: Address,
    idle: Mutex<Option<Connected>>,
}

/// A connection with the statements that it has prepared.
#[derive(Debug)]
struct Connected {
    client: Client,
    prepared: tokio::sync::Mutex<HashMap<String, Statement>>,
}

/// The connection within a transaction. Dropped before its end, it is closed, and the server rolls back.
#[derive(Debug)]
pub(crate) struct Held {
    connected: Connected,
    home: Arc<Writer>,
}

impl Writer {
    pub(crate) fn new(url: &str) -> anyhow::Result<Arc<Self>> {
        let mut address = Address::read(url)?;
        address.config.connect_timeout(PATIENCE).application_name("yimen log");
        Ok(Arc::new(Writer { address, idle: Mutex::new(None) }))
    }

    /// Begins a transaction with some statements.
    pub(crate) async fn begin(self: &Arc<Self>, statements: &str) -> Result<Held, DbErr> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connected = match idle.filter(|idle| !idle.client.is_closed()) {
            Some(connected) => connected,
            None => self.connect().await?,
        };
        let held = Held { connected, home: self.clone() };
        held.script(&format!("BEGIN ISOLATION LEVEL READ COMMITTED; {statements}")).await?;
        Ok(held)
    }

    async fn connect(&self) -> Result<Connected, DbErr> {
        let ended = |error| tracing::warn!(error = %failed(error), "a connection to the hub ended");
        let client = self.address.connect(ended).await.map_err(failed)?;
        Ok(Connected { client, prepared: tokio::sync::Mutex::default() })
    }
}

impl Held {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.end("COMMIT").await
    }

    pub(crate) async fn roll_back(self) -> Result<(), DbErr> {
        self.end("ROLLBACK").await
    }

    async fn end(self, statement: &str) -> Result<(), DbErr> {
        self.script(statement).await?;
        *self.home.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.connected);
        Ok(())
    }

    /// Runs statements without parameters, one behind the other.
    pub(crate) async fn script(&self, statements: &str) -> Result<(), DbErr> {
        self.connected.client.batch_execute(statements).await.map_err(failed)
    }

    pub(crate) async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, DbErr> {
        let statement = self.connected.prepare(sql, values).await?;
        let parameters: Vec<Parameter<'_>> = values.iter().map(Parameter).collect();
        self.connected.client.query(&statement, &listed(&parameters)).await.map_err(failed)
    }

    pub(crate) async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, DbErr> {
        let statement = self.connected.prepare(sql, values).await?;
        let parameters: Vec<Parameter<'_>> = values.iter().map(Parameter).collect();
        self.connected.client.execute(&statement, &listed(&parameters)).await.map_err(failed)
    }

    /// Deletes the rows of some numbers.
    pub(crate) async fn delete(&self, sql: &str, numbers: &[i64]) -> Result<u64, DbErr> {
        self.connected.client.execute_typed(sql, &[(&numbers, Type::INT8_ARRAY)]).await.map_err(failed)
    }

    /// Copies rows of columns of these types.
    pub(crate) async fn copy(&self, sql: &str, types: &[Type], rows: &[BulkRow<'_>]) -> Result<(), DbErr> {
        let sink = self.connected.client.copy_in(sql).await.map_err(failed)?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, types));
        for row in rows {
            let cells = row.cells.iter().map(|cell| cell as &(dyn ToSql + Sync));
            let copied = row.copied.iter().map(|text| text as &(dyn ToSql + Sync));
            let all: Vec<_> = cells.chain(copied).collect();
            writer.as_mut().write(&all).await.map_err(failed)?;
        }
        writer.finish().await.map_err(failed).map(drop)
    }
}

impl Connected {
    /// The statement with parameters of the values' types: the server would take a number for a smaller one.
    async fn prepare(&self, sql: &str, values: &[Value]) -> Result<Statement, DbErr> {
        let mut prepared = self.prepared.lock().await;
        if let Some(statement) = prepared.get(sql) {
            return Ok(statement.clone());
        }
        let types: Vec<Type> = values.iter().map(type_of).collect();
        let statement = self.client.prepare_typed(sql, &types).await.map_err(failed)?;
        // There are some dozen texts; those of inserts differ by the power of two of their rows.
        prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::BigInt(_) => Type::INT8,
        Value::Bytes(_) => Type::BYTEA,
        _ => Type::TEXT,
    }
}

/// A value as the driver takes it.
#[derive(Debug)]
struct Parameter<'a>(&'a Value);

fn listed<'a>(parameters: &'a [Parameter<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        type_: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Value::BigInt(number) => number.to_sql(type_, out),
            Value::Bytes(bytes) => bytes.to_sql(type_, out),
            Value::String(text) => text.to_sql(type_, out),
            _ => Err("neither a number, a text nor bytes".into()),
        }
    }

    fn accepts(type_: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(type_)
    }

    to_sql_checked!();
}

/// The server's message may quote values: the state alone is told, and what is wrong with a statement.
fn failed(error: tokio_postgres::Error) -> DbErr {
    DbErr::Custom(match error.as_db_error() {
        Some(server) if server.code().code().starts_with("42") => {
            format!("SQLSTATE {}: {}", server.code().code(), server.message())
        }
        Some(server) => format!("SQLSTATE {}", server.code().code()),
        None => error.to_string(),
    })
}
