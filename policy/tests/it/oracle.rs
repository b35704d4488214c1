//! Cedar, asked about every policy of every file with entities of this test's own making, answers as the tables do:
//! leaving out policies that can't apply changes nothing.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision as Answer, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use yimen_policy::{Decision, bundled_sources};
use yimen_schema::{CoordinateId, FieldDef, ShareClass};

use crate::world::{CATALOGUE, POLICIES, decide, def, name, reached, table, telling};

fn uid(kind: &str, name: &str) -> EntityUid {
    EntityUid::from_str(&format!("{kind}::\"{name}\"")).expect("codes need no escapes")
}

fn entity(kind: &str, name: &str, parents: &[EntityUid]) -> Entity {
    Entity::new_no_attrs(uid(kind, name), parents.iter().cloned().collect())
}

fn item(id: CoordinateId) -> Entity {
    let coordinate = CATALOGUE.coordinate(id);
    let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
    let kind = if matches!(def(id), FieldDef::Summary(_)) { "SUMMARY" } else { "ITEM" };
    let level = coordinate.level.as_str().strip_prefix('L').and_then(|level| level.parse().ok());
    let attributes = HashMap::from([
        ("class".to_owned(), text(coordinate.class.as_str())),
        ("level".to_owned(), RestrictedExpression::new_long(level.expect("L1 to L4"))),
        ("kind".to_owned(), text(kind)),
        ("mask".to_owned(), text(coordinate.mask.map_or("", |mask| mask.as_str()))),
    ]);
    let parents = HashSet::from([uid("Resource", &reached(id).name), uid("Section", &reached(id).section)]);
    Entity::new(uid("Item", &coordinate.name), attributes, parents).expect("attributes are literals")
}

fn world(department: &str, role: &str) -> Entities {
    let codes = POLICIES.codes();
    let caller = [uid("Department", department), uid("Role", role)];
    let mut all = vec![entity("Caller", "me", &caller)];
    all.extend(codes.roles.iter().map(|role| entity("Role", &role.code, &[uid("Role", &role.group)])));
    let purposes = codes.purposes.iter().filter(|purpose| purpose.code != purpose.group);
    all.extend(purposes.map(|purpose| entity("Purpose", &purpose.code, &[uid("Purpose", &purpose.group)])));
    let resources = CATALOGUE.resources.iter();
    all.extend(resources.map(|found| entity("Resource", &found.name, &[uid("Section", &found.section)])));
    all.extend(telling().map(item));
    Entities::from_entities(all, None).expect("codes are unique")
}

#[test]
fn the_tables_are_what_cedar_answers() {
    let owner = |file: &str| file.trim_start_matches("policy/cedar/").trim_end_matches(".cedar").to_owned();
    let parsed = |text: &str| PolicySet::from_str(text).expect("the bundled files are Cedar");
    let sources = bundled_sources();
    let sets: HashMap<String, PolicySet> =
        sources.iter().map(|source| (owner(&source.name), parsed(&source.text))).collect();
    for (department, role, purpose) in [
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "TEMPORARY_ASSISTANCE"),
        ("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("FINANCE", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
        ("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION"),
        ("VILLAGE_COMMITTEE", "WINDOW_CLERK", "MLA_REVIEW"),
        ("UNION", "ANALYST", "DATA_MATCHING"),
        ("PUBLIC", "CITIZEN", "STATISTICS"),
    ] {
        let entities = world(department, role);
        let table = table(department, role, purpose);
        let permits = |action: &str, id: CoordinateId| {
            let purpose = RestrictedExpression::new_entity_uid(uid("Purpose", purpose));
            let context = Context::from_pairs([("purpose".to_owned(), purpose)]).expect("one key");
            let item = uid("Item", name(id));
            let request = Request::new(uid("Caller", "me"), uid("Action", action), item, context, None);
            let set = &sets[&*CATALOGUE.coordinate(id).owner];
            let response = Authorizer::new().is_authorized(&request.expect("no schema"), set, &entities);
            assert_eq!(response.diagnostics().errors().count(), 0, "{}", name(id));
            response.decision() == Answer::Allow
        };
        for id in telling() {
            let coordinate = CATALOGUE.coordinate(id);
            let stays = coordinate.class == ShareClass::NotShared && *coordinate.owner != *department;
            let expected = match coordinate.mask {
                _ if stays => Decision::Deny,
                _ if permits("clear", id) => Decision::Clear,
                Some(mask) if permits("mask", id) => Decision::Mask(mask),
                _ => Decision::Deny,
            };
            assert_eq!(decide(&table, id), expected, "{} for {department} as {role}", name(id));
        }
    }
}
