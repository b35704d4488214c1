//! What callers took by one rule, as far as this process knows.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The most callers that a rule remembers: those who have all their units back are forgotten then.
const MAX_CALLERS: usize = 10_000;

/// A caller's bucket, with what is in it at some time, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// As far as is known here, other replicas included.
    pub(super) level: u64,
    /// Of it, what this process gave: the least that it counts, whatever Redis says.
    pub(super) own: u64,
    /// The number of the connection over which Redis said so last; 0 where this process counted by itself.
    pub(super) said: u64,
    pub(super) at: Instant,
}

impl Bucket {
    fn empty(at: Instant) -> Self {
        Bucket { level: 0, own: 0, said: 0, at }
    }

    /// The same later.
    fn later(self, now: Instant) -> Self {
        let gone = now.saturating_duration_since(self.at).as_nanos();
        let gone = u64::try_from(gone).unwrap_or(u64::MAX);
        let own = self.own.saturating_sub(gone);
        Bucket { level: self.level.saturating_sub(gone).max(own), own, said: self.said, at: now }
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
        inner.by_caller.get(caller).map_or_else(|| Bucket::empty(now), |bucket| bucket.later(now))
    }

    /// Changes a caller's bucket at once: `change` gets it as it is now, and gives what is in its place.
    ///
    /// # Errors
    /// What `change` says; then it stays as it is.
    pub(super) fn change<E>(
        &self,
        caller: String,
        now: Instant,
        change: impl FnOnce(Bucket) -> Result<Bucket, E>,
    ) -> Result<Bucket, E> {
        let mut inner = self.inner();
        let before =
            inner.by_caller.get(&caller).map_or_else(|| Bucket::empty(now), |bucket| bucket.later(now));
        let bucket = change(before)?;
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
            self.by_caller.retain(|_, bucket| bucket.later(now).level > 0);
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
            let put = |before| Ok::<_, Infallible>(Bucket { level, own: level / 2, said: 3, ..before });
            buckets.change(caller.to_string(), now, put).unwrap();
        };
        (0..MAX_CALLERS).for_each(|caller| put(caller, if caller == 0 { 1_000 } else { 0 }));
        assert_eq!(buckets.inner().by_caller.len(), MAX_CALLERS, "just so many are remembered");
        put(MAX_CALLERS, 2_000);
        assert_eq!(buckets.inner().by_caller.len(), 2, "one more, and the empty ones go");
        let found = |after: u64| {
            let Bucket { level, own, said, .. } = buckets.look("0", now + Duration::from_nanos(after));
            (level, own, said)
        };
        assert_eq!(found(0), (1_000, 500, 3));
        assert_eq!(found(999), (1, 0, 3));
        assert_eq!(found(1_001), (0, 0, 3));
        assert_eq!(buckets.look("1", now), Bucket::empty(now));
    }

    #[test]
    fn what_this_process_gave_is_in_it_whatever_is_said() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        let put = |before| Ok::<_, Infallible>(Bucket { level: 10, own: 100, ..before });
        buckets.change(String::from("caller"), now, put).unwrap();
        assert_eq!(buckets.look("caller", now).level, 100);
    }
}
