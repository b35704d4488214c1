//! How the reference writes one value.

use async_graphql::Value;
use yimen_schema::{Mask, Scalar};

use crate::differential::rows::{ONE, Stored};

/// A value as JSON has it, reduced where a mask is asked for.
pub(crate) fn shown(scalar: &Scalar, mask: Option<Mask>, stored: &Stored) -> Option<Value> {
    let text = text(scalar, stored)?;
    if let Some(mask) = mask {
        return Some(Value::from(yimen::answer::masked(mask, &text)));
    }
    Some(match (scalar, stored) {
        (Scalar::Boolean, Stored::Int(number)) => Value::from(*number != 0),
        (Scalar::Int, Stored::Int(number)) => Value::from(*number),
        _ => Value::from(text),
    })
}

/// A value as text.
pub(crate) fn text(scalar: &Scalar, stored: &Stored) -> Option<String> {
    match (scalar, stored) {
        (_, Stored::Null) => None,
        (Scalar::Money, Stored::Number(number)) => {
            let cents = number / (ONE / 100);
            let sign = if cents < 0 { "-" } else { "" };
            Some(format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100))
        }
        (_, Stored::Number(number)) => {
            let sign = if *number < 0 { "-" } else { "" };
            let digits = format!("{sign}{}.{:06}", number.abs() / ONE, number.abs() % ONE);
            Some(digits.trim_end_matches('0').trim_end_matches('.').to_owned())
        }
        (_, Stored::Int(number)) => Some(number.to_string()),
        (_, Stored::Text(text)) => Some(text.clone()),
    }
}
