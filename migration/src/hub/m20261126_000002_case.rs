//! The tables of cases, and of mutations that may be sent again.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, binary, binary_null, text, text_null};

use crate::index::{index, unique_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, tables()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![case(), member(), item(), done()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("assistance_case", &["department", "opened_at"]),
        index("assistance_case", &["opened_at"]),
        unique_index("case_member", &["case_no", "digest"]),
        index("case_member", &["digest"]),
        index("case_item", &["department", "state"]),
        index("command_done", &["at"]),
    ]
}

/// One family's matter for one purpose.
fn case() -> TableCreateStatement {
    Table::create()
        .table("assistance_case")
        .col(text("case_no").primary_key())
        .col(text("purpose"))
        .col(text("division"))
        .col(text("department"))
        .col(text("status"))
        .col(text("opened_at"))
        .col(text("opened_by"))
        .col(text_null("closed_at"))
        .col(text_null("outcome"))
        .col(big_integer("version"))
        .to_owned()
}

/// The family, the applicant first: `citizen` is the sealed number, `digest` what it is found by.
fn member() -> TableCreateStatement {
    Table::create()
        .table("case_member")
        .col(text("case_no"))
        .col(big_integer("ordinal"))
        .col(binary("digest"))
        .col(binary("citizen"))
        .col(text("relation"))
        .primary_key(Index::create().col("case_no").col("ordinal"))
        .to_owned()
}

/// What is asked of which department.
fn item() -> TableCreateStatement {
    Table::create()
        .table("case_item")
        .col(text("case_no"))
        .col(big_integer("ordinal"))
        .col(text("department"))
        .col(text("section"))
        .col(text("state"))
        .col(text("asked_at"))
        .col(text_null("answered_at"))
        .primary_key(Index::create().col("case_no").col("ordinal"))
        .to_owned()
}

/// Mutations that were done under a key, with their sealed answers.
fn done() -> TableCreateStatement {
    Table::create()
        .table("command_done")
        .col(text("name").primary_key())
        .col(text("at"))
        .col(text("asked"))
        .col(binary_null("answer"))
        .to_owned()
}
