//! What callers took by one rule, as far as this process knows.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The most callers that a rule remembers: those who have all their units back are forgotten then.
const MAX_CALLERS: usize = 10_000;

/// A caller's bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// What was in it, in nanoseconds.
    level: u64,
    at: Instant,
    /// The number of the connection over which Redis said so last; 0 where this process counted by itself.
    pub(super) said: u64,
}

impl Bucket {
    /// What is in it, and who said so.
    pub(super) fn new(level: u64, at: Instant, said: u64) -> Self {
        Bucket { level, at, said }
    }

    pub(super) fn level(&self, now: Instant) -> u64 {
        let gone = now.saturating_duration_since(self.at).as_nanos();
        self.level.saturating_sub(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}

/// The buckets of a rule.
#[derive(Debug)]
pub(super) struct Buckets(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    by_caller: HashMap<String, Bucket>,
    /// With so many, those that are empty go.
    most: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets(Mutex::new(Inner { by_caller: HashMap::new(), most: MAX_CALLERS }))
    }
}

impl Buckets {
    /// Looks into a caller's bucket.
    pub(super) fn look(&self, caller: &str, now: Instant) -> Bucket {
        let inner = self.inner();
        inner.by_caller.get(caller).copied().unwrap_or_else(|| Bucket::new(0, now, 0))
    }

    /// Changes a caller's bucket at once: `change` gets its level now, and gives what is in its place.
    ///
    /// # Errors
    /// What `change` says; then it stays as it is.
    pub(super) fn change<E>(
        &self,
        caller: String,
        now: Instant,
        change: impl FnOnce(u64) -> Result<Bucket, E>,
    ) -> Result<Bucket, E> {
        let mut inner = self.inner();
        let level = inner.by_caller.get(&caller).map_or(0, |bucket| bucket.level(now));
        let bucket = change(level)?;
        inner.by_caller.insert(caller, bucket);
        inner.forget(now);
        Ok(bucket)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Where nearly all are in use, the next time comes when there are twice as many: looking costs a walk over all.
    fn forget(&mut self, now: Instant) {
        if self.by_caller.len() > self.most {
            self.by_caller.retain(|_, bucket| bucket.level(now) > 0);
            self.most = MAX_CALLERS.max(2 * self.by_caller.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_with_time_and_an_empty_one_is_forgotten() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        let put = |caller: usize, level: u64| {
            let put = |_| Ok::<_, Infallible>(Bucket::new(level, now, 3));
            buckets.change(caller.to_string(), now, put).unwrap();
        };
        (0..MAX_CALLERS).for_each(|caller| put(caller, if caller == 0 { 1_000 } else { 0 }));
        assert_eq!(buckets.inner().by_caller.len(), MAX_CALLERS, "just so many are remembered");
        put(MAX_CALLERS, 2_000);
        assert_eq!(buckets.inner().by_caller.len(), 2, "one more, and the empty ones go");
        let found = buckets.look("0", now);
        assert_eq!((found.level(now), found.said), (1_000, 3));
        assert_eq!(found.level(now + Duration::from_nanos(999)), 1);
        assert_eq!(found.level(now + Duration::from_nanos(1_001)), 0);
        assert_eq!(buckets.look("1", now).said, 0);
    }
}
