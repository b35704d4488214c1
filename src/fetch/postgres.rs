//! PostgreSQL: a few shared connections, each with many statements in flight.
//!
//! A connection carries no session state, so that requests may share it; the round trips that
//! sharing saves are most of what a small read costs. Statements with many values have connections
//! of their own, or they would hold up the small ones behind them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use futures::{StreamExt, pin_mut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use tokio_postgres::{Client, Statement};

use crate::fetch::asked::Asked;
use crate::fetch::rows::MAX_TEXT;
use crate::fetch::{Cell, Parameter, Rows, Texts, Unavailable};
use crate::postgres::Address;

/// How a PostgreSQL database is used.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections for small statements.
    pub lanes: usize,
    /// Connections for statements with many values.
    pub bulk_lanes: usize,
    /// How long a statement may take.
    pub deadline: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        PostgresOptions { lanes: 3, bulk_lanes: 2, deadline: Duration::from_secs(10) }
    }
}

/// Statements that look up more values than this take a bulk connection.
const BULK_KEYS: usize = 200;

/// The most statements that one connection keeps prepared.
const MAX_STATEMENTS: usize = 512;

/// A PostgreSQL database.
#[derive(Debug)]
pub struct Postgres {
    lanes: Arc<Lanes>,
    bulk: Arc<Lanes>,
    deadline: Duration,
}

/// What stands before every statement of a snapshot.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The state that a snapshot reads, by PostgreSQL's own name; asking for it takes it.
const POSITION: &str = "SELECT pg_current_snapshot()::text";

#[derive(Debug)]
struct Lanes {
    address: Address,
    lanes: Vec<Lane>,
    turn: AtomicUsize,
    /// Whether a connection that ended may be made again: not where it held a snapshot.
    may_connect: bool,
}

#[derive(Debug, Default)]
struct Lane {
    current: Mutex<Option<Arc<Connected>>>,
    /// Held while connecting, so that one attempt serves all who wait.
    connecting: tokio::sync::Mutex<()>,
}

struct Connected {
    client: Client,
    statements: Mutex<HashMap<Arc<str>, Statement>>,
}

impl std::fmt::Debug for Connected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connected")
    }
}

impl Postgres {
    /// A database that is connected to when it is first asked.
    ///
    /// # Errors
    /// A connection string that can't be read.
    pub fn new(url: &str, options: &PostgresOptions) -> Result<Self, Unavailable> {
        let mut address =
            Address::read(url).map_err(|error| Unavailable::Connection(format!("{error:#}")))?;
        // A plan for any values is planned once, and looks keys up by their index. Plans for the values at hand read
        // whole tables for a thousand keys of some, on each new connection five times before PostgreSQL has seen
        // that they are no better.
        let session = format!(
            "-c statement_timeout={} -c default_transaction_read_only=on -c jit=off \
             -c max_parallel_workers_per_gather=0 -c client_encoding=UTF8 -c plan_cache_mode=force_generic_plan",
            options.deadline.as_millis()
        );
        let patience = options.deadline.min(Duration::from_secs(5));
        address.config.connect_timeout(patience).application_name("yimen").options(&session);
        let lanes = Lanes::new(address.clone(), options.lanes);
        let bulk = Lanes::new(address, options.bulk_lanes);
        Ok(Postgres { lanes: Arc::new(lanes), bulk: Arc::new(bulk), deadline: options.deadline })
    }

    /// The same database in the one state that it has now, with PostgreSQL's name of it. All statements go
    /// through one connection, whose transaction ends with the last of its users; with it the snapshot ends,
    /// and is never taken anew.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) async fn snapshot(&self) -> Result<(Postgres, String), Unavailable> {
        let lane = Lane::default();
        let taken = async {
            let connected = lane.connected(&self.bulk.address, true).await?;
            connected.client.batch_execute(BEGIN).await.map_err(failed)?;
            let row = connected.client.query_one(POSITION, &[]).await.map_err(failed)?;
            row.try_get::<_, String>(0).map_err(failed)
        };
        let position = tokio::time::timeout(self.deadline, taken).await;
        let position = position.map_err(|_| Unavailable::Deadline(self.deadline))??;
        let lanes = Arc::new(Lanes {
            address: self.bulk.address.clone(),
            lanes: vec![lane],
            turn: AtomicUsize::new(0),
            may_connect: false,
        });
        Ok((Postgres { lanes: lanes.clone(), bulk: lanes, deadline: self.deadline }, position))
    }

    /// How long a statement may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The rows of a statement for these values.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) async fn rows(&self, asked: &Asked, keys: &Texts) -> Result<Rows, Unavailable> {
        let many =
            |parameter: &Parameter| matches!(parameter, Parameter::List(values) if values.len() > BULK_KEYS);
        let is_bulk = keys.len() > BULK_KEYS || asked.parameters.iter().any(many);
        let lanes = if is_bulk { &self.bulk } else { &self.lanes };
        let run = lanes.rows(asked, keys);
        tokio::time::timeout(self.deadline, run).await.map_err(|_| Unavailable::Deadline(self.deadline))?
    }
}

impl Lanes {
    fn new(address: Address, count: usize) -> Self {
        Lanes {
            address,
            lanes: (0..count.max(1)).map(|_| Lane::default()).collect(),
            turn: AtomicUsize::new(0),
            may_connect: true,
        }
    }

    async fn rows(&self, asked: &Asked, keys: &Texts) -> Result<Rows, Unavailable> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.lanes.len();
        let connected = self.lanes[turn].connected(&self.address, self.may_connect).await?;
        let statement = connected.statement(&asked.sql).await?;
        let parameters = asked.parameters.iter().enumerate().map(|(at, parameter)| match asked.keys_at {
            Some(keys_at) if keys_at == at => Sent::Texts(keys),
            _ => Sent::Parameter(parameter),
        });
        let stream = connected.client.query_raw(&statement, parameters).await.map_err(failed)?;
        pin_mut!(stream);
        let width = statement.columns().len();
        let mut rows = Rows::new(width);
        while let Some(row) = stream.next().await {
            let row = row.map_err(failed)?;
            for slot in 0..width {
                let value = row.try_get::<_, Option<Wire<'_>>>(slot).map_err(failed)?;
                rows.push(value.map_or(Cell::Null, |Wire(cell)| cell));
            }
            if rows.len() > asked.limit || rows.text_len() > MAX_TEXT {
                return Err(Unavailable::TooManyRows(asked.limit));
            }
        }
        Ok(rows)
    }
}

/// A value as the wire carries it.
struct Wire<'a>(Cell<'a>);

impl<'a> FromSql<'a> for Wire<'a> {
    fn from_sql(ty: &Type, wire: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let cell = match *ty {
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Cell::Text(std::str::from_utf8(wire)?)
            }
            Type::INT2 => Cell::Int(i64::from(i16::from_be_bytes(wire.try_into()?))),
            Type::INT4 => Cell::Int(i64::from(i32::from_be_bytes(wire.try_into()?))),
            Type::INT8 => Cell::Int(i64::from_be_bytes(wire.try_into()?)),
            Type::BOOL => Cell::Bool(wire.first() == Some(&1)),
            Type::FLOAT4 => Cell::Real(f64::from(f32::from_be_bytes(wire.try_into()?))),
            Type::FLOAT8 => Cell::Real(f64::from_be_bytes(wire.try_into()?)),
            Type::NUMERIC => Cell::Numeric(wire),
            Type::DATE => Cell::Date(i32::from_be_bytes(wire.try_into()?)),
            Type::TIMESTAMPTZ | Type::TIMESTAMP => Cell::Moment(i64::from_be_bytes(wire.try_into()?)),
            _ => return Err("a type that the gateway doesn't read".into()),
        };
        Ok(Wire(cell))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}

fn failed(error: tokio_postgres::Error) -> Unavailable {
    // The server's message may quote values: the log gets the state alone.
    match error.code() {
        Some(state) => Unavailable::Statement(format!("SQLSTATE {}", state.code())),
        None => Unavailable::Connection(error.to_string()),
    }
}

impl Lane {
    async fn connected(&self, address: &Address, may_connect: bool) -> Result<Arc<Connected>, Unavailable> {
        if let Some(connected) = self.current() {
            return Ok(connected);
        }
        if !may_connect {
            return Err(Unavailable::Connection(String::from("the connection of a snapshot ended")));
        }
        let _turn = self.connecting.lock().await;
        if let Some(connected) = self.current() {
            return Ok(connected);
        }
        let ended = |error| tracing::warn!(error = %failed(error), "a connection ended");
        let client = address.connect(ended).await.map_err(failed)?;
        let connected = Arc::new(Connected { client, statements: Mutex::default() });
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(connected.clone());
        Ok(connected)
    }

    fn current(&self) -> Option<Arc<Connected>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|connected| !connected.client.is_closed()).cloned()
    }
}

impl Connected {
    async fn statement(&self, sql: &Arc<str>) -> Result<Statement, Unavailable> {
        if let Some(statement) = self.known(sql) {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await.map_err(failed)?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= MAX_STATEMENTS {
            // Forgetting all of them is rare, costs one prepare each, and keeps no order of use.
            statements.clear();
        }
        statements.insert(sql.clone(), statement.clone());
        Ok(statement)
    }

    fn known(&self, sql: &Arc<str>) -> Option<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }
}

/// A parameter, or the values that are looked up.
#[derive(Debug)]
enum Sent<'a> {
    Parameter(&'a Parameter),
    Texts(&'a Texts),
}

impl ToSql for Sent<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let list = |texts: &Texts, out: &mut BytesMut| {
            let texts: Vec<&str> = texts.iter().collect();
            texts.as_slice().to_sql(ty, out)
        };
        match self {
            Sent::Texts(texts) => list(texts, out),
            Sent::Parameter(Parameter::List(texts)) => list(texts, out),
            Sent::Parameter(Parameter::Text(text)) => text.as_deref().to_sql(ty, out),
            Sent::Parameter(Parameter::Rows(rows)) => rows.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::TEXT | Type::TEXT_ARRAY | Type::INT8)
    }

    tokio_postgres::types::to_sql_checked!();
}
