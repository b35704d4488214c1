//! The record of an operation, derived from its plan so that nothing can be forgotten.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use yimen_policy::{Decision, DecisionTable, Reason};
use yimen_schema::{Catalogue, CoordinateId};

use crate::evidence::{CoordinateOutcome, DepartmentOutcome, Record};
use crate::fetch::Outcome;
use crate::gateway::Request;
use crate::plan::{Document, Fetch, Plan};

/// What a record is made from.
pub(crate) struct Made<'a> {
    pub(crate) id: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) document: &'a Document,
    pub(crate) plan: &'a Plan,
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) table: &'a DecisionTable,
    pub(crate) people: Vec<String>,
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
    let Made { id, request, document, plan, outcomes, table, people, started_at, ended_at, versions } = made;
    let caller = &request.caller;
    let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    Record {
        id: id.to_owned(),
        started_at: moment(started_at),
        ended_at: moment(ended_at),
        subject: caller.subject.clone(),
        department: caller.department.clone(),
        role: caller.role.clone(),
        division: caller.division.clone(),
        purpose: table.profile().purpose.clone(),
        case: request.case.clone(),
        exchange: request.exchange.clone(),
        document: document.hash.clone(),
        operation: request.operation.clone(),
        coordinates: coordinates(plan, table),
        departments: departments(plan, outcomes),
        people,
        catalogue: versions.catalogue.clone(),
        policies: versions.policies.clone(),
    }
}

/// The outcomes that a plan can write once: those that weren't withheld, whose reasons nobody asks.
pub(crate) fn answered(plan: &Plan, catalogue: &Catalogue) -> String {
    let outcomes = plan.outcomes.iter().filter(|(_, decision)| *decision != Decision::Deny);
    let outcomes = outcomes.map(|(id, decision)| outcome(catalogue, *id, *decision, None));
    outcomes.collect::<Vec<_>>().join(",")
}

fn coordinates(plan: &Plan, table: &DecisionTable) -> Box<RawValue> {
    let catalogue = table.catalogue();
    let mut text = format!("[{}", plan.answered.get_or_init(|| answered(plan, catalogue)));
    for (id, _) in plan.outcomes.iter().filter(|(_, decision)| *decision == Decision::Deny) {
        text.push_str(if text.len() > 1 { "," } else { "" });
        text.push_str(&outcome(catalogue, *id, Decision::Deny, Some(table.reason(*id))));
    }
    text.push(']');
    RawValue::from_string(text).unwrap_or_default()
}

fn outcome(catalogue: &Catalogue, id: CoordinateId, decision: Decision, reason: Option<Reason>) -> String {
    let outcome = CoordinateOutcome {
        coordinate: catalogue.coordinate(id).name.clone(),
        decision: decision.as_str().to_owned(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
    };
    serde_json::to_string(&outcome).unwrap_or_default()
}

fn departments(plan: &Plan, outcomes: &[Outcome]) -> Vec<DepartmentOutcome> {
    let outcome = |(fetch, outcome): (&Fetch, &Outcome)| {
        let (state, rows) = match outcome {
            Outcome::Rows(fetched) => ("OK", fetched.own().count()),
            Outcome::Unavailable => ("UNAVAILABLE", 0),
            Outcome::NotAsked => ("NOT_ASKED", 0),
        };
        let (department, resource) = (fetch.department.clone(), fetch.resource.clone());
        DepartmentOutcome { department, resource, state: state.into(), rows }
    };
    plan.fetches.iter().zip(outcomes).map(outcome).collect()
}
