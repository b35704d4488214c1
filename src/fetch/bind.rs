//! Parameters of a statement for one request.

use std::collections::HashSet;
use std::sync::Arc;

use apollo_compiler::response::JsonMap;

use crate::plan::{Bind, CursorKey, Input, Invalid, Keys, MAX_IN, code, variable_value};

/// The rows that a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowContext {
    low: String,
    high: String,
}

/// A parameter as drivers take it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Text, which the statement casts.
    Text(Option<String>),
    /// A list of texts.
    List(Arc<Vec<String>>),
    /// A number of rows.
    Rows(i64),
}

impl RowContext {
    /// The rows of a 12-digit division and of all divisions below it.
    pub fn new(division: &str) -> Self {
        let (low, high) = division_range(division);
        RowContext { low, high }
    }
}

/// The codes of a division and all below it: from its own code to the first behind it.
///
/// A code has levels of 2, 4, 6, 9 and 12 digits; the levels below a division's own are zeros.
pub(crate) fn division_range(division: &str) -> (String, String) {
    let level = [2, 4, 6, 9].into_iter().find(|level| division[*level..].bytes().all(|digit| digit == b'0'));
    let prefix = &division[..level.unwrap_or(division.len())];
    let next: u64 = prefix.parse::<u64>().unwrap_or(u64::MAX - 1) + 1;
    (division.to_owned(), format!("{next:0width$}", width = prefix.len()))
}

/// The parameters of a statement, in order.
///
/// # Errors
/// `BAD_USER_INPUT` where a variable's value doesn't fit.
pub(crate) fn parameters(
    binds: &[Bind],
    keys: &Arc<Vec<String>>,
    cursor: Option<&[Option<String>]>,
    rows: &RowContext,
    variables: &JsonMap,
) -> Result<Vec<Parameter>, Invalid> {
    binds.iter().map(|bind| parameter(bind, keys, cursor, rows, variables)).collect()
}

fn parameter(
    bind: &Bind,
    keys: &Arc<Vec<String>>,
    cursor: Option<&[Option<String>]>,
    rows: &RowContext,
    variables: &JsonMap,
) -> Result<Parameter, Invalid> {
    Ok(match bind {
        Bind::Keys => Parameter::List(keys.clone()),
        Bind::DivisionLow => Parameter::Text(Some(rows.low.clone())),
        Bind::DivisionHigh => Parameter::Text(Some(rows.high.clone())),
        Bind::Rows(rows) => Parameter::Rows(*rows),
        Bind::Cursor(at) => Parameter::Text(cursor.and_then(|values| values.get(*at).cloned()).flatten()),
        Bind::WithinHigh(low) => match parameter(low, keys, cursor, rows, variables)? {
            Parameter::Text(Some(division)) => Parameter::Text(Some(division_range(&division).1)),
            other => other,
        },
        Bind::Literal(input) => given(input.clone()),
        Bind::Variable(path) => given(variable_value(path, variables)?),
        Bind::Values(binds) => {
            let mut values = Vec::new();
            for bind in binds {
                match parameter(bind, keys, cursor, rows, variables)? {
                    Parameter::Text(text) => values.extend(text),
                    Parameter::List(list) => values.extend(list.iter().cloned()),
                    Parameter::Rows(_) => {}
                }
            }
            Parameter::List(Arc::new(values))
        }
    })
}

fn given(input: Input) -> Parameter {
    match input {
        Input::Text(text) => Parameter::Text(Some(text)),
        Input::List(values) => Parameter::List(Arc::new(values)),
    }
}

/// The values that a root looks up, each once; the answer keeps the caller's own order.
///
/// # Errors
/// `BAD_USER_INPUT` where a value doesn't fit, or where there are too many.
pub(crate) fn root_keys(keys: &Keys, variables: &JsonMap) -> Result<Vec<String>, Invalid> {
    let mut seen = HashSet::new();
    let mut values = asked_for(keys, variables)?;
    values.retain(|value| seen.insert(value.clone()));
    Ok(values)
}

/// The values of a root's argument in the caller's order.
///
/// # Errors
/// `BAD_USER_INPUT` where a value doesn't fit, or where there are too many.
pub(crate) fn asked_for(keys: &Keys, variables: &JsonMap) -> Result<Vec<String>, Invalid> {
    let Keys::Argument { values, limit } = keys else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for bind in values {
        match bind {
            Bind::Literal(Input::Text(text)) => all.push(text.clone()),
            Bind::Variable(path) => match variable_value(path, variables)? {
                Input::Text(text) => all.push(text),
                Input::List(values) => all.extend(values),
            },
            _ => {}
        }
    }
    if all.len() > *limit {
        let message = format!("the argument has {} values, more than {limit}", all.len());
        return Err(Invalid::new(code::BAD_USER_INPUT, message));
    }
    Ok(all)
}

/// The values in a page's cursor.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another connection, or of none.
pub(crate) fn cursor_values(
    keys: &Keys,
    variables: &JsonMap,
    cursors: &CursorKey,
    scope: &str,
    terms: usize,
) -> Result<Vec<Option<String>>, Invalid> {
    let cursor = asked_for(keys, variables)?.pop().unwrap_or_default();
    cursors.open(scope, &cursor, terms)
}

/// Checks the length of every list that a condition compares with.
///
/// # Errors
/// `BAD_USER_INPUT` where one is too long.
pub(crate) fn check_lists(parameters: &[Parameter], binds: &[Bind]) -> Result<(), Invalid> {
    let too_long = parameters.iter().zip(binds).any(|(parameter, bind)| {
        *bind != Bind::Keys && matches!(parameter, Parameter::List(values) if values.len() > MAX_IN)
    });
    if too_long {
        let message = format!("a condition `in` must have at most {MAX_IN} values");
        return Err(Invalid::new(code::BAD_USER_INPUT, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_stands_for_all_below_it() {
        let range = |code| division_range(code);
        assert_eq!(range("410000000000"), (String::from("410000000000"), String::from("42")));
        assert_eq!(range("410727000000"), (String::from("410727000000"), String::from("410728")));
        assert_eq!(range("410727100000"), (String::from("410727100000"), String::from("410727101")));
        assert_eq!(range("410727100201"), (String::from("410727100201"), String::from("410727100202")));
        assert_eq!(range("990000000000"), (String::from("990000000000"), String::from("100")));
    }
}
