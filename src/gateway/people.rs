//! The people whose rows an operation read, sealed for its record.

use chrono::{DateTime, Datelike, Utc};

use crate::evidence::{People, PersonKeys};
use crate::fetch::{Outcome, Texts};
use crate::gateway::Traced;
use crate::plan::Plan;

/// All people behind the rows of a plan and those whose records were asked for, each once.
pub(crate) fn people(
    keys: &PersonKeys,
    plan: &Plan,
    outcomes: &[Outcome],
    traced: &[Traced],
    at: DateTime<Utc>,
) -> People {
    let subjects = plan.fetches.iter().zip(outcomes).filter_map(|(fetch, outcome)| match outcome {
        Outcome::Rows(fetched) => Some(fetched.values(fetch.subject_slot?)),
        Outcome::Unavailable | Outcome::NotAsked => None,
    });
    let subjects: Vec<Texts> = subjects.collect();
    let traced = traced.iter().filter_map(|traced| traced.person.as_deref());
    let mut numbers: Vec<&str> = subjects.iter().flat_map(Texts::iter).chain(traced).collect();
    numbers.sort_unstable();
    numbers.dedup();
    People::seal(&keys.of(at.year()), numbers)
}
