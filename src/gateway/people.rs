//! The people whom an operation is about, sealed for its record: those whose rows it read, and those who
//! were looked for, whether or not there are rows about them.

use apollo_compiler::response::JsonMap;
use chrono::{DateTime, Datelike, Utc};

use crate::evidence::{People, PersonKeys};
use crate::fetch::{Outcome, Ready, Texts};
use crate::gateway::Traced;
use crate::plan::{Invalid, Keys, Plan, RootField};

/// The citizen numbers that a request itself asks for, of departments or of evidence.
///
/// # Errors
/// What is wrong with the arguments of a root over evidence.
pub(crate) fn asked_for_by_name(
    ready: &Ready<'_>,
    plan: &Plan,
    variables: &JsonMap,
) -> Result<Vec<String>, Invalid> {
    let mut people = ready.people();
    for root in &plan.roots {
        let RootField::Records(records) = &root.field else { continue };
        people.extend(records.asked(variables)?.citizen_id);
    }
    Ok(people)
}

/// All people whom an operation is about, each once.
pub(crate) fn people(
    keys: &PersonKeys,
    plan: &Plan,
    outcomes: &[Outcome],
    (asked, traced): (&[String], &[Traced]),
    at: DateTime<Utc>,
) -> People {
    let columns = plan.fetches.iter().enumerate().flat_map(|(index, fetch)| {
        let own = fetch.subject_slot.map(|slot| (index, slot));
        // Rows that are found by their person were looked for by whatever the rows above say.
        let above = match fetch.keys {
            Keys::Parent { fetch: above, slot } if fetch.subject_slot == fetch.key_slot => {
                Some((above, slot))
            }
            _ => None,
        };
        own.into_iter().chain(above)
    });
    let mut columns: Vec<(usize, usize)> = columns.collect();
    columns.sort_unstable();
    columns.dedup();
    let values = columns.into_iter().filter_map(|(index, slot)| match &outcomes[index] {
        Outcome::Rows(fetched) => Some(fetched.values(slot)),
        Outcome::Unavailable | Outcome::NotAsked => None,
    });
    let values: Vec<Texts> = values.collect();
    let mut numbers: Vec<&str> = values.iter().flat_map(Texts::iter).collect();
    let told = traced.iter().flat_map(|traced| &traced.people);
    numbers.extend(asked.iter().chain(told).map(String::as_str));
    numbers.sort_unstable();
    numbers.dedup();
    People::seal(&keys.of(at.year()), numbers)
}

/// People by their numbers alone.
pub(crate) fn seal(keys: &PersonKeys, numbers: &[String], at: DateTime<Utc>) -> People {
    People::seal(&keys.of(at.year()), numbers.iter().map(String::as_str))
}
