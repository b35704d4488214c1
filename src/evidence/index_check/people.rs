//! The people of records: their commitments must be those that the entry's root seals, and what opens
//! one must open it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::clock::hex;
use crate::evidence::index_check::Erasure;
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

    /// What is wrong with the row by itself.
    fn wrong(&self, sealed: &Sealed, erasures: &[Erasure]) -> Option<&'static str> {
        let is_erased = |erasure: &Erasure| {
            erasure.index > self.index && erasure.key.as_ref().is_none_or(|key| *key == sealed.key)
        };
        match (&self.salt, &self.digest) {
            _ if self.key != sealed.key => Some("the key of one of its people isn't the one that is named"),
            (Some(salt), Some(digest)) if leaf_hash(&[&salt[..], digest].concat())[..] != self.commitment => {
                Some("the digest of one of its people isn't the one that was sealed")
            }
            (Some(_), Some(_)) => None,
            (None, None) if erasures.iter().any(is_erased) => None,
            _ => Some("one of its people can't be found any more, and no erasure is recorded"),
        }
    }
}

/// Checks the people of the records `low..high`.
pub(super) async fn check<C: ConnectionTrait>(
    connection: &C,
    (low, high): (u64, u64),
    sealed: &BTreeMap<u64, Sealed>,
    erasures: &[Erasure],
) -> Result<Vec<Problem>, DbErr> {
    let (mut trees, mut wrong) = (HashMap::<u64, Frontier>::new(), BTreeSet::new());
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
            wrong.extend(person.wrong(of, erasures).map(|why| (person.index, why)));
            let commitment = Hash::try_from(&person.commitment[..]).unwrap_or_default();
            trees.entry(person.index).or_default().push(commitment);
        }
        if rows.len() < ROWS {
            break;
        }
    }
    let others = sealed.iter().filter(|(index, sealed)| !sealed.is(trees.get(index)));
    wrong.extend(others.map(|(index, _)| (*index, "its people aren't those that were sealed")));
    Ok(wrong.into_iter().map(|(index, why)| Problem::People(index, why)).collect())
}

/// People of a record beyond the newest head. One statement: the log may grow while it is looked at.
pub(super) async fn beyond<C: ConnectionTrait>(connection: &C) -> Result<Option<Problem>, DbErr> {
    let sql = "SELECT MIN(log_index) AS beyond FROM evidence_person \
               WHERE log_index >= (SELECT COALESCE(MAX(size), 0) FROM evidence_checkpoint) OR log_index < 0";
    let found = store::rows(connection, sql, Vec::new()).await?;
    let beyond: Option<i64> = found.first().map_or(Ok(None), |row| row.try_get("", "beyond"))?;
    Ok(beyond.map(|at| Problem::People(at as u64, "it has people but isn't there")))
}
