//! The rows of one statement, copied out of the driver into two vectors: a value costs sixteen bytes
//! and its text, and no row has an allocation of its own.

use crate::fetch::Cell;

/// Rows of one width.
#[derive(Debug, Default)]
pub struct Rows {
    width: usize,
    values: Vec<Value>,
    text: String,
    /// PostgreSQL's `numeric`, as the wire carries it.
    numerics: Vec<u8>,
}

/// A value; texts and numerics stand in the rows' own buffers.
#[derive(Clone, Copy, Debug)]
enum Value {
    Null,
    Int(i64),
    Bool(bool),
    Real(f64),
    Date(i32),
    Moment(i64),
    Text { start: u32, end: u32 },
    Numeric { start: u32, end: u32 },
}

/// The most bytes of text in one statement's rows: what a place in them can say.
pub(crate) const MAX_TEXT: usize = u32::MAX as usize;

impl Rows {
    /// No rows of this many columns.
    pub(crate) fn new(width: usize) -> Self {
        Rows { width, ..Rows::default() }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes of text so far, which may not pass [`MAX_TEXT`].
    pub(crate) fn text_len(&self) -> usize {
        self.text.len() + self.numerics.len()
    }

    /// Appends the next value of the row that is being written.
    pub(crate) fn push(&mut self, cell: Cell<'_>) {
        let value = match cell {
            Cell::Null => Value::Null,
            Cell::Int(number) => Value::Int(number),
            Cell::Bool(value) => Value::Bool(value),
            Cell::Real(number) => Value::Real(number),
            Cell::Date(days) => Value::Date(days),
            Cell::Moment(micros) => Value::Moment(micros),
            Cell::Text(text) => {
                let start = self.text.len() as u32;
                self.text.push_str(text);
                Value::Text { start, end: self.text.len() as u32 }
            }
            Cell::Numeric(wire) => {
                let start = self.numerics.len() as u32;
                self.numerics.extend_from_slice(wire);
                Value::Numeric { start, end: self.numerics.len() as u32 }
            }
        };
        self.values.push(value);
    }

    /// A value.
    pub fn cell(&self, row: usize, slot: usize) -> Cell<'_> {
        match self.values[row * self.width + slot] {
            Value::Null => Cell::Null,
            Value::Int(number) => Cell::Int(number),
            Value::Bool(value) => Cell::Bool(value),
            Value::Real(number) => Cell::Real(number),
            Value::Date(days) => Cell::Date(days),
            Value::Moment(micros) => Cell::Moment(micros),
            Value::Text { start, end } => Cell::Text(&self.text[start as usize..end as usize]),
            Value::Numeric { start, end } => Cell::Numeric(&self.numerics[start as usize..end as usize]),
        }
    }
}
