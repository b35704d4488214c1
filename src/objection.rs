//! Objection and correction (异议、校核): somebody says that a value is wrong, the department whose value it
//! is checks it in time, and until then every reader of the value is told (`extensions.disputes`).
//!
//! The gateway corrects nothing: the source does, in its own database. Business goes on meanwhile; whoever
//! reads is told whether the person has shown proof.

mod answer;
mod open;
mod own;
mod raise;
mod read;
mod store;

use std::fmt;

pub use answer::Answered;
pub(crate) use open::MAX_TOLD;
pub use open::{AnyOpen, Open, open_of};
pub(crate) use own::HANDLERS;
pub use raise::Raised;
pub use read::Filter;
pub use store::Objection;

use crate::evidence::PersonKeys;

/// The name of the key of people's digests here. It is the same every year: an objection may be older.
pub(crate) const KEY: &str = "objections";

/// Where an objection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The source hasn't answered.
    Open,
    /// The source has corrected the value.
    Corrected,
    /// The source has checked the value and stands by it.
    Upheld,
    /// It isn't about a value of the source, or says nothing that could be checked.
    Rejected,
    /// Whoever raised it took it back.
    Withdrawn,
}

impl State {
    /// The word in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "OPEN",
            State::Corrected => "CORRECTED",
            State::Upheld => "UPHELD",
            State::Rejected => "REJECTED",
            State::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<State> {
        [State::Open, State::Corrected, State::Upheld, State::Rejected, State::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a person is found by.
pub(crate) fn digest(keys: &PersonKeys, number: &str) -> String {
    crate::clock::hex(&keys.digest(KEY, number))
}
