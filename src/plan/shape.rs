//! Documents without their values: what records name them by.
//!
//! A literal may be somebody's citizen number, of which there are few enough to try them all: a hash of
//! the text would tell whose it is. So each literal gives way to one that is the same for its kind.

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Argument, Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition, Selection, Value,
};

/// The document, printed with nothing left of its literals but their kinds.
pub(crate) fn shape(document: &Document) -> String {
    let mut document = document.clone();
    for definition in &mut document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => of_operation(operation.make_mut()),
            Definition::FragmentDefinition(fragment) => of_fragment(fragment.make_mut()),
            // Validation has refused every other kind.
            _ => {}
        }
    }
    document.serialize().no_indent().to_string()
}

fn of_operation(operation: &mut OperationDefinition) {
    for variable in &mut operation.variables {
        let variable = variable.make_mut();
        variable.default_value.iter_mut().for_each(of_value);
        of_directives(&mut variable.directives);
    }
    of_directives(&mut operation.directives);
    operation.selection_set.iter_mut().for_each(of_selection);
}

fn of_fragment(fragment: &mut FragmentDefinition) {
    of_directives(&mut fragment.directives);
    fragment.selection_set.iter_mut().for_each(of_selection);
}

fn of_selection(selection: &mut Selection) {
    match selection {
        Selection::Field(field) => {
            let field = field.make_mut();
            of_arguments(&mut field.arguments);
            of_directives(&mut field.directives);
            field.selection_set.iter_mut().for_each(of_selection);
        }
        Selection::InlineFragment(inline) => {
            let inline = inline.make_mut();
            of_directives(&mut inline.directives);
            inline.selection_set.iter_mut().for_each(of_selection);
        }
        Selection::FragmentSpread(spread) => of_directives(&mut spread.make_mut().directives),
    }
}

fn of_directives(directives: &mut DirectiveList) {
    directives.0.iter_mut().for_each(|directive| of_arguments(&mut directive.make_mut().arguments));
}

fn of_arguments(arguments: &mut [Node<Argument>]) {
    arguments.iter_mut().for_each(|argument| of_value(&mut argument.make_mut().value));
}

fn of_value(value: &mut Node<Value>) {
    match value.make_mut() {
        Value::Null | Value::Variable(_) => {}
        Value::String(text) => text.clear(),
        Value::Int(number) => *number = 0.into(),
        Value::Float(number) => *number = 0.0.into(),
        Value::Boolean(truth) => *truth = false,
        // A scalar of our own takes any name where it takes a text.
        Value::Enum(name) => *name = apollo_compiler::name!(ENUM),
        Value::List(values) => {
            values.iter_mut().for_each(of_value);
            // How many values there were is a value too.
            values.dedup();
        }
        Value::Object(entries) => entries.iter_mut().for_each(|(_, value)| of_value(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(text: &str) -> String {
        shape(&Document::parse(text, "document").unwrap())
    }

    #[test]
    fn literals_give_way_wherever_they_stand() {
        let document = |text: &str, int: i32, truth: bool, name: &str| {
            shape_of(&format!(
                "query Q($a: String = \"{text}\" @d(x: {int})) @d(x: {int}.5) {{
                   a(of: \"{text}\", all: [{int}, {int}], deep: {{ x: {{ y: {name} }} }}) @skip(if: {truth})
                   ... on T @include(if: {truth}) {{ b(of: \"\"\"{text}\"\"\") }}
                   ...F @d(x: {name})
                 }}
                 fragment F on T @d(x: \"{text}\") {{ c(of: $a, or: null, n: {int}) }}"
            ))
        };
        let shape = document("11010519491231002X", 1101, true, "A");
        assert_eq!(shape, document("somebody", -2, false, "B"));
        assert!(!shape.contains("1101") && !shape.contains("true"), "{shape}");
        assert!(shape.contains("$a") && shape.contains("null") && shape.contains("fragment F"), "{shape}");
    }

    #[test]
    fn names_and_kinds_tell_documents_apart() {
        let shapes = ["{ a(b: 1) }", "{ a(b: \"1\") }", "{ a(c: 1) }", "{ x: a(b: 1) }", "{ a(b: null) }"];
        let shapes: std::collections::HashSet<String> = shapes.into_iter().map(shape_of).collect();
        assert_eq!(shapes.len(), 5);
    }
}
