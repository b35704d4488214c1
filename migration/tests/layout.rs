//! The catalogue, the migrated tables and the entities say the same: table by table, column by column.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics has failed the test")]

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable, Statement,
};
use yimen_migration::ExchangeDatabase;
use yimen_schema::{Catalogue, FieldDef, Resource, Scalar};

/// Columns that exist for the table's sake and that nobody may ask for.
const UNSHARED: [(&str, &str); 1] = [("person", "row_no")];

type Columns = BTreeMap<String, String>;

fn catalogue() -> Catalogue {
    yimen_schema::load(&yimen_schema::bundled_sources()).unwrap()
}

async fn memory() -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

async fn texts(connection: &DatabaseConnection, sql: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult, column: &&str| row.try_get("", column).unwrap();
    rows.iter().map(|row| columns.iter().map(|column| text(row, column)).collect()).collect()
}

/// Every migrated table with its columns and their declared types.
async fn migrated(database: ExchangeDatabase) -> BTreeMap<String, Columns> {
    let connection = memory().await;
    yimen_migration::migrate(&connection, database).await.unwrap();
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_migrations'";
    let mut tables = BTreeMap::new();
    for table in texts(&connection, sql, &["name"]).await {
        let sql = format!("SELECT name, type FROM pragma_table_info('{}')", table[0]);
        let columns = texts(&connection, &sql, &["name", "type"]).await;
        let columns = columns.into_iter().map(|c| (c[0].clone(), c[1].to_lowercase())).collect();
        tables.insert(table[0].clone(), columns);
    }
    tables
}

/// The columns that the catalogue speaks of, with the types that SQLite declares for them.
fn catalogued(resource: &Resource) -> Columns {
    let items = resource.fields.iter().filter_map(|field| match &field.def {
        FieldDef::Item(item) => Some((item.column.clone(), declared(&item.scalar).to_owned())),
        FieldDef::Link(_) | FieldDef::Summary(_) => None,
    });
    items.collect()
}

fn declared(scalar: &Scalar) -> &'static str {
    match scalar {
        Scalar::CitizenId | Scalar::Division | Scalar::Id | Scalar::String => "text",
        Scalar::YearMonth | Scalar::Enum(_) => "text",
        Scalar::Int => "integer",
        Scalar::Boolean => "boolean",
        Scalar::Money => "real(14, 2)",
        Scalar::Decimal => "real(18, 4)",
        Scalar::Date => "date_text",
        Scalar::DateTime => "timestamp_with_timezone_text",
    }
}

fn is_unshared(table: &str, column: &str) -> bool {
    UNSHARED.contains(&(table, column))
}

fn columns_of<E: EntityTrait>(entity: E) -> (String, BTreeSet<String>) {
    let columns = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
    (entity.table_name().to_owned(), columns)
}

macro_rules! entities {
    ($($database:ident: [$($table:ident),* $(,)?]),* $(,)?) => {
        [$($((
            (stringify!($database), stringify!($table)),
            columns_of(yimen_entity::$database::$table::Entity),
        )),*),*]
    };
}

#[tokio::test]
async fn every_item_has_its_column_and_every_column_its_item() {
    let catalogue = catalogue();
    for database in ExchangeDatabase::ALL {
        let mut expected = BTreeMap::new();
        for resource in &catalogue.resources {
            if ExchangeDatabase::of_department(&resource.owner) == Some(database) {
                expected.insert(resource.table.clone(), catalogued(resource));
            }
        }
        let mut tables = migrated(database).await;
        for (table, columns) in &mut tables {
            columns.retain(|column, _| !is_unshared(table, column));
        }
        assert_eq!(tables, expected, "{database}");
    }
}

#[tokio::test]
async fn every_entity_has_the_columns_of_its_table() {
    let mut entities: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ((_, module), (table, columns)) in yimen_entity::for_every_table!(entities) {
        assert_eq!(module, table, "a module is named after its table");
        entities.insert(table, columns);
    }
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for database in ExchangeDatabase::ALL {
        let migrated = migrated(database).await;
        tables.extend(migrated.into_iter().map(|(t, columns)| (t, columns.into_keys().collect())));
    }
    assert_eq!(entities, tables);
}

#[test]
fn every_owner_of_a_resource_has_an_exchange_database() {
    for resource in &catalogue().resources {
        let database = ExchangeDatabase::of_department(&resource.owner);
        assert!(database.is_some(), "{} of {}", resource.name, resource.owner);
    }
}

#[tokio::test]
async fn what_links_and_scopes_look_up_is_indexed() {
    let catalogue = catalogue();
    let mut wanted = BTreeSet::new();
    for resource in &catalogue.resources {
        for lookup in resource.subject.iter().chain(&resource.division) {
            wanted.insert((resource.table.clone(), resource.item(*lookup).column.clone()));
        }
        for field in &resource.fields {
            let (target, to) = match &field.def {
                FieldDef::Link(link) => (link.target, link.to),
                FieldDef::Summary(summary) => (summary.of, summary.to),
                FieldDef::Item(_) => continue,
            };
            let target = catalogue.resource(target);
            wanted.insert((target.table.clone(), target.item(to).column.clone()));
        }
    }
    for resource in &catalogue.resources {
        let key = resource.item(resource.key).column.clone();
        if resource.table != "person" {
            wanted.remove(&(resource.table.clone(), key));
        }
    }
    assert_eq!(indexed().await, wanted);
}

/// Tables and the first columns of their indexes, the key's own index apart.
async fn indexed() -> BTreeSet<(String, String)> {
    let mut indexed = BTreeSet::new();
    for database in ExchangeDatabase::ALL {
        let connection = memory().await;
        yimen_migration::migrate(&connection, database).await.unwrap();
        let sql = "SELECT i.tbl_name AS \"table\", c.name AS \"column\", i.name AS \"index\" \
                   FROM sqlite_master AS i, pragma_index_info(i.name) AS c \
                   WHERE i.type = 'index' AND i.sql IS NOT NULL AND c.seqno = 0";
        for row in texts(&connection, sql, &["table", "column", "index"]).await {
            assert_eq!(row[2], format!("idx_{}_{}", row[0], row[1]));
            indexed.insert((row[0].clone(), row[1].clone()));
        }
    }
    indexed
}

#[tokio::test]
async fn a_person_without_a_number_has_a_row_and_a_number_has_one_person() {
    let connection = memory().await;
    yimen_migration::migrate(&connection, ExchangeDatabase::Household).await.unwrap();
    let insert = |values: &str| format!("INSERT INTO person (row_no, citizen_id) VALUES {values}");
    let number = "410799199001011239";
    let two_without = connection.execute_unprepared(&insert("(1, NULL), (2, NULL)")).await;
    assert!(two_without.is_ok());
    let one = connection.execute_unprepared(&insert(&format!("(3, '{number}')"))).await;
    assert!(one.is_ok());
    let again = connection.execute_unprepared(&insert(&format!("(4, '{number}')"))).await;
    assert!(again.is_err());
}

#[tokio::test]
async fn a_migration_goes_down_again_and_up_once_more() {
    let connection = memory().await;
    let sql = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' \
               AND name NOT LIKE '%_migrations'";
    for database in ExchangeDatabase::ALL {
        yimen_migration::migrate(&connection, database).await.unwrap();
        let first = texts(&connection, sql, &["name"]).await;
        yimen_migration::revert(&connection, database).await.unwrap();
        assert!(texts(&connection, sql, &["name"]).await.is_empty(), "{database}");
        yimen_migration::migrate(&connection, database).await.unwrap();
        yimen_migration::migrate(&connection, database).await.unwrap();
        assert_eq!(texts(&connection, sql, &["name"]).await, first, "{database}");
        yimen_migration::revert(&connection, database).await.unwrap();
    }
}

#[tokio::test]
async fn the_hub_goes_up_down_and_up_and_says_what_it_lacks() {
    let connection = memory().await;
    let all = yimen_migration::hub_lacks(&connection).await.unwrap();
    assert!(all > 1, "evidence and grants: {all}");
    yimen_migration::migrate_hub(&connection).await.unwrap();
    assert_eq!(yimen_migration::hub_lacks(&connection).await.unwrap(), 0);
    yimen_migration::revert_hub(&connection).await.unwrap();
    assert_eq!(yimen_migration::hub_lacks(&connection).await.unwrap(), all);
    yimen_migration::migrate_hub(&connection).await.unwrap();
    assert_eq!(yimen_migration::hub_lacks(&connection).await.unwrap(), 0);
}
