//! An operation as a tree: what the generator makes, what a failure is cut down from, and what both
//! executors are given as text.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde_json::{Map, Value as Json};

use crate::differential::random::Random;

/// A document with one operation that is run, and what it is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operation {
    pub(crate) name: Option<String>,
    /// Whether another operation stands beside it, which is never run.
    pub(crate) has_sibling: bool,
    pub(crate) variables: Vec<Variable>,
    pub(crate) selections: Vec<Selection>,
    pub(crate) fragments: Vec<Fragment>,
}

/// An operation as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) document: String,
    /// The name of the operation that is run.
    pub(crate) name: Option<String>,
    /// The values of variables that the request gives.
    pub(crate) given: Map<String, Json>,
    /// The same with defaults filled in. async-graphql's executor doesn't ask them for `@skip` and
    /// `@include`, where the specification has them count.
    pub(crate) given_or_default: Map<String, Json>,
}

/// A variable: its definition, and the value that the request gives it.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) default: Option<Literal>,
    pub(crate) given: Option<Json>,
    /// What a request might give instead.
    pub(crate) others: Vec<Option<Json>>,
}

/// A named fragment.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    pub(crate) name: String,
    pub(crate) on: String,
    pub(crate) selections: Vec<Selection>,
}

/// One selection.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    Field(Field),
    Inline { on: Option<String>, directives: Vec<Directive>, selections: Vec<Selection> },
    Spread { name: String, directives: Vec<Directive> },
}

/// A field with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) alias: Option<String>,
    pub(crate) name: String,
    pub(crate) arguments: Vec<(String, Literal)>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: Vec<Selection>,
}

/// `@skip` or `@include`.
#[derive(Clone, Debug)]
pub(crate) struct Directive {
    pub(crate) name: &'static str,
    pub(crate) condition: Literal,
}

/// A value as a document writes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Boolean(bool),
    Int(i64),
    Text(String),
    Enum(String),
    Variable(String),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
}

impl Field {
    /// The key of the field in the answer.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

impl Selection {
    pub(crate) fn directives(&self) -> &[Directive] {
        match self {
            Selection::Field(field) => &field.directives,
            Selection::Inline { directives, .. } | Selection::Spread { directives, .. } => directives,
        }
    }

    pub(crate) fn directives_mut(&mut self) -> &mut Vec<Directive> {
        match self {
            Selection::Field(field) => &mut field.directives,
            Selection::Inline { directives, .. } | Selection::Spread { directives, .. } => directives,
        }
    }

    /// The selections below it.
    pub(crate) fn below(&self) -> &[Selection] {
        match self {
            Selection::Field(field) => &field.selections,
            Selection::Inline { selections, .. } => selections,
            Selection::Spread { .. } => &[],
        }
    }
}

impl Literal {
    /// The names of the variables in it.
    pub(crate) fn variables<'a>(&'a self, found: &mut BTreeSet<&'a str>) {
        match self {
            Literal::Variable(name) => {
                found.insert(name);
            }
            Literal::List(values) => values.iter().for_each(|value| value.variables(found)),
            Literal::Object(entries) => entries.iter().for_each(|(_, value)| value.variables(found)),
            _ => {}
        }
    }

    /// The value as a request's JSON has it; the literal must be free of variables.
    pub(crate) fn json(&self) -> Json {
        self.resolve(&|name| panic!("`${name}` in a constant")).unwrap_or_default()
    }

    /// The value with variables replaced, and without what no value was given for.
    pub(crate) fn resolve(&self, variable: &dyn Fn(&str) -> Option<Json>) -> Option<Json> {
        Some(match self {
            Literal::Null => Json::Null,
            Literal::Boolean(value) => Json::Bool(*value),
            Literal::Int(number) => Json::from(*number),
            Literal::Text(text) | Literal::Enum(text) => Json::from(text.as_str()),
            Literal::Variable(name) => return variable(name),
            Literal::List(values) => {
                values.iter().map(|value| value.resolve(variable).unwrap_or_default()).collect()
            }
            Literal::Object(entries) => {
                let given =
                    entries.iter().filter_map(|(name, value)| Some((name.clone(), value.resolve(variable)?)));
                Json::Object(given.collect())
            }
        })
    }
}

impl Operation {
    pub(crate) fn fragment(&self, name: &str) -> &Fragment {
        self.fragments.iter().find(|fragment| fragment.name == name).unwrap()
    }

    /// What a variable is worth: what was given, or else its default.
    pub(crate) fn value(&self, name: &str) -> Option<Json> {
        let variable = self.variables.iter().find(|variable| variable.name == name).unwrap();
        variable.given.clone().or_else(|| variable.default.as_ref().map(Literal::json))
    }

    /// A literal with this operation's variables.
    pub(crate) fn resolve(&self, literal: &Literal) -> Option<Json> {
        literal.resolve(&|name| self.value(name))
    }

    /// Whether a selection is left out by its directives.
    pub(crate) fn is_skipped(&self, selection: &Selection) -> bool {
        selection.directives().iter().any(|directive| {
            let value = self.resolve(&directive.condition) == Some(Json::Bool(true));
            value == (directive.name == "skip")
        })
    }

    /// The same document with other values of its variables.
    pub(crate) fn varied(&self, rng: &mut Random) -> Operation {
        let mut varied = self.clone();
        for variable in &mut varied.variables {
            if let Some(other) = rng.choose(&variable.others).filter(|_| rng.chance(70)) {
                variable.given = other.clone();
            }
        }
        varied
    }

    /// The same document with the values that a request gives.
    pub(crate) fn with(&self, given: &Map<String, Json>) -> Operation {
        let mut with = self.clone();
        with.variables.iter_mut().for_each(|variable| variable.given = given.get(&variable.name).cloned());
        with
    }

    /// What both executors are given.
    pub(crate) fn message(&self) -> Message {
        let used = self.used();
        let variables =
            self.variables.iter().filter(|variable| used.variables.contains(variable.name.as_str()));
        let given =
            variables.clone().filter_map(|variable| Some((variable.name.clone(), variable.given.clone()?)));
        let values =
            variables.filter_map(|variable| Some((variable.name.clone(), self.value(&variable.name)?)));
        let (given, given_or_default) = (given.collect(), values.collect());
        Message { document: self.document(), name: self.name.clone(), given, given_or_default }
    }

    /// The text of the document: what isn't used is left out, as validation demands.
    pub(super) fn document(&self) -> String {
        let used = self.used();
        let mut out = String::new();
        let variables =
            self.variables.iter().filter(|variable| used.variables.contains(variable.name.as_str()));
        let definitions: Vec<String> = variables.map(definition).collect();
        if self.name.is_some() || !definitions.is_empty() {
            let _ = write!(out, "query {}", self.name.as_deref().unwrap_or_default());
            if !definitions.is_empty() {
                let _ = write!(out, "({})", definitions.join(", "));
            }
        }
        write_set(&self.selections, 0, &mut out);
        for fragment in
            self.fragments.iter().filter(|fragment| used.fragments.contains(fragment.name.as_str()))
        {
            let _ = write!(out, "\nfragment {} on {} ", fragment.name, fragment.on);
            write_set(&fragment.selections, 0, &mut out);
        }
        if self.has_sibling && self.name.is_some() {
            out.push_str("\nquery Sibling {\n  __typename\n}");
        }
        out
    }

    fn used(&self) -> Used<'_> {
        let mut used = Used::default();
        used.selections(self, &self.selections);
        used
    }
}

/// The fragments and variables that an operation reaches.
#[derive(Default)]
struct Used<'a> {
    fragments: BTreeSet<&'a str>,
    variables: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn selections(&mut self, operation: &'a Operation, selections: &'a [Selection]) {
        for selection in selections {
            for directive in selection.directives() {
                directive.condition.variables(&mut self.variables);
            }
            match selection {
                Selection::Field(field) => {
                    field.arguments.iter().for_each(|(_, value)| value.variables(&mut self.variables));
                }
                Selection::Spread { name, .. } if self.fragments.insert(name) => {
                    self.selections(operation, &operation.fragment(name).selections);
                }
                Selection::Inline { .. } | Selection::Spread { .. } => {}
            }
            self.selections(operation, selection.below());
        }
    }
}

fn definition(variable: &Variable) -> String {
    let default = variable.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
    format!("${}: {}{default}", variable.name, variable.type_name)
}

fn write_set(selections: &[Selection], indent: usize, out: &mut String) {
    out.push_str("{\n");
    for selection in selections {
        out.push_str(&"  ".repeat(indent + 1));
        match selection {
            Selection::Field(field) => write_field(field, out),
            Selection::Inline { on, .. } => {
                out.push_str("... ");
                if let Some(on) = on {
                    let _ = write!(out, "on {on} ");
                }
            }
            Selection::Spread { name, .. } => {
                let _ = write!(out, "...{name} ");
            }
        }
        for directive in selection.directives() {
            let _ = write!(out, "@{}(if: {}) ", directive.name, directive.condition);
        }
        if selection.below().is_empty() {
            out.push('\n');
        } else {
            write_set(selection.below(), indent + 1, out);
        }
    }
    out.push_str(&"  ".repeat(indent));
    out.push_str("}\n");
}

fn write_field(field: &Field, out: &mut String) {
    if let Some(alias) = &field.alias {
        let _ = write!(out, "{alias}: ");
    }
    out.push_str(&field.name);
    if !field.arguments.is_empty() {
        let arguments: Vec<String> =
            field.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let _ = write!(out, "({})", arguments.join(", "));
    }
    out.push(' ');
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Boolean(value) => write!(f, "{value}"),
            Literal::Int(number) => write!(f, "{number}"),
            Literal::Text(text) if text.contains('\n') => write!(f, "\"\"\"{text}\"\"\""),
            // JSON's escapes are among GraphQL's.
            Literal::Text(text) => write!(f, "{}", Json::from(text.as_str())),
            Literal::Enum(name) => f.write_str(name),
            Literal::Variable(name) => write!(f, "${name}"),
            Literal::List(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", values.join(", "))
            }
            Literal::Object(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}
