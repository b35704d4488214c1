//! Migrations of the exchange database `union`: the trade unions' help for workers in difficulty.

mod m20261122_000001_create;

use sea_orm_migration::prelude::{DynIden, IntoIden, MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261122_000001_create::Migration)]
    }

    /// A table of its own, so that exchange databases may share one server's database.
    fn migration_table_name() -> DynIden {
        "union_migrations".into_iden()
    }
}
