//! Cells of the tables beside the policy files: own root fields, looks into evidence, consents, who may state a
//! purpose, and whose rows divisions reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::cedar::Policies;
use crate::codes::{CaseRule, Codes};
use crate::commands;
use crate::consents::Needs;
use crate::difference::{ANY, Difference, either};
use crate::table::Profile;
use crate::trace;

/// How cells about looks into evidence are called: by the root field that tells a person's records.
const EVIDENCE: &str = "Query.accessesTo";

pub(super) fn differences(old: &Policies, new: &Policies) -> Vec<Difference> {
    let (before, after) = (old.codes(), new.codes());
    if before == after {
        return Vec::new();
    }
    let catalogue = new.catalogue();
    let own: Vec<String> = catalogue.own.iter().map(|field| field.coordinate()).collect();
    let sections: BTreeSet<&str> = catalogue.resources.iter().map(|resource| &*resource.section).collect();
    let roles = either(&before.roles, &after.roles, |role| &role.code);
    let mut found = Vec::new();
    for department in &catalogue.departments {
        for purpose in either(&before.purposes, &after.purposes, |purpose| &purpose.code) {
            let stating = |role: &str| Profile {
                department: department.clone(),
                role: role.to_owned(),
                purpose: purpose.to_owned(),
            };
            let nobody = stating(ANY);
            for section in &sections {
                let need = |codes| need(codes, &nobody, section);
                found.extend(Difference::between(&nobody, section, need(before), need(after)));
            }
            let stated = |codes| stated(codes, &nobody);
            found.extend(Difference::between(&nobody, "Yimen-Purpose", stated(before), stated(after)));
            for profile in roles.iter().map(|role| stating(role)) {
                for field in &own {
                    let reach = |codes| reach(codes, &profile, field);
                    found.extend(Difference::between(&profile, field, reach(before), reach(after)));
                }
            }
        }
    }
    let mut found = for_all(found, catalogue.departments.len());
    found.extend(of_purposes(before, after));
    found.extend(before.divisions.differences(&after.divisions));
    found
}

/// One cell in the place of those that every department has alike.
fn for_all(found: Vec<Difference>, departments: usize) -> Vec<Difference> {
    let for_any = |cell: &Difference| {
        let profile = Profile { department: ANY.to_owned(), ..cell.profile.clone() };
        Difference { profile, ..cell.clone() }
    };
    let mut counts: BTreeMap<Difference, usize> = BTreeMap::new();
    found.iter().for_each(|cell| *counts.entry(for_any(cell)).or_default() += 1);
    let (whole, parts): (Vec<Difference>, Vec<Difference>) =
        found.into_iter().partition(|cell| counts[&for_any(cell)] == departments);
    let whole: BTreeSet<Difference> = whole.iter().map(for_any).collect();
    whole.into_iter().chain(parts).collect()
}

/// Cells that differ by purpose, and by role, for every department alike.
fn of_purposes(before: &Codes, after: &Codes) -> Vec<Difference> {
    let mut found = Vec::new();
    for purpose in either(&before.purposes, &after.purposes, |purpose| &purpose.code) {
        let profile =
            |role: &str| Profile { department: ANY.into(), role: role.into(), purpose: purpose.into() };
        let case = |codes| case(codes, purpose);
        found.extend(Difference::between(&profile(ANY), "Yimen-Case", case(before), case(after)));
        for role in either(&before.roles, &after.roles, |role| &role.code) {
            let looks = |codes| looks(codes, role, purpose);
            found.extend(Difference::between(&profile(role), EVIDENCE, looks(before), looks(after)));
        }
    }
    found
}

fn reach(codes: &Codes, profile: &Profile, field: &str) -> (&'static str, Option<commands::Reach>) {
    let allowed = commands::may(&codes.commands, codes, profile, field).ok();
    let reach = allowed.map(|allowed| allowed.reach());
    (reach.map_or("NONE", commands::Reach::as_str), reach)
}

fn looks(codes: &Codes, role: &str, purpose: &str) -> (&'static str, Option<trace::Reach>) {
    let known = codes.has_role(role) && codes.has_purpose(purpose);
    let reach = trace::reach(codes, role, purpose).ok().filter(|_| known);
    let word = match reach {
        None => "NONE",
        Some(trace::Reach::Own) => "OWN",
        Some(trace::Reach::Anybody) => "ANYBODY",
    };
    (word, reach)
}

/// Whether a section of another department needs consent: outside any case too, in a case only, or never.
fn need(codes: &Codes, profile: &Profile, section: &str) -> (&'static str, u8) {
    let needs = Needs::of(&codes.consents, profile);
    match (needs.covers(section, true), needs.covers(section, false)) {
        (true, _) => ("CASE", 0),
        (false, true) => ("CONSENT", 1),
        (false, false) => ("OPEN", 2),
    }
}

fn stated(codes: &Codes, profile: &Profile) -> (&'static str, u8) {
    let purpose = codes.purpose(&profile.purpose);
    match purpose.is_some_and(|purpose| purpose.is_stated_by(&profile.department)) {
        true => ("STATED", 1),
        false => ("FORBIDDEN", 0),
    }
}

/// Whether a case is needed. A purpose that isn't known reads nothing, with a case or without.
fn case(codes: &Codes, purpose: &str) -> (&'static str, CaseRule) {
    let rule = codes.purpose(purpose).map_or(CaseRule::Required, |purpose| purpose.case);
    (rule.as_str(), rule)
}
