//! A county in SQLite files.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, Statement};
use tempfile::TempDir;
use yimen_county::Urls;
use yimen_entity::household::person;
use yimen_entity::union_aid::union_file;

use crate::{chunks, options};

fn urls(folder: &TempDir) -> Urls {
    let url = |name: &str| format!("sqlite://{}?mode=rwc", folder.path().join(name).display());
    Urls {
        household: url("household.db"),
        social_insurance: url("social_insurance.db"),
        housing: url("housing.db"),
        education: url("education.db"),
        union: url("union.db"),
    }
}

async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn rows_come_back_as_they_were_made() {
    let folder = TempDir::new().unwrap();
    let mut seen = Vec::new();
    let counts =
        yimen_county::write(&options(2_000, 5), &urls(&folder), &mut |it| seen.push(it)).await.unwrap();
    assert_eq!(counts.tables["person"], 2_000);
    assert!(seen.last().unwrap().is_indexing && seen.last().unwrap().persons == 2_000);
    let chunks = chunks(2_000, 5);
    let household = Database::connect(urls(&folder).household).await.unwrap();
    assert_eq!(person::Entity::find().all(&household).await.unwrap(), chunks[0].person);
    let union = Database::connect(urls(&folder).union).await.unwrap();
    assert_eq!(union_file::Entity::find().all(&union).await.unwrap(), chunks[0].union_file);
}

#[tokio::test]
async fn indexes_are_there_again_and_the_file_is_safe() {
    let folder = TempDir::new().unwrap();
    yimen_county::write(&options(50, 5), &urls(&folder), &mut |_| {}).await.unwrap();
    let loaded = Database::connect(urls(&folder).household).await.unwrap();
    let empty = Database::connect("sqlite::memory:").await.unwrap();
    yimen_migration::migrate(&empty, yimen_migration::ExchangeDatabase::Household).await.unwrap();
    let indexes = "SELECT count(*) FROM sqlite_master WHERE type = 'index'";
    assert_eq!(number(&loaded, indexes).await, number(&empty, indexes).await);
    let mode = Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode");
    let mode: String = loaded.query_one_raw(mode).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_database_with_people_is_refused() {
    let folder = TempDir::new().unwrap();
    yimen_county::write(&options(20, 5), &urls(&folder), &mut |_| {}).await.unwrap();
    let refused = yimen_county::write(&options(20, 6), &urls(&folder), &mut |_| {}).await.err().unwrap();
    let message = format!("{refused:#}");
    assert!(message.contains("holds rows already"), "{message}");
    let household = Database::connect(urls(&folder).household).await.unwrap();
    assert_eq!(number(&household, "SELECT count(*) FROM person").await, 20);
}
