//! Places for what lasts, such as subscriptions and WebSocket connections: so many in all, and so many for
//! each caller, so that one caller can't take those of all others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Caller;

/// Subjects are told apart within one issuer only.
type Who = (String, String);

/// Places of one kind.
#[derive(Clone, Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<Who, usize>>>,
    of_caller: usize,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// All of them are taken.
    All,
    /// The caller has as many as one caller may have.
    OfCaller,
}

/// A place, free again once it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _one: OwnedSemaphorePermit,
    who: Who,
    taken: Arc<Mutex<HashMap<Who, usize>>>,
}

impl Places {
    /// So many places in all, and for each caller.
    pub(crate) fn new(all: usize, of_caller: usize) -> Self {
        Places { all: Arc::new(Semaphore::new(all)), taken: Arc::default(), of_caller }
    }

    /// How many of them one caller may have.
    pub(crate) fn of_caller(&self) -> usize {
        self.of_caller
    }

    /// A place for a caller.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn take(&self, caller: &Caller) -> Result<Place, Full> {
        let one = self.all.clone().try_acquire_owned().map_err(|_| Full::All)?;
        let who = (caller.issuer.clone(), caller.subject.clone());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_caller = taken.get(&who).copied().unwrap_or_default();
        if of_caller >= self.of_caller {
            return Err(Full::OfCaller);
        }
        taken.insert(who.clone(), of_caller + 1);
        drop(taken);
        Ok(Place { _one: one, who, taken: self.taken.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = taken.entry(std::mem::take(&mut self.who)) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(subject: &str) -> Caller {
        Caller {
            issuer: String::from("https://issuer"),
            subject: subject.to_owned(),
            department: String::from("UNION"),
            role: String::from("HELP_CENTRE"),
            division: String::from("410727000000"),
            token_id: None,
            person: None,
        }
    }

    #[test]
    fn one_caller_leaves_places_for_others_and_all_of_them_are_bounded() {
        let places = Places::new(3, 2);
        let (first, second) = (places.take(&caller("a")).unwrap(), places.take(&caller("a")).unwrap());
        assert_eq!(places.take(&caller("a")).unwrap_err(), Full::OfCaller);
        let _third = places.take(&caller("b")).unwrap();
        assert_eq!(places.take(&caller("b")).unwrap_err(), Full::All);
        drop(first);
        let _again = places.take(&caller("a")).unwrap();
        drop((second, _again, _third));
        assert!(places.taken.lock().unwrap().is_empty(), "who has no place isn't remembered");
    }
}
