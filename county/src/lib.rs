//! An invented county on the real divisions of Fengqiu (封丘县, 410727), for demonstrations, tests and
//! measurements.
//!
//! Towns, villages and the names of departments' functions are real; everything else is fiction.
//! So that nobody can be taken for a real person or body,
//!
//! - every citizen number, old number, credit code, certificate and real-estate code carries a
//!   division that ends in 99 (`410799` for people of the county). No county-level division of the
//!   country has such a code, so that no authority ever gave such a number. Birth dates and check
//!   characters (ISO 7064 MOD 11-2) are right all the same;
//! - mobile numbers begin with 129 and plates have the letter I, neither of which is in use;
//! - the names of bodies and enterprises say that they are samples (示例), and standards such as the
//!   allowance's are marked `is_sample`.
//!
//! The county is a function of its [`Options`]: the same options give the same rows in every
//! database, and the number of people decides only how many families there are. Families come one
//! by one, so that a county of any size takes the same memory.
//!
//! What departments write down is awkward on purpose: a family has several household views with
//! different members, spouses aren't in the book, some live elsewhere than they are registered,
//! some have no number or only a permit of residence, deaths are unknown to one office and known to
//! another, months and records are missing, old files have numbers of 15 digits or a small x, and
//! each office's rows are as old as its last delivery.

mod calendar;
mod chunk;
mod citizen_number;
mod credit_code;
mod division;
mod family;
mod generate;
mod name;
mod random;
mod reference;
mod rows;
mod sample;
mod scribe;
mod write;

use chrono::NaiveDate;

pub use chunk::Chunk;
pub use citizen_number::check_character;
pub use generate::{chunks, citizen_numbers};
pub use sample::{Sample, SampleFamily, sample};
pub use write::{Counts, Progress, Urls, write};

/// What a county is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many people it has.
    pub persons: u32,
    /// The seed of all chance.
    pub seed: u64,
    /// The day on which the county is looked at; departments' rows are days to months older.
    pub as_of: NaiveDate,
}
