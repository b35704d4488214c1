//! The people of records: their commitments must be those that the entry's root seals, and what opens
//! one must open it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::clock::hex;
use crate::evidence::index_check::{Erasure, Took};
use crate::evidence::merkle::{Frontier, Hash, leaf_hash};
use crate::evidence::store;
use crate::evidence::verify::Problem;

/// Rows that are read at once, however many people a record has.
const ROWS: usize = 10_000;

/// What an entry says of its people.
pub(super) struct Sealed {
    count: u64,
    key: String,
    root: String,
}

impl Sealed {
    pub(super) fn new(count: u64, key: Cow<'_, str>, root: Cow<'_, str>) -> Self {
        Sealed { count, key: key.into_owned(), root: root.into_owned() }
    }

    fn is(&self, found: Option<&Frontier>) -> bool {
        match found {
            None => self.count == 0,
            Some(tree) => tree.size() == self.count && hex(&tree.root()) == self.root,
        }
    }
}

/// A row.
struct Person {
    index: u64,
    leaf: i64,
    key: String,
    digest: Option<Vec<u8>>,
    salt: Option<Vec<u8>>,
    commitment: Vec<u8>,
}

impl Person {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Person {
            index: row.try_get::<i64>("", "log_index")? as u64,
            leaf: row.try_get("", "leaf")?,
            key: row.try_get("", "person_key")?,
            digest: row.try_get("", "digest")?,
            salt: row.try_get("", "salt")?,
            commitment: row.try_get("", "commitment")?,
        })
    }

    /// How the row stands by itself.
    fn state(&self, sealed: &Sealed, erasures: &[Erasure]) -> State {
        let mut later = erasures.iter().filter(|erasure| erasure.index > self.index);
        let wrong = match (&self.salt, &self.digest) {
            _ if self.key != sealed.key => Some("the key of one of its people isn't the one that is named"),
            (Some(salt), Some(digest)) if leaf_hash(&[&salt[..], digest].concat())[..] != self.commitment => {
                Some("the digest of one of its people isn't the one that was sealed")
            }
            (Some(_), Some(_)) => None,
            (None, None)
                if later.any(|erasure| matches!(&erasure.took, Took::Key(key) if *key == sealed.key)) =>
            {
                None
            }
            (None, None) if erasures.iter().any(|erasure| erasure.is_of_one_behind(self.index)) => {
                return State::Erased;
            }
            _ => Some("one of its people can't be found any more, and no erasure is recorded"),
        };
        wrong.map_or(State::Right, State::Wrong)
    }
}

/// How a row stands.
enum State {
    Right,
    /// It may be one that an erasure of one person took.
    Erased,
    Wrong(&'static str),
}

impl Erasure {
    /// Whether this took one person, and may have taken them from this record.
    fn is_of_one_behind(&self, record: u64) -> bool {
        self.index > record && matches!(self.took, Took::Person(_))
    }
}

/// What is found about the people of some records.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) problems: Vec<Problem>,
    /// As [`crate::evidence::index_check::parts::Part::erased`].
    pub(super) erased: Vec<u64>,
}

/// What more can't be opened than erasures of one person took. An erasure excuses what stands before it only, so
/// that those from each on must have taken what can't be opened behind the one before.
pub(super) fn erased_beyond(erased: &[u64], erasures: &[Erasure]) -> Option<Problem> {
    let (mut left, mut taken) = (erased, 0);
    let ones = erasures.iter().rev().filter_map(|erasure| match erasure.took {
        Took::Person(count) => Some((erasure.index, count)),
        Took::Key(_) => None,
    });
    let ones: Vec<(u64, u64)> = ones.collect();
    for (at, (_, count)) in ones.iter().enumerate() {
        let before = ones.get(at + 1).map_or(0, |(index, _)| *index);
        let behind = left.len() - left.partition_point(|record| *record < before);
        taken += count;
        if behind as u64 > taken {
            let record = left[left.len() - behind + taken as usize];
            let why = "one of its people can't be found any more, and erasures took fewer";
            return Some(Problem::People(record, why));
        }
        taken -= behind as u64;
        left = &left[..left.len() - behind];
    }
    None
}

/// Checks the people of the records `low..high`.
pub(super) async fn check<C: ConnectionTrait>(
    connection: &C,
    (low, high): (u64, u64),
    sealed: &BTreeMap<u64, Sealed>,
    erasures: &[Erasure],
) -> Result<Checked, DbErr> {
    let (mut trees, mut wrong) = (HashMap::<u64, Frontier>::new(), BTreeSet::new());
    let mut erased = Vec::new();
    let mut behind = (low as i64, i64::MIN);
    loop {
        let sql = "SELECT log_index, leaf, person_key, digest, salt, commitment FROM evidence_person \
                   WHERE (log_index, leaf) > ($1, $2) AND log_index < $3 ORDER BY log_index, leaf LIMIT $4";
        let values = vec![behind.0.into(), behind.1.into(), (high as i64).into(), (ROWS as i64).into()];
        let rows = store::rows(connection, sql, values).await?;
        for row in &rows {
            let person = Person::read(row)?;
            behind = (person.index as i64, person.leaf);
            let Some(of) = sealed.get(&person.index) else {
                wrong.insert((person.index, "it has people but isn't there"));
                continue;
            };
            match person.state(of, erasures) {
                State::Right => {}
                State::Erased => erased.push(person.index),
                State::Wrong(why) => drop(wrong.insert((person.index, why))),
            }
            let commitment = Hash::try_from(&person.commitment[..]).unwrap_or_default();
            trees.entry(person.index).or_default().push(commitment);
        }
        if rows.len() < ROWS {
            break;
        }
    }
    let others = sealed.iter().filter(|(index, sealed)| !sealed.is(trees.get(index)));
    wrong.extend(others.map(|(index, _)| (*index, "its people aren't those that were sealed")));
    let problems = wrong.into_iter().map(|(index, why)| Problem::People(index, why)).collect();
    Ok(Checked { problems, erased })
}

/// People of a record beyond the newest head. One statement: the log may grow while it is looked at.
pub(super) async fn beyond<C: ConnectionTrait>(connection: &C) -> Result<Option<Problem>, DbErr> {
    let sql = "SELECT MIN(log_index) AS beyond FROM evidence_person \
               WHERE log_index >= (SELECT COALESCE(MAX(size), 0) FROM evidence_checkpoint) OR log_index < 0";
    let found = store::rows(connection, sql, Vec::new()).await?;
    let beyond: Option<i64> = found.first().map_or(Ok(None), |row| row.try_get("", "beyond"))?;
    Ok(beyond.map(|at| Problem::People(at as u64, "it has people but isn't there")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(erased: &[u64], erasures: &[(u64, u64)]) -> Option<u64> {
        let erasures: Vec<Erasure> = erasures
            .iter()
            .map(|(index, count)| Erasure { index: *index, took: Took::Person(*count) })
            .collect();
        match erased_beyond(erased, &erasures) {
            Some(Problem::People(record, _)) => Some(record),
            _ => None,
        }
    }

    #[test]
    fn erasures_of_one_person_excuse_as_many_as_they_took_and_only_before_themselves() {
        assert_eq!(beyond(&[1, 2, 2], &[(5, 3)]), None);
        assert_eq!(beyond(&[1, 2, 3], &[(5, 2)]), Some(3));
        assert_eq!(beyond(&[1], &[(5, 2)]), None, "what was purged is missing");
        assert_eq!(beyond(&[1, 6, 7], &[(5, 1), (9, 2)]), None);
        assert_eq!(beyond(&[1, 2, 7], &[(5, 1), (9, 2)]), None, "the later one may have taken it");
        assert_eq!(beyond(&[1, 6, 7], &[(5, 2), (9, 1)]), Some(7), "the earlier one can't have");
        assert_eq!(beyond(&[1, 2, 3, 6], &[(5, 1), (9, 2)]), Some(3));
        assert_eq!(beyond(&[], &[]), None);
    }
}
