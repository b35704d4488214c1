//! What policies that are tried beside those in force would have decided otherwise, and how often.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, text};

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
    vec![trial(), cell()]
}

/// Two versions of the policies, and the operations that were decided by both; those that couldn't be compared
/// are counted apart.
fn trial() -> TableCreateStatement {
    Table::create()
        .table("policy_trial")
        .col(text("in_force"))
        .col(text("tried"))
        .col(big_integer("operations"))
        .col(big_integer("missed"))
        .col(text("first_at"))
        .col(text("last_at"))
        .primary_key(Index::create().col("in_force").col("tried"))
        .to_owned()
}

/// A cell that the two decide differently, and the operations that touched it.
fn cell() -> TableCreateStatement {
    Table::create()
        .table("policy_trial_cell")
        .col(text("in_force"))
        .col(text("tried"))
        .col(text("department"))
        .col(text("role"))
        .col(text("purpose"))
        .col(text("coordinate"))
        .col(text("decided"))
        .col(text("would"))
        // WIDENS or NARROWS.
        .col(text("change"))
        .col(big_integer("operations"))
        .primary_key(
            Index::create()
                .col("in_force")
                .col("tried")
                .col("department")
                .col("role")
                .col("purpose")
                .col("coordinate")
                .col("decided")
                .col("would"),
        )
        .to_owned()
}
