//! The catalogue as it was, and what changed.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, IndexCreateStatement, MigrationTrait, Query, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, text, text_null};

use crate::index::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), indexes()).await?;
        let none = Query::insert()
            .into_table("catalogue_version")
            .columns(["version"])
            .values_panic([Expr::value("")])
            .to_owned();
        manager.execute(none).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, tables()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![item(), change(), version()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![index("catalogue_change", &["at", "seq"])]
}

/// An item as the newest catalogue has it: a JSON object of its properties.
fn item() -> TableCreateStatement {
    Table::create()
        .table("catalogue_item")
        .col(text("coordinate").primary_key())
        .col(text("properties"))
        .to_owned()
}

/// What became otherwise when a process came up with another catalogue.
fn change() -> TableCreateStatement {
    Table::create()
        .table("catalogue_change")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(text("at"))
        .col(text("version"))
        .col(text("coordinate"))
        .col(text("kind"))
        .col(text_null("property"))
        .col(text_null("before"))
        .col(text_null("after"))
        .to_owned()
}

/// One row: the version that `catalogue_item` holds; empty before the first. Whoever changes it writes the
/// changes, so that replicas that start at once write them once.
fn version() -> TableCreateStatement {
    Table::create().table("catalogue_version").col(text("version")).to_owned()
}
