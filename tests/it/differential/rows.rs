//! Every row of the county in memory, read from the SQLite files without any of the gateway's code.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value as Json;
use yimen_schema::{Catalogue, FieldDef, Resource, ResourceId, Scalar};

/// A value of one column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stored {
    Null,
    Int(i64),
    /// Millionths, so that money and decimals are compared and summed up exactly.
    Number(i128),
    Text(String),
}

/// The rows of one resource; values stand at the places of the resource's fields.
#[derive(Debug)]
struct Table {
    rows: Vec<Vec<Stored>>,
    /// For each field: the rows of each value, once somebody has asked.
    by_value: Vec<OnceLock<HashMap<String, Vec<u32>>>>,
}

/// The rows of all resources.
#[derive(Debug)]
pub(crate) struct Rows {
    tables: Vec<Table>,
}

/// One million: how many of [`Stored::Number`]'s units are one.
pub(crate) const ONE: i128 = 1_000_000;

impl Rows {
    /// Reads every table; `file` names the database of a department.
    pub(crate) fn load(catalogue: &Catalogue, file: &dyn Fn(&str) -> String) -> Rows {
        let mut connections: HashMap<String, Connection> = HashMap::new();
        let mut table = |resource: &Resource| {
            let path = file(&resource.owner);
            let connection = connections.entry(path).or_insert_with_key(|path| open(Path::new(path)));
            let rows = read(connection, resource);
            Table { rows, by_value: resource.fields.iter().map(|_| OnceLock::new()).collect() }
        };
        Rows { tables: catalogue.resources.iter().map(&mut table).collect() }
    }

    pub(crate) fn count(&self, id: ResourceId) -> u32 {
        self.tables[id.0 as usize].rows.len() as u32
    }

    pub(crate) fn value(&self, id: ResourceId, row: u32, field: usize) -> &Stored {
        &self.tables[id.0 as usize].rows[row as usize][field]
    }

    /// The rows in which a field has a value.
    pub(crate) fn found(&self, id: ResourceId, field: usize, value: &Stored) -> &[u32] {
        let table = &self.tables[id.0 as usize];
        let index = table.by_value[field].get_or_init(|| {
            let mut index: HashMap<String, Vec<u32>> = HashMap::new();
            for (at, row) in table.rows.iter().enumerate() {
                index.entry(format!("{:?}", row[field])).or_default().push(at as u32);
            }
            index
        });
        match value {
            Stored::Null => &[],
            value => index.get(&format!("{value:?}")).map_or(&[], Vec::as_slice),
        }
    }
}

impl Stored {
    /// The text of a text.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Stored::Text(text) => Some(text),
            Stored::Null | Stored::Int(_) | Stored::Number(_) => None,
        }
    }

    /// What a request compares with; `None` where it can't be equal to anything stored.
    pub(crate) fn of(scalar: &Scalar, json: &Json) -> Option<Stored> {
        let text = match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match scalar {
            Scalar::Int => text.parse().ok().map(Stored::Int),
            Scalar::Boolean => Some(Stored::Int(i64::from(text == "true"))),
            Scalar::Money | Scalar::Decimal => Some(Stored::Number(millionths(&text))),
            Scalar::CitizenId => Some(Stored::Text(whole_number(&text))),
            _ => Some(Stored::Text(text)),
        }
    }
}

fn open(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn read(connection: &Connection, resource: &Resource) -> Vec<Vec<Stored>> {
    let columns = resource.fields.iter().map(|field| match &field.def {
        FieldDef::Item(item) => item.column.as_str(),
        FieldDef::Link(_) | FieldDef::Summary(_) => "NULL",
    });
    let columns: Vec<&str> = columns.collect();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), resource.table);
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        let value = |at: usize| match &resource.fields[at].def {
            FieldDef::Item(item) => Ok(stored(&item.scalar, row.get_ref(at)?)),
            FieldDef::Link(_) | FieldDef::Summary(_) => Ok(Stored::Null),
        };
        (0..columns.len()).map(value).collect()
    });
    rows.unwrap().map(|row: rusqlite::Result<Vec<Stored>>| row.unwrap()).collect()
}

fn stored(scalar: &Scalar, value: ValueRef<'_>) -> Stored {
    match (scalar, value) {
        (_, ValueRef::Null) => Stored::Null,
        (Scalar::Int | Scalar::Boolean, ValueRef::Integer(number)) => Stored::Int(number),
        (Scalar::Money | Scalar::Decimal, ValueRef::Integer(number)) => {
            Stored::Number(i128::from(number) * ONE)
        }
        (Scalar::Money | Scalar::Decimal, ValueRef::Real(number)) => {
            Stored::Number((number * ONE as f64).round() as i128)
        }
        (Scalar::Int | Scalar::Boolean | Scalar::Money | Scalar::Decimal, other) => {
            panic!("{other:?} is no {scalar:?}")
        }
        (_, ValueRef::Text(text)) => Stored::Text(String::from_utf8(text.to_vec()).unwrap()),
        (_, other) => panic!("{other:?} is no {scalar:?}"),
    }
}

/// A decimal number in millionths.
fn millionths(text: &str) -> i128 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction: i128 = format!("{fraction:0<6}").parse().unwrap();
    sign * (whole.parse::<i128>().unwrap() * ONE + fraction)
}

/// A citizen number with its upper-case check character, brought from 15 digits to 18.
fn whole_number(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    if text.len() != 15 {
        return text;
    }
    let body = format!("{}19{}", &text[..6], &text[6..]);
    format!("{body}{}", check_character(&body))
}

/// ISO 7064 MOD 11-2, digit by digit.
pub(crate) fn check_character(body: &str) -> char {
    let sum = body.chars().fold(0, |sum, digit| (sum + digit.to_digit(10).unwrap()) * 2 % 11);
    char::from_digit((12 - sum) % 11, 11).map_or('X', |digit| if digit == 'a' { 'X' } else { digit })
}
