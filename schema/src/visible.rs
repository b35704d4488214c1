//! The part of the public schema that one caller may use, made when it is asked for and not kept.

use std::collections::HashSet;

use apollo_compiler::schema::{ExtendedType, FieldDefinition, InputValueDefinition};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};

use crate::catalogue::{Catalogue, CoordinateId, Resource, Root, RootKind};
use crate::federation;
use crate::name::upper_snake_case;

/// How a caller sees a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Not at all.
    Hidden,
    /// Reduced, so that it can't be searched on either.
    Masked,
    /// As it stands.
    Clear,
}

/// What a caller may use.
pub trait View {
    /// A policy-bearing field.
    fn field(&self, id: CoordinateId) -> Sight;

    /// A root field that reads a resource.
    fn root(&self, root: &Root) -> bool;

    /// A root field that the gateway answers by itself, by its coordinate.
    fn own(&self, coordinate: &str) -> bool;
}

impl Catalogue {
    /// The public schema without the fields, filters, orders and roots that a caller may not use, and
    /// without the types that nothing leads to any more. Reduced fields say so.
    ///
    /// # Errors
    /// What apollo-compiler finds wrong with the result, which would be a mistake of ours.
    pub fn visible(&self, view: &dyn View) -> Result<Valid<Schema>, String> {
        let mut schema = self.public.clone().into_inner();
        for resource in &self.resources {
            hide_fields(&mut schema, resource, view);
            hide_filters(&mut schema, resource, view);
            hide_orders(&mut schema, resource, view);
        }
        self.hide_roots(&mut schema, view);
        self.hide_entities(&mut schema, view);
        while drop_empty(&mut schema) {}
        keep_reachable(&mut schema);
        schema.validate().map_err(|failed| failed.errors.to_string())
    }

    /// An entity is looked up as by its own root.
    fn hide_entities(&self, schema: &mut Schema, view: &dyn View) {
        let may = |name: &Name| {
            let is_its_own = |root: &&Root| {
                let resource = self.resource(root.resource);
                matches!(root.kind, RootKind::One { by } if by == resource.key)
                    && resource.name == name.as_str()
            };
            self.roots.values().find(is_its_own).is_some_and(|root| view.root(root))
        };
        federation::hide(schema, |name| !may(name));
    }

    fn hide_roots(&self, schema: &mut Schema, view: &dyn View) {
        for name in ["Query", "Mutation", "Subscription"] {
            let Some(ExtendedType::Object(object)) = schema.types.get_mut(name) else { continue };
            object.make_mut().fields.retain(|field, _| match self.roots.get(field.as_str()) {
                Some(root) if name == "Query" => view.root(root),
                _ => view.own(&format!("{name}.{field}")),
            });
        }
    }
}

fn hide_fields(schema: &mut Schema, resource: &Resource, view: &dyn View) {
    let Some(ExtendedType::Object(object)) = schema.types.get_mut(resource.name.as_str()) else { return };
    let object = object.make_mut();
    for field in &resource.fields {
        match view.field(field.coordinate) {
            Sight::Clear => {}
            Sight::Hidden => {
                object.fields.shift_remove(field.name.as_str());
            }
            Sight::Masked => {
                if let Some(definition) = object.fields.get_mut(field.name.as_str()) {
                    say_reduced(definition.make_mut());
                }
            }
        }
    }
}

fn say_reduced(field: &mut FieldDefinition) {
    let text = field.description.as_deref().unwrap_or_default();
    field.description = Some(Node::new_str(&format!("{text} Answered reduced (脱敏).")));
}

fn hide_filters(schema: &mut Schema, resource: &Resource, view: &dyn View) {
    let name = format!("{}Filter", resource.name);
    let Some(ExtendedType::InputObject(filter)) = schema.types.get_mut(name.as_str()) else { return };
    filter.make_mut().fields.retain(|field, _| {
        let field = resource.field(field).map(|(_, field)| field.coordinate);
        field.is_some_and(|id| view.field(id) == Sight::Clear)
    });
}

fn hide_orders(schema: &mut Schema, resource: &Resource, view: &dyn View) {
    let name = format!("{}Order", resource.name);
    let Some(ExtendedType::Enum(order)) = schema.types.get_mut(name.as_str()) else { return };
    let clear = resource.fields.iter().filter(|field| view.field(field.coordinate) == Sight::Clear);
    let clear: HashSet<String> = clear.map(|field| upper_snake_case(&field.name)).collect();
    order.make_mut().values.retain(|value, _| {
        let field = value.strip_suffix("_ASC").or_else(|| value.strip_suffix("_DESC"));
        field.is_some_and(|field| clear.contains(field))
    });
}

/// Drops types without members, and what names them. Says whether that may have emptied others.
fn drop_empty(schema: &mut Schema) -> bool {
    let empty = |ty: &ExtendedType| match ty {
        ExtendedType::Object(object) => object.fields.is_empty(),
        ExtendedType::InputObject(input) => input.fields.is_empty(),
        ExtendedType::Enum(definition) => definition.values.is_empty(),
        ExtendedType::Union(union) => union.members.is_empty(),
        ExtendedType::Scalar(_) | ExtendedType::Interface(_) => false,
    };
    let gone: HashSet<Name> =
        schema.types.iter().filter(|(_, ty)| empty(ty)).map(|(name, _)| name.clone()).collect();
    if gone.is_empty() {
        return false;
    }
    schema.types.retain(|name, _| !gone.contains(name));
    let definition = schema.schema_definition.make_mut();
    definition.mutation.take_if(|root| gone.contains(&root.name));
    definition.subscription.take_if(|root| gone.contains(&root.name));
    for ty in schema.types.values_mut() {
        let ExtendedType::Object(object) = ty else { continue };
        let object = object.make_mut();
        object.fields.retain(|_, field| !gone.contains(field.ty.inner_named_type()));
        for field in object.fields.values_mut() {
            let names_gone =
                |argument: &Node<InputValueDefinition>| gone.contains(argument.ty.inner_named_type());
            if field.arguments.iter().any(names_gone) {
                field.make_mut().arguments.retain(|argument| !names_gone(argument));
            }
        }
    }
    true
}

fn keep_reachable(schema: &mut Schema) {
    let definition = &schema.schema_definition;
    let roots = [&definition.query, &definition.mutation, &definition.subscription];
    let mut open: Vec<Name> = roots.into_iter().flatten().map(|root| root.name.clone()).collect();
    let mut seen: HashSet<Name> = open.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let Some(ty) = schema.types.get(&name) else { continue };
        open.extend(named_by(ty).into_iter().filter(|name| seen.insert(name.clone())));
    }
    schema.types.retain(|name, ty| ty.is_built_in() || seen.contains(name));
}

fn named_by(ty: &ExtendedType) -> Vec<Name> {
    let inner = |value: &InputValueDefinition| value.ty.inner_named_type().clone();
    match ty {
        ExtendedType::Object(object) => {
            let field = |field: &FieldDefinition| {
                let arguments = field.arguments.iter().map(|argument| inner(argument));
                arguments.chain([field.ty.inner_named_type().clone()]).collect::<Vec<_>>()
            };
            let interfaces = object.implements_interfaces.iter().map(|name| name.name.clone());
            object.fields.values().flat_map(|f| field(f)).chain(interfaces).collect()
        }
        ExtendedType::InputObject(input) => input.fields.values().map(|field| inner(field)).collect(),
        ExtendedType::Union(union) => union.members.iter().map(|name| name.name.clone()).collect(),
        // The schema has none; one that gets them must say here what they lead to.
        ExtendedType::Interface(_) => Vec::new(),
        ExtendedType::Scalar(_) | ExtendedType::Enum(_) => Vec::new(),
    }
}
