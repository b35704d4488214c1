//! How indexes are named: `idx_<table>_<column>`, after the column that comes first.

use sea_orm_migration::prelude::{Index, IndexCreateStatement};

pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(format!("idx_{table}_{}", columns[0])).table(table);
    for column in columns {
        statement.col(*column);
    }
    statement
}

pub(crate) fn unique_index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}
