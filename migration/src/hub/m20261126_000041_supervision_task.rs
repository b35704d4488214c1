//! The tables of supervision tasks.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, binary, text, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, tables()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![task(), person()]
}

/// What an inspection may read: `items` is a JSON list of pairs of department and section, `officers` one of the
/// subjects of tokens.
fn task() -> TableCreateStatement {
    Table::create()
        .table("supervision_task")
        .col(text("task_no").primary_key())
        .col(text("department"))
        .col(text("division"))
        .col(text("items"))
        .col(text("officers"))
        .col(text("basis"))
        .col(text("valid_from"))
        .col(text("valid_until"))
        .col(text("opened_at"))
        .col(text("opened_by"))
        .col(text("record"))
        .col(text_null("closed_at"))
        .to_owned()
}

/// The people whom a task is about, where it names any: sealed numbers.
fn person() -> TableCreateStatement {
    Table::create()
        .table("supervision_task_person")
        .col(text("task_no"))
        .col(big_integer("ordinal"))
        .col(binary("citizen"))
        .primary_key(Index::create().col("task_no").col("ordinal"))
        .to_owned()
}
