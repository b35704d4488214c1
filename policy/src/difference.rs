//! What two versions of the policies decide differently, cell by cell.

use std::sync::Arc;

use yimen_schema::{CoordinateId, FieldDef, Mask};

use crate::cedar::{Asker, Policies};
use crate::permit::RowScope;
use crate::table::{Decision, Profile};

/// A cell that two versions of the policies decide differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// For whom.
    pub profile: Profile,
    /// About what: a coordinate, or a resource where it is about rows.
    pub about: String,
    /// What the old policies say: `DENY`, `MASK`, `PSEUDONYM` or `CLEAR`; `NO_LOOKUP` or `LOOKUP`; `OWN_DIVISION` or
    /// `EVERYWHERE`.
    pub from: &'static str,
    /// What the new ones say.
    pub to: &'static str,
    /// Whether the new ones open more.
    pub widens: bool,
}

/// The cells that differ between two versions over one catalogue. Links aren't among them: they are open where
/// something behind them is. Only owners whose files differ are asked, all of them about purposes that changed.
pub fn differences(old: &Arc<Policies>, new: &Arc<Policies>) -> Vec<Difference> {
    let mut found = Vec::new();
    let owners: Vec<&String> = new.catalogue().departments.iter().collect();
    let changed: Vec<&str> =
        owners.iter().filter(|owner| !old.decides_as(new, owner)).map(|owner| owner.as_str()).collect();
    for department in &new.catalogue().departments {
        for role in &new.codes().roles {
            let caller =
                Profile { department: department.clone(), role: role.code.clone(), purpose: String::new() };
            let mut askers = (Asker::new(old, &caller), Asker::new(new, &caller));
            for purpose in &new.codes().purposes {
                let before = old.codes().purpose(&purpose.code);
                let is_other = before != Some(purpose);
                if !is_other && changed.is_empty() {
                    continue;
                }
                let is_meant = |owner: &str| is_other || changed.contains(&owner);
                askers.0.ask_for(&purpose.code, before);
                askers.1.ask_for(&purpose.code, Some(purpose));
                compare(new, &askers, &caller.stating(&purpose.code), is_meant, &mut found);
            }
        }
    }
    found.sort();
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
        if from != to {
            // Neither of a mask and a pseudonym is less than the other: whoever changes one for the other says so.
            let widens = to.1 > from.1 || (to.1 == from.1 && to.0 != from.0);
            let (profile, about) = (profile.clone(), about.to_owned());
            found.push(Difference { profile, about, from: from.0, to: to.0, widens });
        }
    };
    let tells = |id: &CoordinateId| {
        let coordinate = catalogue.coordinate(*id);
        let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
        !matches!(def, FieldDef::Link(_)) && is_meant(&coordinate.owner)
    };
    for id in catalogue.coordinate_ids().filter(tells) {
        let name = &catalogue.coordinate(id).name;
        differ(name, ranked(before.decide(id)), ranked(after.decide(id)));
        let lookup = |asker: &Asker<'_>| match asker.may_look_up(id) {
            true => ("LOOKUP", 1),
            false => ("NO_LOOKUP", 0),
        };
        differ(name, lookup(before), lookup(after));
    }
    let resources = catalogue.resource_ids().filter(|id| is_meant(&catalogue.resource(*id).owner));
    for id in resources {
        let rows = |asker: &Asker<'_>| match asker.rows(id) {
            RowScope::OwnDivision => ("OWN_DIVISION", 0),
            RowScope::Everywhere => ("EVERYWHERE", 1),
        };
        differ(&catalogue.resource(id).name, rows(before), rows(after));
    }
}

fn ranked(decision: Decision) -> (&'static str, u8) {
    match decision {
        Decision::Deny => ("DENY", 0),
        Decision::Mask(Mask::Pseudonym) => ("PSEUDONYM", 1),
        Decision::Mask(_) => ("MASK", 1),
        Decision::Clear => ("CLEAR", 2),
    }
}
