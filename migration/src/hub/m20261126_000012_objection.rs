//! Objections to values, and the number that replicas look at to learn that one came or went.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, IndexCreateStatement, MigrationTrait, Query, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, binary, text, text_null};

use crate::index::{index, unique_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), indexes()).await?;
        let first = Query::insert()
            .into_table("objection_version")
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
    vec![objection(), version()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique_index("objection", &["id"]),
        index("objection", &["person", "state"]),
        index("objection", &["owner", "seq"]),
        index("objection", &["raised_department", "seq"]),
        index("objection", &["state", "seq"]),
    ]
}

/// Somebody says that a value about a person is wrong. The citizen number and what was written of it stand
/// sealed; `person` is a keyed digest to find them by.
fn objection() -> TableCreateStatement {
    Table::create()
        .table("objection")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(text("id"))
        .col(big_integer("version"))
        .col(text("state"))
        // The department whose value it is, and the value.
        .col(text("owner"))
        .col(text("coordinate"))
        .col(text("person"))
        .col(binary("citizen"))
        .col(binary("reason"))
        // SHA-256 of what the person can show for it, in lower hex.
        .col(text_null("proof"))
        // The record of the access that it came from, and the case in which it was raised.
        .col(text_null("record"))
        .col(text_null("case_no"))
        // Through whom it was raised: department, division and officer or program.
        .col(text("raised_department"))
        .col(text("division"))
        .col(text("raised_by"))
        .col(text("raised_at"))
        .col(text_null("answered_at"))
        .to_owned()
}

/// One row. Whoever changes `objection` raises it in the same transaction.
fn version() -> TableCreateStatement {
    Table::create().table("objection_version").col(big_integer("version")).to_owned()
}
