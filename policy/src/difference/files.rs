//! Cells of the policy files: coordinates, and which rows of resources.

use yimen_schema::{CoordinateId, FieldDef};

use crate::cedar::{Asker, Policies};
use crate::codes::Purpose;
use crate::difference::{Difference, either, looked_up, ranked, scoped};
use crate::table::Profile;

/// What may be different: whose files, which roles and which purposes.
struct Changed<'a> {
    owners: Vec<&'a str>,
    roles: Vec<&'a str>,
    purposes: Vec<&'a str>,
}

impl<'a> Changed<'a> {
    fn between(old: &'a Policies, new: &'a Policies) -> Changed<'a> {
        let (before, after) = (old.codes(), new.codes());
        let owners = new.catalogue().departments.iter().map(String::as_str);
        let group = |codes: &'a crate::codes::Codes, code: &str| {
            codes.roles.iter().find(|role| role.code == code).map(|role| role.group.as_str())
        };
        let roles = either(&before.roles, &after.roles, |role| &role.code).into_iter();
        let mut purposes = either(&before.purposes, &after.purposes, |purpose| &purpose.code);
        // What no purpose speaks of is nobody's need: what is spoken of matters to all of them.
        let spoken_of = |codes: &'a crate::codes::Codes| {
            let needs = codes.purposes.iter().flat_map(|purpose| &purpose.needs);
            needs.collect::<std::collections::BTreeSet<_>>()
        };
        if spoken_of(before) == spoken_of(after) {
            // Who may state a purpose, and whether with a case, is no matter of cells.
            let decided_by =
                |purpose: Option<&'a Purpose>| purpose.map(|purpose| (&purpose.group, &purpose.needs));
            purposes.retain(|code| decided_by(before.purpose(code)) != decided_by(after.purpose(code)));
        }
        Changed {
            owners: owners.filter(|owner| !old.decides_as(new, owner)).collect(),
            roles: roles.filter(|role| group(before, role) != group(after, role)).collect(),
            purposes,
        }
    }
}

pub(super) fn differences(old: &Policies, new: &Policies) -> Vec<Difference> {
    let mut found = Vec::new();
    let changed = Changed::between(old, new);
    let (before, after) = (old.codes(), new.codes());
    for department in &new.catalogue().departments {
        for role in either(&before.roles, &after.roles, |role| &role.code) {
            let caller =
                Profile { department: department.clone(), role: role.to_owned(), purpose: String::new() };
            let mut askers = (Asker::new(old, &caller), Asker::new(new, &caller));
            for purpose in either(&before.purposes, &after.purposes, |purpose| &purpose.code) {
                let is_other = changed.roles.contains(&role) || changed.purposes.contains(&purpose);
                if !is_other && changed.owners.is_empty() {
                    continue;
                }
                let is_meant = |owner: &str| is_other || changed.owners.contains(&owner);
                askers.0.ask_for(purpose, before.purpose(purpose));
                askers.1.ask_for(purpose, after.purpose(purpose));
                compare(new, &askers, &caller.stating(purpose), is_meant, &mut found);
            }
        }
    }
    found
}

fn compare(
    new: &Policies,
    (before, after): &(Asker<'_>, Asker<'_>),
    profile: &Profile,
    is_meant: impl Fn(&str) -> bool,
    found: &mut Vec<Difference>,
) {
    let catalogue = new.catalogue();
    let mut differ = |about: &str, from: (&'static str, u8), to: (&'static str, u8)| {
        found.extend(Difference::between(profile, about, from, to));
    };
    let tells = |id: &CoordinateId| {
        let coordinate = catalogue.coordinate(*id);
        let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
        !matches!(def, FieldDef::Link(_)) && is_meant(&coordinate.owner)
    };
    for id in catalogue.coordinate_ids().filter(tells) {
        let name = &catalogue.coordinate(id).name;
        differ(name, ranked(before.decide(id)), ranked(after.decide(id)));
        let lookup = |asker: &Asker<'_>| looked_up(asker.may_look_up(id));
        differ(name, lookup(before), lookup(after));
    }
    let resources = catalogue.resource_ids().filter(|id| is_meant(&catalogue.resource(*id).owner));
    for id in resources {
        let rows = |asker: &Asker<'_>| scoped(asker.rows(id));
        differ(&catalogue.resource(id).name, rows(before), rows(after));
    }
}
