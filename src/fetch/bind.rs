//! Parameters of a statement for one request.

use std::collections::HashSet;
use std::sync::Arc;

use apollo_compiler::response::JsonMap;

use crate::fetch::{Members, Texts};
use crate::plan::{Bind, CursorKey, Input, Invalid, Keys, MAX_IN, code, variable_value};

/// The rows that a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowContext {
    low: Arc<str>,
    high: Arc<str>,
    members: Arc<Members>,
}

/// A parameter as drivers take it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Text, which the statement casts.
    Text(Option<Arc<str>>),
    /// A list of texts; empty where the looked-up values go, which come when the statement is sent.
    List(Arc<Texts>),
    /// A number of rows.
    Rows(i64),
}

impl Parameter {
    /// The texts in it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Parameter::Text(text) => (text.as_deref(), None),
            Parameter::List(texts) => (None, Some(texts)),
            Parameter::Rows(_) => (None, None),
        };
        one.into_iter().chain(many.into_iter().flat_map(|texts| texts.iter()))
    }
}

impl RowContext {
    /// The rows of a 12-digit division and of all divisions below it.
    pub fn new(division: &str) -> Self {
        let (low, high) = division_range(division);
        RowContext { low: low.into(), high: high.into(), members: Arc::default() }
    }

    /// The same rows of these people alone, where a plan holds rows to a case.
    pub fn of_members(mut self, members: Arc<Members>) -> Self {
        self.members = members;
        self
    }

    /// The people; nobody where no case is stated.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }
}

/// The codes of a division and all below it: from its own code to the first behind it.
///
/// A code has levels of 2, 4, 6, 9 and 12 digits; the levels below a division's own are zeros.
pub(crate) fn division_range(division: &str) -> (String, String) {
    let prefix = own_prefix(division);
    let next: u64 = prefix.parse::<u64>().unwrap_or(u64::MAX - 1) + 1;
    (division.to_owned(), format!("{next:0width$}", width = prefix.len()))
}

/// The digits of a division's code at each level: province, city, county, township, village.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// The digits of a division down to its own level; the rest are zeros.
fn own_prefix(division: &str) -> &str {
    let level = LEVELS.into_iter().find(|level| division[*level..].bytes().all(|digit| digit == b'0'));
    &division[..level.unwrap_or(division.len())]
}

/// How many levels lie between a division and the nearest one above it that another lies in; 0 where the
/// other is the division itself or below it. Codes of another form are as far as can be.
pub(crate) fn division_distance(own: &str, other: &str) -> u32 {
    let prefix = own_prefix(own);
    let shared = |level: &&usize| **level <= prefix.len() && own.get(..**level) == other.get(..**level);
    let levels = LEVELS.iter().filter(|level| **level <= prefix.len()).count();
    (levels - LEVELS.iter().take_while(shared).count()) as u32
}

/// The parameters of a statement, in order.
///
/// # Errors
/// `BAD_USER_INPUT` where a variable's value doesn't fit.
pub(crate) fn parameters(
    binds: &[Bind],
    cursor: Option<&[Option<String>]>,
    rows: &RowContext,
    variables: &JsonMap,
) -> Result<Vec<Parameter>, Invalid> {
    binds.iter().map(|bind| parameter(bind, cursor, rows, variables)).collect()
}

fn parameter(
    bind: &Bind,
    cursor: Option<&[Option<String>]>,
    rows: &RowContext,
    variables: &JsonMap,
) -> Result<Parameter, Invalid> {
    Ok(match bind {
        Bind::Keys => Parameter::List(Arc::default()),
        Bind::DivisionLow => Parameter::Text(Some(rows.low.clone())),
        Bind::DivisionHigh => Parameter::Text(Some(rows.high.clone())),
        Bind::Members(family) => Parameter::List(rows.members.of(family).clone()),
        Bind::Rows(rows) => Parameter::Rows(*rows),
        Bind::Cursor(at) => {
            let value = cursor.and_then(|values| values.get(*at)?.as_deref());
            Parameter::Text(value.map(Arc::from))
        }
        Bind::WithinHigh(low) => match parameter(low, cursor, rows, variables)? {
            Parameter::Text(Some(division)) => Parameter::Text(Some(division_range(&division).1.into())),
            other => other,
        },
        Bind::Literal(input) => given(input),
        Bind::Variable(path) => given(&variable_value(path, variables)?),
        Bind::Values(binds) => {
            let mut values = Texts::default();
            for bind in binds {
                match parameter(bind, cursor, rows, variables)? {
                    Parameter::Text(text) => text.iter().for_each(|text| values.push(text)),
                    Parameter::List(list) => list.iter().for_each(|text| values.push(text)),
                    Parameter::Rows(_) => {}
                }
            }
            Parameter::List(Arc::new(values))
        }
    })
}

fn given(input: &Input) -> Parameter {
    match input {
        Input::Text(text) => Parameter::Text(Some(text.as_str().into())),
        Input::List(values) => Parameter::List(Arc::new(values.iter().collect())),
    }
}

/// The values that a root looks up, each once; the answer keeps the caller's own order.
///
/// # Errors
/// `BAD_USER_INPUT` where a value doesn't fit, or where there are too many.
pub(crate) fn root_keys(keys: &Keys, variables: &JsonMap) -> Result<Texts, Invalid> {
    let values = match keys {
        Keys::Representations { all, of } => all.of(*of, variables)?,
        _ => asked_for(keys, variables)?,
    };
    let mut seen = HashSet::with_capacity(values.len());
    Ok(values.iter().filter(|value| seen.insert(value.as_str())).collect())
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

/// What the rows of a page are compared with, as one text: a cursor goes on within the same filter alone.
///
/// # Errors
/// `BAD_USER_INPUT` where a value doesn't fit its type.
pub(crate) fn compared(binds: &[Bind], rows: &RowContext, variables: &JsonMap) -> Result<String, Invalid> {
    let is_compared = |bind: &&Bind| matches!(bind, Bind::Literal(_) | Bind::Variable(_) | Bind::Values(_));
    let mut values: Vec<Vec<String>> = Vec::new();
    for bind in binds.iter().filter(is_compared) {
        let parameter = parameter(bind, None, rows, variables)?;
        values.push(parameter.texts().map(str::to_owned).collect());
    }
    Ok(serde_json::Value::from(values).to_string())
}

/// Checks the length of every list that a condition compares with.
///
/// # Errors
/// `BAD_USER_INPUT` where one is too long.
pub(crate) fn check_lists(parameters: &[Parameter]) -> Result<(), Invalid> {
    let is_long = |parameter: &Parameter| matches!(parameter, Parameter::List(texts) if texts.len() > MAX_IN);
    if parameters.iter().any(is_long) {
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

    #[test]
    fn a_division_is_as_far_as_the_levels_up_to_where_both_lie() {
        let from_county = |other| division_distance("410727000000", other);
        assert_eq!(from_county("410727000000"), 0);
        assert_eq!(from_county("410727100201"), 0);
        assert_eq!(from_county("410728100201"), 1);
        assert_eq!(from_county("410800000000"), 2);
        assert_eq!(from_county("420727100201"), 3);
        assert_eq!(from_county(""), 3);
        assert_eq!(division_distance("410727100201", "410727100202"), 1);
        assert_eq!(division_distance("410727100201", "410727101202"), 2);
    }
}
