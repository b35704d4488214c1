//! The naive reference: Cedar asked about every policy of every file, the tables beside them read as text, and
//! the grants one row at a time. None of the program's decisions is asked for anything.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context, Decision as Answer, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use yimen_policy::{GrantRow, Profile};
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Resource, ResourceId, ShareClass};

use crate::forbidden::divisions;

/// How much of a value may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told {
    Nothing,
    Reduced,
    Whole,
}

/// A grant of the hub, or a request for one that was refused.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) grant: GrantRow,
    /// `IN_FORCE`, `REVOKED`, or `REFUSED`: then it is a request and no grant.
    pub(crate) state: String,
    /// The purpose of the callers whom the row nearly or really speaks of.
    pub(crate) meant_for: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) profile: Profile,
    pub(crate) division: String,
}

/// What the policy files say, without grants, to one profile.
struct Files {
    told: Vec<Told>,
    /// What may be told if a policy or a grant lets it.
    grantable: Vec<bool>,
    everywhere: Vec<bool>,
}

/// The reference for some profiles.
pub(crate) struct Reference {
    catalogue: Arc<Catalogue>,
    files: HashMap<Profile, Files>,
    on: String,
}

const ROLES: &str = include_str!("../../../policy/roles.csv");
const PURPOSES: &str = include_str!("../../../policy/purposes.csv");
const CONSENTS: &str = include_str!("../../../policy/consents.csv");

fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn has(list: &str, name: &str) -> bool {
    list == "*" || list.split('|').any(|known| known == name)
}

impl Reference {
    /// Asks Cedar about everything, once, for each of these profiles on a day.
    pub(crate) fn new(catalogue: Arc<Catalogue>, profiles: &[Profile], on: &str) -> Reference {
        let sources = yimen_policy::bundled_sources();
        let owner = |file: &str| file.rsplit('/').next().unwrap().trim_end_matches(".cedar").to_owned();
        let sets =
            sources.iter().map(|source| (owner(&source.name), PolicySet::from_str(&source.text).unwrap()));
        let sets: HashMap<String, PolicySet> = sets.collect();
        let files =
            profiles.iter().map(|profile| (profile.clone(), files(&catalogue, &sets, profile))).collect();
        Reference { files, catalogue, on: on.to_owned() }
    }

    /// What may be told of an item or a summary, by files and grants.
    pub(crate) fn told(&self, asker: &Asker, rows: &[Row], id: CoordinateId) -> Told {
        if !self.may_be_granted(&asker.profile, id) {
            return Told::Nothing;
        }
        let by_files = self.by_files(&asker.profile, id);
        let name = format!("\"{}\"", self.catalogue.coordinate(id).name);
        let granting = rows.iter().filter(|row| {
            row.grant.items.contains(&name) && self.speaks_of(row, asker) && self.is_sound(&row.grant)
        });
        let by_grants = granting.map(|row| effect(&row.grant)).max();
        by_grants.map_or(by_files, |by_grants| by_files.max(by_grants))
    }

    /// What may be told by the files alone.
    pub(crate) fn by_files(&self, profile: &Profile, id: CoordinateId) -> Told {
        match self.may_be_granted(profile, id) {
            true => self.files[profile].told[id.0 as usize],
            false => Told::Nothing,
        }
    }

    /// Whether nothing but a policy or a grant is missing.
    pub(crate) fn may_be_granted(&self, profile: &Profile, id: CoordinateId) -> bool {
        self.files[profile].grantable[id.0 as usize]
    }

    /// Whether rows of every division may be read.
    pub(crate) fn reads_everywhere(&self, profile: &Profile, id: ResourceId) -> bool {
        self.files[profile].everywhere[id.0 as usize] || self.catalogue.resource(id).division.is_none()
    }

    fn speaks_of(&self, row: &Row, asker: &Asker) -> bool {
        let (grant, profile) = (&row.grant, &asker.profile);
        let group = lines(ROLES).find(|role| role[0] == profile.role).unwrap()[1];
        row.state == "IN_FORCE"
            && grant.department == profile.department
            && (grant.role == profile.role || grant.role == group)
            && grant.purpose == profile.purpose
            && (grant.division.is_empty() || divisions::reads(&grant.division, &asker.division, &self.on))
            && grant.valid_from <= self.on
            && self.on <= grant.valid_until
    }

    /// Whether all that a grant names is its owner's to grant; otherwise none of it is.
    fn is_sound(&self, grant: &GrantRow) -> bool {
        let names: Vec<String> = serde_json::from_str(&grant.items).unwrap();
        names.iter().all(|name| {
            let coordinate = self.catalogue.coordinate(self.catalogue.coordinate_named(name).unwrap());
            *coordinate.owner == *grant.owner
                && coordinate.class != ShareClass::NotShared
                && (grant.effect == "CLEAR" || coordinate.mask.is_some())
        })
    }
}

fn effect(grant: &GrantRow) -> Told {
    if grant.effect == "CLEAR" { Told::Whole } else { Told::Reduced }
}

/// The resource that a coordinate tells something of.
fn reached(catalogue: &Catalogue, id: CoordinateId) -> &Resource {
    match definition(catalogue, id) {
        FieldDef::Item(_) => catalogue.resource(catalogue.coordinate(id).resource),
        FieldDef::Link(link) => catalogue.resource(link.target),
        FieldDef::Summary(summary) => catalogue.resource(summary.of),
    }
}

/// What a coordinate is.
pub(crate) fn definition(catalogue: &Catalogue, id: CoordinateId) -> &FieldDef {
    let coordinate = catalogue.coordinate(id);
    &catalogue.resource(coordinate.resource).fields[coordinate.field].def
}

/// Items and summaries; links between them tell nothing.
pub(crate) fn telling(catalogue: &Catalogue) -> impl Iterator<Item = CoordinateId> + '_ {
    catalogue.coordinate_ids().filter(|id| !matches!(definition(catalogue, *id), FieldDef::Link(_)))
}

/// Whether nothing but a policy or a grant is missing: the class, the need of the purpose, and consent that can't be
/// known without a case.
fn may_be_granted(catalogue: &Catalogue, profile: &Profile, id: CoordinateId) -> bool {
    let coordinate = catalogue.coordinate(id);
    if *coordinate.owner == *profile.department {
        return true;
    }
    let reached = reached(catalogue, id);
    let needs = |row: &Vec<&str>| {
        let needs = row[7].split('|');
        needs.into_iter().any(|need| need == reached.name || *need == *reached.section)
    };
    let own = lines(PURPOSES).find(|row| row[0] == profile.purpose).unwrap();
    let is_spoken_of = lines(PURPOSES).any(|row| needs(&row));
    let is_needed = coordinate.class == ShareClass::Unconditional
        || needs(&own)
        || (!is_spoken_of && !own[7].trim().is_empty());
    // Published standards and figures are about nobody, who could consent to nothing.
    let is_public =
        *reached.section == *"PARAMETER" || (reached.subject.is_none() && reached.division.is_none());
    let needs_a_case = !is_public
        && lines(CONSENTS).any(|row| {
            has(row[0], &profile.department)
                && has(row[1], &profile.purpose)
                && has(row[2], &coordinate.section)
                && row[3] != "OPEN"
        });
    coordinate.class != ShareClass::NotShared && is_needed && !needs_a_case
}

fn files(catalogue: &Catalogue, sets: &HashMap<String, PolicySet>, profile: &Profile) -> Files {
    let entities = entities(catalogue, profile);
    let purpose = RestrictedExpression::new_entity_uid(uid("Purpose", &profile.purpose));
    let context = Context::from_pairs([("purpose".to_owned(), purpose)]).unwrap();
    let permits = |owner: &str, action: &str, resource: EntityUid| {
        let request =
            Request::new(uid("Caller", "me"), uid("Action", action), resource, context.clone(), None)
                .unwrap();
        Authorizer::new().is_authorized(&request, &sets[owner], &entities).decision() == Answer::Allow
    };
    let said = |id: CoordinateId| {
        let coordinate = catalogue.coordinate(id);
        let asked = |action| permits(&coordinate.owner, action, uid("Item", &coordinate.name));
        match coordinate.mask {
            _ if asked("clear") => Told::Whole,
            Some(_) if asked("mask") => Told::Reduced,
            _ => Told::Nothing,
        }
    };
    Files {
        told: catalogue.coordinate_ids().map(said).collect(),
        grantable: catalogue.coordinate_ids().map(|id| may_be_granted(catalogue, profile, id)).collect(),
        everywhere: catalogue
            .resources
            .iter()
            .map(|resource| permits(&resource.owner, "everywhere", uid("Resource", &resource.name)))
            .collect(),
    }
}

fn uid(kind: &str, name: &str) -> EntityUid {
    EntityUid::from_str(&format!("{kind}::\"{name}\"")).unwrap()
}

fn entity(kind: &str, name: &str, parents: &[EntityUid]) -> Entity {
    Entity::new_no_attrs(uid(kind, name), parents.iter().cloned().collect())
}

fn entities(catalogue: &Catalogue, profile: &Profile) -> Entities {
    let caller = [uid("Department", &profile.department), uid("Role", &profile.role)];
    let mut all = vec![entity("Caller", "me", &caller)];
    all.extend(lines(ROLES).map(|role| entity("Role", role[0], &[uid("Role", role[1])])));
    let purposes = lines(PURPOSES).filter(|row| row[0] != row[1]);
    all.extend(purposes.map(|row| entity("Purpose", row[0], &[uid("Purpose", row[1])])));
    let resources = catalogue.resources.iter();
    all.extend(resources.map(|of| entity("Resource", &of.name, &[uid("Section", &of.section)])));
    all.extend(catalogue.coordinate_ids().map(|id| item(catalogue, id)));
    Entities::from_entities(all, None).unwrap()
}

fn item(catalogue: &Catalogue, id: CoordinateId) -> Entity {
    let (coordinate, reached) = (catalogue.coordinate(id), reached(catalogue, id));
    let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
    let kind = match definition(catalogue, id) {
        FieldDef::Item(_) => "ITEM",
        FieldDef::Link(_) => "LINK",
        FieldDef::Summary(_) => "SUMMARY",
    };
    let level = coordinate.level.as_str().trim_start_matches('L').parse().unwrap();
    let attributes = HashMap::from([
        ("class".to_owned(), text(coordinate.class.as_str())),
        ("level".to_owned(), RestrictedExpression::new_long(level)),
        ("kind".to_owned(), text(kind)),
        ("mask".to_owned(), text(coordinate.mask.map_or("", |mask| mask.as_str()))),
    ]);
    let parents = HashSet::from([uid("Resource", &reached.name), uid("Section", &reached.section)]);
    Entity::new(uid("Item", &coordinate.name), attributes, parents).unwrap()
}
