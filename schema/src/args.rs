//! Reading the arguments of a directive, whose types the SDL itself has already been checked against.

use apollo_compiler::Schema;
use apollo_compiler::ast::{Directive, Value};

/// The arguments of one applied directive, with the defaults of its definition.
pub(crate) struct Args<'a> {
    directive: &'a Directive,
    schema: &'a Schema,
}

impl<'a> Args<'a> {
    pub(crate) fn new(directive: &'a Directive, schema: &'a Schema) -> Self {
        Args { directive, schema }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        let value = self.directive.argument_by_name(name, self.schema).ok()?;
        (!value.is_null()).then_some(value.as_ref())
    }

    /// A string or an enum value; empty where there is none, which only a nullable argument allows.
    pub(crate) fn text(&self, name: &str) -> String {
        self.optional_text(name).unwrap_or_default()
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Enum(value) => Some(value.to_string()),
            _ => None,
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(values)) => {
                values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
            }
            // GraphQL lets one value stand for a list of one.
            Some(Value::String(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Boolean(true)))
    }

    pub(crate) fn number(&self, name: &str) -> u32 {
        match self.value(name) {
            Some(Value::Int(number)) => number.as_str().parse().unwrap_or(0),
            _ => 0,
        }
    }
}
