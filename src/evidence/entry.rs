//! Records as entries of the log: JSON of one line, at most as long as a bundle can take.

use std::borrow::Cow;

use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::hex;
use crate::evidence::coordinates::Coordinates;
use crate::evidence::tile::MAX_ENTRY;
use crate::evidence::{Kind, Outcomes, Record, china};

/// An entry on its way into the log, with what opens its commitments.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The record's name.
    pub id: String,
    /// What is hashed.
    pub text: String,
    /// Salts and digests of people.
    pub openings: Vec<u8>,
}

/// The kind of entries that hold a list of coordinates.
pub(crate) const COORDINATES: &str = "COORDINATES";

/// The most lists that are remembered as written.
const MAX_LISTS: u64 = 10_000;

/// Why a record is no entry.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It has so many bytes, more than a bundle takes.
    #[error("a record has {0} bytes, more than {MAX_ENTRY}")]
    TooLarge(usize),
    /// It can't be written as JSON.
    #[error("a record can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Records to entries. A list of coordinates is written once a month by each process.
#[derive(Debug)]
pub struct Entries {
    /// Lists that needn't be written again, by month and name.
    written: Cache<String, ()>,
}

/// The entries of one record, the record's own last.
#[derive(Debug)]
pub struct Made {
    /// What is appended.
    pub entries: Vec<Entry>,
    /// The list among them that needn't be written again once these are durable.
    pub list: Option<NewList>,
}

/// A list of coordinates that is written for the first time in its month, by its key.
#[derive(Debug)]
pub struct NewList(String);

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    record: &'a Record,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinates: Option<&'a str>,
}

impl Default for Entries {
    fn default() -> Self {
        Entries { written: Cache::new(MAX_LISTS) }
    }
}

impl Entries {
    /// The entries of a record.
    ///
    /// # Errors
    /// A record that no bundle can take.
    pub fn make(&self, record: &Record) -> Result<Made, Unfit> {
        let Some(list) = record.coordinates.as_deref().filter(|list| !list.is_empty()) else {
            return Ok(Made { entries: vec![entry(record, None)?], list: None });
        };
        let own = entry(record, Some(list.name()))?;
        // Archives of one month stand for themselves, so each month has its own copy.
        let key = format!("{} {}", china::month(&record.ended_at), list.name());
        if self.written.contains_key(&key) {
            return Ok(Made { entries: vec![own], list: None });
        }
        Ok(Made { entries: vec![list_entry(list, record)?, own], list: Some(NewList(key)) })
    }

    /// What was made with a list is durable.
    pub fn is_durable(&self, list: Option<NewList>) {
        if let Some(NewList(key)) = list {
            self.written.insert(key, ());
        }
    }
}

fn entry(record: &Record, coordinates: Option<&str>) -> Result<Entry, Unfit> {
    let text = serde_json::to_string(&Written { record, coordinates })?;
    Ok(Entry { id: record.id.clone(), text: bounded(text)?, openings: record.people.openings().to_vec() })
}

fn list_entry(list: &Coordinates, record: &Record) -> Result<Entry, Unfit> {
    let name = list.name();
    let text = json!({
        "kind": COORDINATES,
        "id": format!("{name}-{}", hex(&crate::clock::random::<8>())),
        "name": name,
        "endedAt": record.ended_at,
        "outcomes": list.outcomes(),
    });
    let id = text["id"].as_str().unwrap_or_default().to_owned();
    Ok(Entry { id, text: bounded(text.to_string())?, openings: Vec::new() })
}

fn bounded(text: String) -> Result<String, Unfit> {
    if text.len() > MAX_ENTRY {
        return Err(Unfit::TooLarge(text.len()));
    }
    Ok(text)
}

/// An entry as it is read back.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored<'a> {
    /// A [`Kind`], or `COORDINATES`.
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    /// The record's name.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// When it ended.
    #[serde(borrow)]
    pub ended_at: Cow<'a, str>,
    /// The caller.
    #[serde(borrow, default)]
    pub subject: Cow<'a, str>,
    /// The caller's department.
    #[serde(borrow, default)]
    pub department: Cow<'a, str>,
    /// The caller's role.
    #[serde(borrow, default)]
    pub role: Cow<'a, str>,
    /// The caller's division.
    #[serde(borrow, default)]
    pub division: Cow<'a, str>,
    /// The purpose.
    #[serde(borrow, default)]
    pub purpose: Cow<'a, str>,
    /// The case.
    #[serde(default)]
    pub case: Option<Cow<'a, str>>,
    /// The name of the list of coordinates.
    #[serde(default)]
    pub coordinates: Option<Cow<'a, str>>,
    /// The people.
    #[serde(borrow, default)]
    pub people: StoredPeople<'a>,
    /// Of a list of coordinates: its name.
    #[serde(default)]
    pub name: Option<Cow<'a, str>>,
    /// Of a list of coordinates: the list.
    #[serde(default)]
    pub outcomes: Option<Outcomes>,
    /// What else was done and why.
    #[serde(default)]
    pub note: Option<Cow<'a, str>>,
}

/// The people of an entry as they are read back.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StoredPeople<'a> {
    /// How many.
    #[serde(default)]
    pub count: u64,
    /// The key of their digests.
    #[serde(borrow, default)]
    pub key: Cow<'a, str>,
    /// The root over their commitments.
    #[serde(borrow, default)]
    pub root: Cow<'a, str>,
}

impl Stored<'_> {
    /// Reads an entry.
    ///
    /// # Errors
    /// Where it isn't one.
    pub fn read(text: &str) -> serde_json::Result<Stored<'_>> {
        serde_json::from_str(text)
    }

    /// Whether this is a record of something, not a list that records name.
    pub fn is_record(&self) -> bool {
        self.kind != COORDINATES
    }

    /// Whether this is of a kind.
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{CoordinateOutcome, People};

    fn record(note: String) -> Record {
        Record {
            kind: Kind::Refused,
            id: String::from("1"),
            started_at: String::from("2026-11-25T00:00:00.000Z"),
            ended_at: String::from("2026-11-25T00:00:00.000Z"),
            subject: String::new(),
            issuer: String::new(),
            department: String::new(),
            role: String::new(),
            division: String::new(),
            purpose: String::new(),
            basis: "".into(),
            case: None,
            exchange: Vec::new(),
            document: "".into(),
            operation: None,
            note: Some(note),
            coordinates: None,
            departments: Vec::new(),
            people: People::default(),
            catalogue: "".into(),
            policies: "".into(),
        }
    }

    #[test]
    fn an_entry_is_bounded_just_where_a_bundle_ends() {
        let entries = Entries::default();
        let empty = entries.make(&record(String::new())).unwrap().entries[0].text.len();
        let most = entries.make(&record("n".repeat(MAX_ENTRY - empty))).unwrap();
        assert_eq!(most.entries[0].text.len(), MAX_ENTRY);
        assert!(entries.make(&record("n".repeat(MAX_ENTRY - empty + 1))).is_err());
    }

    #[test]
    fn a_list_of_coordinates_is_written_once_a_month_after_it_is_durable() {
        let entries = Entries::default();
        let mut record = record(String::new());
        let outcome = |coordinate: &str, decision: &str, reason: Option<&str>| CoordinateOutcome {
            coordinate: coordinate.to_owned(),
            decision: decision.to_owned(),
            reason: reason.map(str::to_owned),
        };
        let list = vec![outcome("A.b", "CLEAR", None), outcome("A.c", "DENY", Some("PURPOSE"))];
        record.coordinates = Some(Coordinates::new(list.clone()).into());
        let first = entries.make(&record).unwrap();
        assert_eq!(first.entries.len(), 2);
        assert_eq!(entries.make(&record).unwrap().entries.len(), 2, "the first may still fail");
        let stored = Stored::read(&first.entries[0].text).unwrap();
        let outcomes = stored.outcomes.clone().unwrap();
        assert_eq!(outcomes.list(), list);
        entries.is_durable(first.list);
        assert_eq!(entries.make(&record).unwrap().entries.len(), 1);
        record.ended_at = String::from("2026-12-01T00:00:00.000Z");
        assert_eq!(entries.make(&record).unwrap().entries.len(), 2, "another month has its own");
    }
}
