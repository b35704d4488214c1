//! Which secret the hub's records are sealed under, told by a mark that shows nothing of it.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, vec![seal()], Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, vec![seal()]).await
    }
}

/// One row, written by the first process.
fn seal() -> TableCreateStatement {
    Table::create()
        .table("evidence_seal")
        .col(big_integer("number").primary_key())
        .col(text("mark"))
        .to_owned()
}
