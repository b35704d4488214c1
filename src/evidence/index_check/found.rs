//! Whom records are found by: exactly the people of their leaves that can be opened.
//!
//! That table is in the order of people, and leaves are in the order of records. Instead of sorting either, both are
//! summed up part by part: of each pair of person and record a hash under a key that nobody knows beforehand, which
//! are added. Only where two sums differ are they made anew for each record.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use sea_orm::{ConnectionTrait, DbErr};

use crate::evidence::index_check::PART;
use crate::evidence::index_check::people::LOST;
use crate::evidence::leaves;
use crate::evidence::openings::{self, Opening};
use crate::evidence::store;
use crate::evidence::verify::Problem;

/// Rows that are read at once.
const ROWS: usize = 10_000;

/// Parts that are looked into, record by record.
const PARTS: usize = 16;

/// What is told where a record is found by somebody whom it isn't about.
const NOT_ABOUT: &str = "it is found by somebody who isn't among its people";

/// How pairs are hashed: SipHash under a random key, so that no rows can be made whose sum is another's.
pub(super) type Marks = RandomState;

/// Sums by record, or by the first record of a part.
pub(super) type Tallies = BTreeMap<u64, Tally>;

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

/// Holds whom the records below `size` are found by against whom they must be, by the first record of each part.
pub(super) async fn check<C: ConnectionTrait>(
    connection: &C,
    size: u64,
    marks: &Marks,
    expected: &Tallies,
) -> Result<Vec<Problem>, DbErr> {
    let part = |index: u64| (index < size).then_some(index / PART * PART);
    let found = found(connection, marks, part).await?;
    let differing: BTreeSet<u64> = differing(expected, &found).take(PARTS).collect();
    if differing.is_empty() {
        return Ok(Vec::new());
    }
    let record = |index: u64| part(index).is_some_and(|part| differing.contains(&part)).then_some(index);
    let found = self::found(connection, marks, record).await?;
    let expected = expected_of(connection, size, marks, &differing).await?;
    let problems = self::differing(&expected, &found).flat_map(|index| {
        let (expected, found) = (tally(&expected, index).count, tally(&found, index).count);
        let lost = (expected >= found).then_some(Problem::People(index, LOST));
        lost.into_iter().chain((found >= expected).then_some(Problem::People(index, NOT_ABOUT)))
    });
    Ok(problems.collect())
}

fn tally(tallies: &Tallies, of: u64) -> Tally {
    tallies.get(&of).copied().unwrap_or_default()
}

/// What has another sum here than there.
fn differing<'a>(expected: &'a Tallies, found: &'a Tallies) -> impl Iterator<Item = u64> + 'a {
    let all: BTreeSet<u64> = expected.keys().chain(found.keys()).copied().collect();
    all.into_iter().filter(|of| tally(expected, *of) != tally(found, *of))
}

/// The sums of the table, by what each record is counted with.
async fn found<C: ConnectionTrait>(
    connection: &C,
    marks: &Marks,
    with: impl Fn(u64) -> Option<u64>,
) -> Result<Tallies, DbErr> {
    let mut tallies = Tallies::new();
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
            if let Some((index, with)) =
                u64::try_from(index).ok().and_then(|index| Some((index, with(index)?)))
            {
                tallies.entry(with).or_default().add(marks, &digest, index);
            }
            behind = (digest, index);
        }
        if rows.len() < ROWS {
            return Ok(tallies);
        }
    }
}

/// The sums of each record's leaves in some parts.
async fn expected_of<C: ConnectionTrait>(
    connection: &C,
    size: u64,
    marks: &Marks,
    parts: &BTreeSet<u64>,
) -> Result<Tallies, DbErr> {
    let mut tallies = Tallies::new();
    for low in parts {
        let (mut behind, high) = (*low as i64 - 1, size.min(low + PART) as i64);
        loop {
            let page = openings::page(connection, (behind, high), None).await?;
            let Some(last) = page.last() else { break };
            behind = last.index;
            for Opening { index, leaves, .. } in &page {
                let tally = tallies.entry(*index as u64).or_default();
                let leaves = leaves::read(leaves).unwrap_or_default();
                leaves
                    .iter()
                    .filter_map(leaves::Leaf::digest)
                    .for_each(|digest| tally.add(marks, digest, *index as u64));
            }
        }
    }
    Ok(tallies)
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
