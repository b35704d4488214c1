//! The people whose rows an operation read, as keyed digests: equal for one person, and of no use
//! to anybody without the key.

use aws_lc_rs::hmac;

use crate::clock::hex;
use crate::fetch::{Outcome, Texts};
use crate::plan::Plan;

/// The key of digests of people.
pub(crate) struct PersonKey {
    key: hmac::Key,
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey")
    }
}

impl PersonKey {
    /// A key made from a secret of any length.
    pub(crate) fn new(secret: &[u8]) -> Self {
        PersonKey { key: hmac::Key::new(hmac::HMAC_SHA256, &[b"people ", secret].concat()) }
    }

    /// The digests of all people behind the rows of a plan, each once.
    pub(crate) fn digests(&self, plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
        let subjects = plan.fetches.iter().zip(outcomes).filter_map(|(fetch, outcome)| match outcome {
            Outcome::Rows(fetched) => Some(fetched.values(fetch.subject_slot?)),
            Outcome::Unavailable | Outcome::NotAsked => None,
        });
        let subjects: Vec<Texts> = subjects.collect();
        let mut numbers: Vec<&str> = subjects.iter().flat_map(Texts::iter).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| self.digest(number)).collect()
    }

    fn digest(&self, number: &str) -> String {
        // Half of the digest is enough to tell people apart and halves the log.
        hex(&hmac::sign(&self.key, number.as_bytes()).as_ref()[..16])
    }
}
