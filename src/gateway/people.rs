//! The people whom an operation is about, sealed for its record: those whose rows it read, and those who
//! were looked for, whether or not there are rows about them.

use std::borrow::Cow;

use apollo_compiler::response::JsonMap;
use chrono::{DateTime, Datelike, Utc};
use hashbrown::HashSet;

use crate::evidence::{People, PersonKeys};
use crate::fetch::{Outcome, Ready};
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
    let told = traced.iter().flat_map(|traced| &traced.people);
    let named = asked.iter().chain(told).map(|number| Cow::Borrowed(number.as_str()));
    let read = columns.into_iter().flat_map(|(index, slot)| {
        match &outcomes[index] {
            Outcome::Rows(fetched) => Some(fetched),
            Outcome::Unavailable | Outcome::NotAsked => None,
        }
        .into_iter()
        .flat_map(move |fetched| fetched.own().filter_map(move |row| fetched.rows().cell(row, slot).text()))
    });
    // Most people stand in the rows of several statements; their digests are what is put into an order.
    let numbers: HashSet<Cow<'_, str>> = named.chain(read).collect();
    People::seal(&keys.of(at.year()), numbers.iter().map(|number| &**number))
}

/// People by their numbers alone.
pub(crate) fn seal(keys: &PersonKeys, numbers: &[String], at: DateTime<Utc>) -> People {
    People::seal(&keys.of(at.year()), numbers.iter().map(String::as_str))
}
