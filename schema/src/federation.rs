//! The gateway as a subgraph of a larger graph (Apollo Federation 2): what a router asks of it, and the
//! schema by which it is composed. Entities are the types that a root field finds by one value.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use apollo_compiler::ast::{Argument, Directive};
use apollo_compiler::schema::{Component, ExtendedType};
use apollo_compiler::{Name, Node, Schema};

use crate::catalogue::{Catalogue, ResourceId, RootKind};

/// The most representations of one request for entities.
pub const MAX_REPRESENTATIONS: usize = 1_000;

/// How the directives of composition are named; a newer composition reads an older version.
const LINK: &str =
    "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])";

/// The root fields that routers ask.
pub(crate) const FIELDS: &str = r#"  "Entities by their keys, in the order of the representations: for routers of a larger graph (Apollo Federation)."
  _entities("At most 1000, each with `__typename` and the key's field." representations: [_Any!]!): [_Entity]!
  "This schema as a subgraph, with what the caller may use of it: for composing a larger graph."
  _service: _Service!
"#;

impl Catalogue {
    /// The types that a larger graph may refer to, each with the field that identifies its rows.
    pub fn entities(&self) -> impl Iterator<Item = (ResourceId, usize)> {
        let found = self.roots.values().filter_map(|root| match root.kind {
            RootKind::One { by } if by == self.resource(root.resource).key => Some((root.resource, by)),
            _ => None,
        });
        found.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// A schema as a subgraph's, from the part of the public one that a caller may use. A type whose key
    /// the caller can't look up by has no `@key`, and nothing outside can refer to it.
    pub fn subgraph(&self, mut schema: Schema) -> String {
        let referable = entity_names(&schema);
        for (id, key) in self.entities() {
            let resource = self.resource(id);
            if !referable.contains(&resource.name) {
                continue;
            }
            if let Some(ExtendedType::Object(object)) = schema.types.get_mut(resource.name.as_str()) {
                object.make_mut().directives.push(Component::new(key_directive(&resource.fields[key].name)));
            }
        }
        if let Some(ExtendedType::Object(query)) = schema.types.get_mut("Query") {
            query.make_mut().fields.retain(|name, _| !matches!(name.as_str(), "_entities" | "_service"));
        }
        schema.types.retain(|name, _| !matches!(name.as_str(), "_Any" | "_Entity" | "_Service"));
        format!("{LINK}\n\n{schema}")
    }
}

fn entity_names(schema: &Schema) -> Vec<String> {
    match schema.types.get("_Entity") {
        Some(ExtendedType::Union(union)) => union.members.iter().map(|name| name.to_string()).collect(),
        _ => Vec::new(),
    }
}

fn key_directive(field: &str) -> Directive {
    let fields = Argument { name: apollo_compiler::name!("fields"), value: Node::new(field.into()) };
    Directive { name: apollo_compiler::name!("key"), arguments: vec![Node::new(fields)] }
}

/// The types that routers name.
pub(crate) fn types(catalogue: &Catalogue) -> String {
    let names: Vec<&str> = catalogue.entities().map(|(id, _)| catalogue.resource(id).name.as_str()).collect();
    let mut out = String::from(
        "\n\"What identifies an entity: an object of `__typename` and the key's field.\"\nscalar _Any\n",
    );
    let _ = writeln!(out, "\n\"What a larger graph may refer to.\"\nunion _Entity = {}", names.join(" | "));
    out.push_str("\n\"A subgraph.\"\ntype _Service {\n  \"Its schema.\"\n  sdl: String!\n}\n");
    out
}

/// Leaves the types in `_Entity` that a caller may look up; without any, nothing may be referred to.
pub(crate) fn hide(schema: &mut Schema, is_hidden: impl Fn(&Name) -> bool) {
    let Some(ExtendedType::Union(union)) = schema.types.get_mut("_Entity") else { return };
    let union = union.make_mut();
    union.members.retain(|name| !is_hidden(&name.name));
    if union.members.is_empty()
        && let Some(ExtendedType::Object(query)) = schema.types.get_mut("Query")
    {
        query.make_mut().fields.shift_remove("_entities");
    }
}
