//! Whom records are found by: exactly the people of their leaves that can be opened.
//!
//! That table is in the order of people, and leaves are in the order of records. Instead of sorting either, both are
//! summed up part by part: of each pair of person and record a hash under a key that nobody knows beforehand, which
//! are added. Only where two sums differ are the pairs themselves compared.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use sea_orm::{ConnectionTrait, DbErr};

use crate::evidence::index_check::PART;
use crate::evidence::index_check::people::LOST;
use crate::evidence::leaves;
use crate::evidence::store;
use crate::evidence::verify::Problem;

/// Rows that are read at once.
const ROWS: usize = 10_000;

/// Parts that are looked into: each costs a reading of the whole table.
const PARTS: usize = 4;

/// What is told where a record is found by somebody whom it isn't about.
const NOT_ABOUT: &str = "it is found by somebody who isn't among its people";

/// How pairs are hashed: SipHash under a random key, so that no rows can be made whose sum is another's.
pub(super) type Marks = RandomState;

/// The sum of some pairs, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    count: u64,
    sum: u64,
}

impl Tally {
    /// Adds a pair.
    pub(super) fn add(&mut self, marks: &Marks, digest: &[u8], index: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(marks.hash_one((digest, index)));
    }
}

/// A person and a record that is found by them.
type Pair = (u64, Vec<u8>);

/// Holds whom the records below `size` are found by against whom they must be, by the first record of each part.
pub(super) async fn check<C: ConnectionTrait>(
    connection: &C,
    size: u64,
    marks: &Marks,
    expected: &BTreeMap<u64, Tally>,
) -> Result<Vec<Problem>, DbErr> {
    let found = tallies(connection, size, marks).await?;
    let starts: BTreeSet<&u64> = expected.keys().chain(found.keys()).collect();
    let tally = |tallies: &BTreeMap<u64, Tally>, low: &u64| tallies.get(low).copied().unwrap_or_default();
    let differing = starts.into_iter().filter(|low| tally(expected, low) != tally(&found, low));
    let mut problems = Vec::new();
    for low in differing.take(PARTS) {
        problems.extend(differences(connection, (*low, size.min(low + PART))).await?);
    }
    Ok(problems)
}

/// The sums of the table's parts.
async fn tallies<C: ConnectionTrait>(
    connection: &C,
    size: u64,
    marks: &Marks,
) -> Result<BTreeMap<u64, Tally>, DbErr> {
    let mut tallies = BTreeMap::<u64, Tally>::new();
    let mut behind: (Vec<u8>, i64) = (Vec::new(), -1);
    loop {
        let sql = "SELECT digest, log_index FROM evidence_person WHERE (digest, log_index) > ($1, $2) \
                   ORDER BY digest, log_index LIMIT $3";
        let values = vec![behind.0.into(), behind.1.into(), (ROWS as i64).into()];
        let rows = store::rows(connection, sql, values).await?;
        behind = (Vec::new(), -1);
        for row in &rows {
            let (digest, index): (Vec<u8>, i64) = (row.try_get("", "digest")?, row.try_get("", "log_index")?);
            // What lies outside the log is told by itself.
            if let Ok(index) = u64::try_from(index)
                && index < size
            {
                tallies.entry(index / PART * PART).or_default().add(marks, &digest, index);
            }
            behind = (digest, index);
        }
        if rows.len() < ROWS {
            return Ok(tallies);
        }
    }
}

/// In what the records `low..high` are found by others than their people.
async fn differences<C: ConnectionTrait>(connection: &C, range: (u64, u64)) -> Result<Vec<Problem>, DbErr> {
    let (expected, found) = (expected(connection, range).await?, found(connection, range).await?);
    let lost = expected.difference(&found).map(|(index, _)| (*index, LOST));
    let others = found.difference(&expected).map(|(index, _)| (*index, NOT_ABOUT));
    let wrong: BTreeSet<(u64, &str)> = lost.chain(others).collect();
    Ok(wrong.into_iter().map(|(index, why)| Problem::People(index, why)).collect())
}

async fn expected<C: ConnectionTrait>(
    connection: &C,
    (low, high): (u64, u64),
) -> Result<BTreeSet<Pair>, DbErr> {
    let sql = "SELECT log_index, leaves FROM evidence_opening WHERE log_index >= $1 AND log_index < $2";
    let mut pairs = BTreeSet::new();
    for row in store::rows(connection, sql, vec![(low as i64).into(), (high as i64).into()]).await? {
        let (index, kept): (i64, Vec<u8>) = (row.try_get("", "log_index")?, row.try_get("", "leaves")?);
        let leaves = leaves::read(&kept).unwrap_or_default();
        pairs.extend(leaves.iter().filter_map(|leaf| Some((index as u64, leaf.digest()?.to_vec()))));
    }
    Ok(pairs)
}

async fn found<C: ConnectionTrait>(connection: &C, (low, high): (u64, u64)) -> Result<BTreeSet<Pair>, DbErr> {
    let sql = "SELECT log_index, digest FROM evidence_person WHERE log_index >= $1 AND log_index < $2";
    let rows = store::rows(connection, sql, vec![(low as i64).into(), (high as i64).into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get::<i64>("", "log_index")? as u64, row.try_get("", "digest")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_of_its_pairs_in_whatever_order() {
        let marks = Marks::new();
        let tally = |pairs: &[(&str, u64)]| {
            let mut tally = Tally::default();
            pairs.iter().for_each(|(digest, index)| tally.add(&marks, digest.as_bytes(), *index));
            tally
        };
        let (one, other) = (("a", 1), ("b", 2));
        assert_eq!(tally(&[one, other]), tally(&[other, one]));
        assert_ne!(tally(&[one]), tally(&[other]));
        assert_ne!(tally(&[one, one]), tally(&[one]), "twice isn't once");
        assert_ne!(tally(&[("a", 2), ("b", 1)]), tally(&[one, other]), "whose records they are");
    }
}
