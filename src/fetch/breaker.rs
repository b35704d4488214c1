//! Whether a department's database is asked at all: not while it doesn't answer, and not by more requests at once than
//! it may have.
//!
//! Requests that wait for a database that is frozen each keep a place among all requests. So at most
//! `fetch.requests` wait for one database, and after some failures one after another it is *open*: nobody waits for
//! it, and each request is told at once that the department is unavailable. After a pause it is *half open*: one
//! request tries, and its outcome closes or opens it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How a database is kept from taking what others need.
#[derive(Clone, Copy, Debug)]
pub struct BreakerOptions {
    /// Requests that may wait for it at once.
    pub requests: usize,
    /// Failures one after another that open it.
    pub failures: u32,
    /// How long it stays open before somebody tries.
    pub pause: Duration,
}

impl Default for BreakerOptions {
    fn default() -> Self {
        BreakerOptions { requests: 256, failures: 5, pause: Duration::from_secs(5) }
    }
}

/// Whether a database is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Closed,
    /// It isn't.
    Open,
    /// One request tries.
    HalfOpen,
}

impl State {
    /// The word for it in health and metrics.
    pub fn word(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Open => "OPEN",
            State::HalfOpen => "HALF_OPEN",
        }
    }
}

/// Why a database isn't asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// It didn't answer lately.
    Failing,
    /// As many requests wait for it as may.
    Full,
}

/// What a database did when it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    /// It answered, if only that it can't.
    Answer,
    /// It didn't.
    Fail,
}

/// The breaker of one database.
#[derive(Debug)]
pub struct Breaker {
    options: BreakerOptions,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Requests that wait now.
    waiting: usize,
    /// Failures since the last answer.
    failures: u32,
    /// Since when it is open.
    open_since: Option<Instant>,
    /// Whether somebody tries.
    is_trying: bool,
}

/// A request's leave to wait for a database, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Leave<'b> {
    breaker: &'b Breaker,
    is_trial: bool,
}

impl Breaker {
    /// A breaker of a database that nobody has asked yet.
    pub(crate) fn new(options: BreakerOptions) -> Self {
        Breaker { options, inner: Mutex::default() }
    }

    /// How it stands.
    pub fn state(&self, now: Instant) -> State {
        let inner = self.inner();
        match inner.open_since {
            None => State::Closed,
            Some(_) if inner.is_trying => State::HalfOpen,
            Some(since) if now.duration_since(since) >= self.options.pause => State::HalfOpen,
            Some(_) => State::Open,
        }
    }

    /// Leave for a request to ask.
    ///
    /// # Errors
    /// Why it isn't asked now.
    pub(crate) fn leave(&self, now: Instant) -> Result<Leave<'_>, NotAsked> {
        let mut inner = self.inner();
        let is_trial = match inner.open_since {
            None => false,
            Some(since) if now.duration_since(since) >= self.options.pause && !inner.is_trying => true,
            Some(_) => return Err(NotAsked::Failing),
        };
        if inner.waiting >= self.options.requests {
            return Err(NotAsked::Full);
        }
        inner.waiting += 1;
        inner.is_trying |= is_trial;
        Ok(Leave { breaker: self, is_trial })
    }

    /// What it did, asked by whom it may: an answer closes it only where it was tried, so that one that comes late
    /// doesn't. Says how it stands where that has changed.
    pub(crate) fn did(&self, did: Did, is_trial: bool, now: Instant) -> Option<State> {
        let mut inner = self.inner();
        match (did, inner.open_since) {
            (Did::Answer, Some(_)) if is_trial => {
                *inner = Inner { waiting: inner.waiting, ..Inner::default() };
                return Some(State::Closed);
            }
            (Did::Answer, Some(_)) => {}
            (Did::Answer, None) => inner.failures = 0,
            (Did::Fail, None) => {
                inner.failures += 1;
                if inner.failures >= self.options.failures {
                    inner.open_since = Some(now);
                    return Some(State::Open);
                }
            }
            (Did::Fail, Some(_)) if is_trial => inner.open_since = Some(now),
            (Did::Fail, Some(_)) => {}
        }
        None
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// Whether the database is tried by this.
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut inner = self.breaker.inner();
        inner.waiting -= 1;
        if self.is_trial {
            inner.is_trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn breaker() -> Breaker {
        Breaker::new(BreakerOptions { requests: 2, failures: 3, pause: PAUSE })
    }

    fn opened(at: Instant) -> Breaker {
        let breaker = breaker();
        let changes: Vec<_> = (0..3).filter_map(|_| breaker.did(Did::Fail, false, at)).collect();
        assert_eq!(changes, [State::Open], "it is told once");
        breaker
    }

    #[test]
    fn failures_one_after_another_open_it_and_others_do_not() {
        let (breaker, now) = (breaker(), Instant::now());
        for did in [Did::Fail, Did::Fail, Did::Answer, Did::Fail, Did::Fail] {
            breaker.did(did, false, now);
            assert_eq!(breaker.state(now), State::Closed);
        }
        breaker.did(Did::Fail, false, now);
        assert_eq!(breaker.state(now), State::Open);
        assert_eq!(breaker.leave(now).unwrap_err(), NotAsked::Failing);
    }

    #[test]
    fn after_a_pause_one_tries_and_its_outcome_counts() {
        let now = Instant::now();
        let breaker = opened(now);
        let just_before = now + PAUSE - Duration::from_millis(1);
        assert_eq!(breaker.leave(just_before).unwrap_err(), NotAsked::Failing);
        let later = now + PAUSE;
        assert_eq!(breaker.state(later), State::HalfOpen);
        let trial = breaker.leave(later).unwrap();
        assert!(trial.is_trial());
        assert_eq!(breaker.leave(later).unwrap_err(), NotAsked::Failing, "one tries");
        breaker.did(Did::Fail, true, later);
        drop(trial);
        assert_eq!(breaker.state(later), State::Open);
        let trial = breaker.leave(later + PAUSE).unwrap();
        assert_eq!(breaker.did(Did::Answer, true, later + PAUSE), Some(State::Closed));
        drop(trial);
        assert_eq!(breaker.state(later + PAUSE), State::Closed);
        assert!(!breaker.leave(later + PAUSE).unwrap().is_trial());
    }

    #[test]
    fn a_trial_that_is_given_up_lets_another_try() {
        let now = Instant::now();
        let breaker = opened(now);
        drop(breaker.leave(now + PAUSE).unwrap());
        assert!(breaker.leave(now + PAUSE).unwrap().is_trial());
    }

    #[test]
    fn an_answer_that_comes_late_closes_nothing() {
        let now = Instant::now();
        let breaker = opened(now);
        breaker.did(Did::Answer, false, now);
        assert_eq!(breaker.state(now), State::Open);
    }

    #[test]
    fn so_many_requests_wait_and_no_more() {
        let (breaker, now) = (breaker(), Instant::now());
        let first = breaker.leave(now).unwrap();
        let _second = breaker.leave(now).unwrap();
        assert_eq!(breaker.leave(now).unwrap_err(), NotAsked::Full);
        drop(first);
        assert!(breaker.leave(now).is_ok());
    }
}
