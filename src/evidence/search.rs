//! Finding records: by person, officer, department, purpose, case, coordinate and time.

use std::collections::HashMap;

use sea_orm::{DbErr, Value};

use crate::evidence::log::Log;
use crate::evidence::{Outcomes, act::indexed, store};

/// What records must meet.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// About the person of one of these digests.
    pub person: Option<Vec<Vec<u8>>>,
    /// By this person or program.
    pub officer: Option<String>,
    /// By callers of this department.
    pub department: Option<String>,
    /// For this purpose.
    pub purpose: Option<String>,
    /// In this case.
    pub case: Option<String>,
    /// Touching this coordinate.
    pub coordinate: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub to: Option<String>,
    /// Standing before this place in the log.
    pub before: Option<u64>,
    /// Leaving out cases that a rule withholds from the person concerned at this time.
    pub told_at: Option<String>,
}

/// A rule that keeps accesses from the person concerned for a time (暗访): those of one department in one
/// case.
#[derive(Clone, Copy, Debug)]
pub struct Withholding<'a> {
    /// The case.
    pub case: &'a str,
    /// Whose accesses.
    pub department: &'a str,
    /// Until when, as entries write times.
    pub until: &'a str,
    /// The rule.
    pub basis: &'a str,
}

impl Withholding<'_> {
    /// How the record says it; a withholding whose record says something else is none.
    pub fn note(&self) -> String {
        let Withholding { case, department, until, basis } = self;
        format!("case {case} of {department} until {until} by {basis}")
    }
}

/// How the record of a search says what was searched: the filters, with the values of those that can't name
/// a person. Whose accesses were asked for is sealed in the record instead.
pub fn sought(what: &str, filters: &[(&str, Option<&str>)]) -> String {
    let filter = |(name, value): &(&str, Option<&str>)| {
        let value = value.as_ref()?;
        let is_told = *name != PERSON && !crate::plan::names_a_person(value);
        Some(if is_told { format!("{name} {value}") } else { (*name).to_owned() })
    };
    let filters: Vec<String> = filters.iter().filter_map(filter).collect();
    if filters.is_empty() { what.to_owned() } else { format!("{what}: {}", filters.join(", ")) }
}

/// The filter by whose data was read.
pub const PERSON: &str = "person";

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its place in the log.
    pub index: u64,
    /// Its entry.
    pub entry: String,
}

/// Conditions with their parameters, in the order of both.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for its parameter.
    fn add(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let place = self.place(value);
            self.texts.push(condition.replace('?', &place));
        }
    }

    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }
}

impl Log {
    /// Records that meet a filter, the newest first.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn search(&self, filter: Filter, limit: u64) -> Result<Vec<Found>, DbErr> {
        let mut conditions = Conditions::default();
        conditions.texts.push(String::from("r.kind <> 'COORDINATES'"));
        let Filter { person, officer, department, purpose, case, coordinate, from, to, before, told_at } =
            filter;
        conditions.add("r.log_index < ?", before.map(|before| before as i64));
        conditions.add("r.caller = ?", officer);
        conditions.add("r.department = ?", department);
        conditions.add("r.purpose = ?", purpose);
        conditions.add("r.case_no = ?", case);
        conditions.add("r.at >= ?", from);
        conditions.add("r.at < ?", to);
        // Names in lists stand in quotes, and hold nothing that LIKE knows but an underscore.
        let quoted = coordinate.map(|name| format!("%\"{}\"%", name.replace(['%', '"', '\\'], "")));
        conditions
            .add("r.coordinates IN (SELECT name FROM evidence_coordinates WHERE outcomes LIKE ?)", quoted);
        conditions.add(
            "NOT EXISTS (SELECT 1 FROM evidence_withholding w WHERE w.case_no = r.case_no \
             AND w.department = r.department AND w.until > ?)",
            told_at,
        );
        if let Some(digests) = person {
            let places: Vec<String> = digests.into_iter().map(|digest| conditions.place(digest)).collect();
            let sql = "r.log_index IN (SELECT p.log_index FROM evidence_person p WHERE p.digest IN";
            conditions.texts.push(format!("{sql} ({}))", places.join(",")));
        }
        let limit = conditions.place(limit as i64);
        let sql = format!(
            "SELECT r.log_index, r.entry FROM evidence_record r WHERE {} ORDER BY r.log_index DESC LIMIT {limit}",
            conditions.texts.join(" AND ")
        );
        let found = store::rows(self.hub().connection(), &sql, conditions.values).await?;
        found.iter().map(|row| indexed(row).map(|(index, entry)| Found { index, entry })).collect()
    }

    /// The lists of coordinates of some names.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn outcomes(&self, names: Vec<String>) -> Result<HashMap<String, Outcomes>, DbErr> {
        let mut lists = HashMap::new();
        for name in names {
            if lists.contains_key(&name) {
                continue;
            }
            let sql = "SELECT outcomes FROM evidence_coordinates WHERE name = $1";
            let found = store::rows(self.hub().connection(), sql, vec![name.clone().into()]).await?;
            if let Some(row) = found.first() {
                let text: String = row.try_get("", "outcomes")?;
                lists.insert(name, serde_json::from_str(&text).unwrap_or_default());
            }
        }
        Ok(lists)
    }

    /// Keeps a department's accesses in a case from the person concerned until a time. `record` names the
    /// record that says so, which must have its place in the log.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn withhold(&self, withholding: Withholding<'_>, record: &str) -> Result<(), DbErr> {
        let Withholding { case, department, until, basis } = withholding;
        let row = [case, department, until, basis, &self.now(), record].map(|text| text.into()).into();
        let tail = "ON CONFLICT (case_no, department) DO UPDATE SET until = excluded.until, \
                    basis = excluded.basis, at = excluded.at, record = excluded.record";
        let into = "evidence_withholding (case_no, department, until, basis, at, record)";
        store::insert(self.hub().connection(), into, vec![row], tail).await
    }
}
