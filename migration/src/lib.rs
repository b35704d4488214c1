//! Migrations of the hub and of the bundled exchange databases (前置库), on PostgreSQL and on SQLite alike.
//!
//! There is one folder for each of these databases. A migration is frozen once it has been applied
//! anywhere: it says its tables itself and never looks at the entities or at the catalogue, which
//! move on. That the two still agree with the newest migration is what the layout test holds.
//!
//! ```no_run
//! # async fn example(connection: &sea_orm_migration::sea_orm::DatabaseConnection)
//! # -> Result<(), sea_orm_migration::DbErr> {
//! use yimen_migration::ExchangeDatabase;
//!
//! yimen_migration::migrate(connection, ExchangeDatabase::Household).await?;
//! # Ok(())
//! # }
//! ```

mod database;
mod education;
mod household;
mod housing;
mod hub;
mod index;
mod social_insurance;
mod step;
mod union_aid;

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::{DbErr, MigratorTrait, SchemaManager};

pub use database::ExchangeDatabase;

/// Brings an exchange database to the newest migration; does nothing where it is there already.
///
/// # Errors
/// If the database can't be reached, refuses a statement, or has a migration that this program
/// doesn't know.
pub async fn migrate(connection: &DatabaseConnection, database: ExchangeDatabase) -> Result<(), DbErr> {
    match database {
        ExchangeDatabase::Household => household::Migrator::up(connection, None).await,
        ExchangeDatabase::SocialInsurance => social_insurance::Migrator::up(connection, None).await,
        ExchangeDatabase::Housing => housing::Migrator::up(connection, None).await,
        ExchangeDatabase::Education => education::Migrator::up(connection, None).await,
        ExchangeDatabase::UnionAid => union_aid::Migrator::up(connection, None).await,
    }
}

/// Undoes every migration of an exchange database, and with them all that it holds.
///
/// # Errors
/// If the database can't be reached or refuses a statement.
pub async fn revert(connection: &DatabaseConnection, database: ExchangeDatabase) -> Result<(), DbErr> {
    match database {
        ExchangeDatabase::Household => household::Migrator::down(connection, None).await,
        ExchangeDatabase::SocialInsurance => social_insurance::Migrator::down(connection, None).await,
        ExchangeDatabase::Housing => housing::Migrator::down(connection, None).await,
        ExchangeDatabase::Education => education::Migrator::down(connection, None).await,
        ExchangeDatabase::UnionAid => union_aid::Migrator::down(connection, None).await,
    }
}

/// Brings the hub to the newest migration; does nothing where it is there already.
///
/// # Errors
/// If the database can't be reached, refuses a statement, or has a migration that this program
/// doesn't know.
pub async fn migrate_hub(connection: &DatabaseConnection) -> Result<(), DbErr> {
    hub::Migrator::up(connection, None).await
}

/// Undoes every migration of the hub, and with them all that it holds.
///
/// # Errors
/// If the database can't be reached or refuses a statement.
pub async fn revert_hub(connection: &DatabaseConnection) -> Result<(), DbErr> {
    hub::Migrator::down(connection, None).await
}

/// How many of this program's migrations the hub lacks. Changes nothing, not even where the hub has
/// never seen a migration.
///
/// # Errors
/// If the database can't be reached.
pub async fn hub_lacks(connection: &DatabaseConnection) -> Result<usize, DbErr> {
    let known = hub::Migrator::migrations().len();
    let table = hub::Migrator::migration_table_name().to_string();
    if !SchemaManager::new(connection).has_table(&table).await? {
        return Ok(known);
    }
    let applied = connection.query_all_raw(Statement::from_string(
        connection.get_database_backend(),
        format!("SELECT version FROM {table}"),
    ));
    Ok(known.saturating_sub(applied.await?.len()))
}
