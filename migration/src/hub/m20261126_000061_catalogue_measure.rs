//! How complete the items of the catalogue are, and as of when: counted in departments' databases, without values.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer_null, text, text_null};

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
    vec![measure(), turn()]
}

/// An item as it was counted last.
fn measure() -> TableCreateStatement {
    Table::create()
        .table("catalogue_measure")
        .col(text("coordinate").primary_key())
        .col(text("owner"))
        // Percent of rows that have a value; none where there were too few rows to tell.
        .col(big_integer_null("completeness"))
        // The newest day on which a row was true, where the table says and there were enough rows.
        .col(text_null("as_of"))
        .col(text("counted_at"))
        .to_owned()
}

/// When a department's tables were counted last, or begun to be: whoever changes it counts, and no other replica.
fn turn() -> TableCreateStatement {
    Table::create()
        .table("catalogue_measure_turn")
        .col(text("owner").primary_key())
        .col(text("begun_at"))
        .to_owned()
}
