//! Root fields over evidence: what was selected of records, and the arguments of a request.

use std::sync::Arc;

use apollo_compiler::ast::Value as Ast;
use apollo_compiler::executable::{Field, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::{ExecutableDocument, Node};
use yimen_schema::Scalar;

use crate::evidence::search::{PERSON, sought};
use crate::plan::collect::collect;
use crate::plan::error::{Invalid, code};
use crate::plan::{citizen_number, normalise};

/// A root field over evidence. Whether the caller may ask is decided when it is asked: a plan is
/// shared by callers whose decisions about the catalogue are equal.
#[derive(Debug)]
pub struct Records {
    /// `accessesTo` or `accessRecords`.
    pub name: &'static str,
    /// Response keys from the root.
    pub path: Vec<String>,
    /// What is selected of the connection.
    pub picked: Vec<Picked>,
    arguments: Vec<(String, Node<Ast>)>,
}

/// A field that is selected, and what of it.
#[derive(Debug)]
pub struct Picked {
    /// The response key, as it is written into the answer.
    pub key: Arc<str>,
    /// The field's name.
    pub name: String,
    /// The type that the field stands on.
    pub on: String,
    /// The fields below it.
    pub fields: Vec<Picked>,
}

/// What a request asks of evidence, with its values checked.
#[derive(Clone, Debug, Default)]
pub struct RecordsAsked {
    /// About this person.
    pub citizen_id: Option<String>,
    /// By this person or program.
    pub officer: Option<String>,
    /// By callers of this department.
    pub department: Option<String>,
    /// For this purpose.
    pub purpose: Option<String>,
    /// In this case.
    pub case: Option<String>,
    /// Touching this field.
    pub coordinate: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub to: Option<String>,
    /// How many.
    pub first: usize,
    /// A cursor.
    pub after: Option<String>,
}

/// The most records of a page.
pub(crate) const MAX_RECORDS: usize = 100;

/// The records of a page where nothing is said.
const RECORDS: usize = 20;

impl Records {
    pub(crate) fn new(
        name: &'static str,
        (document, variables): (&ExecutableDocument, &JsonMap),
        field: &Field,
        sets: &[&SelectionSet],
        path: Vec<String>,
    ) -> Self {
        let arguments =
            field.arguments.iter().map(|argument| (argument.name.to_string(), argument.value.clone()));
        Records { name, path, picked: picked(document, variables, sets), arguments: arguments.collect() }
    }

    /// Whether a field is selected anywhere.
    pub fn picks(&self, name: &str) -> bool {
        fn any(fields: &[Picked], name: &str) -> bool {
            fields.iter().any(|field| field.name == name || any(&field.fields, name))
        }
        any(&self.picked, name)
    }

    /// The arguments of a request.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` or a page that is too long.
    pub fn asked(&self, variables: &JsonMap) -> Result<RecordsAsked, Invalid> {
        let mut asked = RecordsAsked { first: RECORDS, ..RecordsAsked::default() };
        for (name, value) in &self.arguments {
            match (name.as_str(), json(value, variables)) {
                (_, JsonValue::Null) => {}
                ("first", value) => asked.first = first(&value)?,
                ("after", value) => asked.after = value.as_str().map(str::to_owned),
                ("filter", JsonValue::Object(filter)) => {
                    for (name, value) in &filter {
                        asked.set(name.as_str(), value)?;
                    }
                }
                (name, value) => asked.set(name, &value)?,
            }
        }
        Ok(asked)
    }
}

impl RecordsAsked {
    /// What is searched, as its record says it.
    pub(crate) fn sought(&self, what: &str) -> String {
        let RecordsAsked { citizen_id, officer, department, purpose, case, coordinate, from, to, .. } = self;
        let filters = [
            (PERSON, citizen_id),
            ("officer", officer),
            ("department", department),
            ("purpose", purpose),
            ("case", case),
            ("coordinate", coordinate),
            ("from", from),
            ("to", to),
        ];
        sought(what, &filters.map(|(name, value)| (name, value.as_deref())))
    }

    fn set(&mut self, name: &str, value: &JsonValue) -> Result<(), Invalid> {
        let Some(text) = value.as_str() else { return Ok(()) };
        let moment = || normalise(&Scalar::DateTime, text).map_err(|wrong| invalid(name, &wrong));
        let text = || normalise(&Scalar::String, text).map_err(|wrong| invalid(name, &wrong));
        let place = match name {
            "citizenId" => {
                let number = citizen_number(&text()?).map_err(|wrong| invalid(name, &wrong))?;
                self.citizen_id = Some(number);
                return Ok(());
            }
            "from" => {
                self.from = Some(utc(name, &moment()?)?);
                return Ok(());
            }
            "to" => {
                self.to = Some(utc(name, &moment()?)?);
                return Ok(());
            }
            "officer" => &mut self.officer,
            "department" => &mut self.department,
            "purpose" => &mut self.purpose,
            "case" => &mut self.case,
            _ => &mut self.coordinate,
        };
        *place = Some(text()?);
        Ok(())
    }
}

/// Times in entries are UTC with milliseconds, so that texts compare as times do.
fn utc(name: &str, text: &str) -> Result<String, Invalid> {
    let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| invalid(name, "is no time"))?;
    Ok(at.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

fn invalid(argument: &str, wrong: &str) -> Invalid {
    Invalid::new(code::BAD_USER_INPUT, format!("argument `{argument}` {wrong}"))
}

fn first(value: &JsonValue) -> Result<usize, Invalid> {
    let first = value.as_u64().and_then(|first| usize::try_from(first).ok());
    first.filter(|first| (1..=MAX_RECORDS).contains(first)).ok_or_else(|| {
        Invalid::new(code::SLICING, format!("argument `first` must be from 1 to {MAX_RECORDS}"))
    })
}

/// A value of the document with variables filled in; validation has checked its type.
fn json(value: &Ast, variables: &JsonMap) -> JsonValue {
    match value {
        Ast::Variable(name) => variables.get(name.as_str()).cloned().unwrap_or(JsonValue::Null),
        Ast::String(text) => JsonValue::String(text.as_str().into()),
        Ast::Enum(name) => JsonValue::String(name.as_str().into()),
        Ast::Int(number) => number.try_to_i32().map_or(JsonValue::Null, JsonValue::from),
        Ast::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.as_str().into(), json(value, variables)));
            JsonValue::Object(fields.collect())
        }
        _ => JsonValue::Null,
    }
}

/// What is selected by sets that stand on one object type.
pub(crate) fn picked(
    document: &ExecutableDocument,
    variables: &JsonMap,
    sets: &[&SelectionSet],
) -> Vec<Picked> {
    let pick = |collected: crate::plan::collect::Collected<'_>| Picked {
        key: Arc::from(format!("\"{}\":", collected.key)),
        name: collected.field.name.to_string(),
        on: sets.first().map(|set| set.ty.to_string()).unwrap_or_default(),
        fields: picked(document, variables, &collected.sets),
    };
    collect(document, variables, sets).into_iter().map(pick).collect()
}
