//! The rows of one statement, in the memory in which the driver left them.

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use crate::fetch::Cell;

/// Rows of either driver.
#[derive(Debug)]
pub enum Rows {
    /// PostgreSQL's own rows: values are read where the network put them.
    Postgres(Vec<Row>),
    /// SQLite's rows, copied out of its cursor.
    Sqlite(Flat),
}

/// Rows in one vector, their texts in one string.
#[derive(Debug, Default)]
pub struct Flat {
    width: usize,
    cells: Vec<FlatCell>,
    text: String,
}

#[derive(Clone, Copy, Debug)]
enum FlatCell {
    Null,
    Int(i64),
    Real(f64),
    Text { start: usize, end: usize },
}

impl Rows {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Rows::Postgres(rows) => rows.len(),
            Rows::Sqlite(flat) => flat.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value.
    pub fn cell(&self, row: usize, slot: usize) -> Cell<'_> {
        match self {
            Rows::Postgres(rows) => match rows[row].try_get::<_, Option<Raw<'_>>>(slot) {
                Ok(Some(Raw(cell))) => cell,
                Ok(None) | Err(_) => Cell::Null,
            },
            Rows::Sqlite(flat) => flat.cell(row, slot),
        }
    }
}

impl Flat {
    /// No rows of this many columns.
    pub(crate) fn new(width: usize) -> Self {
        Flat { width, ..Flat::default() }
    }

    fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    pub(crate) fn push_null(&mut self) {
        self.cells.push(FlatCell::Null);
    }

    pub(crate) fn push_int(&mut self, number: i64) {
        self.cells.push(FlatCell::Int(number));
    }

    pub(crate) fn push_real(&mut self, number: f64) {
        self.cells.push(FlatCell::Real(number));
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.cells.push(FlatCell::Text { start, end: self.text.len() });
    }

    fn cell(&self, row: usize, slot: usize) -> Cell<'_> {
        match self.cells[row * self.width + slot] {
            FlatCell::Null => Cell::Null,
            FlatCell::Int(number) => Cell::Int(number),
            FlatCell::Real(number) => Cell::Real(number),
            FlatCell::Text { start, end } => Cell::Text(&self.text[start..end]),
        }
    }
}

/// A value as the wire carries it.
struct Raw<'a>(Cell<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Type, wire: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let cell = match *ty {
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Cell::Text(std::str::from_utf8(wire)?)
            }
            Type::INT2 => Cell::Int(i64::from(i16::from_be_bytes(wire.try_into()?))),
            Type::INT4 => Cell::Int(i64::from(i32::from_be_bytes(wire.try_into()?))),
            Type::INT8 => Cell::Int(i64::from_be_bytes(wire.try_into()?)),
            Type::BOOL => Cell::Bool(wire.first() == Some(&1)),
            Type::FLOAT4 => Cell::Real(f64::from(f32::from_be_bytes(wire.try_into()?))),
            Type::FLOAT8 => Cell::Real(f64::from_be_bytes(wire.try_into()?)),
            Type::NUMERIC => Cell::Numeric(wire),
            Type::DATE => Cell::Date(i32::from_be_bytes(wire.try_into()?)),
            Type::TIMESTAMPTZ | Type::TIMESTAMP => Cell::Moment(i64::from_be_bytes(wire.try_into()?)),
            _ => return Err("a type that the gateway doesn't read".into()),
        };
        Ok(Raw(cell))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}
