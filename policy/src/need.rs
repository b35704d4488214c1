//! What a purpose needs at most: that the table of purposes names what there is, and which policies permit
//! more than their purposes need.

use std::collections::{BTreeSet, HashSet};

use cedar_policy::{Effect, Policy, PolicySet};
use yimen_schema::{Catalogue, ShareClass};

use crate::check::collect_entities;
use crate::codes::{Codes, Purpose, Stated};
use crate::entities::reached;
use crate::error::{Error, Problem};

/// Every department, section and resource that purposes name must exist.
pub(crate) fn check(catalogue: &Catalogue, codes: &Codes) -> Result<(), Error> {
    let resources = catalogue.resources.iter();
    let mut known: HashSet<&str> = resources.clone().map(|resource| resource.name.as_str()).collect();
    known.extend(resources.map(|resource| &*resource.section));
    let mut problems = Vec::new();
    for purpose in &codes.purposes {
        let mut problem = |message| {
            let (file, subject) = (codes.tables.purposes.name.clone(), purpose.code.clone());
            problems.push(Problem { file, subject, message });
        };
        for name in purpose.needs.iter().filter(|name| !known.contains(name.as_str())) {
            problem(format!("needs `{name}`, which is neither a section nor a resource"));
        }
        let Stated::By(departments) = &purpose.departments else { continue };
        for code in departments.iter().filter(|code| !catalogue.departments.contains(code)) {
            problem(format!("names department `{code}`, which doesn't exist"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error { problems }) }
}

/// The policies of an owner that name purposes and items together of which the purposes need nothing. A
/// policy for the owner itself, and one that names no items, can't be without effect for this reason.
pub(crate) fn beyond(catalogue: &Catalogue, codes: &Codes, owner: &str, set: &PolicySet) -> Vec<Problem> {
    let permits = set.policies().filter(|policy| policy.effect() == Effect::Permit);
    permits.filter_map(|policy| useless(catalogue, codes, owner, policy)).collect()
}

fn useless(catalogue: &Catalogue, codes: &Codes, owner: &str, policy: &Policy) -> Option<Problem> {
    let mut named = HashSet::new();
    collect_entities(&policy.to_json().ok()?, &mut named);
    let of = |kind: &str| -> BTreeSet<&str> {
        named.iter().filter(|(found, _)| found == kind).map(|(_, name)| name.as_str()).collect()
    };
    let departments = of("Department");
    if !departments.is_empty() && departments.iter().all(|department| *department == owner) {
        return None;
    }
    let stated = of("Purpose");
    let meant = |purpose: &&Purpose| stated.contains(&*purpose.code) || stated.contains(&*purpose.group);
    let purposes: Vec<&Purpose> = codes.purposes.iter().filter(meant).collect();
    let items: Vec<&str> = of("Item").into_iter().collect();
    let sections: Vec<&str> = of("Section").into_iter().collect();
    let told: Vec<String> = purposes
        .iter()
        .filter_map(|purpose| {
            let items = items.iter().copied().filter(|name| is_beyond(catalogue, purpose, name));
            let sections = sections.iter().copied().filter(|name| !purpose.needs.contains(*name));
            let beyond: Vec<&str> = items.chain(sections).collect();
            (!beyond.is_empty()).then(|| format!("{} needs nothing of {}", purpose.code, beyond.join(", ")))
        })
        .collect();
    (!told.is_empty()).then(|| Problem {
        file: format!("{owner}.cedar"),
        subject: policy.annotation("id").unwrap_or_default().to_owned(),
        message: told.join("; "),
    })
}

/// Whether a purpose needs nothing of an item.
fn is_beyond(catalogue: &Catalogue, purpose: &Purpose, name: &str) -> bool {
    let Some(id) = catalogue.coordinate_named(name) else { return false };
    let coordinate = catalogue.coordinate(id);
    let reached = reached(catalogue, coordinate);
    coordinate.class != ShareClass::Unconditional && !purpose.needs(&reached.name, &reached.section)
}
