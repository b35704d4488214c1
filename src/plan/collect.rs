//! Fragments written out, `@skip` and `@include` decided, fields of one response key merged:
//! GraphQL's CollectFields, for a schema whose one union is `_Entity`.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value;
use apollo_compiler::executable::{DirectiveList, Field, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;

/// All fields of one response key.
pub(crate) struct Collected<'d> {
    /// The response key.
    pub(crate) key: &'d str,
    /// The first of the fields; validation has made sure that the others have equal arguments.
    pub(crate) field: &'d Field,
    /// The selection sets of all of them, which answer together.
    pub(crate) sets: Vec<&'d SelectionSet>,
}

/// Collects the fields of selection sets that stand on one object type, in the order of the answer.
pub(crate) fn collect<'d>(
    document: &'d ExecutableDocument,
    variables: &JsonMap,
    sets: &[&'d SelectionSet],
) -> Vec<Collected<'d>> {
    let mut collected = Vec::new();
    for set in sets {
        walk(document, variables, set, &set.ty, &mut Vec::new(), &mut collected);
    }
    collected
}

/// Collects the fields of selection sets that stand on the union, as they apply to one of its objects.
pub(crate) fn collect_on<'d>(
    document: &'d ExecutableDocument,
    variables: &JsonMap,
    sets: &[&'d SelectionSet],
    object: &str,
) -> Vec<Collected<'d>> {
    let mut collected = Vec::new();
    for set in sets {
        walk(document, variables, set, object, &mut Vec::new(), &mut collected);
    }
    collected
}

fn walk<'d>(
    document: &'d ExecutableDocument,
    variables: &JsonMap,
    set: &'d SelectionSet,
    object: &str,
    visited: &mut Vec<&'d str>,
    collected: &mut Vec<Collected<'d>>,
) {
    for selection in &set.selections {
        if is_skipped(selection.directives(), variables) {
            continue;
        }
        match selection {
            Selection::Field(field) => push(field, collected),
            Selection::InlineFragment(inline) => {
                if inline.type_condition.as_ref().is_none_or(|name| applies(name, object)) {
                    walk(document, variables, &inline.selection_set, object, visited, collected);
                }
            }
            Selection::FragmentSpread(spread) => {
                let Some(fragment) = document.fragments.get(&spread.fragment_name) else { continue };
                let name = spread.fragment_name.as_str();
                if applies(fragment.type_condition(), object) && !visited.contains(&name) {
                    visited.push(name);
                    walk(document, variables, &fragment.selection_set, object, visited, collected);
                }
            }
        }
    }
}

/// Whether what is selected on a type is selected of an object; only entities are members of the union, and
/// validation lets nothing else come here on it.
fn applies(condition: &str, object: &str) -> bool {
    condition == object || condition == "_Entity"
}

fn push<'d>(field: &'d Field, collected: &mut Vec<Collected<'d>>) {
    let key = field.response_key().as_str();
    match collected.iter_mut().find(|known| known.key == key) {
        Some(known) => known.sets.push(&field.selection_set),
        None => collected.push(Collected { key, field, sets: vec![&field.selection_set] }),
    }
}

fn is_skipped(directives: &DirectiveList, variables: &JsonMap) -> bool {
    let condition = |name: &str| {
        let value = directives.get(name)?.specified_argument_by_name("if")?;
        match value.as_ref() {
            Value::Boolean(value) => Some(*value),
            Value::Variable(name) => variables.get(name.as_str())?.as_bool(),
            _ => None,
        }
    };
    condition("skip") == Some(true) || condition("include") == Some(false)
}
