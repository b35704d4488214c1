//! Own root fields: what the gateway answers itself, because it is no department's data item: cases,
//! sharing requests, the catalogue. Their types are written in `schema/gateway/*.graphql` as clients see
//! them; each root field is answered by a handler of the same name in the gateway.

use std::fmt::Write as _;

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, FieldDefinition};
use apollo_compiler::parser::{Parser, SourceSpan};
use include_dir::{Dir, include_dir};

use crate::error::{Error, Problem};
use crate::load::Source;

/// A root field that the gateway answers itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnField {
    /// The field's name.
    pub name: String,
    /// The type that it stands on.
    pub on: RootType,
}

/// The types at which an operation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootType {
    /// What may be asked.
    Query,
    /// What may be changed.
    Mutation,
    /// What may be watched.
    Subscription,
}

impl RootType {
    /// The type's name.
    pub fn as_str(self) -> &'static str {
        match self {
            RootType::Query => "Query",
            RootType::Mutation => "Mutation",
            RootType::Subscription => "Subscription",
        }
    }

    fn named(name: &str) -> Option<RootType> {
        [RootType::Query, RootType::Mutation, RootType::Subscription]
            .into_iter()
            .find(|root| root.as_str() == name)
    }
}

impl OwnField {
    /// `Query.case` or `Mutation.openCase`.
    pub fn coordinate(&self) -> String {
        format!("{}.{}", self.on.as_str(), self.name)
    }
}

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/gateway");

/// The files of own root fields in the order of their names.
pub(crate) fn sources() -> Vec<Source> {
    let text = |file: &include_dir::File<'_>| file.contents_utf8().unwrap_or_default().to_owned();
    let source = |file: &include_dir::File<'_>| Source {
        name: format!("schema/gateway/{}", file.path().display()),
        text: text(file),
    };
    let mut sources: Vec<Source> = FILES.files().map(source).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Own root fields, and their part of the public schema.
#[derive(Debug, Default)]
pub(crate) struct Own {
    pub(crate) fields: Vec<OwnField>,
    /// Fields of `Query`, as SDL.
    pub(crate) queries: String,
    /// Fields of `Mutation`, as SDL.
    pub(crate) mutations: String,
    /// Fields of `Subscription`, as SDL.
    pub(crate) subscriptions: String,
    /// Everything else, as SDL.
    pub(crate) types: String,
    problems: Vec<Problem>,
}

/// Reads own root fields.
///
/// # Errors
/// A file that isn't GraphQL, a root field that isn't nullable (a refusal is answered by `null`), and a
/// field of an own type with arguments, which no handler would see.
pub(crate) fn read(sources: &[Source]) -> Result<Own, Error> {
    let mut own = Own::default();
    for source in sources {
        match Parser::new().parse_ast(source.text.clone(), &source.name) {
            Ok(document) => own.document(source, &document),
            Err(failed) => own.problems.extend(failed.errors.iter().map(|diagnostic| Problem {
                file: source.name.clone(),
                line: 0,
                coordinate: String::new(),
                message: diagnostic.error.to_string(),
            })),
        }
    }
    match own.problems.is_empty() {
        true => Ok(own),
        false => Err(Error { problems: own.problems }),
    }
}

impl Own {
    fn document(&mut self, source: &Source, document: &Document) {
        for definition in &document.definitions {
            if let Definition::ObjectTypeExtension(extension) = definition
                && let Some(on) = RootType::named(&extension.name)
            {
                self.roots(source, document, &extension.fields, on);
                continue;
            }
            if let Definition::ObjectTypeDefinition(object) = definition {
                self.without_arguments(source, document, &object.name, &object.fields);
            }
            let _ = write!(self.types, "\n{}\n", written(source, definition.location()));
        }
    }

    fn roots(
        &mut self,
        source: &Source,
        document: &Document,
        fields: &[Node<FieldDefinition>],
        on: RootType,
    ) {
        for field in fields {
            let own = OwnField { name: field.name.to_string(), on };
            if field.ty.is_non_null() {
                let message = "a root field must be nullable: a refusal is answered by `null`";
                self.problem(source, document, field.location(), own.coordinate(), message);
            }
            let sdl = match on {
                RootType::Query => &mut self.queries,
                RootType::Mutation => &mut self.mutations,
                RootType::Subscription => &mut self.subscriptions,
            };
            let _ = writeln!(sdl, "  {}", written(source, field.location()));
            self.fields.push(own);
        }
    }

    fn without_arguments(
        &mut self,
        source: &Source,
        document: &Document,
        of: &str,
        fields: &[Node<FieldDefinition>],
    ) {
        for field in fields.iter().filter(|field| !field.arguments.is_empty()) {
            let message = "only root fields take arguments: no handler would see these";
            self.problem(source, document, field.location(), format!("{of}.{}", field.name), message);
        }
    }

    fn problem(
        &mut self,
        source: &Source,
        document: &Document,
        span: Option<SourceSpan>,
        coordinate: String,
        message: &str,
    ) {
        let line = span.and_then(|span| span.line_column(&document.sources)).map_or(0, |at| at.line);
        self.problems.push(Problem {
            file: source.name.clone(),
            line,
            coordinate,
            message: message.to_owned(),
        });
    }
}

/// The text of a definition as its file has it.
fn written(source: &Source, span: Option<SourceSpan>) -> &str {
    let text = span.and_then(|span| source.text.get(span.offset()..span.end_offset()));
    text.map(str::trim).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Own, Error> {
        read(&[Source { name: String::from("own.graphql"), text: text.to_owned() }])
    }

    #[test]
    fn root_fields_and_types_are_told_apart() {
        let own = read_text(
            "extend type Query {\n  \"One.\"\n  one(of: Int): One\n}\n\
             extend type Mutation { make(input: New!): One }\n\
             \"A thing.\"\ntype One { name: String }\ninput New { name: String! }",
        );
        let own = own.unwrap();
        let names: Vec<String> = own.fields.iter().map(OwnField::coordinate).collect();
        assert_eq!(names, ["Query.one", "Mutation.make"]);
        assert_eq!(own.queries, "  \"One.\"\n  one(of: Int): One\n");
        assert_eq!(own.mutations, "  make(input: New!): One\n");
        assert!(own.types.contains("\"A thing.\"\ntype One") && own.types.contains("input New"));
    }

    #[test]
    fn what_could_not_be_answered_is_refused_with_its_line() {
        let refused =
            read_text("extend type Query {\n  one: One!\n}\ntype One {\n  name(of: Int): String\n}");
        let problems = refused.unwrap_err().problems;
        let told: Vec<(usize, &str)> =
            problems.iter().map(|problem| (problem.line, problem.coordinate.as_str())).collect();
        assert_eq!(told, [(2, "Query.one"), (5, "One.name")]);
        assert!(read_text("extend type Query {").is_err());
    }
}
