//! The invented county from outside: what it is like, and that it gets into databases.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics has failed the test")]

mod awkward;
mod identity;
mod postgres;
mod proportion;
mod repeat;
mod sample;
mod sqlite;

use std::sync::LazyLock;

use chrono::NaiveDate;
use yimen_county::{Chunk, Options};

/// A county of a township's size, made once for all tests that only look at it.
static TOWNSHIP: LazyLock<Vec<Chunk>> = LazyLock::new(|| chunks(20_000, 1));

fn options(persons: u32, seed: u64) -> Options {
    Options { persons, seed, as_of: NaiveDate::from_ymd_opt(2026, 6, 30).unwrap() }
}

fn chunks(persons: u32, seed: u64) -> Vec<Chunk> {
    yimen_county::chunks(&options(persons, seed)).unwrap().collect()
}

/// All rows of a table of the township.
macro_rules! rows {
    ($table:ident) => {
        $crate::TOWNSHIP.iter().flat_map(|chunk| &chunk.$table)
    };
}

use rows;
