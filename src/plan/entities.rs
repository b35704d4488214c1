//! Entities of a larger graph: a router gives representations, and gets the objects that they identify.

use std::collections::HashMap;

use apollo_compiler::ast::Value as Ast;
use apollo_compiler::executable::Field;
use apollo_compiler::response::{JsonMap, JsonValue};
use yimen_schema::{MAX_REPRESENTATIONS, Scalar};

use crate::plan::error::{Invalid, code};
use crate::plan::{Object, normalise};

/// The root field `_entities` in a plan.
#[derive(Debug)]
pub struct Entities {
    /// Where the representations stand.
    pub representations: Representations,
    /// The types that something is selected of, in the order of [`Representations`].
    pub types: Vec<EntityType>,
}

/// A type of `_entities`.
#[derive(Debug)]
pub struct EntityType {
    /// Index into [`Plan::fetches`](crate::plan::Plan::fetches); none where its key may not be looked up.
    pub fetch: Option<usize>,
    /// How a row is written.
    pub object: Object,
    /// Rows that one representation costs as a rule.
    pub cost_each: u64,
}

/// The argument `representations`.
#[derive(Clone, Debug)]
pub struct Representations {
    given: Given,
    keys: Vec<EntityKey>,
}

#[derive(Clone, Debug)]
enum Given {
    Variable(String),
    Written(Vec<JsonValue>),
}

/// What identifies the rows of a type.
#[derive(Clone, Debug)]
pub(crate) struct EntityKey {
    /// The type's name.
    pub(crate) name: String,
    /// The key's field.
    pub(crate) field: String,
    /// The type of its values.
    pub(crate) scalar: Scalar,
}

impl Representations {
    /// # Errors
    /// `BAD_USER_INPUT` for representations that are written out and name variables.
    pub(crate) fn new(field: &Field, keys: Vec<EntityKey>) -> Result<Self, Invalid> {
        let argument = field.arguments.iter().find(|argument| argument.name == "representations");
        let given = match argument.map(|argument| &*argument.value) {
            Some(Ast::Variable(name)) => Given::Variable(name.to_string()),
            Some(Ast::List(values)) => {
                Given::Written(values.iter().map(|value| json(value)).collect::<Result<_, _>>()?)
            }
            // One value stands for a list of one.
            Some(value) => Given::Written(vec![json(value)?]),
            None => Given::Written(Vec::new()),
        };
        Ok(Representations { given, keys })
    }

    /// Each representation in the caller's order: the number of its type, and its key.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for one that names no type of which something is selected, or whose key is missing or
    /// doesn't fit, and for more than [`MAX_REPRESENTATIONS`]. No message repeats a value.
    pub(crate) fn read(&self, variables: &JsonMap) -> Result<Vec<(usize, String)>, Invalid> {
        let given = self.values(variables);
        if given.len() > MAX_REPRESENTATIONS {
            let message = format!("has {} values, more than {MAX_REPRESENTATIONS}", given.len());
            return Err(wrong(&message));
        }
        let numbers: HashMap<&str, usize> =
            self.keys.iter().enumerate().map(|(number, key)| (key.name.as_str(), number)).collect();
        let one = |value: &JsonValue| {
            let number = name(value).and_then(|name| numbers.get(name)).copied();
            let number = number
                .ok_or_else(|| wrong("holds a value that names no type of which something is selected"))?;
            Ok((number, self.key(number, value)?))
        };
        given.iter().map(one).collect()
    }

    fn values<'v>(&'v self, variables: &'v JsonMap) -> &'v [JsonValue] {
        match &self.given {
            Given::Written(values) => values.as_slice(),
            Given::Variable(name) => match variables.get(name.as_str()) {
                Some(JsonValue::Array(values)) => values.as_slice(),
                Some(value) => std::slice::from_ref(value),
                None => &[],
            },
        }
    }

    /// The key in a representation of a type.
    fn key(&self, number: usize, value: &JsonValue) -> Result<String, Invalid> {
        let EntityKey { name, field, scalar } = &self.keys[number];
        let text = match value.as_object().and_then(|object| object.get(field.as_str())) {
            Some(JsonValue::String(text)) => text.as_str().to_owned(),
            Some(JsonValue::Number(number)) => number.to_string(),
            _ => return Err(wrong(&format!("holds a `{name}` without `{field}`"))),
        };
        normalise(scalar, &text)
            .map_err(|message| wrong(&format!("holds a `{name}` whose `{field}` {message}")))
    }

    /// The keys of one type.
    ///
    /// # Errors
    /// As [`Representations::read`].
    pub(crate) fn of(&self, number: usize, variables: &JsonMap) -> Result<Vec<String>, Invalid> {
        let own = self.values(variables).iter().filter(|value| name(value) == Some(&self.keys[number].name));
        own.map(|value| self.key(number, value)).collect()
    }
}

/// The type that a representation names.
fn name(value: &JsonValue) -> Option<&str> {
    value.as_object()?.get("__typename")?.as_str()
}

fn wrong(message: &str) -> Invalid {
    Invalid::new(code::BAD_USER_INPUT, format!("argument `representations` {message}"))
}

/// A value that is written in the document.
fn json(value: &Ast) -> Result<JsonValue, Invalid> {
    Ok(match value {
        Ast::String(text) => JsonValue::String(text.as_str().into()),
        Ast::Enum(name) => JsonValue::String(name.as_str().into()),
        Ast::Int(number) => JsonValue::String(number.as_str().into()),
        Ast::Object(entries) => {
            let entry = |(name, value): &(apollo_compiler::Name, apollo_compiler::Node<Ast>)| {
                Ok((name.as_str().into(), json(value)?))
            };
            JsonValue::Object(entries.iter().map(entry).collect::<Result<_, Invalid>>()?)
        }
        Ast::Variable(_) => return Err(wrong("must be one variable, or be written out without any")),
        // A key is neither of these, so that it is refused when it is read.
        Ast::Null | Ast::Float(_) | Ast::Boolean(_) | Ast::List(_) => JsonValue::Null,
    })
}
