//! What became of each statement of a plan.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::fetch::{Rows, Texts};

/// What became of a statement.
#[derive(Debug)]
pub enum Outcome {
    /// The department answered.
    Rows(Fetched),
    /// The department didn't answer.
    Unavailable,
    /// A department above it didn't answer, so this one wasn't asked.
    NotAsked,
}

/// One request's view of the rows of a statement.
#[derive(Clone, Debug)]
pub struct Fetched {
    indexed: Arc<Indexed>,
    /// The values that this request looked up, where the statement looked up others' too. Rows are
    /// only ever found by such a value, so that nobody comes upon a row that somebody else asked for.
    own: Option<Arc<Texts>>,
}

/// Rows that are found by the value of one column.
#[derive(Debug)]
pub(crate) struct Indexed {
    rows: Rows,
    key_slot: Option<usize>,
    /// First row of each value; the values stay in the rows.
    first: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The row behind each row with the same value; itself where there is none.
    next: Vec<u32>,
}

impl Indexed {
    /// Rows of a statement, in the order in which they are answered.
    pub(crate) fn new(rows: Rows, key_slot: Option<usize>) -> Self {
        let (first, hasher) = (HashTable::new(), DefaultHashBuilder::default());
        let mut indexed = Indexed { rows, key_slot, first, hasher, next: Vec::new() };
        if let Some(slot) = key_slot {
            indexed.chain(slot);
        }
        indexed
    }

    /// Links the rows of each value, from the last to the first so that chains keep the order.
    fn chain(&mut self, slot: usize) {
        let Indexed { rows, first, hasher, next, .. } = self;
        let count = rows.len();
        *next = (0..count as u32).collect();
        *first = HashTable::with_capacity(count);
        let hash_of =
            |row: &u32| rows.cell(*row as usize, slot).text().map_or(0, |key| hasher.hash_one(&*key));
        for row in (0..count).rev() {
            let Some(key) = rows.cell(row, slot).text() else { continue };
            let same =
                |known: &u32| rows.cell(*known as usize, slot).text().is_some_and(|known| known == key);
            match first.entry(hasher.hash_one(&*key), same, hash_of) {
                Entry::Occupied(mut entry) => next[row] = std::mem::replace(entry.get_mut(), row as u32),
                Entry::Vacant(entry) => {
                    entry.insert(row as u32);
                }
            }
        }
    }

    fn first(&self, key: &str) -> Option<usize> {
        let slot = self.key_slot?;
        let same = |row: &u32| self.rows.cell(*row as usize, slot).text().is_some_and(|known| known == key);
        self.first.find(self.hasher.hash_one(key), same).map(|row| *row as usize)
    }
}

impl Fetched {
    /// Rows that one request alone asked for.
    pub(crate) fn alone(rows: Rows, key_slot: Option<usize>) -> Self {
        Fetched::whole(Arc::new(Indexed::new(rows, key_slot)))
    }

    /// Rows that several requests asked for alike.
    pub(crate) fn whole(indexed: Arc<Indexed>) -> Self {
        Fetched { indexed, own: None }
    }

    /// The part of shared rows that was asked for by these values, each of them once.
    pub(crate) fn part(indexed: Arc<Indexed>, own: Arc<Texts>) -> Self {
        Fetched { indexed, own: Some(own) }
    }

    /// The part of these rows that was asked for by these values, each of them once and each of them among
    /// those that the rows were asked for by.
    pub(crate) fn of(&self, own: Arc<Texts>) -> Self {
        Fetched::part(self.indexed.clone(), own)
    }

    /// What a statement without values to look up would answer.
    pub(crate) fn none(key_slot: Option<usize>) -> Self {
        Fetched::alone(Rows::new(0), key_slot)
    }

    /// The rows, by their numbers; with those of others where the statement was shared.
    pub fn rows(&self) -> &Rows {
        &self.indexed.rows
    }

    /// The numbers of this request's own rows.
    pub fn own(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.own.is_none().then(|| 0..self.indexed.rows.len());
        let found = self.own.iter().flat_map(|keys| keys.iter()).flat_map(|key| self.each(key));
        all.into_iter().flatten().chain(found)
    }

    /// The distinct values of a column, for the statements below.
    pub fn values(&self, slot: usize) -> Texts {
        let mut values: Vec<Cow<'_, str>> =
            self.own().filter_map(|row| self.rows().cell(row, slot).text()).collect();
        if values.len() > 1 {
            values.sort_unstable();
            values.dedup();
        }
        values.iter().collect()
    }

    /// The first row of a value.
    pub fn first(&self, key: &str) -> Option<usize> {
        self.indexed.first(key)
    }

    /// The rows of a value, in order.
    pub fn each(&self, key: &str) -> impl Iterator<Item = usize> + '_ {
        let mut at = self.first(key);
        std::iter::from_fn(move || {
            let row = at?;
            let next = self.indexed.next[row] as usize;
            at = (next != row).then_some(next);
            Some(row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Cell;

    fn keyed(keys: &[&str]) -> Rows {
        let mut rows = Rows::new(1);
        keys.iter().for_each(|key| rows.push(Cell::Text(key)));
        rows
    }

    #[test]
    fn rows_of_one_value_stay_in_order() {
        let fetched = Fetched::alone(keyed(&["a", "b", "a", "c", "a"]), Some(0));
        assert_eq!(fetched.each("a").collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(fetched.each("b").collect::<Vec<_>>(), [1]);
        assert_eq!(fetched.each("x").count(), 0);
        assert_eq!(fetched.values(0), ["a", "b", "c"].into_iter().collect());
    }

    #[test]
    fn who_shares_a_statement_counts_own_rows_only() {
        let indexed = Arc::new(Indexed::new(keyed(&["a", "b", "a", "c"]), Some(0)));
        let part = |keys: &[&str]| Fetched::part(indexed.clone(), Arc::new(keys.iter().collect()));
        assert_eq!(part(&["a"]).own().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(part(&["c", "x"]).values(0), ["c"].into_iter().collect());
        assert_eq!(part(&["x"]).own().count(), 0);
    }
}
