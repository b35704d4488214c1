//! The tables of `social_insurance` as the catalogue first had them.

mod employment;
mod insurance;
mod medical;
mod standards;
mod support;

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
    [insurance::tables(), employment::tables(), support::tables(), medical::tables(), standards::tables()]
        .concat()
}

fn indexes() -> Vec<IndexCreateStatement> {
    [
        insurance::indexes(),
        employment::indexes(),
        support::indexes(),
        medical::indexes(),
        standards::indexes(),
    ]
    .concat()
}
