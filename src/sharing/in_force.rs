//! The decisions in force: the owners' policies and the grants of the hub, as tables that requests look up.
//!
//! A table is kept under the profile and the set of grants that apply to the caller. A grant that comes or
//! goes makes another set for the callers that it speaks of, and so another table; everybody else finds the
//! table that they had.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use moka::sync::Cache;
use yimen_policy::{Applied, AppliedName, DecisionTable, Grants, Policies, Profile};

/// The most tables that are kept, and the most callers of a profile and a division that are remembered.
const MAX_TABLES: u64 = 2_000;

/// Profiles that nobody uses are forgotten.
const IDLE: Duration = Duration::from_secs(24 * 3600);

/// The decisions in force.
#[derive(Debug)]
pub struct InForce {
    policies: Arc<Policies>,
    known: RwLock<Arc<Known>>,
    tables: Cache<TableKey, Arc<DecisionTable>>,
    freshness: Freshness,
}

/// The grants as they were last read, with the tables that callers had under them.
#[derive(Debug)]
struct Known {
    grants: Grants,
    warm: Cache<Seat, Warm>,
}

/// Callers who share every decision about grants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seat {
    profile: Profile,
    division: String,
}

/// A table that holds from a day until before another.
#[derive(Clone, Debug)]
struct Warm {
    table: Arc<DecisionTable>,
    since: NaiveDate,
    until: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TableKey {
    profile: Profile,
    grants: AppliedName,
    /// Whether it is known that the grants still stand.
    sure: bool,
}

impl InForce {
    /// The decisions of the policies alone, until grants are read. What grants opened is withheld once they
    /// haven't been read for `stale`.
    pub fn new(policies: Arc<Policies>, stale: Duration) -> Self {
        InForce {
            policies,
            known: RwLock::new(Known::new(Grants::default())),
            tables: Cache::builder().max_capacity(MAX_TABLES).time_to_idle(IDLE).build(),
            freshness: Freshness::new(stale),
        }
    }

    /// The decisions of the policies where nobody gives grants.
    pub fn alone(policies: Arc<Policies>) -> Self {
        let in_force = InForce::new(policies, Duration::MAX);
        in_force.confirm(Instant::now());
        in_force
    }

    /// The policies.
    pub fn policies(&self) -> &Arc<Policies> {
        &self.policies
    }

    /// The decisions for callers of a profile and a 12-digit division on a day, if they are at hand.
    pub fn at_hand(&self, profile: &Profile, division: &str, on: NaiveDate) -> Option<Arc<DecisionTable>> {
        if !self.freshness.is_fresh() {
            let grants = self.known().grants.applying(profile, division, on).name();
            let sure = grants == AppliedName::default();
            return self.tables.get(&TableKey { profile: profile.clone(), grants, sure });
        }
        let seat = Seat { profile: profile.clone(), division: division.to_owned() };
        let warm = self.known().warm.get(&seat)?;
        let holds = warm.since <= on && warm.until.is_none_or(|until| on < until);
        holds.then_some(warm.table)
    }

    /// The same decisions, compiled where they aren't at hand: up to some tens of milliseconds.
    pub fn table(&self, profile: &Profile, division: &str, on: NaiveDate) -> Arc<DecisionTable> {
        let known = self.known();
        let sure = self.freshness.is_fresh();
        let applied = known.grants.applying(profile, division, on);
        let table = self.compiled(profile, &applied, sure);
        if sure {
            let seat = Seat { profile: profile.clone(), division: division.to_owned() };
            known.warm.insert(seat, Warm { table: table.clone(), since: on, until: applied.until() });
        }
        table
    }

    fn compiled(&self, profile: &Profile, applied: &Applied, sure: bool) -> Arc<DecisionTable> {
        let key = |grants, sure| TableKey { profile: profile.clone(), grants, sure };
        let base = || Arc::new(self.policies.table(profile));
        let base = self.tables.get_with(key(AppliedName::default(), true), base);
        if applied.grants().is_empty() {
            return base;
        }
        let whole = || match sure {
            true => Arc::new(self.policies.table_with(&base, applied)),
            false => Arc::new(self.policies.table_unsure(&base, applied)),
        };
        self.tables.get_with(key(applied.name(), sure), whole)
    }

    /// Brings grants into force, in place of all that were. From here on nobody is answered by a grant that
    /// isn't among them.
    pub fn replace(&self, grants: Grants) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::new(grants);
    }

    /// The grants are as they were at this moment.
    pub fn confirm(&self, at: Instant) {
        self.freshness.set(at);
    }

    /// Whether the grants were read lately enough to be relied on.
    pub fn is_fresh(&self) -> bool {
        self.freshness.is_fresh()
    }

    /// Everybody who has a table, so that theirs can be compiled before they ask again.
    pub fn seats(&self) -> Vec<(Profile, String)> {
        let known = self.known();
        known.warm.iter().map(|(seat, _)| (seat.profile.clone(), seat.division.clone())).collect()
    }

    fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    fn new(grants: Grants) -> Arc<Known> {
        Arc::new(Known { grants, warm: Cache::builder().max_capacity(MAX_TABLES).time_to_idle(IDLE).build() })
    }
}

/// When the grants were last known to stand.
#[derive(Debug)]
struct Freshness {
    start: Instant,
    stale: Duration,
    /// Milliseconds since the start, plus one; nothing was read at zero.
    read_ms: AtomicU64,
}

impl Freshness {
    fn new(stale: Duration) -> Self {
        Freshness { start: Instant::now(), stale, read_ms: AtomicU64::new(0) }
    }

    fn set(&self, at: Instant) {
        let since = at.saturating_duration_since(self.start).as_millis() as u64;
        self.read_ms.store(since + 1, Ordering::Relaxed);
    }

    fn is_fresh(&self) -> bool {
        match self.read_ms.load(Ordering::Relaxed) {
            0 => false,
            read => {
                let read = self.start + Duration::from_millis(read - 1);
                read.elapsed() < self.stale
            }
        }
    }
}
