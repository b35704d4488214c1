//! The hub database: what the gateway keeps itself. PostgreSQL where replicas share it, SQLite where
//! one process serves.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};

use crate::evidence::turn::postgres::Writer;
use crate::postgres::Address;

/// Connections for everything but the lanes that requests wait for.
const CONNECTIONS: u32 = 4;

/// How long a connection may take to be made or to become free.
const PATIENCE: Duration = Duration::from_secs(5);

/// The hub.
#[derive(Clone, Debug)]
pub struct Hub {
    connection: DatabaseConnection,
    /// The one that the log is written on where the hub is SQLite, which nobody who reads can take.
    writer: DatabaseConnection,
    /// The one that the log is written on where the hub is PostgreSQL.
    turns: Option<Arc<Writer>>,
    place: Place,
    /// Held by whoever writes to SQLite, which takes one writer at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Where the hub is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Hub {
    /// Opens a hub that is there.
    ///
    /// # Errors
    /// An address of no known kind, or a database that can't be reached.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        Self::connect(url, "rw").await
    }

    /// Opens a hub and brings its tables to the newest migration; a SQLite file is made where there
    /// is none.
    ///
    /// # Errors
    /// As [`Hub::open`], or a migration that fails.
    pub async fn migrate(url: &str) -> anyhow::Result<Self> {
        let hub = Self::connect(url, "rwc").await?;
        yimen_migration::migrate_hub(&hub.connection).await.context("the hub can't be migrated")?;
        Ok(hub)
    }

    /// Checks an address without connecting.
    ///
    /// # Errors
    /// An address of no known kind, or one that doesn't say who may answer.
    pub fn check(url: &str) -> anyhow::Result<()> {
        Place::of(url).map(drop)
    }

    /// Lets go of the hub, with everything in its own file: a SQLite database that isn't closed leaves what was
    /// written last beside it.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn close(self) -> anyhow::Result<()> {
        self.writer.close().await.context("the hub can't be closed")?;
        self.connection.close().await.context("the hub can't be closed")
    }

    async fn connect(url: &str, mode: &str) -> anyhow::Result<Self> {
        let place = Place::of(url)?;
        let address = match &place {
            Place::Sqlite(path) => format!("sqlite://{}?mode={mode}", path.display()),
            Place::Postgres(url) => url.clone(),
        };
        let connection = Database::connect(options(address.clone(), CONNECTIONS)).await;
        let connection = connection.context("the hub `hub.url` can't be reached")?;
        let (writer, turns) = match &place {
            Place::Sqlite(_) => {
                let mut alone = options(address, 1);
                alone.connect_lazy(true);
                (Database::connect(alone).await?, None)
            }
            Place::Postgres(url) => (connection.clone(), Some(Writer::new(url)?)),
        };
        if matches!(place, Place::Sqlite(_)) {
            connection.execute_unprepared("PRAGMA journal_mode = WAL").await?;
        }
        Ok(Hub { connection, writer, turns, place, turn: Arc::default() })
    }

    /// Refuses a hub whose tables aren't those of this program.
    ///
    /// # Errors
    /// What to do about it.
    pub async fn is_migrated(&self) -> anyhow::Result<()> {
        let lacks = yimen_migration::hub_lacks(&self.connection).await.context("the hub `hub.url`")?;
        anyhow::ensure!(lacks == 0, "the hub `hub.url` lacks {lacks} migrations: run `yimen migrate` first");
        Ok(())
    }

    /// The connection for everything that no request waits for.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// The connection that the log is written on where the hub is SQLite.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The connection of turns where the hub is PostgreSQL.
    pub(crate) fn turns(&self) -> Option<&Arc<Writer>> {
        self.turns.as_ref()
    }

    /// The kind of database.
    pub(crate) fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn turn(&self) -> &Arc<tokio::sync::Mutex<()>> {
        &self.turn
    }
}

fn options(address: String, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(address);
    // Statements carry evidence: they are not logged.
    options
        .max_connections(connections)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false)
        // What is erased is overwritten, not only left out.
        .map_sqlx_sqlite_opts(|sqlite| sqlite.pragma("secure_delete", "ON"));
    options
}

impl Place {
    fn of(url: &str) -> anyhow::Result<Place> {
        anyhow::ensure!(
            !url.is_empty(),
            "`hub.url` must name the hub's database: `postgres://…` or `sqlite://…`"
        );
        if let Some(path) = url.strip_prefix("sqlite://") {
            return Ok(Place::Sqlite(PathBuf::from(path)));
        }
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        anyhow::ensure!(is_postgres, "`hub.url` must begin with `postgres://` or `sqlite://`");
        // Before anybody connects: what this refuses the pool's driver would take.
        Address::read(url).context("`hub.url`")?;
        Ok(Place::Postgres(url.to_owned()))
    }
}
