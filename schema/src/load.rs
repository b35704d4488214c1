//! SDL files to [`Catalogue`]: parse and validate as GraphQL, then check what only a catalogue asks.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::schema::{Component, ExtendedType, ObjectType};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Node, Schema};

use crate::args::Args;
use crate::catalogue::*;
use crate::error::{Error, Problem};
use crate::name::snake_case;
use crate::own;
use crate::public;

/// One SDL file.
#[derive(Clone, Debug)]
pub struct Source {
    /// How messages name the file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Loads the catalogue from SDL files.
///
/// # Errors
/// All problems at once, each with file, line and coordinate: SDL that isn't valid GraphQL, an
/// unknown directive, a type without owner, an item without class or level, a non-null
/// policy-bearing field, a link whose ends are missing or of different types, a name collision.
pub fn load(sources: &[Source]) -> Result<Catalogue, Error> {
    let schema = parse(sources)?;
    let mut loader = Loader::new(&schema);
    let catalogue = loader.catalogue();
    if !loader.problems.is_empty() {
        loader.problems.sort();
        return Err(Error { problems: loader.problems });
    }
    let own_sources = own::sources();
    let own = own::read(&own_sources)?;
    let (public_sdl, public) = public::derive(&catalogue, &schema, &own)?;
    let all: Vec<&Source> = sources.iter().chain(&own_sources).collect();
    Ok(Catalogue { public_sdl, public, own: own.fields, version: version(all), ..catalogue })
}

fn parse(sources: &[Source]) -> Result<Valid<Schema>, Error> {
    let mut builder = Schema::builder();
    for source in sources {
        builder = builder.parse(source.text.clone(), &source.name);
    }
    let schema = builder.build().map_err(|failed| problems_of(&failed.errors))?;
    schema.validate().map_err(|failed| problems_of(&failed.errors))
}

fn problems_of(diagnostics: &DiagnosticList) -> Error {
    let mut problems: Vec<Problem> = diagnostics
        .iter()
        .map(|diagnostic| {
            let (file, line) = place(diagnostic.error.location(), diagnostic.sources);
            Problem { file, line, coordinate: String::new(), message: diagnostic.error.to_string() }
        })
        .collect();
    problems.sort();
    Error { problems }
}

fn place(span: Option<SourceSpan>, sources: &SourceMap) -> (String, usize) {
    let Some(span) = span else { return (String::from("schema"), 0) };
    let file = sources.get(&span.file_id()).map(|f| f.path().display().to_string());
    let line = span.line_column(sources).map_or(0, |at| at.line);
    (file.unwrap_or_default(), line)
}

/// A digest that names exactly these files, whatever the order in which they were read.
fn version(mut texts: Vec<&Source>) -> String {
    use sha2::{Digest, Sha256};
    texts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut digest = Sha256::new();
    for source in texts {
        digest.update((source.name.len() as u64).to_be_bytes());
        digest.update(&source.name);
        digest.update((source.text.len() as u64).to_be_bytes());
        digest.update(&source.text);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A resource's type with its place in the catalogue, before its fields are read.
struct Outline<'a> {
    ty: &'a Node<ObjectType>,
    /// Field name to index and type: links look up their far end here.
    fields: HashMap<&'a str, (usize, &'a Component<FieldDefinition>)>,
    owner: Arc<str>,
    section: Arc<str>,
}

struct Loader<'a> {
    schema: &'a Valid<Schema>,
    outlines: BTreeMap<&'a str, Outline<'a>>,
    coordinates: Vec<Coordinate>,
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn new(schema: &'a Valid<Schema>) -> Self {
        Loader { schema, outlines: BTreeMap::new(), coordinates: Vec::new(), problems: Vec::new() }
    }

    fn catalogue(&mut self) -> Catalogue {
        self.outline();
        let names: Vec<&'a str> = self.outlines.keys().copied().collect();
        let resources: Vec<Resource> = names.iter().map(|name| self.resource(name)).collect();
        self.tables_are_used_once(&resources);
        let roots = self.roots(&resources);
        Catalogue {
            by_name: index(names.iter().map(|name| (*name).to_owned()), ResourceId),
            by_coordinate: index(self.coordinates.iter().map(|c| c.name.clone()), CoordinateId),
            coordinates: std::mem::take(&mut self.coordinates),
            departments: self.enum_values("Department"),
            resources,
            roots,
            // Replaced by what is derived from this very catalogue.
            public: Valid::assume_valid(Schema::new()),
            public_sdl: String::new(),
            own: Vec::new(),
            version: String::new(),
        }
    }

    fn enum_values(&self, name: &str) -> Vec<String> {
        let values = self.schema.get_enum(name).map(|e| e.values.keys().map(|v| v.to_string()));
        values.map(Iterator::collect).unwrap_or_default()
    }

    /// Finds every object type but `Query` and reads its `@resource`.
    fn outline(&mut self) {
        for (name, ty) in &self.schema.types {
            let ExtendedType::Object(object) = ty else { continue };
            if ty.is_built_in() || name == "Query" {
                continue;
            }
            let Some(directive) = object.directives.get("resource") else {
                self.problem(
                    object.location(),
                    name,
                    "a type of the catalogue needs `@resource` with its owner",
                );
                continue;
            };
            let args = Args::new(directive, self.schema);
            let (owner, section) = (args.text("owner").into(), args.text("section").into());
            let fields = object.fields.iter().enumerate();
            let fields = fields.map(|(at, (name, def))| (name.as_str(), (at, def))).collect();
            self.outlines.insert(name.as_str(), Outline { ty: object, fields, owner, section });
        }
    }

    fn resource(&mut self, name: &str) -> Resource {
        let ty = self.outlines[name].ty;
        let fields: Vec<Field> = ty.fields.values().map(|def| self.field(name, def)).collect();
        let directive = ty.directives.get("resource").map(|d| Args::new(d, self.schema));
        let Some(args) = directive else { unreachable!("outlined types have `@resource`") };
        let outline = &self.outlines[name];
        let (owner, section) = (outline.owner.clone(), outline.section.clone());
        let by_field = fields.iter().enumerate().map(|(at, f)| (f.name.clone(), at)).collect();
        let mut resource = Resource {
            name: name.to_owned(),
            owner,
            section,
            table: args.text("table"),
            key: 0,
            subject: None,
            division: None,
            lived_until: None,
            as_of: None,
            order: Vec::new(),
            fields,
            by_field,
        };
        resource.key = self.named_item(&resource, "key", Some(args.text("key"))).unwrap_or(0);
        resource.subject = self.named_item(&resource, "subject", args.optional_text("subject"));
        resource.division = self.named_item(&resource, "division", args.optional_text("division"));
        resource.lived_until = self.named_item(&resource, "livedUntil", args.optional_text("livedUntil"));
        resource.as_of = self.named_item(&resource, "asOf", Some(args.text("asOf")));
        resource.order = self.order(&resource, &args.texts("order"));
        self.resource_is_sound(&resource);
        resource
    }

    /// The index of an item that `@resource` names.
    fn named_item(&mut self, resource: &Resource, argument: &str, item: Option<String>) -> Option<usize> {
        let item = item?;
        match resource.field(&item) {
            Some((index, Field { def: FieldDef::Item(_), .. })) => Some(index),
            _ => {
                let message =
                    format!("`@resource({argument}:)` names `{item}`, which is no item of this type");
                self.problem(self.location_of(&resource.name), &resource.name, message);
                None
            }
        }
    }

    fn order(&mut self, resource: &Resource, terms: &[String]) -> Vec<OrderTerm> {
        let mut order = Vec::new();
        for term in terms {
            let (name, direction) = match term.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (term.as_str(), Direction::Ascending),
            };
            if let Some(field) = self.named_item(resource, "order", Some(name.to_owned())) {
                order.push(OrderTerm { field, direction });
            }
        }
        order
    }

    fn resource_is_sound(&mut self, resource: &Resource) {
        let at = self.location_of(&resource.name);
        for (what, name) in [("table", &resource.table)] {
            if !is_identifier(name) {
                let message =
                    format!("`@resource({what}:)` must be lower-case letters, digits and `_`, not `{name}`");
                self.problem(at, &resource.name, message);
            }
        }
        let scalar_of = |index: Option<usize>| match index.map(|i| &resource.fields[i].def) {
            Some(FieldDef::Item(item)) => Some(item.scalar.clone()),
            _ => None,
        };
        if resource.subject.is_some() && scalar_of(resource.subject) != Some(Scalar::CitizenId) {
            self.problem(at, &resource.name, "`@resource(subject:)` must name an item of type `CitizenId`");
        }
        if resource.division.is_some() && scalar_of(resource.division) != Some(Scalar::Division) {
            self.problem(
                at,
                &resource.name,
                "`@resource(division:)` must name an item of type `DivisionCode`",
            );
        }
        let is_place = resource.subject.is_some() && scalar_of(resource.lived_until) == Some(Scalar::Date);
        if resource.lived_until.is_some() && !is_place {
            let message = "`@resource(livedUntil:)` must name an item of type `Date` of rows about a person";
            self.problem(at, &resource.name, message);
        }
        if resource.subject.is_some() && resource.division.is_none() {
            let message = "rows about a person need `@resource(division:)`, or no row scope could hold them";
            self.problem(at, &resource.name, message);
        }
    }

    fn field(&mut self, type_name: &str, def: &Component<FieldDefinition>) -> Field {
        let coordinate = format!("{type_name}.{}", def.name);
        if def.ty.is_non_null() {
            let message = "a policy-bearing field must be nullable: what is withheld is answered by `null`";
            self.problem(def.location(), &coordinate, message);
        }
        if !def.arguments.is_empty() {
            self.problem(
                def.location(),
                &coordinate,
                "arguments of catalogue fields are derived, not written",
            );
        }
        let id = CoordinateId(self.coordinates.len() as u32);
        let directives: Vec<&str> =
            ["item", "link", "summary"].into_iter().filter(|name| def.directives.has(name)).collect();
        let kind = match directives.as_slice() {
            [one] => one,
            _ => {
                let message = "a field needs exactly one of `@item(class:, level:)`, `@link` and `@summary`";
                self.problem(def.location(), &coordinate, message);
                "item"
            }
        };
        let index = self.outlines[type_name].fields[def.name.as_str()].0;
        let def_of = match kind {
            "link" => self.link(type_name, def, &coordinate),
            "summary" => self.summary(type_name, def, &coordinate),
            _ => self.item(def, &coordinate),
        };
        self.register(type_name, index, def, coordinate, &def_of);
        Field { name: def.name.to_string(), coordinate: id, def: def_of }
    }

    fn item(&mut self, def: &Component<FieldDefinition>, coordinate: &str) -> FieldDef {
        let scalar = self.scalar(&def.ty, def, coordinate);
        let args = def.directives.get("item").map(|d| Args::new(d, self.schema));
        let mask = args.as_ref().and_then(|a| Mask::from_sdl(&a.text("mask")));
        let column = args.as_ref().and_then(|a| a.optional_text("column"));
        let item = Item {
            column: column.unwrap_or_else(|| snake_case(&def.name)),
            filter: args.as_ref().is_some_and(|a| a.flag("filter")),
            sort: args.as_ref().is_some_and(|a| a.flag("sort")),
            scalar,
            mask,
        };
        if let Some(mask) = mask.filter(|mask| !mask.fits(&item.scalar)) {
            let message = format!("mask `{mask}` doesn't fit values of type `{}`", item.scalar.type_name());
            self.problem(def.location(), coordinate, message);
        }
        if !is_identifier(&item.column) {
            let message = format!("column `{}` must be lower-case letters, digits and `_`", item.column);
            self.problem(def.location(), coordinate, message);
        }
        FieldDef::Item(item)
    }

    fn link(&mut self, type_name: &str, def: &Component<FieldDefinition>, coordinate: &str) -> FieldDef {
        let Some(args) = def.directives.get("link").map(|d| Args::new(d, self.schema)) else {
            unreachable!("a link has `@link`")
        };
        let target = def.ty.inner_named_type().as_str();
        let (from, to) = self.ends(type_name, target, &args, def, coordinate);
        let (limit, expect) = (args.number("limit"), args.number("expect"));
        if limit == 0 || limit > MAX_LINK_LIMIT {
            let message = format!("`@link(limit:)` must be from 1 to {MAX_LINK_LIMIT}");
            self.problem(def.location(), coordinate, message);
        }
        let target = self.resource_id(target).unwrap_or(ResourceId(0));
        FieldDef::Link(Link {
            target,
            from,
            to,
            list: def.ty.is_list(),
            limit,
            expect: expect.clamp(1, limit.max(1)),
        })
    }

    fn summary(&mut self, type_name: &str, def: &Component<FieldDefinition>, coordinate: &str) -> FieldDef {
        let Some(args) = def.directives.get("summary").map(|d| Args::new(d, self.schema)) else {
            unreachable!("a summary has `@summary`")
        };
        let of = args.text("of");
        let (from, to) = self.ends(type_name, &of, &args, def, coordinate);
        let function = SummaryFn::from_sdl(&args.text("fn")).unwrap_or(SummaryFn::Exists);
        let item = args.optional_text("item").and_then(|name| self.item_of(&of, &name, def, coordinate));
        if matches!(function, SummaryFn::Sum | SummaryFn::Max) != item.is_some() {
            let message = "`item` goes with SUM and MAX, and with neither EXISTS nor COUNT";
            self.problem(def.location(), coordinate, message);
        }
        let conditions = self.conditions(&of, &args.texts("where"), def, coordinate);
        let scalar = self.scalar(&def.ty, def, coordinate);
        let of = self.resource_id(&of).unwrap_or(ResourceId(0));
        FieldDef::Summary(Summary { of, from, to, function, item, conditions, scalar })
    }

    fn conditions(
        &mut self,
        of: &str,
        texts: &[String],
        def: &Component<FieldDefinition>,
        coordinate: &str,
    ) -> Vec<(usize, String)> {
        let mut conditions = Vec::new();
        for text in texts {
            let Some((item, value)) = text.split_once('=') else {
                self.problem(def.location(), coordinate, format!("condition `{text}` must be `item=value`"));
                continue;
            };
            if let Some(index) = self.item_of(of, item, def, coordinate) {
                conditions.push((index, value.to_owned()));
            }
        }
        conditions
    }

    /// The indexes of both ends of a link or a summary, whose types must be equal.
    fn ends(
        &mut self,
        near: &str,
        far: &str,
        args: &Args<'_>,
        def: &Component<FieldDefinition>,
        coordinate: &str,
    ) -> (usize, usize) {
        let (from, to) = (args.text("from"), args.text("to"));
        let near_end = self.item_of(near, &from, def, coordinate);
        let far_end = self.item_of(far, &to, def, coordinate);
        let (Some(near_end), Some(far_end)) = (near_end, far_end) else { return (0, 0) };
        let type_of = |ty: &str, field: &str| self.outlines[ty].fields[field].1.ty.inner_named_type().clone();
        let (near_type, far_type) = (type_of(near, &from), type_of(far, &to));
        if near_type != far_type {
            let message = format!(
                "`{near}.{from}` is `{near_type}` and `{far}.{to}` is `{far_type}`: the ends must have one type"
            );
            self.problem(def.location(), coordinate, message);
        }
        (near_end, far_end)
    }

    fn item_of(
        &mut self,
        type_name: &str,
        field: &str,
        def: &Component<FieldDefinition>,
        coordinate: &str,
    ) -> Option<usize> {
        let found = self.outlines.get(type_name).and_then(|outline| outline.fields.get(field));
        match found {
            Some((index, far)) if far.directives.has("item") => Some(*index),
            _ => {
                let message = format!("`{type_name}.{field}` is no item of the catalogue");
                self.problem(def.location(), coordinate, message);
                None
            }
        }
    }

    fn scalar(&mut self, ty: &Type, def: &Component<FieldDefinition>, coordinate: &str) -> Scalar {
        let name = ty.inner_named_type();
        let scalar = match name.as_str() {
            "CitizenId" => Scalar::CitizenId,
            "DivisionCode" => Scalar::Division,
            "ID" => Scalar::Id,
            "String" => Scalar::String,
            "Int" => Scalar::Int,
            "Boolean" => Scalar::Boolean,
            "Money" => Scalar::Money,
            "Decimal" => Scalar::Decimal,
            "Date" => Scalar::Date,
            "YearMonth" => Scalar::YearMonth,
            "DateTime" => Scalar::DateTime,
            other if self.schema.get_enum(other).is_some() => Scalar::Enum(other.to_owned()),
            other => {
                let message =
                    format!("`{other}` is no type of an item; a way to another resource needs `@link`");
                self.problem(def.location(), coordinate, message);
                Scalar::String
            }
        };
        if ty.is_list() {
            self.problem(def.location(), coordinate, "an item is one value, not a list");
        }
        scalar
    }

    fn register(
        &mut self,
        type_name: &str,
        field: usize,
        def: &Component<FieldDefinition>,
        name: String,
        field_def: &FieldDef,
    ) {
        let directive = ["item", "summary"].iter().find_map(|d| def.directives.get(d));
        let args = directive.map(|d| Args::new(d, self.schema));
        let text = |name: &str| args.as_ref().and_then(|a| a.optional_text(name));
        let reached = match field_def {
            FieldDef::Item(_) => type_name.to_owned(),
            FieldDef::Link(_) => def.ty.inner_named_type().to_string(),
            FieldDef::Summary(_) => text("of").unwrap_or_default(),
        };
        let reached = self.outlines.get(reached.as_str()).unwrap_or(&self.outlines[type_name]);
        let coordinate = Coordinate {
            name,
            resource: self.resource_id(type_name).unwrap_or(ResourceId(0)),
            field,
            owner: reached.owner.clone(),
            section: reached.section.clone(),
            class: text("class").and_then(|c| ShareClass::from_sdl(&c)).unwrap_or(ShareClass::Conditional),
            level: text("level").and_then(|l| Level::from_sdl(&l)).unwrap_or(Level::L1),
            mask: match field_def {
                FieldDef::Item(item) => item.mask,
                FieldDef::Link(_) | FieldDef::Summary(_) => None,
            },
            description: def.description.as_ref().map(|d| d.to_string()).unwrap_or_default(),
            codes: text("codes"),
            unit: text("unit"),
            refs: args.as_ref().map(|a| a.texts("ref")).unwrap_or_default(),
        };
        if coordinate.description.is_empty() {
            let message = "a data item needs a description with the Chinese term";
            self.problem(def.location(), &coordinate.name, message);
        }
        self.coordinates.push(coordinate);
    }

    fn roots(&mut self, resources: &[Resource]) -> HashMap<String, Root> {
        let mut roots = HashMap::new();
        let Some(query) = self.schema.get_object("Query") else { return roots };
        for (name, def) in &query.fields {
            if let Some(root) = self.root(def, resources) {
                roots.insert(name.to_string(), root);
            }
        }
        roots
    }

    fn root(&mut self, def: &Component<FieldDefinition>, resources: &[Resource]) -> Option<Root> {
        let coordinate = format!("Query.{}", def.name);
        let Some(id) = self.resource_id(def.ty.inner_named_type()) else {
            self.problem(def.location(), &coordinate, "a root field of the catalogue reads a resource");
            return None;
        };
        let resource = &resources[id.0 as usize];
        let applied = |name: &str| def.directives.get(name).map(|d| Args::new(d, self.schema));
        let by = |args: &Args<'_>| resource.field(&args.text("by")).map(|(index, _)| index);
        let kind = match (applied("one"), applied("many"), applied("page")) {
            (Some(args), None, None) => by(&args).map(|by| RootKind::One { by }),
            (None, Some(args), None) => {
                by(&args).map(|by| RootKind::Many { by, limit: args.number("limit") })
            }
            (None, None, Some(args)) => Some(RootKind::Page { limit: args.number("limit") }),
            _ => None,
        };
        let Some(kind) = kind else {
            let message =
                "a root field needs exactly one of `@one(by:)`, `@many(by:)` and `@page`, naming an item";
            self.problem(def.location(), &coordinate, message);
            return None;
        };
        Some(Root { name: def.name.to_string(), resource: id, kind })
    }

    fn tables_are_used_once(&mut self, resources: &[Resource]) {
        let mut seen: HashMap<(&str, &str), &str> = HashMap::new();
        for resource in resources {
            let place = (&*resource.owner, resource.table.as_str());
            if let Some(other) = seen.insert(place, &resource.name) {
                let message =
                    format!("table `{}` of `{}` is also that of `{other}`", resource.table, resource.owner);
                self.problem(self.location_of(&resource.name), &resource.name, message);
            }
        }
    }

    fn resource_id(&self, name: &str) -> Option<ResourceId> {
        self.outlines.keys().position(|key| *key == name).map(|at| ResourceId(at as u32))
    }

    fn location_of(&self, type_name: &str) -> Option<SourceSpan> {
        self.outlines[type_name].ty.location()
    }

    fn problem(&mut self, span: Option<SourceSpan>, coordinate: &str, message: impl Into<String>) {
        let (file, line) = place(span, &self.schema.sources);
        self.problems.push(Problem {
            file,
            line,
            coordinate: coordinate.to_owned(),
            message: message.into(),
        });
    }
}

/// A list link answers at most this many rows for one parent: more is a page of its own.
const MAX_LINK_LIMIT: u32 = 1_000;

/// Table and column names are written into SQL between quotes: nothing but these characters.
fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 63
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn index<Id>(names: impl Iterator<Item = String>, id: impl Fn(u32) -> Id) -> HashMap<String, Id> {
    names.enumerate().map(|(at, name)| (name, id(at as u32))).collect()
}
