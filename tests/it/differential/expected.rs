//! What must be withheld, granted and read, told from the operation alone: fields are collected as
//! the specification says, and no row is looked at.

use std::collections::BTreeSet;

use serde_json::Map;
use yimen_policy::Decision;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Link, Resource, ResourceId, RootKind};

use crate::differential::arguments::Asked;
use crate::differential::operation::{Field, Operation, Selection};
use crate::differential::resolve::Asking;

/// What an operation must meet with.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Each query path that is withheld, with the coordinates of which one is named.
    pub(crate) withheld: Vec<(Vec<String>, BTreeSet<CoordinateId>)>,
    /// Coordinates that are answered, followed, compared or ordered by.
    pub(crate) granted: BTreeSet<CoordinateId>,
    /// Resources whose rows may be read at all.
    pub(crate) read: BTreeSet<ResourceId>,
    /// Whether directives leave some selections without fields, which async-graphql answers by `null`.
    pub(crate) has_empty_object: bool,
}

impl Expected {
    /// Walks an operation on behalf of a caller.
    pub(crate) fn of(catalogue: &Catalogue, asking: &Asking, operation: &Operation) -> Expected {
        let mut walk = Walk { catalogue, asking, operation, path: Vec::new(), expected: Expected::default() };
        walk.roots();
        walk.expected
    }
}

struct Walk<'a> {
    catalogue: &'a Catalogue,
    asking: &'a Asking,
    operation: &'a Operation,
    path: Vec<String>,
    expected: Expected,
}

/// The fields of one response key, whose selections are answered together.
pub(crate) struct Collected<'a> {
    pub(crate) field: &'a Field,
    pub(crate) sets: Vec<&'a [Selection]>,
}

impl<'a> Walk<'a> {
    fn roots(&mut self) {
        for collected in self.collect(&[&self.operation.selections]) {
            self.path.push(collected.field.key().to_owned());
            self.root(&collected);
            self.path.pop();
        }
    }

    fn root(&mut self, collected: &Collected<'a>) {
        let Some(root) = self.catalogue.roots.get(&collected.field.name) else {
            return self.plain(collected);
        };
        let resource = self.catalogue.resource(root.resource);
        let (refusal, by) = match root.kind {
            RootKind::One { by } | RootKind::Many { by, .. } => {
                let coordinate = resource.fields[by].coordinate;
                let may_read =
                    self.asking.may_enter(resource) && self.asking.table.lookup(coordinate).is_ok();
                ((!may_read).then_some(coordinate), Some(coordinate))
            }
            RootKind::Page { .. } => (self.asking.page_refusal(resource), None),
        };
        if let Some(coordinate) = refusal {
            return self.withhold(BTreeSet::from([coordinate]));
        }
        self.expected.granted.extend(by);
        let is_page = by.is_none();
        if is_page && !self.may_compare(resource, collected.field) {
            return;
        }
        self.expected.read.insert(root.resource);
        if is_page {
            self.page(root.resource, &collected.sets);
        } else {
            self.object(root.resource, &collected.sets);
        }
    }

    /// Connections, edges, and whatever else carries no coordinates; a row lies below `node` and `nodes`.
    fn page(&mut self, id: ResourceId, sets: &[&'a [Selection]]) {
        for collected in self.collect(sets) {
            self.path.push(collected.field.key().to_owned());
            match collected.field.name.as_str() {
                "node" | "nodes" => self.object(id, &collected.sets),
                "edges" => self.page(id, &collected.sets),
                _ => self.plain(&collected),
            }
            self.path.pop();
        }
    }

    fn plain(&mut self, collected: &Collected<'a>) {
        if collected.field.selections.is_empty() {
            return;
        }
        for below in self.collect(&collected.sets) {
            self.plain(&below);
        }
    }

    fn object(&mut self, id: ResourceId, sets: &[&'a [Selection]]) {
        for collected in self.collect(sets) {
            self.path.push(collected.field.key().to_owned());
            self.field(self.catalogue.resource(id), &collected);
            self.path.pop();
        }
    }

    fn field(&mut self, resource: &Resource, collected: &Collected<'a>) {
        let Some((_, field)) = resource.field(&collected.field.name) else { return };
        let coordinate = field.coordinate;
        match &field.def {
            FieldDef::Item(_) => {
                self.decide(coordinate);
            }
            FieldDef::Summary(summary) => {
                if self.decide(coordinate) {
                    self.expected.read.insert(summary.of);
                }
            }
            FieldDef::Link(link) => self.link(coordinate, link, collected),
        }
    }

    fn link(&mut self, coordinate: CoordinateId, link: &Link, collected: &Collected<'a>) {
        if self.asking.table.decision(coordinate) == Decision::Deny {
            return self.withhold(BTreeSet::from([coordinate]));
        }
        self.expected.granted.insert(coordinate);
        if self.may_compare(self.catalogue.resource(link.target), collected.field) {
            self.expected.read.insert(link.target);
            self.object(link.target, &collected.sets);
        }
    }

    fn decide(&mut self, coordinate: CoordinateId) -> bool {
        let is_granted = self.asking.table.decision(coordinate) != Decision::Deny;
        if is_granted {
            self.expected.granted.insert(coordinate);
        } else {
            self.withhold(BTreeSet::from([coordinate]));
        }
        is_granted
    }

    /// Whether a list's arguments name nothing but what may be compared; the field is withheld otherwise.
    fn may_compare(&mut self, resource: &Resource, field: &Field) -> bool {
        let given = |(name, value): &(String, _)| Some((name.clone(), self.operation.resolve(value)?));
        let arguments: Map<_, _> = field.arguments.iter().filter_map(given).collect();
        let named: BTreeSet<CoordinateId> = Asked::of(resource, &arguments).named.into_iter().collect();
        let is_refused = |id: &CoordinateId| self.asking.table.decision(*id) != Decision::Clear;
        let refused: BTreeSet<CoordinateId> = named.iter().copied().filter(is_refused).collect();
        if refused.is_empty() {
            self.expected.granted.extend(named);
            return true;
        }
        self.withhold(refused);
        false
    }

    fn withhold(&mut self, coordinates: BTreeSet<CoordinateId>) {
        self.expected.withheld.push((self.path.clone(), coordinates));
    }

    fn collect(&mut self, sets: &[&'a [Selection]]) -> Vec<Collected<'a>> {
        let mut collected = Vec::new();
        for set in sets {
            collect(self.operation, set, &mut collected);
            let mut alone = Vec::new();
            collect(self.operation, set, &mut alone);
            self.expected.has_empty_object |= alone.is_empty();
        }
        collected
    }
}

/// The fields of a set of selections, put to those that were found before.
pub(crate) fn collect<'a>(
    operation: &'a Operation,
    set: &'a [Selection],
    collected: &mut Vec<Collected<'a>>,
) {
    for selection in set.iter().filter(|selection| !operation.is_skipped(selection)) {
        match selection {
            Selection::Field(field) => {
                match collected.iter_mut().find(|known| known.field.key() == field.key()) {
                    Some(known) => known.sets.push(&field.selections),
                    None => collected.push(Collected { field, sets: vec![&field.selections] }),
                }
            }
            Selection::Inline { selections, .. } => collect(operation, selections, collected),
            Selection::Spread { name, .. } => {
                collect(operation, &operation.fragment(name).selections, collected)
            }
        }
    }
}
