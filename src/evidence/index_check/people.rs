//! The people of records: the commitments of their leaves must be those that the entry's root seals, and what can't
//! be opened any more must have been erased.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use crate::clock::hex;
use crate::evidence::index_check::found::{Marks, Tally};
use crate::evidence::index_check::{Erasure, Took};
use crate::evidence::leaves::{self, Leaf};
use crate::evidence::merkle::Frontier;
use crate::evidence::openings::{self, Opening};
use crate::evidence::store;
use crate::evidence::verify::Problem;

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

    fn is(&self, tree: &Frontier) -> bool {
        tree.size() == self.count && (self.count == 0 || hex(&tree.root()) == self.root)
    }
}

impl Erasure {
    /// Whether this took everybody under a key from this record.
    fn is_of_key(&self, key: &str, record: u64) -> bool {
        self.index > record && matches!(&self.took, Took::Key(taken) if taken == key)
    }

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
    /// Whom the records must be found by.
    pub(super) tally: Tally,
}

/// What checks need to know besides the records.
pub(super) struct Known<'a> {
    pub(super) erasures: &'a [Erasure],
    pub(super) marks: &'a Marks,
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
    known: &Known<'_>,
) -> Result<Checked, DbErr> {
    let (mut checked, mut wrong) = (Checked::default(), BTreeSet::new());
    let mut without: BTreeSet<u64> =
        sealed.iter().filter(|(_, sealed)| sealed.count > 0).map(|(index, _)| *index).collect();
    let mut behind = low as i64 - 1;
    loop {
        let page = openings::page(connection, (behind, high as i64), None).await?;
        let Some(last) = page.last() else { break };
        behind = last.index;
        for Opening { index, key, leaves } in &page {
            let index = *index as u64;
            without.remove(&index);
            let why = match (sealed.get(&index), leaves::read(leaves)) {
                (None, _) => Some("it has people but isn't there"),
                (Some(_), None) => Some("its people can't be read"),
                (Some(sealed), Some(leaves)) => sealed.differs(index, key, &leaves, known, &mut checked),
            };
            wrong.extend(why.map(|why| (index, why)));
        }
    }
    wrong.extend(without.into_iter().map(|index| (index, NOT_SEALED)));
    checked.problems = wrong.into_iter().map(|(index, why)| Problem::People(index, why)).collect();
    Ok(checked)
}

/// What is told where commitments don't lead to the entry's root.
const NOT_SEALED: &str = "its people aren't those that were sealed";

/// What is told where somebody isn't to be found, and no record says why.
pub(super) const LOST: &str = "one of its people can't be found any more, and no erasure is recorded";

impl Sealed {
    /// How a record's people differ from what its entry says of them; takes down whom it must be found by.
    fn differs(
        &self,
        index: u64,
        key: &str,
        leaves: &[Leaf<'_>],
        known: &Known<'_>,
        checked: &mut Checked,
    ) -> Option<&'static str> {
        let (mut tree, mut lost) = (Frontier::default(), 0);
        for leaf in leaves {
            tree.push(leaf.commitment());
            match leaf.digest() {
                Some(digest) => checked.tally.add(known.marks, digest, index),
                None => lost += 1,
            }
        }
        if key != self.key {
            return Some("the key of its people isn't the one that is named");
        }
        if !self.is(&tree) {
            return Some(NOT_SEALED);
        }
        if lost == 0 || known.erasures.iter().any(|erasure| erasure.is_of_key(key, index)) {
            return None;
        }
        if known.erasures.iter().any(|erasure| erasure.is_of_one_behind(index)) {
            checked.erased.extend(std::iter::repeat_n(index, lost));
            return None;
        }
        Some(LOST)
    }
}

/// People of a record beyond the newest head. One statement: the log may grow while it is looked at.
pub(super) async fn beyond<C: ConnectionTrait>(connection: &C) -> Result<Option<Problem>, DbErr> {
    let sql = "SELECT MIN(log_index) AS beyond FROM (SELECT log_index FROM evidence_opening \
               UNION ALL SELECT log_index FROM evidence_person) AS people \
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
