//! The two ways of a migration that makes tables: all of them there, or all of them gone.

use sea_orm_migration::prelude::{DbErr, IndexCreateStatement, SchemaManager, Table, TableCreateStatement};

pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops the tables; their indexes go with them.
pub(crate) async fn remove(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables.into_iter().rev() {
        if let Some(name) = table.get_table_name() {
            manager.drop_table(Table::drop().table(name.clone()).to_owned()).await?;
        }
    }
    Ok(())
}
