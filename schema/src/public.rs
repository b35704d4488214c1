//! The schema that clients see, derived from the catalogue: arguments of lists, filters, orders,
//! Relay connections and the viewer are added; the directives of the catalogue are left out.

use std::collections::BTreeSet;
use std::fmt::Write;

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;

use crate::catalogue::*;
use crate::error::{Error, Problem};
use crate::federation;
use crate::load::Source;
use crate::name::upper_snake_case;
use crate::own::Own;
use crate::records;

/// The operators that a filter on values of each type offers: those that an index answers.
pub const FILTER_OPERATORS: &[(&str, &[&str])] = &[
    ("ID", &["eq", "in"]),
    ("String", &["eq", "in"]),
    ("DivisionCode", &["eq", "in", "within"]),
    ("Boolean", &["eq"]),
    ("Int", &["eq", "in", "gte", "lte"]),
    ("Money", &["gte", "lte"]),
    ("Decimal", &["gte", "lte"]),
    ("Date", &["eq", "gte", "lte"]),
    ("YearMonth", &["eq", "gte", "lte"]),
    ("DateTime", &["gte", "lte"]),
];

/// Enums that the catalogue is written in, and that clients have no use for.
const VOCABULARY: [&str; 4] = ["ShareClass", "Level", "Mask", "SummaryFn"];

pub(crate) fn derive(
    catalogue: &Catalogue,
    authored: &Schema,
    own: &Own,
) -> Result<(String, Valid<Schema>), Error> {
    let mut writer = Writer { catalogue, authored, out: COST.to_owned() };
    writer.scalars();
    writer.enums();
    writer.query(&own.queries);
    writer.mutation(&own.mutations);
    writer.subscription(&own.subscriptions);
    writer.out.push_str(VIEWER);
    writer.out.push_str(records::TYPES);
    if writer.has_entities() {
        writer.out.push_str(&federation::types(catalogue));
    }
    writer.out.push_str(&own.types);
    for resource in &catalogue.resources {
        writer.resource(resource);
    }
    writer.lists();
    let sdl = writer.out;
    let source = Source { name: String::from("public.graphql"), text: sdl.clone() };
    match Schema::parse_and_validate(source.text, &source.name) {
        Ok(schema) => Ok((sdl, schema)),
        Err(failed) => Err(Error { problems: collisions(&failed.errors.to_string()) }),
    }
}

/// The derived schema is invalid only where an authored name takes a derived one.
fn collisions(text: &str) -> Vec<Problem> {
    vec![Problem {
        file: String::from("public.graphql"),
        line: 0,
        coordinate: String::new(),
        message: format!("a name of the catalogue collides with a derived one: {text}"),
    }]
}

/// The directives of the GraphQL cost specification. A row of a resource weighs one, a value nothing.
const COST: &str = r#""What a field weighs beside its type, in rows."
directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

"How many rows a list has: as many as the arguments say, else as are assumed."
directive @listSize(
  assumedSize: Int
  slicingArguments: [String!]
  sizedFields: [String!]
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION

"#;

/// A page has as many rows as `first` says, in `edges` and in `nodes`.
fn page_size(limit: u32) -> String {
    format!(
        "@listSize(assumedSize: {}, slicingArguments: [\"first\"], sizedFields: [\"edges\", \"nodes\"], \
         requireOneSlicingArgument: false)",
        limit.min(PAGE)
    )
}

/// Rows of a page where `first` isn't given.
const PAGE: u32 = 50;

const VIEWER: &str = r#"
"Who asks, as the token and the request's headers say."
type Viewer {
  "The department that the token was issued to."
  department: Department!
  "The role of the person or program."
  role: String!
  "The division that the caller serves."
  division: DivisionCode!
  "The purpose that this request states."
  purpose: String!
  "What this caller may read for this purpose, coordinate by coordinate."
  access("Only coordinates of this type." type: String): [Access!]!
}

"The decision about one coordinate."
type Access {
  "The field, as `Type.field`."
  coordinate: String!
  "Whether the value is answered clear, reduced or not at all."
  decision: Decision!
  "Why the value is withheld."
  reason: DenyReason
  "How the value is reduced."
  mask: String
}

"How a field is answered."
enum Decision {
  "As it stands."
  CLEAR
  "Reduced."
  MASK
  "Withheld."
  DENY
}

"Why a field is withheld."
enum DenyReason {
  "No policy of the owner grants it to this department and role."
  NOT_GRANTED
  "A policy grants it, for another purpose."
  PURPOSE
  "The item is never shared outside its owner (不予共享)."
  NOT_SHARED
  "A grant opened it when grants could last be read; whether it still stands can't be told now."
  GRANTS_UNAVAILABLE
  "The person's consent in this case is missing."
  NO_CONSENT
  "The grant has ended."
  EXPIRED
  "The rows lie outside the caller's division."
  OUT_OF_REGION
  "The stated case doesn't need it: no open item of the case asks for its section."
  NOT_IN_CASE
  "Supervision reads of other departments within a task alone, and none is stated."
  NO_TASK
  "The stated supervision task doesn't ask for it."
  NOT_IN_TASK
}

"Where a page of a connection stands."
type PageInfo {
  "Whether rows follow."
  hasNextPage: Boolean!
  "Whether rows precede; only known to be so after a cursor was given."
  hasPreviousPage: Boolean!
  "The cursor of the first row."
  startCursor: String
  "The cursor of the last row."
  endCursor: String
}
"#;

struct Writer<'a> {
    catalogue: &'a Catalogue,
    authored: &'a Schema,
    out: String,
}

impl Writer<'_> {
    fn description(&mut self, indent: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        // A block string takes everything but its own delimiter.
        let text = text.replace("\"\"\"", "'''");
        if text.contains('\n') || text.contains('"') || text.contains('\\') {
            let _ = writeln!(self.out, "{indent}\"\"\"\n{indent}{text}\n{indent}\"\"\"");
        } else {
            let _ = writeln!(self.out, "{indent}\"{text}\"");
        }
    }

    /// A union needs a member: without an entity there is nothing that a larger graph could refer to.
    fn has_entities(&self) -> bool {
        self.catalogue.entities().next().is_some()
    }

    fn scalars(&mut self) {
        for (name, ty) in &self.authored.types {
            let ExtendedType::Scalar(scalar) = ty else { continue };
            if ty.is_built_in() {
                continue;
            }
            let text = scalar.description.as_ref().map(|d| d.to_string()).unwrap_or_default();
            self.description("", &text);
            let _ = writeln!(self.out, "scalar {name}\n");
        }
    }

    fn enums(&mut self) {
        for (name, ty) in &self.authored.types {
            let ExtendedType::Enum(definition) = ty else { continue };
            if ty.is_built_in() || VOCABULARY.contains(&name.as_str()) {
                continue;
            }
            let text = definition.description.as_ref().map(|d| d.to_string()).unwrap_or_default();
            self.description("", &text);
            let _ = writeln!(self.out, "enum {name} {{");
            for value in definition.values.values() {
                let text = value.description.as_ref().map(|d| d.to_string()).unwrap_or_default();
                self.description("  ", &text);
                let _ = writeln!(self.out, "  {}", value.value);
            }
            self.out.push_str("}\n\n");
        }
    }

    fn query(&mut self, own: &str) {
        self.out.push_str("\"What may be asked.\"\ntype Query {\n");
        self.description("  ", "Who asks, and what they may read.");
        self.out.push_str("  viewer: Viewer!\n");
        self.out.push_str(records::FIELDS);
        if self.has_entities() {
            self.out.push_str(federation::FIELDS);
        }
        self.out.push_str(own);
        let Some(query) = self.authored.get_object("Query") else { return };
        for def in query.fields.values() {
            let Some(root) = self.catalogue.roots.get(def.name.as_str()) else { continue };
            let resource = self.catalogue.resource(root.resource);
            let text = def.description.as_ref().map(|d| d.to_string()).unwrap_or_default();
            self.description("  ", &text);
            let by = |index: usize| (&resource.fields[index].name, resource.item(index).scalar.type_name());
            let line = match root.kind {
                RootKind::One { by: index } => {
                    let (name, scalar) = by(index);
                    format!("  {}({name}: {scalar}!): {}\n", root.name, resource.name)
                }
                RootKind::Many { by: index, .. } => {
                    let (name, scalar) = by(index);
                    let size = format!("@listSize(slicingArguments: [\"{name}s\"])");
                    format!("  {}({name}s: [{scalar}!]!): [{}] {size}\n", root.name, resource.name)
                }
                RootKind::Page { limit } => {
                    let arguments = page_arguments(resource, limit);
                    format!(
                        "  {}({arguments}): {}Connection {}\n",
                        root.name,
                        resource.name,
                        page_size(limit)
                    )
                }
            };
            self.out.push_str(&line);
        }
        self.out.push_str("}\n");
    }

    fn mutation(&mut self, own: &str) {
        if !own.is_empty() {
            let _ = write!(
                self.out,
                "\n\"What may be changed, by one field an operation.\"\ntype Mutation {{\n{own}}}\n"
            );
        }
    }

    fn subscription(&mut self, own: &str) {
        if !own.is_empty() {
            let _ = write!(self.out, "\n\"What may be watched.\"\ntype Subscription {{\n{own}}}\n");
        }
    }

    fn resource(&mut self, resource: &Resource) {
        let authored = self.authored.get_object(&resource.name);
        let text = authored.and_then(|t| t.description.as_ref()).map(|d| d.to_string()).unwrap_or_default();
        self.out.push('\n');
        self.description("", &text);
        let _ = writeln!(self.out, "type {} {{", resource.name);
        for field in &resource.fields {
            self.field(field);
        }
        self.out.push_str("}\n");
    }

    fn field(&mut self, field: &Field) {
        let coordinate = self.catalogue.coordinate(field.coordinate);
        let text = match &field.def {
            FieldDef::Link(_) => coordinate.description.clone(),
            FieldDef::Item(_) | FieldDef::Summary(_) => {
                format!("{} {}", coordinate.description, facts(coordinate))
            }
        };
        self.description("  ", &text);
        let line = match &field.def {
            FieldDef::Item(item) => format!("{}: {}", field.name, item.scalar.type_name()),
            // One row of its own for each row that it is asked of.
            FieldDef::Summary(summary) => {
                format!("{}: {} @cost(weight: \"1.0\")", field.name, summary.scalar.type_name())
            }
            FieldDef::Link(link) => {
                let target = self.catalogue.resource(link.target);
                if link.list {
                    let arguments = list_arguments(target, link.limit);
                    let size = format!("@listSize(assumedSize: {})", link.expect);
                    format!("{}({arguments}): [{}!] {size}", field.name, target.name)
                } else {
                    format!("{}: {}", field.name, target.name)
                }
            }
        };
        let _ = writeln!(self.out, "  {line}");
    }

    /// Connections, edges, filters and orders of every resource that some list answers.
    fn lists(&mut self) {
        let catalogue = self.catalogue;
        let pages = catalogue.roots.values().filter(|r| matches!(r.kind, RootKind::Page { .. }));
        let pages: BTreeSet<ResourceId> = pages.map(|r| r.resource).collect();
        let links = catalogue.resources.iter().flat_map(|r| &r.fields).filter_map(|f| match &f.def {
            FieldDef::Link(link) if link.list => Some(link.target),
            _ => None,
        });
        let listed: BTreeSet<ResourceId> = links.chain(pages.iter().copied()).collect();
        for id in &pages {
            self.connection(catalogue.resource(*id));
        }
        let mut filters = BTreeSet::new();
        for id in &listed {
            self.filter_and_order(catalogue.resource(*id), &mut filters);
        }
        for filter in filters {
            self.operators(&filter);
        }
    }

    fn connection(&mut self, resource: &Resource) {
        let name = &resource.name;
        let _ = write!(
            self.out,
            "\n\"A page of `{name}`.\"\ntype {name}Connection {{\n  \"The rows with their cursors.\"\n  \
             edges: [{name}Edge!]!\n  \"The rows alone.\"\n  nodes: [{name}!]!\n  \"Where the page stands.\"\n  \
             pageInfo: PageInfo!\n}}\n\n\"A row of a page.\"\ntype {name}Edge {{\n  \"The row.\"\n  node: {name}\n  \
             \"Opaque: what `after` takes.\"\n  cursor: String!\n}}\n"
        );
    }

    fn filter_and_order(&mut self, resource: &Resource, filters: &mut BTreeSet<String>) {
        if has_filter(resource) {
            let _ = writeln!(
                self.out,
                "\n\"Conditions on `{0}`, all of which a row must meet.\"\ninput {0}Filter {{",
                resource.name
            );
            for (field, item) in items(resource).filter(|(_, item)| item.filter) {
                let scalar = item.scalar.type_name();
                filters.insert(scalar.to_owned());
                let _ = writeln!(self.out, "  {}: {scalar}Filter", field.name);
            }
            self.out.push_str("}\n");
        }
        if has_order(resource) {
            let _ = writeln!(self.out, "\n\"Orders of `{0}`.\"\nenum {0}Order {{", resource.name);
            for (field, _) in items(resource).filter(|(_, item)| item.sort) {
                let name = upper_snake_case(&field.name);
                let _ = writeln!(self.out, "  {name}_ASC\n  {name}_DESC");
            }
            self.out.push_str("}\n");
        }
    }

    fn operators(&mut self, scalar: &str) {
        let known = FILTER_OPERATORS.iter().find(|(name, _)| *name == scalar);
        let operators = known.map_or(&["eq", "in"][..], |(_, operators)| operators);
        let _ = writeln!(self.out, "\n\"Conditions on one value.\"\ninput {scalar}Filter {{");
        for operator in operators {
            let (text, ty) = match *operator {
                "in" => ("Equals one of these, at most 1000.", format!("[{scalar}!]")),
                "gte" => ("At least.", scalar.to_owned()),
                "lte" => ("At most.", scalar.to_owned()),
                "within" => (
                    "Lies within this division: a town or county stands for all below it.",
                    scalar.to_owned(),
                ),
                _ => ("Equals.", scalar.to_owned()),
            };
            let _ = writeln!(self.out, "  \"{text}\"\n  {operator}: {ty}");
        }
        self.out.push_str("}\n");
    }
}

/// Owner, class, sensitivity, mask, codes and unit, as one bracket at the end of a description.
fn facts(coordinate: &Coordinate) -> String {
    let mut facts = vec![
        coordinate.owner.to_string(),
        coordinate.class.as_str().to_lowercase(),
        coordinate.level.to_string(),
    ];
    facts.extend(coordinate.mask.map(|mask| format!("mask {mask}")));
    facts.extend(coordinate.codes.clone());
    facts.extend(coordinate.unit.clone());
    facts.extend((!coordinate.refs.is_empty()).then(|| coordinate.refs.join(" ")));
    format!("[{}]", facts.join(" · "))
}

fn items(resource: &Resource) -> impl Iterator<Item = (&Field, &Item)> {
    resource.fields.iter().filter_map(|field| match &field.def {
        FieldDef::Item(item) => Some((field, item)),
        FieldDef::Link(_) | FieldDef::Summary(_) => None,
    })
}

fn has_filter(resource: &Resource) -> bool {
    items(resource).any(|(_, item)| item.filter)
}

fn has_order(resource: &Resource) -> bool {
    items(resource).any(|(_, item)| item.sort)
}

fn list_arguments(resource: &Resource, limit: u32) -> String {
    let mut arguments = vec![format!("\"At most {limit}.\" first: Int = {limit}")];
    if has_filter(resource) {
        arguments.push(format!("filter: {}Filter", resource.name));
    }
    if has_order(resource) {
        arguments.push(format!("orderBy: [{}Order!]", resource.name));
    }
    arguments.join(", ")
}

fn page_arguments(resource: &Resource, limit: u32) -> String {
    let first = format!("\"At most {limit}.\" first: Int = {}", limit.min(PAGE));
    let rest = list_arguments(resource, limit);
    let rest = rest.split_once(", ").map_or("", |(_, rest)| rest);
    let parts = [first.as_str(), "\"A cursor of an earlier page.\" after: String", rest];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
