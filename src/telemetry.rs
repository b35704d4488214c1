//! What is counted and timed, by names that dashboards can rely on. No name and no label tells who asked or
//! about whom: departments, codes and states are all that labels hold.

pub(crate) mod trace;

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use yimen_policy::Difference;

use crate::deadline::Waiting;
use crate::fetch::{NotAsked, State};
use crate::heartbeat::Beat;
use crate::replicas::Use;

/// Requests to `/graphql` by what became of them.
const REQUESTS: &str = "yimen_requests_total";
/// How long requests took.
const REQUEST: &str = "yimen_request_seconds";
/// How long departments' databases took for one statement.
const STATEMENT: &str = "yimen_statement_seconds";
/// Statements that a department didn't answer.
const UNAVAILABLE: &str = "yimen_department_unavailable_total";
/// Whether a department's database answered when it was last asked.
const UP: &str = "yimen_department_up";
/// How departments' breakers stand: 1 at the state that holds.
const BREAKER: &str = "yimen_department_breaker";
/// Statements that a department wasn't asked: its breaker is open, or too many requests wait for it.
const NOT_ASKED: &str = "yimen_department_not_asked_total";
/// How long records took to become durable.
const RECORD: &str = "yimen_evidence_append_seconds";
/// Records that couldn't be made durable.
const LOST: &str = "yimen_evidence_unavailable_total";
/// Records that were set aside from the log.
const SET_ASIDE: &str = "yimen_evidence_set_aside";
/// Fields that were withheld, by reason.
const WITHHELD: &str = "yimen_fields_withheld_total";

/// Operations that policies under trial would have decided otherwise, by cell.
const SHADOW: &str = "yimen_policy_shadow_total";

/// Open steps that departments are reminded of, by department and state.
const WAITING: &str = "yimen_deadlines_waiting";
/// Times that configuration, catalogue and policies were read again, by whether they came into force.
const RELOADS: &str = "yimen_reloads_total";

/// From a fifth of a millisecond to ten seconds.
const BUCKETS: [f64; 14] =
    [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0, 10.0];

/// Connections that were cut because nothing of what was sent was taken.
const UNREAD: &str = "yimen_connections_unread_total";

/// Operations that a quota was asked for, by kind of client and whether it had enough.
const QUOTA: &str = "yimen_quota_total";

/// Whether Redis answers.
const REDIS_UP: &str = "yimen_redis_up";
/// How long Redis took, by what it was asked for.
const REDIS: &str = "yimen_redis_seconds";
/// What this process did without Redis, by what it would have asked for and why it didn't or got nothing.
const REDIS_FAILED: &str = "yimen_redis_failed_total";

/// Set once somebody counts: where nobody does, not even labels are made.
static COUNTS: OnceLock<()> = OnceLock::new();

/// Begins to count. Before, and where nobody calls this, counting costs next to nothing.
///
/// # Errors
/// Where something counts in this process already.
pub fn begin() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    describe_counter!(REQUESTS, "Requests to /graphql by what became of them.");
    describe_histogram!(REQUEST, "Seconds from a request's head to its answer.");
    describe_histogram!(STATEMENT, "Seconds that a department's database took for one statement.");
    describe_counter!(UNAVAILABLE, "Statements that a department didn't answer.");
    describe_gauge!(UP, "Whether a department's database answered when it was last asked.");
    describe_gauge!(BREAKER, "How a department's breaker stands: 1 at the state that holds.");
    describe_counter!(NOT_ASKED, "Statements that a department wasn't asked, by reason.");
    describe_histogram!(RECORD, "Seconds until a record was durable.");
    describe_counter!(LOST, "Records that couldn't be made durable; their answers were held back.");
    describe_gauge!(SET_ASIDE, "Records that were set aside from the log.");
    describe_counter!(WITHHELD, "Fields of operations that were withheld, by reason.");
    describe_counter!(QUOTA, "Operations that a quota was asked for, by client and whether it had enough.");
    describe_counter!(SHADOW, "Operations that policies under trial would have decided otherwise, by cell.");
    describe_gauge!(WAITING, "Open steps that departments are reminded of, by department and state.");
    describe_counter!(RELOADS, "Times that everything was read again, by whether it came into force.");
    describe_gauge!(REDIS_UP, "Whether Redis answers.");
    describe_histogram!(REDIS, "Seconds that Redis took, by what it was asked for.");
    describe_counter!(REDIS_FAILED, "Times that this process did without Redis, by use and reason.");
    describe_counter!(UNREAD, "Connections that were cut because nothing of what was sent was taken.");
    let _ = COUNTS.set(());
    Ok(handle)
}

fn counts() -> bool {
    COUNTS.get().is_some()
}

pub(crate) fn request(outcome: &'static str, began: Instant) {
    if !counts() {
        return;
    }
    counter!(REQUESTS, "outcome" => outcome).increment(1);
    histogram!(REQUEST).record(began.elapsed());
}

pub(crate) fn statement(department: &str, took: Duration, is_answered: bool) {
    if !counts() {
        return;
    }
    histogram!(STATEMENT, "department" => department.to_owned()).record(took);
    if !is_answered {
        counter!(UNAVAILABLE, "department" => department.to_owned()).increment(1);
    }
}

pub(crate) fn not_asked(department: &str, why: NotAsked) {
    if !counts() {
        return;
    }
    let why = match why {
        NotAsked::Failing => "FAILING",
        NotAsked::Full => "FULL",
    };
    counter!(UNAVAILABLE, "department" => department.to_owned()).increment(1);
    counter!(NOT_ASKED, "department" => department.to_owned(), "reason" => why).increment(1);
}

pub(crate) fn breaker(department: &str, state: State) {
    for known in [State::Closed, State::Open, State::HalfOpen] {
        let holds = f64::from(u8::from(known == state));
        gauge!(BREAKER, "department" => department.to_owned(), "state" => known.word()).set(holds);
    }
}

pub(crate) fn record(took: Duration, is_durable: bool) {
    if !counts() {
        return;
    }
    histogram!(RECORD).record(took);
    if !is_durable {
        counter!(LOST).increment(1);
    }
}

pub(crate) fn quota(client: &'static str, is_enough: bool) {
    if !counts() {
        return;
    }
    counter!(QUOTA, "client" => client, "outcome" => if is_enough { "taken" } else { "exceeded" })
        .increment(1);
}

pub(crate) fn redis_up(is_up: bool) {
    gauge!(REDIS_UP).set(f64::from(u8::from(is_up)));
}

pub(crate) fn redis(what: Use, took: Duration) {
    if !counts() {
        return;
    }
    histogram!(REDIS, "use" => what.word()).record(took);
}

pub(crate) fn redis_failed(what: Use, why: &'static str) {
    if !counts() {
        return;
    }
    counter!(REDIS_FAILED, "use" => what.word(), "reason" => why).increment(1);
}

pub(crate) fn unread() {
    if !counts() {
        return;
    }
    counter!(UNREAD).increment(1);
}

pub(crate) fn withheld(reason: &'static str) {
    if !counts() {
        return;
    }
    counter!(WITHHELD, "reason" => reason).increment(1);
}

/// A cell that policies under trial decide otherwise; those beyond a bound have no name.
pub(crate) fn shadow(cell: Option<&Difference>, widens: bool, operations: u64) {
    if !counts() {
        return;
    }
    let change = if widens { "widens" } else { "narrows" };
    let of = |part: fn(&Difference) -> &String| {
        cell.map_or_else(|| String::from("others"), |cell| part(cell).clone())
    };
    counter!(
        SHADOW,
        "department" => of(|cell| &cell.profile.department),
        "role" => of(|cell| &cell.profile.role),
        "purpose" => of(|cell| &cell.profile.purpose),
        "coordinate" => of(|cell| &cell.about),
        "change" => change,
    )
    .increment(operations);
}

/// What waits for each department, in the place of what waited before.
pub(crate) fn waiting(departments: &[Waiting]) {
    static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if !counts() {
        return;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.extend(departments.iter().map(|waiting| waiting.department.clone()));
    for department in known.iter() {
        let found = departments.iter().find(|waiting| waiting.department == *department);
        let (steps, overdue) = found.map_or((0, 0), |waiting| (waiting.steps, waiting.overdue));
        gauge!(WAITING, "department" => department.clone(), "state" => "reminded")
            .set((steps - overdue) as f64);
        gauge!(WAITING, "department" => department.clone(), "state" => "overdue").set(overdue as f64);
    }
}

pub(crate) fn departments(beats: &[Beat]) {
    for beat in beats {
        gauge!(UP, "department" => beat.department.clone()).set(f64::from(u8::from(beat.is_up)));
    }
}

pub(crate) fn set_aside(records: u64) {
    gauge!(SET_ASIDE).set(records as f64);
}

pub(crate) fn reload(is_in_force: bool) {
    let outcome = if is_in_force { "in_force" } else { "refused" };
    counter!(RELOADS, "outcome" => outcome).increment(1);
}
