//! What Cedar knows of: callers, roles, purposes, and the catalogue by the classes in force.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use yimen_schema::{Catalogue, Coordinate, CoordinateId, FieldDef, Resource, ShareClass};

use crate::codes::{Codes, Role};

/// What a set of classes is known by: SHA-256 of all of them, or nothing where they are the catalogue's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassedName(Option<[u8; 32]>);

/// Every coordinate's class for readers of some division on some day, with the entities that policies decide by.
#[derive(Debug)]
pub struct Classed {
    classes: Vec<ShareClass>,
    name: ClassedName,
    pub(crate) entities: Entities,
}

impl Classed {
    /// The catalogue's own classes.
    pub(crate) fn own(catalogue: &Catalogue, codes: &Codes) -> Arc<Classed> {
        let classes: Vec<ShareClass> =
            catalogue.coordinates.iter().map(|coordinate| coordinate.class).collect();
        let entities = entities(catalogue, codes, &classes);
        Arc::new(Classed { classes, name: ClassedName::default(), entities })
    }

    /// Other classes in their place.
    pub(crate) fn with(
        catalogue: &Catalogue,
        codes: &Codes,
        name: ClassedName,
        classes: Vec<ShareClass>,
    ) -> Arc<Classed> {
        let entities = entities(catalogue, codes, &classes);
        Arc::new(Classed { classes, name, entities })
    }

    /// The class of a coordinate.
    pub fn class(&self, id: CoordinateId) -> ShareClass {
        self.classes[id.0 as usize]
    }

    /// What the set is known by.
    pub fn name(&self) -> ClassedName {
        self.name
    }
}

impl ClassedName {
    /// The name of classes, where they aren't the catalogue's `own`.
    pub(crate) fn of(classes: &[ShareClass], own: &[ShareClass]) -> ClassedName {
        if classes == own {
            return ClassedName(None);
        }
        let mut digest = Sha256::new();
        classes.iter().for_each(|class| digest.update([*class as u8]));
        ClassedName(Some(digest.finalize().into()))
    }
}

/// The most sets of classes that are kept: those of a province's counties seldom differ so much.
const MAX_SETS: usize = 200;

/// The most divisions with their days that are kept: those of a province's townships.
const MAX_PLACES: usize = 2_000;

/// Classes that were asked for, each set made once.
#[derive(Debug, Default)]
pub(crate) struct KeptClasses {
    places: HashMap<(String, NaiveDate), Arc<Classed>>,
    sets: HashMap<ClassedName, Arc<Classed>>,
}

impl KeptClasses {
    pub(crate) fn at(&self, division: &str, on: NaiveDate) -> Option<Arc<Classed>> {
        self.places.get(&(division.to_owned(), on)).cloned()
    }

    pub(crate) fn named(&mut self, name: ClassedName, make: impl FnOnce() -> Arc<Classed>) -> Arc<Classed> {
        if self.sets.len() >= MAX_SETS && !self.sets.contains_key(&name) {
            self.sets.clear();
        }
        self.sets.entry(name).or_insert_with(make).clone()
    }

    pub(crate) fn put(&mut self, division: &str, on: NaiveDate, classed: Arc<Classed>) {
        if self.places.len() >= MAX_PLACES {
            self.places.clear();
        }
        self.places.insert((division.to_owned(), on), classed);
    }
}

/// Callers differ in department and role only. One whose department or role isn't known belongs to nothing.
pub(crate) fn caller_uid(department: &str, role: &str) -> EntityUid {
    uid("Caller", &format!("{department} {role}"))
}

pub(crate) fn uid(type_name: &str, id: &str) -> EntityUid {
    let name = EntityTypeName::from_str(type_name).expect("type names are literals of this crate");
    EntityUid::from_type_name_and_id(name, EntityId::new(id))
}

/// Callers, roles, purposes and the catalogue as Cedar entities.
fn entities(catalogue: &Catalogue, codes: &Codes, classes: &[ShareClass]) -> Entities {
    let mut entities = Vec::new();
    let groups: HashSet<&str> = codes.roles.iter().map(|r| r.group.as_str()).collect();
    entities.extend(groups.iter().map(|group| leaf("Role", group)));
    let roles = codes.roles.iter().filter(|role| !groups.contains(role.code.as_str()));
    entities.extend(roles.map(|role| member("Role", &role.code, &role.group)));
    let groups: HashSet<&str> = codes.purposes.iter().map(|p| p.group.as_str()).collect();
    entities.extend(groups.iter().map(|group| leaf("Purpose", group)));
    let purposes = codes.purposes.iter().filter(|purpose| !groups.contains(purpose.code.as_str()));
    entities.extend(purposes.map(|purpose| member("Purpose", &purpose.code, &purpose.group)));
    entities.extend(catalogue.departments.iter().map(|code| leaf("Department", code)));
    entities.extend(catalogue.departments.iter().flat_map(|department| {
        let caller = move |role: &Role| {
            let parents = HashSet::from([uid("Department", department), uid("Role", &role.code)]);
            Entity::new_no_attrs(caller_uid(department, &role.code), parents)
        };
        codes.roles.iter().map(caller)
    }));
    let sections: HashSet<&str> = catalogue.coordinates.iter().map(|c| &*c.section).collect();
    entities.extend(sections.into_iter().map(|section| leaf("Section", section)));
    entities.extend(catalogue.resources.iter().map(|resource| {
        let parents = HashSet::from([uid("Section", &resource.section)]);
        Entity::new_no_attrs(uid("Resource", &resource.name), parents)
    }));
    let coordinates = catalogue.coordinates.iter().zip(classes);
    entities.extend(coordinates.map(|(coordinate, class)| item(catalogue, coordinate, *class)));
    Entities::from_entities(entities, None).expect("codes and coordinates are unique")
}

fn leaf(type_name: &str, id: &str) -> Entity {
    Entity::new_no_attrs(uid(type_name, id), HashSet::new())
}

fn member(type_name: &str, id: &str, group: &str) -> Entity {
    Entity::new_no_attrs(uid(type_name, id), HashSet::from([uid(type_name, group)]))
}

/// A link or a summary belongs to the resource and section of what it leads to, so that the policy
/// that speaks of those rows speaks of the way to them too.
fn item(catalogue: &Catalogue, coordinate: &Coordinate, class: ShareClass) -> Entity {
    let kind = match &catalogue.resource(coordinate.resource).fields[coordinate.field].def {
        FieldDef::Item(_) => "ITEM",
        FieldDef::Link(_) => "LINK",
        FieldDef::Summary(_) => "SUMMARY",
    };
    let reached = reached(catalogue, coordinate);
    let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
    let attributes = HashMap::from([
        (String::from("class"), text(class.as_str())),
        (String::from("level"), RestrictedExpression::new_long(coordinate.level as i64 + 1)),
        (String::from("kind"), text(kind)),
        (String::from("mask"), text(coordinate.mask.map_or("", |mask| mask.as_str()))),
    ]);
    let parents = HashSet::from([uid("Resource", &reached.name), uid("Section", &reached.section)]);
    Entity::new(uid("Item", &coordinate.name), attributes, parents).expect("attributes are literals")
}

/// What a coordinate tells something of.
pub(crate) fn reached<'a>(catalogue: &'a Catalogue, coordinate: &Coordinate) -> &'a Resource {
    let resource = catalogue.resource(coordinate.resource);
    match &resource.fields[coordinate.field].def {
        FieldDef::Item(_) => resource,
        FieldDef::Link(link) => catalogue.resource(link.target),
        FieldDef::Summary(summary) => catalogue.resource(summary.of),
    }
}
