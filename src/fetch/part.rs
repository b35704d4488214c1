//! One request's part of what was asked for many at once.

use std::sync::Arc;

use crate::fetch::{Fetched, Outcome, Run, Texts};
use crate::plan::Keys;

impl Run<'_> {
    /// What the statements would have answered to a request for this one value of the root that `root` names:
    /// its own rows of what was read for many values, and of a department that didn't answer only what
    /// concerns it. `all` are the outcomes of a run whose values hold this one.
    pub(crate) fn part(&self, all: &[Outcome], root: usize, value: &str) -> Vec<Outcome> {
        let mut own: Vec<Outcome> = Vec::with_capacity(all.len());
        // Parents stand before their children.
        for (index, fetch) in self.plan.fetches.iter().enumerate() {
            let keys: Option<Texts> = match fetch.keys {
                Keys::Argument { .. } if index == root => Some([value].into_iter().collect()),
                Keys::Parent { fetch: above, slot } => match &own[above] {
                    Outcome::Rows(fetched) => Some(fetched.values(slot)),
                    Outcome::Unavailable | Outcome::NotAsked => None,
                },
                Keys::Argument { .. } | Keys::Representations { .. } | Keys::None => None,
            };
            own.push(match keys {
                Some(keys) => self.one_of(index, index == root, &all[index], keys),
                None => Outcome::NotAsked,
            });
        }
        own
    }

    fn one_of(&self, index: usize, is_root: bool, all: &Outcome, keys: Texts) -> Outcome {
        let fetch = &self.plan.fetches[index];
        let family = fetch.family.as_deref().filter(|_| fetch.by_member);
        let keys = match family {
            Some(family) => self.rows.members().among(family, &keys, is_root),
            None => keys,
        };
        if keys.is_empty() {
            return Outcome::Rows(Fetched::none(fetch.key_slot));
        }
        match all {
            Outcome::Rows(fetched) => Outcome::Rows(fetched.of(Arc::new(keys))),
            Outcome::Unavailable => Outcome::Unavailable,
            Outcome::NotAsked => Outcome::NotAsked,
        }
    }
}
