//! A county in PostgreSQL databases, on the server that `YIMEN_TEST_POSTGRES` names.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, Statement};
use yimen_county::Urls;
use yimen_entity::household::{financial_asset, person};
use yimen_entity::social_insurance::si_contribution;
use yimen_migration::ExchangeDatabase;

use crate::{chunks, options};

/// Five databases of one test, dropped before and after it.
struct Databases {
    server: String,
    test: &'static str,
}

impl Databases {
    async fn make(test: &'static str) -> Self {
        let databases = Databases { server: server(), test };
        databases.drop().await;
        for name in databases.names() {
            databases.run(&format!("CREATE DATABASE {name}")).await;
        }
        databases
    }

    fn names(&self) -> [String; 5] {
        ExchangeDatabase::ALL.map(|database| format!("yimen_test_county_{}_{database}", self.test))
    }

    fn urls(&self) -> Urls {
        let [household, social_insurance, housing, education, union] =
            self.names().map(|name| format!("{}/{name}", self.server));
        Urls { household, social_insurance, housing, education, union }
    }

    async fn run(&self, sql: &str) {
        let url = format!("{}/postgres", self.server);
        let connection = Database::connect(&url).await;
        let connection = connection.unwrap_or_else(|error| {
            panic!("these tests need a PostgreSQL server at YIMEN_TEST_POSTGRES, now {url}: {error}")
        });
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn drop(&self) {
        for name in self.names() {
            self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test command says where its server is")]
fn server() -> String {
    std::env::var("YIMEN_TEST_POSTGRES")
        .unwrap_or_else(|_| String::from("postgres://postgres@127.0.0.1:5432"))
}

async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

const INDEXES: &str = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'idx\\_%'";

#[tokio::test]
async fn rows_come_back_as_they_were_made() {
    let databases = Databases::make("rows").await;
    let counts = yimen_county::write(&options(2_000, 5), &databases.urls(), &mut |_| {}).await.unwrap();
    let chunks = chunks(2_000, 5);
    let household = Database::connect(databases.urls().household).await.unwrap();
    assert_eq!(person::Entity::find().all(&household).await.unwrap(), chunks[0].person);
    let assets = financial_asset::Entity::find().all(&household).await.unwrap();
    assert_eq!(assets, chunks[0].financial_asset);
    let insurance = Database::connect(databases.urls().social_insurance).await.unwrap();
    let rows = number(&insurance, "SELECT count(*) FROM si_contribution").await;
    assert_eq!(rows.unsigned_abs(), counts.tables["si_contribution"]);
    let first = si_contribution::Entity::find().all(&insurance).await.unwrap();
    assert_eq!(first, chunks[0].si_contribution);
    household.close().await.unwrap();
    insurance.close().await.unwrap();
    databases.drop().await;
}

#[tokio::test]
async fn indexes_are_there_again_and_a_second_county_is_refused() {
    let databases = Databases::make("twice").await;
    let urls = databases.urls();
    let household = Database::connect(&urls.household).await.unwrap();
    yimen_migration::migrate(&household, ExchangeDatabase::Household).await.unwrap();
    let indexes = number(&household, INDEXES).await;
    yimen_county::write(&options(50, 5), &urls, &mut |_| {}).await.unwrap();
    assert_eq!(number(&household, INDEXES).await, indexes);
    let refused = yimen_county::write(&options(50, 6), &urls, &mut |_| {}).await.err().unwrap();
    let message = format!("{refused:#}");
    assert!(message.contains("holds rows already"), "{message}");
    assert_eq!(number(&household, "SELECT count(*) FROM person").await, 50);
    yimen_migration::revert(&household, ExchangeDatabase::Household).await.unwrap();
    assert_eq!(number(&household, INDEXES).await, 0);
    household.close().await.unwrap();
    databases.drop().await;
}
