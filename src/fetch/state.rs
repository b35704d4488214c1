//! What became of each statement of a plan.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::fetch::Rows;
use crate::fetch::rows::Flat;

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

/// Rows that are found by the value of their first column.
#[derive(Debug)]
pub struct Fetched {
    rows: Rows,
    key_slot: Option<usize>,
    /// First row of each value; the values stay in the rows.
    first: HashTable<u32>,
    hasher: RandomState,
    /// The row behind each row with the same value; itself where there is none.
    next: Vec<u32>,
}

impl Fetched {
    /// Rows of a statement, in the order in which they are answered.
    pub fn new(rows: Rows, key_slot: Option<usize>) -> Self {
        let (first, hasher) = (HashTable::new(), RandomState::new());
        let mut fetched = Fetched { rows, key_slot, first, hasher, next: Vec::new() };
        if let Some(slot) = key_slot {
            fetched.chain(slot);
        }
        fetched
    }

    /// What a statement without values to look up would answer.
    pub(crate) fn none(key_slot: Option<usize>) -> Self {
        Fetched::new(Rows::Sqlite(Flat::new(0)), key_slot)
    }

    /// Links the rows of each value, from the last to the first so that chains keep the order.
    fn chain(&mut self, slot: usize) {
        let Fetched { rows, first, hasher, next, .. } = self;
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

    /// The rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The distinct values of a column, for the statements below.
    pub fn values(&self, slot: usize) -> Vec<String> {
        let mut values: Vec<String> =
            (0..self.rows.len()).filter_map(|row| self.rows.cell(row, slot).to_text()).collect();
        if values.len() > 1 {
            values.sort_unstable();
            values.dedup();
        }
        values
    }

    /// The first row of a value.
    pub fn first(&self, key: &str) -> Option<usize> {
        let slot = self.key_slot?;
        let same = |row: &u32| self.rows.cell(*row as usize, slot).text().is_some_and(|known| known == key);
        self.first.find(self.hasher.hash_one(key), same).map(|row| *row as usize)
    }

    /// The rows of a value, in order.
    pub fn each(&self, key: &str) -> impl Iterator<Item = usize> + '_ {
        let mut at = self.first(key);
        std::iter::from_fn(move || {
            let row = at?;
            let next = self.next[row] as usize;
            at = (next != row).then_some(next);
            Some(row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_value_stay_in_order() {
        let mut flat = Flat::new(1);
        for key in ["a", "b", "a", "c", "a"] {
            flat.push_text(key);
        }
        let fetched = Fetched::new(Rows::Sqlite(flat), Some(0));
        assert_eq!(fetched.each("a").collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(fetched.each("b").collect::<Vec<_>>(), [1]);
        assert_eq!(fetched.each("x").count(), 0);
        assert_eq!(fetched.values(0), ["a", "b", "c"]);
    }
}
