//! A database of the test's own on the PostgreSQL for tests, dropped with it.

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The database.
pub(crate) struct Database {
    name: String,
    runtime: Runtime,
}

/// The address of the PostgreSQL for tests.
fn server() -> String {
    yimen::config::environment("YIMEN_TEST_POSTGRES")
        .unwrap_or_else(|| String::from("postgres://postgres@127.0.0.1:5432"))
}

/// A connection that holds what its statement has taken until it is dropped.
pub(crate) struct Held<'a> {
    database: &'a Database,
    client: Option<Client>,
}

impl Database {
    pub(crate) fn new(what: &str) -> Database {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let database = Database { name: format!("yimen_it_{what}_{}", std::process::id()), runtime };
        database.on("postgres", &format!("CREATE DATABASE {}", database.name));
        database
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", server(), self.name)
    }

    async fn client(&self, database: &str) -> Client {
        let url = format!("{}/{database}", server());
        let (client, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .unwrap_or_else(|error| panic!("PostgreSQL at {url}: {error}; `scripts/test` starts one"));
        tokio::spawn(connection);
        client
    }

    fn on(&self, database: &str, statement: &str) {
        self.runtime.block_on(async {
            let client = self.client(database).await;
            client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        });
    }

    /// The first column of a query, as text.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        self.runtime.block_on(async { first_column(&self.client(&self.name).await, query).await })
    }

    /// The hub's tables.
    pub(crate) fn migrate_hub(&self) {
        self.runtime.block_on(async {
            let connection = sea_orm::Database::connect(self.url()).await.unwrap();
            yimen_migration::migrate_hub(&connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// The tables of departments.
    pub(crate) fn migrate(&self, tables: yimen_migration::ExchangeDatabase) {
        migrate(&self.url(), tables);
    }

    /// Runs statements.
    pub(crate) fn run(&self, statements: &str) {
        self.on(&self.name, statements);
    }

    /// Runs a statement in a transaction that stays open.
    pub(crate) fn hold(&self, statement: &str) -> Held<'_> {
        let client = self.runtime.block_on(async {
            let client = self.client(&self.name).await;
            client.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
            client
        });
        Held { database: self, client: Some(client) }
    }

    /// Throws everybody out and lets nobody in.
    pub(crate) fn close(&self) {
        self.on("postgres", &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name));
        let others =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        self.on("postgres", &others);
    }

    /// Lets everybody in again.
    pub(crate) fn open(&self) {
        self.on("postgres", &format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name));
    }
}

/// The tables of departments in the database of an address.
pub(crate) fn migrate(url: &str, tables: yimen_migration::ExchangeDatabase) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let connection = sea_orm::Database::connect(url).await.unwrap();
        yimen_migration::migrate(&connection, tables).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// The first column of a query on the database of an address, as text, however the program connects to it.
pub(crate) fn texts(url: &str, query: &str) -> Vec<String> {
    let url = url.split('?').next().unwrap_or(url);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        first_column(&client, query).await
    })
}

async fn first_column(client: &Client, query: &str) -> Vec<String> {
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    };
    client.simple_query(query).await.unwrap().into_iter().filter_map(row).collect()
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.database.runtime.block_on(async { client.batch_execute("ROLLBACK").await.unwrap() });
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.on("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}
