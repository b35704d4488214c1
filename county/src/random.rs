//! Chance that can be repeated: every family and every department throws dice of its own.
//!
//! Dice are seeded by the county's seed, the family's number and a topic. So a family is the same
//! whichever families come before it (the sequence digits of citizen numbers apart), and a department
//! that writes one row more doesn't change what another department writes.

use chrono::{Days, NaiveDate};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A source of chance.
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64, family: u64, topic: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&family.to_le_bytes());
        bytes[16..24].copy_from_slice(&topic.to_le_bytes());
        Dice(StdRng::from_seed(bytes))
    }

    /// Whether something happens that happens in this share of cases.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.0.random_bool(share)
    }

    /// A whole number, both ends included; the lower end where the upper one is below it.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    /// One of several values, each as often as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let total = from.iter().map(|(_, weight)| weight).sum::<u32>();
        let mut at = self.0.random_range(0..total);
        for (value, weight) in from {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        from[from.len() - 1].0
    }

    /// A day between two days, both included.
    pub(crate) fn day(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let length = (to - from).num_days().max(0);
        from + Days::new(self.between(0, length).unsigned_abs())
    }

    /// A number of so many digits, leading zeros included.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.0.random_range(0..10u8))).collect()
    }
}
