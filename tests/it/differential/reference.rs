//! The reference: async-graphql's own executor over a dynamic schema of the same text, whose
//! resolvers look at rows in memory, one field of one row at a time.

use std::sync::{Arc, Mutex};

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, Type, Value as AstValue};
use apollo_compiler::schema::ExtendedType;
use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, Scalar, Schema,
    SchemaBuilder, TypeRef, Union,
};
use async_graphql::{Request, ValidationMode, Value};
use yimen_policy::{Decision, DecisionTable};
use yimen_schema::{CoordinateId, FieldDef, ResourceId, Root, RootKind};

use crate::differential::arguments::Asked;
use crate::differential::operation::Message;
use crate::differential::resolve::{Asking, County, arguments};
use crate::differential::value::shown;

/// A row on its way through the executor.
#[derive(Clone, Copy)]
struct RowAt {
    id: ResourceId,
    row: u32,
}

/// A page on its way through the executor.
struct PageAt {
    rows: Vec<RowAt>,
    has_next: bool,
}

/// The schema of what clients see, over these rows.
pub(crate) fn schema(county: &Arc<County>) -> Schema {
    // The gateway validates documents already; the strict rules here miss variables that only a
    // directive on `__typename` uses, and refuse the document.
    let mut builder = Schema::build("Query", None, None).validation_mode(ValidationMode::Fast);
    for (name, ty) in &county.catalogue.public.types {
        if !ty.is_built_in() {
            builder = register(builder, name, ty, county);
        }
    }
    builder.finish().unwrap()
}

/// The entries of lists that are null: response key and index. A dynamic schema of async-graphql
/// can't say that an object in a list is null, so that such entries are put in afterwards.
type Nulls = Mutex<Vec<(String, usize)>>;

/// What the reference answers.
pub(crate) async fn answer(
    schema: &Schema,
    asking: &Arc<Asking>,
    message: &Message,
) -> async_graphql::Response {
    let nulls = Arc::new(Nulls::default());
    let variables = serde_json::Value::Object(message.given_or_default.clone());
    let mut request = Request::new(&message.document)
        .variables(async_graphql::Variables::from_json(variables))
        .data(asking.clone())
        .data(nulls.clone());
    if let Some(name) = &message.name {
        request = request.operation_name(name);
    }
    let mut response = schema.execute(request).await;
    if let Value::Object(data) = &mut response.data {
        for (key, index) in nulls.lock().unwrap().iter() {
            let Some(Value::List(entries)) = data.get_mut(key.as_str()) else { panic!("`{key}` is no list") };
            entries[*index] = Value::Null;
        }
    }
    response
}

fn register(builder: SchemaBuilder, name: &str, ty: &ExtendedType, county: &Arc<County>) -> SchemaBuilder {
    match ty {
        ExtendedType::Scalar(_) => builder.register(Scalar::new(name)),
        ExtendedType::Enum(definition) => {
            let values = definition.values.keys();
            builder.register(values.fold(Enum::new(name), |all, value| all.item(value.as_str())))
        }
        ExtendedType::InputObject(definition) => {
            let fields = definition.fields.values();
            builder.register(fields.fold(InputObject::new(name), |object, field| object.field(input(field))))
        }
        ExtendedType::Object(definition) => {
            let fields = definition.fields.values();
            builder.register(
                fields.fold(Object::new(name), |object, def| object.field(field(name, def, county))),
            )
        }
        // It is there for documents to be valid; what it answers is held against roots in `federation.rs`.
        ExtendedType::Union(definition) => {
            let members = definition.members.iter();
            builder
                .register(members.fold(Union::new(name), |union, member| union.possible_type(&*member.name)))
        }
        ExtendedType::Interface(_) => panic!("`{name}` is neither object nor value"),
    }
}

fn input(definition: &InputValueDefinition) -> InputValue {
    let value = InputValue::new(definition.name.as_str(), type_ref(&definition.ty));
    match definition.default_value.as_deref() {
        None => value,
        Some(AstValue::Int(number)) => {
            value.default_value(Value::from(number.as_str().parse::<i64>().unwrap()))
        }
        Some(AstValue::Boolean(truth)) => value.default_value(Value::from(*truth)),
        Some(AstValue::Enum(name)) => {
            value.default_value(Value::Enum(async_graphql::Name::new(name.as_str())))
        }
        Some(AstValue::List(values)) if values.is_empty() => value.default_value(Value::List(Vec::new())),
        Some(other) => panic!("a default `{other}`"),
    }
}

fn type_ref(ty: &Type) -> TypeRef {
    match ty {
        Type::Named(name) => TypeRef::named(name.as_str()),
        Type::NonNullNamed(name) => TypeRef::named_nn(name.as_str()),
        Type::List(item) => TypeRef::List(Box::new(type_ref(item))),
        Type::NonNullList(item) => TypeRef::NonNull(Box::new(TypeRef::List(Box::new(type_ref(item))))),
    }
}

fn field(parent: &str, definition: &FieldDefinition, county: &Arc<County>) -> Field {
    let (county, name) = (county.clone(), definition.name.to_string());
    let parent = match parent {
        "Query" => Parent::Query,
        "Viewer" => Parent::Viewer,
        "Access" => Parent::Access,
        other if county.catalogue.resource_named(other).is_some() => Parent::Row,
        _ => Parent::Page,
    };
    let field = Field::new(definition.name.as_str(), type_ref(&definition.ty), move |context| {
        FieldFuture::Value(parent.resolve(&county, &name, &context))
    });
    definition.arguments.iter().fold(field, |field, argument| field.argument(input(argument)))
}

/// What kind of object a field stands on.
#[derive(Clone, Copy)]
enum Parent {
    Query,
    Viewer,
    Access,
    /// A connection, an edge or where a page stands.
    Page,
    Row,
}

impl Parent {
    fn resolve(
        self,
        county: &County,
        name: &str,
        context: &ResolverContext<'_>,
    ) -> Option<FieldValue<'static>> {
        let asking = context.data::<Arc<Asking>>().unwrap();
        match self {
            Parent::Query if name == "viewer" => Some(FieldValue::value("viewer")),
            Parent::Query => root(county, asking, &county.catalogue.roots[name], context),
            Parent::Viewer => viewer(county, asking, name, context),
            Parent::Access => access(county, asking, name, context.parent_value.downcast_ref().unwrap()),
            Parent::Page => page_field(name, context),
            Parent::Row => row_field(county, asking, name, context),
        }
    }
}

fn row(id: ResourceId, row: u32) -> FieldValue<'static> {
    FieldValue::owned_any(RowAt { id, row })
}

fn root(
    county: &County,
    asking: &Asking,
    root: &Root,
    context: &ResolverContext<'_>,
) -> Option<FieldValue<'static>> {
    let id = root.resource;
    let resource = county.catalogue.resource(id);
    asking.may_enter(resource).then_some(())?;
    let arguments = arguments(&context.args);
    let may_look_up = |by: usize| asking.table.lookup(resource.fields[by].coordinate).is_ok();
    match root.kind {
        RootKind::One { by } => {
            let value = arguments.values().next().filter(|_| may_look_up(by))?;
            county.one(asking, id, by, value).map(|found| row(id, found))
        }
        RootKind::Many { by, .. } => {
            let value = arguments.values().next().filter(|_| may_look_up(by))?;
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let found = values.iter().map(|value| county.one(asking, id, by, value));
            Some(entries(id, found.collect(), context))
        }
        RootKind::Page { limit } => {
            let asked = Asked::of(resource, &arguments);
            let may_list = asking.page_refusal(resource).is_none();
            (may_list && may_compare(asking, &asked)).then(|| page(county, asking, id, &asked, limit.min(50)))
        }
    }
}

/// A list of objects, some of which aren't there.
fn entries(id: ResourceId, found: Vec<Option<u32>>, context: &ResolverContext<'_>) -> FieldValue<'static> {
    let key = context.path_node.unwrap().field_name().to_owned();
    let absent = found.iter().enumerate().filter(|(_, found)| found.is_none());
    let mut nulls = context.data::<Arc<Nulls>>().unwrap().lock().unwrap();
    nulls.extend(absent.map(|(index, _)| (key.clone(), index)));
    // Any row will do where the entry is going to be null.
    FieldValue::list(found.into_iter().map(|found| row(id, found.unwrap_or_default())))
}

/// Whether rows may be compared and ordered by everything that arguments name.
fn may_compare(asking: &Asking, asked: &Asked) -> bool {
    asked.named.iter().all(|coordinate| asking.table.argument(*coordinate).is_ok())
}

fn page(
    county: &County,
    asking: &Asking,
    id: ResourceId,
    asked: &Asked,
    default: u32,
) -> FieldValue<'static> {
    let all = county.all(asking, id, asked);
    let first = asked.first.unwrap_or(u64::from(default)) as usize;
    let rows = all.iter().take(first).map(|row| RowAt { id, row: *row });
    FieldValue::owned_any(PageAt { rows: rows.collect(), has_next: all.len() > first })
}

fn page_field(name: &str, context: &ResolverContext<'_>) -> Option<FieldValue<'static>> {
    if name == "node" {
        let at: &RowAt = context.parent_value.downcast_ref().unwrap();
        return Some(row(at.id, at.row));
    }
    let page: &PageAt = context.parent_value.downcast_ref().unwrap();
    match name {
        "nodes" | "edges" => Some(FieldValue::list(page.rows.iter().map(|at| row(at.id, at.row)))),
        "pageInfo" => Some(FieldValue::owned_any(PageAt { rows: Vec::new(), has_next: page.has_next })),
        "hasNextPage" => Some(FieldValue::value(page.has_next)),
        "hasPreviousPage" => Some(FieldValue::value(false)),
        other => panic!("`{other}` is sealed and can't be compared"),
    }
}

fn row_field(
    county: &County,
    asking: &Asking,
    name: &str,
    context: &ResolverContext<'_>,
) -> Option<FieldValue<'static>> {
    let at: RowAt = *context.parent_value.downcast_ref().unwrap();
    let resource = county.catalogue.resource(at.id);
    let (index, field) = resource.field(name).unwrap();
    let mask = match asking.table.decision(field.coordinate) {
        Decision::Clear => None,
        Decision::Mask(mask) => Some(mask),
        Decision::Deny => return None,
    };
    match &field.def {
        FieldDef::Item(item) => {
            shown(&item.scalar, mask, county.rows.value(at.id, at.row, index)).map(FieldValue::value)
        }
        FieldDef::Summary(summary) => {
            let from = county.rows.value(at.id, at.row, summary.from);
            shown(&summary.scalar, mask, &county.summarised(asking, summary, from)).map(FieldValue::value)
        }
        FieldDef::Link(link) => {
            let asked = Asked::of(county.catalogue.resource(link.target), &arguments(&context.args));
            may_compare(asking, &asked).then_some(())?;
            let rows = county.linked(asking, link, county.rows.value(at.id, at.row, link.from), &asked);
            let mut rows = rows.into_iter().map(|found| row(link.target, found));
            if link.list { Some(FieldValue::list(rows)) } else { rows.next() }
        }
    }
}

fn viewer(
    county: &County,
    asking: &Asking,
    name: &str,
    context: &ResolverContext<'_>,
) -> Option<FieldValue<'static>> {
    let profile = asking.table.profile();
    match name {
        "department" => Some(FieldValue::value(profile.department.as_str())),
        "role" => Some(FieldValue::value(profile.role.as_str())),
        "purpose" => Some(FieldValue::value(profile.purpose.as_str())),
        "division" => Some(FieldValue::value(asking.caller.division.as_str())),
        _ => {
            let arguments = arguments(&context.args);
            let wanted = arguments.get("type").and_then(|name| name.as_str());
            let is_wanted = |id: &CoordinateId| {
                let name = &county.catalogue.coordinate(*id).name;
                wanted
                    .is_none_or(|wanted| name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.')))
            };
            let ids = county.catalogue.coordinate_ids().filter(is_wanted);
            Some(FieldValue::list(ids.map(FieldValue::owned_any)))
        }
    }
}

fn access(county: &County, asking: &Asking, name: &str, id: &CoordinateId) -> Option<FieldValue<'static>> {
    let table: &DecisionTable = &asking.table;
    let decision = table.decision(*id);
    match (name, decision) {
        ("coordinate", _) => Some(FieldValue::value(county.catalogue.coordinate(*id).name.as_str())),
        ("decision", Decision::Clear) => Some(FieldValue::value("CLEAR")),
        ("decision", Decision::Mask(_)) => Some(FieldValue::value("MASK")),
        ("decision", Decision::Deny) => Some(FieldValue::value("DENY")),
        ("reason", Decision::Deny) => Some(FieldValue::value(table.reason(*id).as_str())),
        ("mask", Decision::Mask(mask)) => Some(FieldValue::value(mask.as_str())),
        _ => None,
    }
}
