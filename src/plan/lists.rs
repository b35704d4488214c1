//! The lists of coordinates that a plan's records have: one for each set of reasons for what is withheld, as
//! callers who share a plan may be refused for different ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use yimen_policy::Reason;

use crate::evidence::Coordinates;

/// The most lists that a plan keeps; more are made anew for each record.
const MAX_LISTS: usize = 16;

/// Lists by the reasons of what is withheld, in its order.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<HashMap<Vec<Reason>, Arc<Coordinates>>>);

impl Lists {
    /// The list for these reasons, made where there is none yet.
    pub(crate) fn of(&self, reasons: Vec<Reason>, make: impl FnOnce() -> Coordinates) -> Arc<Coordinates> {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = lists.get(&reasons) {
            return list.clone();
        }
        let list = Arc::new(make());
        if lists.len() < MAX_LISTS {
            lists.insert(reasons, list.clone());
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(lists: &Lists, reasons: Vec<Reason>) -> bool {
        let mut is_made = false;
        lists.of(reasons, || {
            is_made = true;
            Coordinates::new([])
        });
        is_made
    }

    #[test]
    fn a_list_is_made_once_for_its_reasons_and_so_many_are_kept() {
        let lists = Lists::default();
        for count in 0..MAX_LISTS {
            assert!(made(&lists, vec![Reason::NotGranted; count]));
            assert!(!made(&lists, vec![Reason::NotGranted; count]));
        }
        assert!(made(&lists, vec![Reason::NotGranted; MAX_LISTS]));
        assert!(made(&lists, vec![Reason::NotGranted; MAX_LISTS]), "one more isn't kept");
        assert!(!made(&lists, vec![Reason::NotGranted; MAX_LISTS - 1]));
    }
}
