//! What became of each statement of a plan.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
    /// First row of each value.
    first: HashMap<String, u32>,
    /// The row behind each row with the same value; itself where there is none.
    next: Vec<u32>,
}

impl Fetched {
    /// Rows of a statement, in the order in which they are answered.
    pub fn new(rows: Rows, key_slot: Option<usize>) -> Self {
        let mut fetched = Fetched { rows, key_slot, first: HashMap::new(), next: Vec::new() };
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
        let count = self.rows.len();
        self.next = (0..count as u32).collect();
        self.first = HashMap::with_capacity(count);
        for row in (0..count).rev() {
            let Some(key) = self.rows.cell(row, slot).to_text() else { continue };
            match self.first.entry(key) {
                Entry::Occupied(mut entry) => self.next[row] = entry.insert(row as u32),
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
        let mut values: Vec<String> = (0..self.rows.len()).filter_map(|row| self.rows.cell(row, slot).to_text()).collect();
        if values.len() > 1 {
            values.sort_unstable();
            values.dedup();
        }
        values
    }

    /// The first row of a value.
    pub fn first(&self, key: &str) -> Option<usize> {
        self.first.get(key).map(|row| *row as usize)
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

    /// Whether rows are found by a value.
    pub fn is_keyed(&self) -> bool {
        self.key_slot.is_some()
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
