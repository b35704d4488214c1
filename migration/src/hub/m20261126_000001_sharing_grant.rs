//! Grants that departments give each other while the gateway serves.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, IndexCreateStatement, MigrationTrait, Query, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, text};

use crate::index::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), indexes()).await?;
        let first = Query::insert()
            .into_table("sharing_version")
            .columns(["version"])
            .values_panic([Expr::value(0_i64)])
            .to_owned();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, tables()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![grant(), version()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![index("sharing_grant", &["state", "valid_until"])]
}

/// What one department lets another read, from a day until a day.
fn grant() -> TableCreateStatement {
    Table::create()
        .table("sharing_grant")
        .col(text("id").primary_key())
        // Whose items are granted.
        .col(text("owner"))
        // Who may read them: a department, in a role or a group of roles, for a purpose.
        .col(text("department"))
        .col(text("role"))
        .col(text("purpose"))
        // Empty, or a division: callers outside it aren't meant.
        .col(text("division"))
        // A JSON list of coordinates.
        .col(text("items"))
        // CLEAR or MASK.
        .col(text("effect"))
        .col(text("basis"))
        // Days, both within the grant.
        .col(text("valid_from"))
        .col(text("valid_until"))
        // IN_FORCE or REVOKED.
        .col(text("state"))
        .to_owned()
}

/// One row. Whoever changes `sharing_grant` raises it in the same transaction; every server of the hub
/// looks at it.
fn version() -> TableCreateStatement {
    Table::create().table("sharing_version").col(big_integer("version")).to_owned()
}
