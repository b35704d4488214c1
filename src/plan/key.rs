//! What a plan depends on besides its document: variables that change the statement, not only its
//! parameters. Everything else is bound when the plan runs.

use std::hash::{DefaultHasher, Hash, Hasher};

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value;
use apollo_compiler::executable::{DirectiveList, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};

use crate::plan::Widths;
use crate::plan::document::Document;

/// A variable that a plan depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Structural {
    name: String,
    /// Whether the plan depends on the value itself, or on which keys it has only.
    by_value: bool,
}

/// Names one plan: document, operation, decisions, ranges of divisions and the shape of the variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey {
    document: [u8; 32],
    operation: Option<String>,
    decisions: u64,
    widths: Widths,
    shape: u64,
}

/// The key of a request's plan. Two callers share a plan only where all their decisions are equal.
pub fn plan_key(
    document: &Document,
    operation: Option<&str>,
    (decisions, widths): (u64, Widths),
    variables: &JsonMap,
) -> PlanKey {
    let mut hasher = DefaultHasher::new();
    for variable in &document.structural {
        match variables.get(variable.name.as_str()) {
            None => 0u8.hash(&mut hasher),
            Some(value) => hash_shape(value, variable.by_value, &mut hasher),
        }
    }
    let operation = operation.map(str::to_owned);
    PlanKey { document: document.exact, operation, decisions, widths, shape: hasher.finish() }
}

fn hash_shape(value: &JsonValue, by_value: bool, hasher: &mut DefaultHasher) {
    match value {
        JsonValue::Null => 1u8.hash(hasher),
        JsonValue::Object(map) => {
            (2u8, map.len()).hash(hasher);
            for (key, value) in map {
                key.as_str().hash(hasher);
                hash_shape(value, by_value, hasher);
            }
        }
        JsonValue::Array(values) if by_value => {
            (3u8, values.len()).hash(hasher);
            values.iter().for_each(|value| hash_shape(value, by_value, hasher));
        }
        _ if by_value => (4u8, value.to_string()).hash(hasher),
        JsonValue::Array(_) => 5u8.hash(hasher),
        _ => 6u8.hash(hasher),
    }
}

/// Finds the variables of a document that stand where a statement's text depends on them.
pub(crate) fn structural_variables(document: &ExecutableDocument) -> Vec<Structural> {
    let mut found = Vec::new();
    let operations = document.operations.iter().map(|operation| &operation.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.selection_set);
    operations.chain(fragments).for_each(|set| selection_set(set, &mut found));
    found.sort();
    found.dedup();
    found
}

fn selection_set(set: &SelectionSet, found: &mut Vec<Structural>) {
    for selection in &set.selections {
        directives(selection.directives(), found);
        match selection {
            Selection::Field(field) => {
                for argument in &field.arguments {
                    match argument.name.as_str() {
                        "first" | "orderBy" | "type" => variables(&argument.value, true, found),
                        "filter" | "after" => variables(&argument.value, false, found),
                        _ => {}
                    }
                }
                selection_set(&field.selection_set, found);
            }
            Selection::InlineFragment(inline) => selection_set(&inline.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn directives(list: &DirectiveList, found: &mut Vec<Structural>) {
    for directive in list.iter() {
        directive.arguments.iter().for_each(|argument| variables(&argument.value, true, found));
    }
}

fn variables(value: &Value, by_value: bool, found: &mut Vec<Structural>) {
    match value {
        Value::Variable(name) => found.push(Structural { name: name.to_string(), by_value }),
        Value::List(values) => values.iter().for_each(|value| variables(value, by_value, found)),
        Value::Object(entries) => entries.iter().for_each(|(_, value)| variables(value, by_value, found)),
        _ => {}
    }
}
