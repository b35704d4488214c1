//! Parameters of a statement for one request.

use std::collections::HashSet;
use std::sync::Arc;

use apollo_compiler::response::JsonMap;
use chrono::NaiveDate;
use yimen_policy::{Area, Divisions, Range};

use crate::fetch::{Members, Texts};
use crate::plan::{Bind, CursorKey, Input, Invalid, Keys, MAX_IN, code, variable_value};

/// The rows that a caller may see.
#[derive(Clone, Debug)]
pub struct RowContext {
    own: Area,
    /// What divisions that filters name are, and on which day.
    divisions: (Arc<Divisions>, NaiveDate),
    members: Arc<Members>,
    /// The day on which the stated case was opened.
    case_opened: Option<NaiveDate>,
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
    /// The rows of an area, by the divisions of a day.
    pub fn new(own: Area, divisions: Arc<Divisions>, on: NaiveDate) -> Self {
        RowContext { own, divisions: (divisions, on), members: Arc::default(), case_opened: None }
    }

    /// The same rows of these people alone, where a plan holds rows to a case.
    pub fn of_members(mut self, members: Arc<Members>) -> Self {
        self.members = members;
        self
    }

    /// The same rows in a case that was opened on a day.
    pub fn in_case_of(mut self, opened: Option<NaiveDate>) -> Self {
        self.case_opened = opened;
        self
    }

    /// The area of a division that a filter names. Of one that isn't in force these are its own codes alone: whoever
    /// may read the rows that are filed under them may ask for them.
    fn named(&self, division: &str) -> Area {
        let (divisions, on) = &self.divisions;
        divisions.area(division, *on).unwrap_or_else(|_| Area::of(division))
    }

    /// The people; nobody where no case is stated.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }
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
        Bind::DivisionLow(at) => Parameter::Text(Some(range(&rows.own, *at).low.clone())),
        Bind::DivisionHigh(at) => Parameter::Text(Some(range(&rows.own, *at).high.clone())),
        // Known once the rows above are there.
        Bind::Moved => Parameter::List(Arc::default()),
        Bind::Today => day(Some(rows.divisions.1)),
        Bind::CaseOpened => day(rows.case_opened),
        Bind::Members(family) => Parameter::List(rows.members.of(family).clone()),
        Bind::Rows(rows) => Parameter::Rows(*rows),
        Bind::Cursor(at) => {
            let value = cursor.and_then(|values| values.get(*at)?.as_deref());
            Parameter::Text(value.map(Arc::from))
        }
        Bind::WithinLow(at, named) | Bind::WithinHigh(at, named) => {
            match parameter(named, cursor, rows, variables)? {
                Parameter::Text(Some(division)) => {
                    let Range { low, high } = range(&rows.named(&division), *at).clone();
                    Parameter::Text(Some(if matches!(bind, Bind::WithinLow(..)) { low } else { high }))
                }
                other => other,
            }
        }
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

fn day(day: Option<NaiveDate>) -> Parameter {
    Parameter::Text(day.map(|day| day.to_string().into()))
}

/// A range of an area; where there are fewer, the last again, which changes nothing.
fn range(area: &Area, at: usize) -> &Range {
    let ranges = area.ranges();
    &ranges[at.min(ranges.len() - 1)]
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
    let named = |bind| match bind {
        // What a filter says, and not what that is on a day.
        &Bind::WithinLow(0, ref named) => Some(&**named),
        Bind::Literal(_) | Bind::Variable(_) | Bind::Values(_) => Some(bind),
        _ => None,
    };
    let mut values: Vec<Vec<String>> = Vec::new();
    for bind in binds.iter().filter_map(named) {
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
