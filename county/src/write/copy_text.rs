//! Rows in the text format of PostgreSQL's `COPY`: tabs between values, `\N` for none.

use std::fmt::Write;

use anyhow::{Result, bail};
use bytes::Bytes;
use sea_orm::Value;

use crate::chunk::Rows;

/// All rows of a table.
pub(super) fn copy_text(rows: &dyn Rows) -> Result<Bytes> {
    let mut text = String::with_capacity(rows.count() * 160);
    let mut values = Vec::new();
    for row in 0..rows.count() {
        values.clear();
        rows.values(row, &mut values);
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            push(&mut text, value)?;
        }
        text.push('\n');
    }
    Ok(Bytes::from(text))
}

fn push(text: &mut String, value: &Value) -> Result<()> {
    match value {
        Value::String(Some(value)) => escape(text, value),
        Value::Bool(Some(value)) => text.push(if *value { 't' } else { 'f' }),
        Value::Int(Some(value)) => write!(text, "{value}")?,
        Value::BigInt(Some(value)) => write!(text, "{value}")?,
        Value::Decimal(Some(value)) => write!(text, "{value}")?,
        Value::ChronoDate(Some(value)) => write!(text, "{value}")?,
        Value::ChronoDateTimeWithTimeZone(Some(value)) => text.push_str(&value.to_rfc3339()),
        Value::String(None) | Value::Bool(None) | Value::Int(None) | Value::BigInt(None) => none(text),
        Value::Decimal(None) | Value::ChronoDate(None) => none(text),
        Value::ChronoDateTimeWithTimeZone(None) => none(text),
        other => bail!("a column of an exchange database has the unforeseen type of `{other:?}`"),
    }
    Ok(())
}

fn none(text: &mut String) {
    text.push_str("\\N");
}

fn escape(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use yimen_entity::household::residence;

    use super::*;

    #[test]
    fn values_are_escaped_and_none_is_no_empty_text() {
        let row = residence::Model {
            id: String::from("a\tb\\c\nd\re"),
            citizen_id: None,
            address: Some(String::new()),
            started_on: chrono::NaiveDate::from_ymd_opt(2026, 3, 1),
            ended_on: None,
            is_current: Some(true),
            division_code: None,
            as_of: None,
        };
        let text = copy_text(&vec![row]).unwrap();
        assert_eq!(text, "a\\tb\\\\c\\nd\\re\t\\N\t\t2026-03-01\t\\N\tt\t\\N\t\\N\n");
    }
}
