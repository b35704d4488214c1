//! The decisions in force: the owners' policies and the grants of the hub, as tables that requests look up.
//!
//! A table is kept under the profile, the classes in force and the set of grants that apply to the caller. A grant
//! that comes or goes makes another set for the callers that it speaks of, and so another table; everybody else
//! finds the table that they had.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use moka::sync::Cache;
use yimen_policy::{Applied, AppliedName, Classed, ClassedName, DecisionTable, Grants, Policies, Profile};

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
    turns: AtomicU64,
}

/// A place in the order in which grants were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn(u64);

/// The grants as they were last read, with the tables that callers had under them.
#[derive(Debug)]
struct Known {
    grants: Grants,
    turn: Turn,
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

/// What decides beside the policies for a caller, and the first day on which that may be otherwise.
struct Deciding {
    classed: Arc<Classed>,
    applied: Applied,
    until: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TableKey {
    profile: Profile,
    classes: ClassedName,
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
            known: RwLock::new(Known::new(Grants::default(), Turn(0))),
            tables: Cache::builder().max_capacity(MAX_TABLES).time_to_idle(IDLE).build(),
            freshness: Freshness::new(stale),
            turns: AtomicU64::new(0),
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
            let classes = self.policies.classed(division, on).name();
            return self.tables.get(&TableKey { profile: profile.clone(), classes, grants, sure });
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
        let deciding = self.deciding(&known, profile, (division, on));
        let table = self.compiled(profile, &deciding, sure);
        if sure {
            let seat = Seat { profile: profile.clone(), division: division.to_owned() };
            known.warm.insert(seat, Warm { table: table.clone(), since: on, until: deciding.until });
        }
        table
    }

    /// What decides beside the policies for callers of a profile and a division on a day.
    fn deciding(&self, known: &Known, profile: &Profile, (division, on): (&str, NaiveDate)) -> Deciding {
        let applied = known.grants.applying(profile, division, on);
        let classes_until = self.policies.classes().until(division, on);
        let until = [applied.until(), classes_until].into_iter().flatten().min();
        Deciding { classed: self.policies.classed(division, on), applied, until }
    }

    fn compiled(&self, profile: &Profile, deciding: &Deciding, sure: bool) -> Arc<DecisionTable> {
        let Deciding { classed, applied, until: _ } = deciding;
        let classes = classed.name();
        let key = |grants, sure| TableKey { profile: profile.clone(), classes, grants, sure };
        let base = || Arc::new(self.policies.table_by(profile, classed));
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
        self.put(Known::new(grants, self.turn()));
    }

    /// The place of grants in the order in which they were read: what was read earlier never comes into force
    /// after what was read later.
    pub fn turn(&self) -> Turn {
        Turn(self.turns.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn put(&self, new: Arc<Known>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if new.turn > known.turn {
            *known = new;
        }
    }

    /// The same on a day, so that nobody waits for it who has a table: theirs are there before the grants come
    /// into force, those whom the grants don't concern keep the ones that they had, and what can't be compiled
    /// within `patience` is compiled afterwards. `there` is called when they are in force. Not for a thread that
    /// answers requests.
    pub fn bring(
        &self,
        (grants, turn): (Grants, Turn),
        on: NaiveDate,
        patience: Duration,
        there: impl FnOnce(),
    ) {
        let (started, known) = (Instant::now(), Known::new(grants, turn));
        let mut seats: Vec<Seat> = self.known().warm.iter().map(|(seat, _)| (*seat).clone()).collect();
        // Tables that are at hand cost nothing: first those whose grants are the same.
        let deciding = |seat: &Seat| self.deciding(&known, &seat.profile, (&seat.division, on));
        seats.sort_by_cached_key(|seat| !self.is_compiled(&seat.profile, &deciding(seat)));
        let mut seats = seats.into_iter();
        for seat in seats.by_ref() {
            self.seat(&known, seat, on);
            if started.elapsed() >= patience {
                break;
            }
        }
        self.put(known.clone());
        there();
        seats.for_each(|seat| self.seat(&known, seat, on));
    }

    fn is_compiled(&self, profile: &Profile, deciding: &Deciding) -> bool {
        let (classes, grants) = (deciding.classed.name(), deciding.applied.name());
        let key = TableKey { profile: profile.clone(), classes, grants, sure: true };
        self.tables.contains_key(&key)
    }

    /// Puts the table of a seat where requests find it.
    fn seat(&self, known: &Known, seat: Seat, on: NaiveDate) {
        let deciding = self.deciding(known, &seat.profile, (&seat.division, on));
        let table = self.compiled(&seat.profile, &deciding, true);
        known.warm.insert(seat, Warm { table, since: on, until: deciding.until });
    }

    /// The grants are as they were at this moment.
    pub fn confirm(&self, at: Instant) {
        self.freshness.set(at);
    }

    /// Whether the grants were read lately enough to be relied on.
    pub fn is_fresh(&self) -> bool {
        self.freshness.is_fresh()
    }

    fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    fn new(grants: Grants, turn: Turn) -> Arc<Known> {
        Arc::new(Known {
            grants,
            turn,
            warm: Cache::builder().max_capacity(MAX_TABLES).time_to_idle(IDLE).build(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use yimen_policy::{Codes, GrantRow};

    const DAY: &str = "2026-03-15";

    fn in_force() -> InForce {
        let catalogue = Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap());
        let sources = yimen_policy::bundled_sources();
        InForce::alone(Policies::load(catalogue, Codes::bundled(), &sources).unwrap())
    }

    fn grants(in_force: &InForce) -> Grants {
        let text = str::to_owned;
        let row = GrantRow {
            id: text("2026-0017"),
            owner: text("TAX"),
            department: text("UNION"),
            role: text("HELP_CENTRE"),
            purpose: text("UNION_FILE_CHECK"),
            items: text(r#"["TaxSummary.taxPaid"]"#),
            effect: text("CLEAR"),
            basis: text("003 四(一)"),
            valid_from: text("2026-01-01"),
            valid_until: text("2026-12-31"),
            ..GrantRow::default()
        };
        let (grants, problems) = Grants::read(in_force.policies(), &[row]);
        assert_eq!(problems, []);
        grants
    }

    fn profile(department: &str, role: &str) -> Profile {
        let purpose = String::from("UNION_FILE_CHECK");
        Profile { department: department.into(), role: role.into(), purpose }
    }

    #[test]
    fn whoever_has_a_table_finds_one_when_grants_come_into_force() {
        let (in_force, day) = (in_force(), DAY.parse().unwrap());
        let (meant, other) = (profile("UNION", "HELP_CENTRE"), profile("TAX", "REVIEWER"));
        let at_hand = |profile: &Profile| in_force.at_hand(profile, "410727000000", day);
        let before = [&meant, &other].map(|profile| in_force.table(profile, "410727000000", day));
        in_force.bring((grants(&in_force), in_force.turn()), day, Duration::MAX, || {});
        let tables = [&meant, &other].map(|profile| at_hand(profile).expect("nobody waits"));
        assert_eq!(tables[0].grants(), ["2026-0017"]);
        assert!(Arc::ptr_eq(&tables[1], &before[1]), "whom no grant concerns keeps the table");
        // With no patience the grants are in force at once, and those concerned have their table afterwards.
        let mut seen = None;
        in_force.bring((Grants::default(), in_force.turn()), day, Duration::ZERO, || {
            seen = Some(
                [&meant, &other]
                    .map(at_hand)
                    .map(|table| table.is_none_or(|table| table.grants().is_empty())),
            );
        });
        assert_eq!(seen, Some([true, true]), "a revocation waits for nothing");
        assert!(at_hand(&meant).is_some_and(|table| table.grants().is_empty()));
    }

    #[test]
    fn a_class_comes_into_force_on_its_day_without_anything_being_read_again() {
        let text = "scope,region,class,basis,certainty,valid_from\n\
                    TaxSummary.incomeBand,41,NOT_SHARED,a test's own,UNVERIFIED,2026-03-16\n";
        let table = yimen_policy::Table { name: String::from("classes.csv"), text: text.to_owned() };
        let tables = yimen_policy::Tables::bundled().with("classes.csv", table);
        let catalogue = Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap());
        let sources = yimen_policy::bundled_sources();
        let policies = Policies::load(catalogue, Codes::read(tables).unwrap(), &sources).unwrap();
        let (in_force, reader) = (InForce::alone(policies), profile("UNION", "HELP_CENTRE"));
        let band = in_force.policies().catalogue().coordinate_named("TaxSummary.incomeBand").unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let is_open = |table: &DecisionTable| table.decision(band) != yimen_policy::Decision::Deny;
        assert!(is_open(&in_force.table(&reader, "410727000000", day(DAY))));
        assert!(in_force.at_hand(&reader, "410727000000", day(DAY)).is_some());
        let next = in_force.at_hand(&reader, "410727000000", day("2026-03-16"));
        assert!(next.is_none(), "the table of the day before doesn't serve");
        assert!(!is_open(&in_force.table(&reader, "410727000000", day("2026-03-16"))));
        assert!(is_open(&in_force.table(&reader, "110000000000", day("2026-03-16"))), "another province");
    }

    #[test]
    fn what_was_read_earlier_never_comes_into_force_later() {
        let (in_force, day) = (in_force(), DAY.parse().unwrap());
        let earlier = (grants(&in_force), in_force.turn());
        in_force.replace(Grants::default());
        in_force.bring(earlier, day, Duration::MAX, || {});
        assert_eq!(in_force.table(&profile("UNION", "HELP_CENTRE"), "410727000000", day).grants(), [""; 0]);
    }
}
