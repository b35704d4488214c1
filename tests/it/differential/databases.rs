//! The county twice, written for this run alone: in SQLite files and in PostgreSQL databases. A county
//! that other tests share may be older than the program that writes it.

use std::path::Path;

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use yimen_county::{Options, Urls};
use yimen_migration::ExchangeDatabase;
use yimen_schema::Catalogue;

use crate::differential::awkward;
use crate::support::county::PERSONS;

/// A lock of the server's that one run at a time holds, since the databases have fixed names.
const LOCK: i64 = 410_727_001;

/// The databases; the connection that made those of the server holds the lock until it is dropped.
pub(crate) struct Databases {
    server: String,
    client: Client,
    folder: TempDir,
}

/// Which of the two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Databases {
    /// Makes the databases and writes the county into them.
    pub(crate) async fn create() -> Databases {
        let server = yimen::config::environment("YIMEN_TEST_POSTGRES");
        let server = server.unwrap_or_else(|| String::from("postgres://postgres@127.0.0.1:5432"));
        let client = connect(&format!("{server}/postgres")).await;
        client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
        let databases = Databases { server, client, folder: TempDir::new().unwrap() };
        databases.drop_all().await;
        for database in ExchangeDatabase::ALL {
            // Texts are ordered as SQLite orders them, whatever the server's own language.
            let create =
                format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'", name(database));
            databases.client.batch_execute(&create).await.unwrap();
        }
        tokio::join!(databases.write(Kind::Sqlite), databases.write(Kind::Postgres));
        databases
    }

    /// The address of a department's database, as the configuration has it.
    pub(crate) fn url(&self, kind: Kind, department: &str) -> String {
        self.url_of(kind, ExchangeDatabase::of_department(department).unwrap())
    }

    fn url_of(&self, kind: Kind, database: ExchangeDatabase) -> String {
        match kind {
            Kind::Sqlite => sqlite(self.folder.path(), database),
            Kind::Postgres => format!("{}/{}", self.server, name(database)),
        }
    }

    /// The county that `yimen demo` writes when nothing but the number of people is said.
    async fn write(&self, kind: Kind) {
        let url = |database| match kind {
            Kind::Sqlite => format!("{}?mode=rwc", self.url_of(kind, database)),
            Kind::Postgres => self.url_of(kind, database),
        };
        let urls = Urls {
            household: url(ExchangeDatabase::Household),
            social_insurance: url(ExchangeDatabase::SocialInsurance),
            housing: url(ExchangeDatabase::Housing),
            education: url(ExchangeDatabase::Education),
            union: url(ExchangeDatabase::UnionAid),
        };
        let as_of = chrono::NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
        let options = Options { persons: PERSONS, seed: 410_727, as_of };
        yimen_county::write(&options, &urls, &mut |_| {}).await.unwrap();
    }

    /// Makes the rows of both more awkward, in the same way.
    pub(crate) async fn worsen(&self, catalogue: &Catalogue) {
        for (department, statement) in awkward::statements(catalogue) {
            let path = self.url(Kind::Sqlite, &department);
            let connection = rusqlite::Connection::open(path.trim_start_matches("sqlite://")).unwrap();
            connection.execute_batch(&statement).unwrap();
            let client = connect(&self.url(Kind::Postgres, &department)).await;
            client.batch_execute(&statement).await.unwrap();
        }
    }

    /// Leaves nothing on the server; a run that was killed leaves its databases to the next.
    pub(crate) async fn drop_all(&self) {
        // All at once: the server then waits for its disk once.
        let drops = ExchangeDatabase::ALL.map(|database| async move {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(database));
            connect(&format!("{}/postgres", self.server)).await.batch_execute(&drop).await.unwrap();
        });
        futures::future::join_all(drops).await;
    }
}

/// The address of a SQLite file of the county in a folder.
pub(crate) fn sqlite(folder: &Path, database: ExchangeDatabase) -> String {
    format!("sqlite://{}", folder.join(format!("{}.db", database.name())).display())
}

fn name(database: ExchangeDatabase) -> String {
    format!("yimen_it_differential_{}", database.name())
}

async fn connect(url: &str) -> Client {
    let connected = tokio_postgres::connect(url, NoTls).await;
    let (client, connection) =
        connected.unwrap_or_else(|error| panic!("this test needs PostgreSQL at `{url}`: {error}"));
    tokio::spawn(connection);
    client
}
