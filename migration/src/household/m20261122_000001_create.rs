//! The tables of `household` as the catalogue first had them.

mod awards;
mod registers;
mod registration;
mod review;
mod verification;

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, IndexCreateStatement, MigrationTrait, SchemaManager, TableCreateStatement,
};

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
    [registration::tables(), awards::tables(), review::tables(), verification::tables(), registers::tables()]
        .concat()
}

fn indexes() -> Vec<IndexCreateStatement> {
    [
        registration::indexes(),
        awards::indexes(),
        review::indexes(),
        verification::indexes(),
        registers::indexes(),
    ]
    .concat()
}
