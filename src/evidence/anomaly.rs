//! What stands out in records: people read outside any case, at night, or in bulk.
//!
//! An anomaly is a question to somebody, never an answer: night duty and matching jobs exist.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::DbErr;

use crate::evidence::log::Log;
use crate::evidence::store;

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// People were read outside any case.
    NoCase,
    /// People were read at night, from ten to six in China.
    Night,
    /// Many people were read in a day.
    Bulk,
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
    /// People, each counted once for each operation.
    pub people: u64,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::NoCase => "outside any case",
            What::Night => "at night",
            What::Bulk => "in bulk",
        })
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Anomaly { what, officer, department, day, operations, people } = self;
        write!(f, "{day}\t{department}\t{officer}\t{what}\t{operations} operations\t{people} people")
    }
}

/// The most records that one question looks at.
const MAX_RECORDS: u64 = 1_000_000;

/// Hours of the night in China: from ten to six.
fn is_night(hour: i64) -> bool {
    !(6..22).contains(&hour)
}

impl Log {
    /// What stands out between two times, day by day and officer by officer.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn anomalies(&self, (from, to): (&str, &str), bulk: u64) -> Result<Vec<Anomaly>, DbErr> {
        let sql = "SELECT caller, department, at, people, case_no FROM evidence_record \
                   WHERE kind = 'QUERY' AND people > 0 AND at >= $1 AND at < $2 ORDER BY at LIMIT $3";
        let values = vec![from.into(), to.into(), (MAX_RECORDS as i64).into()];
        let mut days: BTreeMap<(What, String, String, String), (u64, u64)> = BTreeMap::new();
        for row in store::rows(self.hub().connection(), sql, values).await? {
            let at: String = row.try_get("", "at")?;
            let Ok(at) = chrono::DateTime::parse_from_rfc3339(&at) else { continue };
            let local = at.to_utc() + chrono::Duration::hours(8);
            let people = row.try_get::<i64>("", "people")? as u64;
            let has_case = row.try_get::<Option<String>>("", "case_no")?.is_some();
            let (officer, department): (String, String) =
                (row.try_get("", "caller")?, row.try_get("", "department")?);
            let hour = i64::from(chrono::Timelike::hour(&local));
            for what in [(!has_case, What::NoCase), (is_night(hour), What::Night), (true, What::Bulk)] {
                if let (true, what) = what {
                    let day = local.format("%Y-%m-%d").to_string();
                    let sums = days.entry((what, day, department.clone(), officer.clone())).or_default();
                    *sums = (sums.0 + 1, sums.1 + people);
                }
            }
        }
        days.retain(|(what, ..), (_, people)| *what != What::Bulk || *people > bulk);
        let anomaly = |((what, day, department, officer), (operations, people))| Anomaly {
            what,
            officer,
            department,
            day,
            operations,
            people,
        };
        Ok(days.into_iter().map(anomaly).collect())
    }
}
