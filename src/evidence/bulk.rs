//! Thousands of rows at once within a turn: by binary `COPY` into PostgreSQL, as one JSON text into SQLite.

use std::borrow::Cow;

use bytes::BytesMut;
use sea_orm::DbErr;
use serde_json::Value as Json;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::clock::hex;
use crate::evidence::store;
use crate::evidence::turn::{Link, Turn};

/// A column and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// A whole number.
    Int(&'static str),
    /// A text.
    Text(&'static str),
    /// Bytes.
    Bytes(&'static str),
}

/// What stands in a column of a row.
#[derive(Debug)]
pub(crate) enum Cell<'a> {
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Null,
}

/// Where rows go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [Column],
    /// Columns behind those, texts that a row which waits has under the same name. PostgreSQL gets them with the
    /// row; SQLite copies them within its file.
    pub(crate) copied: &'static [&'static str],
}

/// A row on its way.
#[derive(Debug)]
pub(crate) struct BulkRow<'a> {
    pub(crate) cells: Vec<Cell<'a>>,
    /// The number of the waiting row that it comes from.
    pub(crate) seq: i64,
    /// What stands in the columns that are copied.
    pub(crate) copied: Vec<&'a str>,
}

impl Column {
    fn name(self) -> &'static str {
        let (Column::Int(name) | Column::Text(name) | Column::Bytes(name)) = self;
        name
    }

    fn of_postgres(self) -> Type {
        match self {
            Column::Int(_) => Type::INT8,
            Column::Text(_) => Type::TEXT,
            Column::Bytes(_) => Type::BYTEA,
        }
    }

    /// The value at a place of a row of the JSON text.
    fn of_json(self, at: usize) -> String {
        match self {
            Column::Bytes(_) => format!("unhex(v.value->>{at})"),
            Column::Int(_) | Column::Text(_) => format!("v.value->>{at}"),
        }
    }
}

impl Cell<'_> {
    fn json(&self) -> Json {
        match self {
            Cell::Int(number) => (*number).into(),
            Cell::Text(text) => text.as_ref().into(),
            Cell::Bytes(bytes) => hex(bytes).into(),
            Cell::Null => Json::Null,
        }
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        type_: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Cell::Int(number) => number.to_sql(type_, out),
            Cell::Text(text) => text.as_ref().to_sql(type_, out),
            Cell::Bytes(bytes) => bytes.as_ref().to_sql(type_, out),
            Cell::Null => Ok(IsNull::Yes),
        }
    }

    /// Which of its forms a cell has is known only with the cell.
    fn accepts(type_: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(type_)
    }

    to_sql_checked!();
}

impl Bulk {
    /// Inserts rows.
    ///
    /// # Errors
    /// Rows that the hub doesn't take, or a hub that doesn't answer.
    pub(crate) async fn insert(&self, turn: &Turn, rows: &[BulkRow<'_>]) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        match turn.link() {
            Link::Postgres(held) => {
                let types: Vec<Type> = self.columns.iter().map(|column| column.of_postgres()).collect();
                let types = [types, vec![Type::TEXT; self.copied.len()]].concat();
                held.copy(&self.copy_statement(), &types, rows).await
            }
            Link::Sqlite { .. } => {
                let cells = rows.iter().map(|row| {
                    let seq = (!self.copied.is_empty()).then(|| row.seq.into());
                    row.cells.iter().map(Cell::json).chain(seq).collect()
                });
                let text = Json::Array(cells.collect()).to_string();
                store::run(turn, &self.json_statement(), vec![text.into()]).await.map(drop)
            }
        }
    }

    fn names(&self) -> String {
        let names = self.columns.iter().map(|column| column.name()).chain(self.copied.iter().copied());
        names.collect::<Vec<_>>().join(", ")
    }

    fn copy_statement(&self) -> String {
        format!("COPY {} ({}) FROM STDIN (FORMAT binary)", self.table, self.names())
    }

    fn json_statement(&self) -> String {
        let values = self.columns.iter().enumerate().map(|(at, column)| column.of_json(at));
        let values = values.chain(self.copied.iter().map(|name| format!("p.{name}")));
        let join = match self.copied {
            [] => String::new(),
            _ => format!(" JOIN evidence_pending AS p ON p.seq = v.value->>{}", self.columns.len()),
        };
        let values = values.collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({}) SELECT {values} FROM json_each($1) AS v{join}", self.table, self.names())
    }
}
