//! The table of consents.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::schema::{binary, binary_null, text, text_null};

use crate::index::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, vec![consent()], vec![index("consent", &["case_no"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, vec![consent()]).await
    }
}

/// What a person lets be read in a case: `citizen` and `guardian` are sealed numbers, `digest` the one that
/// the member of the case has.
fn consent() -> sea_orm_migration::prelude::TableCreateStatement {
    Table::create()
        .table("consent")
        .col(text("id").primary_key())
        .col(text("case_no"))
        .col(binary("digest"))
        .col(binary("citizen"))
        .col(binary_null("guardian"))
        .col(text("kind"))
        .col(text("form_hash"))
        .col(text("witnesses"))
        .col(text("sections"))
        .col(text("valid_from"))
        .col(text("valid_until"))
        .col(text("recorded_at"))
        .col(text("recorded_by"))
        .col(text_null("withdrawn_at"))
        .col(text_null("withdrawn_by"))
        .to_owned()
}
