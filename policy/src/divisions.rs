//! The dictionary of divisions with its history (`divisions.csv`): which code is in force when, which division it
//! lies in, and which codes took the place of one that has ended.
//!
//! Rows stay filed under the code that was in force when they were written. They are read by whoever answers for
//! all that became of that code: by the successor where there is one, and after a split by the divisions above all
//! successors alone, until somebody says which of them a row belongs to.

mod day;
mod read;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::difference::{ANY, Difference};
use crate::division::{Area, Range, above};
use crate::error::Problem;
use crate::table::Profile;
use crate::tables::Table;
use day::Day;
use read::Dictionary;

/// The most lines of a dictionary: more than a province has divisions.
pub const MAX_DIVISIONS: usize = 200_000;

/// The most days on which a dictionary changes anything: some a year for as long as codes are kept.
pub const MAX_CHANGES: usize = 200;

/// The divisions of an installation. What it says nothing of stands for all codes below it, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divisions {
    dictionary: Dictionary,
    /// What holds from each day on which something changes; the first from ever.
    days: Vec<(NaiveDate, Day)>,
}

/// A division that nobody serves on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotInForce {
    /// Its code has ended; these took its place.
    Ended(Vec<String>),
    /// Its code, or the one that it lies in, hasn't begun.
    NotBegun,
}

impl Divisions {
    /// Reads and checks the table.
    ///
    /// # Errors
    /// Every line that is wrong.
    pub(crate) fn read(table: &Table) -> Result<Divisions, Vec<Problem>> {
        let dictionary = Dictionary::read(table)?;
        let mut days: Vec<(NaiveDate, Day)> = Vec::new();
        for from in dictionary.changes() {
            let day = Day::of(&dictionary, from, table)?;
            days.push((from, day));
        }
        Ok(Divisions { dictionary, days })
    }

    fn day(&self, on: NaiveDate) -> &Day {
        let behind = self.days.partition_point(|(from, _)| *from <= on);
        &self.days[behind.saturating_sub(1)].1
    }

    /// The codes whose rows belong to a 12-digit division on a day.
    ///
    /// # Errors
    /// Why nobody serves that division then.
    pub fn area(&self, division: &str, on: NaiveDate) -> Result<Area, NotInForce> {
        if let Some(area) = self.day(on).area(division) {
            return area.clone();
        }
        // One that isn't listed is part of the nearest that is, and ends with it.
        let listed = above(division).find(|code| self.dictionary.lists(code));
        match listed.and_then(|code| self.dictionary.not_in_force(&code, on)) {
            Some(why) => Err(why),
            None => Ok(Area::of(division)),
        }
    }

    /// The most ranges that any division reaches on a day.
    pub fn most_ranges(&self, on: NaiveDate) -> usize {
        self.day(on).most_ranges()
    }

    /// The first day after this one on which something changes.
    pub(crate) fn next_change(&self, on: NaiveDate) -> Option<NaiveDate> {
        self.days.iter().map(|(from, _)| *from).find(|from| *from > on)
    }

    /// What other divisions say otherwise: for each division and each day on which either changes, whose rows it
    /// reaches.
    pub(crate) fn differences(&self, other: &Divisions) -> Vec<Difference> {
        let days: BTreeSet<NaiveDate> = self.days.iter().chain(&other.days).map(|(from, _)| *from).collect();
        let profile = Profile { department: ANY.into(), role: ANY.into(), purpose: ANY.into() };
        let mut found = Vec::new();
        for on in days {
            let codes: BTreeSet<&str> = self.day(on).codes().chain(other.day(on).codes()).collect();
            let named = if on == NaiveDate::MIN { ANY.to_owned() } else { on.to_string() };
            for code in codes {
                let (before, after) = (self.area(code, on).ok(), other.area(code, on).ok());
                if before == after {
                    continue;
                }
                found.push(Difference {
                    profile: profile.clone(),
                    about: format!("divisions.csv {code} {named}"),
                    from: told(before.as_ref()),
                    to: told(after.as_ref()),
                    widens: !is_part(after.as_ref(), before.as_ref()),
                });
            }
        }
        found
    }
}

/// The ranges of an area in a word.
fn told(area: Option<&Area>) -> String {
    let Some(area) = area else { return String::from("NONE") };
    let ranges: Vec<String> =
        area.ranges().iter().map(|range| format!("{}..{}", range.low, range.high)).collect();
    ranges.join("+")
}

/// Whether all of one is in another. Ranges that touch are one, so that each must lie in one.
fn is_part(one: Option<&Area>, of: Option<&Area>) -> bool {
    let Some(one) = one else { return true };
    // A division's own range ends in a code without the zeros behind it.
    let end = |range: &Range| format!("{:0<12}", range.high);
    let within = |range: &Range| {
        of.is_some_and(|of| {
            of.ranges().iter().any(|wider| wider.low <= range.low && end(range) <= end(wider))
        })
    };
    one.ranges().iter().all(within)
}

#[cfg(test)]
mod tests;
