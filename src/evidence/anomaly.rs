//! What stands out in records: people read outside any case, at night, in bulk, far from the officer's own
//! division, or of the officer's own family.
//!
//! An anomaly is a question to somebody, never an answer: night duty and matching jobs exist.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Timelike};
use sea_orm::{DbErr, QueryResult};
use serde::Deserialize;

use crate::evidence::DepartmentOutcome;
use crate::evidence::kin::Kin;
use crate::evidence::log::Log;
use crate::evidence::store;

/// From when on something stands out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// The hour in China at which night begins.
    pub night_begins: u32,
    /// The hour at which it ends.
    pub night_ends: u32,
    /// People whom one officer may read in a day before it is told.
    pub bulk: u64,
    /// Levels of divisions between the officer's own and what is read before it is told: 1 is the county
    /// beside an officer's county, 2 another city, 3 another province.
    pub far: u32,
}

impl Thresholds {
    fn is_night(&self, hour: u32) -> bool {
        match self.night_begins <= self.night_ends {
            true => (self.night_begins..self.night_ends).contains(&hour),
            // Over midnight.
            false => hour >= self.night_begins || hour < self.night_ends,
        }
    }
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// People were read outside any case.
    NoCase,
    /// People were read at night.
    Night,
    /// Many people were read in a day.
    Bulk,
    /// Rows of divisions outside the officer's own were read.
    Far,
    /// The officer read themselves or somebody of their own family.
    Kin,
}

/// An officer's day that stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// What stands out.
    pub what: What,
    /// The officer.
    pub officer: String,
    /// The officer's department.
    pub department: String,
    /// The day in China.
    pub day: String,
    /// Operations.
    pub operations: u64,
    /// People, each counted once for each operation; of [`What::Far`], rows.
    pub people: u64,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::NoCase => "outside any case",
            What::Night => "at night",
            What::Bulk => "in bulk",
            What::Far => "far from the own division",
            What::Kin => "own family",
        })
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Anomaly { what, officer, department, day, operations, people } = self;
        let counted = if *what == What::Far { "rows" } else { "people" };
        write!(f, "{day}\t{department}\t{officer}\t{what}\t{operations} operations\t{people} {counted}")
    }
}

/// The most records that one question looks at.
const MAX_RECORDS: u64 = 1_000_000;

/// Records that are read at once.
const ROWS: u64 = 4_096;

/// Sums by what stands out, day, department and officer: operations and people.
#[derive(Default)]
pub(crate) struct Days(BTreeMap<(What, String, String, String), (u64, u64)>);

/// A record as it is looked at.
pub(crate) struct Seen {
    officer: String,
    department: String,
    day: String,
    hour: u32,
}

impl Seen {
    /// Reads `caller`, `department` and `at`; `None` where the time is none.
    pub(crate) fn read(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let at: String = row.try_get("", "at")?;
        let Ok(at) = DateTime::parse_from_rfc3339(&at) else { return Ok(None) };
        let local = at.to_utc() + chrono::Duration::hours(8);
        let (officer, department) = (row.try_get("", "caller")?, row.try_get("", "department")?);
        let day = local.format("%Y-%m-%d").to_string();
        Ok(Some(Seen { officer, department, day, hour: local.hour() }))
    }

    pub(crate) fn officer(&self) -> &str {
        &self.officer
    }
}

impl Days {
    pub(crate) fn add(&mut self, what: What, seen: &Seen, people: u64) {
        let day = (what, seen.day.clone(), seen.department.clone(), seen.officer.clone());
        let sums = self.0.entry(day).or_default();
        *sums = (sums.0 + 1, sums.1 + people);
    }

    fn list(self, bulk: u64) -> Vec<Anomaly> {
        let stands_out = |what: &What, people: u64| *what != What::Bulk || people > bulk;
        let days = self.0.into_iter().filter(|((what, ..), (_, people))| stands_out(what, *people));
        days.map(|((what, day, department, officer), (operations, people))| Anomaly {
            what,
            officer,
            department,
            day,
            operations,
            people,
        })
        .collect()
    }
}

/// What of an entry tells of divisions.
#[derive(Deserialize)]
struct Statements {
    #[serde(default)]
    departments: Vec<DepartmentOutcome>,
}

/// Rows of an entry that are so far away.
fn far_rows(entry: &str, far: u32) -> u64 {
    // Few entries have any; the rest isn't worth a parser.
    if !entry.contains("\"outside\":") {
        return 0;
    }
    let statements = serde_json::from_str(entry).map_or_else(|_| Vec::new(), |s: Statements| s.departments);
    let far = statements.iter().filter(|statement| statement.distance >= far);
    far.map(|statement| statement.outside as u64).sum()
}

impl Log {
    /// What stands out between two times, day by day and officer by officer. `kin` names officers' families.
    ///
    /// # Errors
    /// A hub that doesn't answer, or more records than one question looks at.
    pub async fn anomalies(
        &self,
        (from, to): (&str, &str),
        thresholds: &Thresholds,
        kin: &Kin,
    ) -> anyhow::Result<Vec<Anomaly>> {
        let sql = "SELECT log_index, caller, department, at, people, case_no, entry FROM evidence_record \
                   WHERE log_index > $1 AND kind = 'QUERY' AND at >= $2 AND at < $3 ORDER BY log_index LIMIT $4";
        let (mut days, mut behind, mut looked_at) = (Days::default(), -1i64, 0);
        loop {
            let values = vec![behind.into(), from.into(), to.into(), (ROWS as i64).into()];
            let rows = store::rows(self.hub().connection(), sql, values).await?;
            for row in &rows {
                behind = row.try_get("", "log_index")?;
                look_at(row, thresholds, &mut days)?;
            }
            looked_at += rows.len() as u64;
            anyhow::ensure!(
                looked_at <= MAX_RECORDS,
                "there are more than {MAX_RECORDS} records: ask for fewer days"
            );
            if (rows.len() as u64) < ROWS {
                break;
            }
        }
        self.kin_of(kin, (from, to), &mut days).await?;
        Ok(days.list(thresholds.bulk))
    }
}

fn look_at(row: &QueryResult, thresholds: &Thresholds, days: &mut Days) -> Result<(), DbErr> {
    let Some(seen) = Seen::read(row)? else { return Ok(()) };
    let people = row.try_get::<i64>("", "people")? as u64;
    let has_case = row.try_get::<Option<String>>("", "case_no")?.is_some();
    let far = far_rows(&row.try_get::<String>("", "entry")?, thresholds.far);
    for (stands_out, what, count) in [
        (people > 0 && !has_case, What::NoCase, people),
        (people > 0 && thresholds.is_night(seen.hour), What::Night, people),
        (people > 0, What::Bulk, people),
        (far > 0, What::Far, far),
    ] {
        if stands_out {
            days.add(what, &seen, count);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn night_goes_over_midnight_or_not() {
        let night = |night_begins, night_ends| Thresholds { night_begins, night_ends, bulk: 0, far: 1 };
        let hours =
            |thresholds: Thresholds| (0..24).filter(|hour| thresholds.is_night(*hour)).collect::<Vec<_>>();
        assert_eq!(hours(night(22, 6)), [0, 1, 2, 3, 4, 5, 22, 23]);
        assert_eq!(hours(night(1, 3)), [1, 2]);
        assert_eq!(hours(night(0, 0)), Vec::<u32>::new());
    }

    #[test]
    fn rows_count_from_the_distance_on_that_is_far() {
        let entry = r#"{"departments":[
            {"department":"A","resource":"B","state":"OK","rows":9,"outside":3,"distance":1},
            {"department":"A","resource":"C","state":"OK","rows":9,"outside":4,"distance":2}]}"#;
        assert_eq!([1, 2, 3].map(|far| far_rows(entry, far)), [7, 4, 0]);
        assert_eq!(far_rows(r#"{"departments":[]}"#, 1), 0);
    }
}
