//! Requests for sharing, and the terms of whatever somebody must answer in time.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, text, text_null};

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
    vec![request(), deadline()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique_index("sharing_request", &["id"]),
        index("sharing_request", &["owner", "seq"]),
        index("sharing_request", &["requester", "seq"]),
        index("deadline", &["ended_at", "due"]),
    ]
}

/// What one department asks of one owner. `items` is a JSON list of coordinates; `granted_…` is what the
/// owner's answer left of what was asked.
fn request() -> TableCreateStatement {
    Table::create()
        .table("sharing_request")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(text("id"))
        .col(text("bundle"))
        .col(big_integer("version"))
        .col(text("state"))
        .col(text("owner"))
        .col(text("requester"))
        .col(text("role"))
        .col(text("purpose"))
        .col(text("division"))
        .col(text("items"))
        .col(text("effect"))
        .col(text("until"))
        .col(text("basis"))
        .col(text("scene"))
        .col(text_null("renews"))
        .col(text("asked_by"))
        .col(text("asked_at"))
        .col(text_null("granted_effect"))
        .col(text_null("granted_division"))
        .col(text_null("granted_until"))
        .to_owned()
}

/// A step that a department must take, in the order of a matter's steps. `due` is empty where the
/// calendar of its year isn't known yet, or where no term is.
fn deadline() -> TableCreateStatement {
    Table::create()
        .table("deadline")
        .col(text("matter"))
        .col(big_integer("number"))
        .col(text("rule"))
        .col(text("department"))
        .col(text("region"))
        .col(text("started_on"))
        .col(text_null("due"))
        .col(text_null("remind_on"))
        .col(text_null("article"))
        .col(text_null("certainty"))
        .col(text_null("reminded_at"))
        .col(text_null("escalated_at"))
        .col(text_null("ended_at"))
        .col(text_null("outcome"))
        .col(text_null("ended_by"))
        .col(text_null("opinion"))
        .primary_key(Index::create().col("matter").col("number"))
        .to_owned()
}
