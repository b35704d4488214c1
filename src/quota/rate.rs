//! The arithmetic of one caller's bucket (GCRA): how much is in it, and when it is empty again. What replicas count
//! together (`crate::replicas::Tally`) does the same in Redis.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::quota::Exceeded;

/// How fast units come back, and how many may be taken at once. All is counted in nanoseconds of the time that it takes
/// to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// One unit.
    unit: u64,
    /// The most units at once.
    burst: u32,
}

const MINUTE: u64 = 60_000_000_000;

/// Three hundred years: more than any quota takes to come back, and less than a number may be that Redis rounds.
const MOST: u64 = 1 << 63;

impl Rate {
    pub(super) fn new(units_per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        Rate { unit: MINUTE / u64::from(units_per_minute.get()), burst: burst.get() }
    }

    /// What a bucket holds.
    pub(super) fn holds(self) -> u64 {
        self.unit.saturating_mul(u64::from(self.burst)).min(MOST)
    }

    /// What an operation of so many units adds to it.
    ///
    /// # Errors
    /// Where it never holds so much.
    pub(super) fn cost(self, units: u64) -> Result<u64, Exceeded> {
        if units > u64::from(self.burst) {
            return Err(Exceeded::Ever(self.burst));
        }
        Ok(self.unit.saturating_mul(units).min(MOST))
    }

    /// The level after that much is added.
    ///
    /// # Errors
    /// Where it doesn't fit yet.
    pub(super) fn take(self, level: u64, cost: u64) -> Result<u64, Exceeded> {
        let next = level.saturating_add(cost);
        if next > self.holds() { Err(self.exceeded(level, cost)) } else { Ok(next) }
    }

    /// For how long so much doesn't fit beside what is there.
    pub(super) fn exceeded(self, level: u64, cost: u64) -> Exceeded {
        Exceeded::For(Duration::from_nanos(level.saturating_add(cost).saturating_sub(self.holds())))
    }

    /// The units that still fit.
    pub(super) fn left(self, level: u64) -> u32 {
        u32::try_from(self.holds().saturating_sub(level) / self.unit).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::{Clock as _, FakeRelativeClock};
    use governor::middleware::StateInformationMiddleware;
    use governor::{Quota, RateLimiter};

    use super::*;

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    /// Numbers that look like chance and are the same each time.
    fn next(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    }

    #[test]
    fn it_decides_as_governor_does() {
        let mut seed = 7;
        for (per_minute, burst) in [(60, 20), (7, 100), (60_000_000, 200_000), (1, 3), (999_999, 1)] {
            let rate = Rate::new(number(per_minute), number(burst));
            let clock = FakeRelativeClock::default();
            let quota = Quota::per_minute(number(per_minute)).allow_burst(number(burst));
            let reference = RateLimiter::direct_with_clock(quota, clock.clone());
            let reference = reference.with_middleware::<StateInformationMiddleware>();
            let (mut level, mut outcomes) = (0u64, [0; 3]);
            for _ in 0..2_000 {
                let pause = next(&mut seed) * 1_021 % (rate.holds() / 2 + 2);
                clock.advance(Duration::from_nanos(pause));
                level = level.saturating_sub(pause);
                let units = u32::try_from(next(&mut seed)).unwrap() % (burst + burst / 10 + 1) + 1;
                let ours = rate.cost(u64::from(units)).and_then(|cost| rate.take(level, cost));
                level = *ours.as_ref().unwrap_or(&level);
                let theirs = match reference.check_n(number(units)) {
                    Ok(Ok(state)) => Ok(state.remaining_burst_capacity()),
                    Ok(Err(until)) => Err(Exceeded::For(until.wait_time_from(clock.now()))),
                    Err(most) => Err(Exceeded::Ever(most.0)),
                };
                let outcome = match theirs {
                    Ok(_) => 0,
                    Err(Exceeded::For(_)) => 1,
                    Err(Exceeded::Ever(_)) => 2,
                };
                outcomes[outcome] += 1;
                assert_eq!(ours.map(|level| rate.left(level)), theirs, "{per_minute} {burst} {units}");
            }
            assert!(outcomes.iter().all(|count| *count > 0), "{per_minute} {burst}: {outcomes:?}");
        }
    }
}
