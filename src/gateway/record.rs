//! The record of an operation, derived from its plan so that nothing can be forgotten.

use std::sync::Arc;

use apollo_compiler::executable::Operation;
use chrono::{DateTime, SecondsFormat, Utc};
use yimen_policy::{Area, Decision, DecisionTable, Reason, distance};
use yimen_schema::{Catalogue, CoordinateId};

use crate::auth::Caller;
use crate::evidence::{CoordinateOutcome, Coordinates, DepartmentOutcome, Kind, People, Record};
use crate::fetch::Outcome;
use crate::gateway::progress::Begun;
use crate::gateway::{Request, Traced};
use crate::plan::{Document, Fetch, Invalid, Plan, code, names_a_person};

/// What a record is made from.
pub(crate) struct Made<'a> {
    pub(crate) id: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) document: &'a Document,
    pub(crate) operation: &'a Operation,
    pub(crate) plan: &'a Plan,
    pub(crate) outcomes: &'a [Outcome],
    /// The caller's own rows.
    pub(crate) area: &'a Area,
    pub(crate) traced: &'a [Traced],
    pub(crate) table: &'a DecisionTable,
    pub(crate) people: People,
    pub(crate) basis: Arc<str>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) versions: &'a Versions,
}

/// What decided: the versions of catalogue and policies.
#[derive(Debug)]
pub(crate) struct Versions {
    pub(crate) catalogue: Arc<str>,
    pub(crate) policies: Arc<str>,
}

pub(crate) fn record(made: Made<'_>) -> Record {
    let Made { id, request, document, operation, plan, outcomes, traced, .. } = made;
    let Made { area, table, people, basis, started_at, ended_at, versions, .. } = made;
    let caller = &request.caller;
    let export = request.export.as_ref().map(|export| format!("export {}", export.id));
    let traced_notes = traced.iter().filter_map(|traced| traced.note.as_deref());
    let notes: Vec<&str> = export.as_deref().into_iter().chain(traced_notes).collect();
    Record {
        kind: if operation.is_mutation() { Kind::Mutation } else { Kind::Query },
        id: id.to_owned(),
        started_at: moment(started_at),
        ended_at: moment(ended_at),
        subject: caller.subject.clone(),
        issuer: caller.issuer.clone(),
        department: caller.department.clone(),
        role: caller.role.clone(),
        division: caller.division.clone(),
        purpose: table.profile().purpose.clone(),
        basis,
        case: request.case.clone(),
        exchange: exchange(request),
        document: document.hash.clone(),
        // The document's own name, which a request with one operation needn't repeat.
        operation: operation.name.as_ref().map(ToString::to_string),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        coordinates: coordinates(plan, traced, table),
        departments: departments(plan, outcomes, (&caller.division, area)),
        people,
        catalogue: versions.catalogue.clone(),
        policies: table.policy_version().clone(),
    }
}

/// A request that isn't run, and why.
pub(crate) struct NotRun<'a> {
    pub(crate) id: String,
    pub(crate) request: &'a Request,
    pub(crate) invalid: &'a Invalid,
    /// What the document is named by; empty where it couldn't be read.
    pub(crate) document: Arc<str>,
    /// The purpose and its legal basis, where it is catalogued.
    pub(crate) purpose: (String, Arc<str>),
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) versions: &'a Versions,
}

/// The record of a request that isn't run. It names the document by its shape and the refusal by its
/// code: what else the request holds may be anything, and so may a text that couldn't be read, of which
/// nothing is recorded.
pub(crate) fn refusal(refused: NotRun<'_>) -> Record {
    let NotRun { id, request, invalid, document, .. } = refused;
    let NotRun { purpose: (purpose, basis), started_at, ended_at, versions, .. } = refused;
    let caller = &request.caller;
    Record {
        kind: Kind::Refused,
        id,
        started_at: moment(started_at),
        ended_at: moment(ended_at),
        subject: caller.subject.clone(),
        issuer: caller.issuer.clone(),
        department: caller.department.clone(),
        role: caller.role.clone(),
        division: caller.division.clone(),
        purpose,
        basis,
        case: request.case.clone().filter(|case| !names_a_person(case)),
        exchange: exchange(request),
        document,
        operation: None,
        note: Some(invalid.code().to_owned()),
        coordinates: None,
        departments: Vec::new(),
        people: People::default(),
        catalogue: versions.catalogue.clone(),
        policies: versions.policies.clone(),
    }
}

/// The refusal of an operation for which departments may have been asked: what of, by whom it was
/// granted, and about whom. Nothing of what they answered has left.
pub(crate) fn given_up(refusal: Record, begun: &Begun, people: People) -> Record {
    let state = |(fetch, sent): (&Fetch, bool)| DepartmentOutcome {
        department: fetch.department.clone(),
        resource: fetch.resource.clone(),
        state: if sent { "ASKED" } else { "NOT_ASKED" }.into(),
        rows: 0,
        outside: 0,
        distance: 0,
    };
    let departments = begun.plan.fetches.iter().zip(begun.sent.each()).map(state).collect();
    Record {
        coordinates: coordinates(&begun.plan, &[], &begun.table),
        departments,
        people,
        policies: begun.table.policy_version().clone(),
        ..refusal
    }
}

/// What an entry can hold of a record that is too large: who asked, when, why and about whom, and that
/// nothing was answered.
pub(crate) fn reduced(record: Record) -> Record {
    Record {
        kind: Kind::Refused,
        note: Some(code::RECORD_TOO_LARGE.to_owned()),
        coordinates: None,
        departments: Vec::new(),
        ..record
    }
}

/// The exchange layer's headers, without the values that hold a citizen number. That number isn't one of
/// the record's people either: these are those whose data was asked for.
fn exchange(request: &Request) -> Vec<(String, String)> {
    let shown = |value: &String| if names_a_person(value) { A_PERSON.to_owned() } else { value.clone() };
    request.exchange.iter().map(|(name, value)| (name.clone(), shown(value))).collect()
}

/// Stands where a citizen number stood.
const A_PERSON: &str = "(a person)";

/// The record of somebody who wanted to read entries of the log and may not.
pub(crate) fn refused_reading(id: String, caller: &Caller, at: DateTime<Utc>, versions: &Versions) -> Record {
    let note = format!("{}: {ENTRIES}", code::FORBIDDEN);
    Record { kind: Kind::Refused, note: Some(note), ..reading(id, caller, at, versions) }
}

/// How notes name the entries of the log.
const ENTRIES: &str = "entries of the log";

/// The record of which grants the decisions of some operations rest on.
pub(crate) fn in_force(id: String, note: String, at: DateTime<Utc>, versions: &Versions) -> Record {
    let gateway = Caller {
        issuer: String::new(),
        subject: String::from("yimen serve"),
        department: String::new(),
        role: String::from("OPERATOR"),
        division: String::new(),
        token_id: None,
        person: None,
    };
    Record { kind: Kind::Policies, note: Some(note), ..reading(id, &gateway, at, versions) }
}

/// The record of somebody who reads entries of the log.
pub(crate) fn reading(id: String, caller: &Caller, at: DateTime<Utc>, versions: &Versions) -> Record {
    Record {
        kind: Kind::Search,
        id,
        started_at: moment(at),
        ended_at: moment(at),
        subject: caller.subject.clone(),
        issuer: caller.issuer.clone(),
        department: caller.department.clone(),
        role: caller.role.clone(),
        division: caller.division.clone(),
        purpose: String::new(),
        basis: "".into(),
        case: None,
        exchange: Vec::new(),
        document: "".into(),
        operation: None,
        note: Some(ENTRIES.to_owned()),
        coordinates: None,
        departments: Vec::new(),
        people: People::default(),
        catalogue: versions.catalogue.clone(),
        policies: versions.policies.clone(),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn coordinates(plan: &Plan, traced: &[Traced], table: &DecisionTable) -> Option<Arc<Coordinates>> {
    if traced.is_empty() {
        let reasons = denied(plan, table).map(|(_, reason)| reason).collect();
        return Some(plan.lists.of(reasons, || Coordinates::new(outcomes(plan, table))));
    }
    let traced = traced.iter().map(|traced| traced.outcome.clone());
    Some(Arc::new(Coordinates::new(outcomes(plan, table).chain(traced))))
}

/// What is withheld, with the reason for the caller.
fn denied<'a>(plan: &'a Plan, table: &'a DecisionTable) -> impl Iterator<Item = (CoordinateId, Reason)> + 'a {
    let denied = plan.outcomes.iter().filter(|(_, decision)| *decision == Decision::Deny);
    denied.map(|(id, _)| {
        let told = plan.withheld.iter().find(|withheld| withheld.coordinate == *id);
        (*id, told.and_then(|withheld| withheld.reason).unwrap_or_else(|| table.reason(*id)))
    })
}

fn outcomes<'a>(plan: &'a Plan, table: &'a DecisionTable) -> impl Iterator<Item = CoordinateOutcome> + 'a {
    let answered = plan.outcomes.iter().filter(|(_, decision)| *decision != Decision::Deny);
    let answered = answered.map(|(id, decision)| outcome(table.catalogue(), *id, *decision, None));
    let denied = denied(plan, table);
    answered.chain(denied.map(|(id, reason)| outcome(table.catalogue(), id, Decision::Deny, Some(reason))))
}

fn outcome(
    catalogue: &Catalogue,
    id: CoordinateId,
    decision: Decision,
    reason: Option<Reason>,
) -> CoordinateOutcome {
    CoordinateOutcome {
        coordinate: catalogue.coordinate(id).name.clone(),
        decision: decision.as_str().to_owned(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
    }
}

fn departments(plan: &Plan, outcomes: &[Outcome], own: (&str, &Area)) -> Vec<DepartmentOutcome> {
    let outcome = |(fetch, outcome): (&Fetch, &Outcome)| {
        let (state, rows) = match outcome {
            Outcome::Rows(fetched) => ("OK", fetched.own().count()),
            Outcome::Unavailable => ("UNAVAILABLE", 0),
            Outcome::NotAsked => ("NOT_ASKED", 0),
        };
        let (department, resource) = (fetch.department.clone(), fetch.resource.clone());
        let (outside, distance) = far(fetch, outcome, own);
        DepartmentOutcome { department, resource, state: state.into(), rows, outside, distance }
    };
    plan.fetches.iter().zip(outcomes).map(outcome).collect()
}

/// How many rows of a statement are of divisions outside the caller's own, and how far the farthest is.
fn far(fetch: &Fetch, outcome: &Outcome, (own, area): (&str, &Area)) -> (usize, u32) {
    let (Some(slot), Outcome::Rows(fetched)) = (fetch.division_slot, outcome) else { return (0, 0) };
    let divisions = fetched.own().filter_map(|row| fetched.rows().cell(row, slot).text());
    let outside = divisions.filter(|division| !area.holds(division));
    // What has gone to another division lies outside, though its code doesn't say so.
    let distances = outside.map(|division| distance(own, &division).max(1));
    distances.fold((0, 0), |(rows, farthest), far| (rows + 1, far.max(farthest)))
}
