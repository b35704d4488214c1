//! Whether somebody objects to a value about one of the people in an answer.

use std::collections::HashMap;

use crate::answer::Disputed;
use crate::clock::hex;
use crate::fetch::{Outcome, Texts};
use crate::gateway::Gateway;
use crate::objection::{KEY, open_of};
use crate::plan::Plan;

/// What is known of objections to what an answer holds.
#[derive(Debug)]
pub enum Disputes {
    /// Nobody objects to anything.
    None,
    /// Somebody does.
    Some(Disputed),
    /// The hub doesn't answer: it isn't known.
    Unknown,
}

impl Gateway {
    /// Asks the hub about all people behind the rows of a plan, by one statement; asks nothing while no
    /// objection is open.
    pub(super) async fn disputes(&self, plan: &Plan, outcomes: &[Outcome]) -> Disputes {
        let Some(tracker) = self.tracker.as_ref().filter(|_| self.any_open.may_be_open()) else {
            return Disputes::None;
        };
        let people = people(plan, outcomes);
        if people.is_empty() {
            return Disputes::None;
        }
        let key = self.people.lasting(KEY);
        let digest = |number: String| (hex(&key.digest(&number)), number);
        let mut numbers: HashMap<String, String> = people.into_iter().map(digest).collect();
        let digests: Vec<String> = numbers.keys().cloned().collect();
        let open = match open_of(tracker.log.hub().connection(), &digests).await {
            Ok(open) => open,
            Err(_) => {
                tracing::error!("open objections can't be read");
                return Disputes::Unknown;
            }
        };
        if open.is_empty() {
            return Disputes::None;
        }
        numbers.retain(|digest, _| open.iter().any(|open| open.person == *digest));
        let named = open.into_iter().filter_map(|open| Some((numbers.get(&open.person)?.clone(), open)));
        let disputed = Disputed::new(&self.catalogue, named);
        if disputed.is_empty() { Disputes::None } else { Disputes::Some(disputed) }
    }
}

/// What is known of objections to one request's part of what was asked about at once: of nobody's rows it is
/// known that nobody objects.
pub(super) fn concerning<'d>(all: &'d Disputes, plan: &Plan, own: &[Outcome]) -> &'d Disputes {
    match all {
        Disputes::Unknown if people(plan, own).is_empty() => &Disputes::None,
        all => all,
    }
}

/// Everybody whom rows are about, each once.
fn people(plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let subjects = plan.fetches.iter().zip(outcomes).filter_map(|(fetch, outcome)| match outcome {
        Outcome::Rows(fetched) => Some(fetched.values(fetch.subject_slot?)),
        Outcome::Unavailable | Outcome::NotAsked => None,
    });
    let subjects: Vec<Texts> = subjects.collect();
    let mut numbers: Vec<String> = subjects.iter().flat_map(Texts::iter).map(str::to_owned).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
