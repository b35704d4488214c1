//! The record of an operation, derived from its plan so that nothing can be forgotten.

use chrono::{DateTime, SecondsFormat, Utc};
use yimen_policy::{Decision, DecisionTable};

use crate::evidence::{CoordinateOutcome, DepartmentOutcome, Record};
use crate::fetch::Outcome;
use crate::gateway::Request;
use crate::plan::{Document, Plan};

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
}

pub(crate) fn record(made: Made<'_>) -> Record {
    let Made { id, request, document, plan, outcomes, table, people, started_at, ended_at } = made;
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
        catalogue: table.catalogue().version.clone(),
        policies: table.policy_version().to_owned(),
    }
}

fn coordinates(plan: &Plan, table: &DecisionTable) -> Vec<CoordinateOutcome> {
    let outcome = |(id, decision): &(yimen_schema::CoordinateId, Decision)| CoordinateOutcome {
        coordinate: table.catalogue().coordinate(*id).name.clone(),
        decision: decision.as_str().to_owned(),
        reason: (*decision == Decision::Deny).then(|| table.reason(*id).as_str().to_owned()),
    };
    plan.outcomes.iter().map(outcome).collect()
}

fn departments(plan: &Plan, outcomes: &[Outcome]) -> Vec<DepartmentOutcome> {
    let outcome = |(fetch, outcome): (&crate::plan::Fetch, &Outcome)| {
        let (state, rows) = match outcome {
            Outcome::Rows(fetched) => ("OK", fetched.rows().len()),
            Outcome::Unavailable => ("UNAVAILABLE", 0),
            Outcome::NotAsked => ("NOT_ASKED", 0),
        };
        DepartmentOutcome {
            department: fetch.department.to_string(),
            resource: fetch.resource.to_string(),
            state: state.to_owned(),
            rows,
        }
    };
    plan.fetches.iter().zip(outcomes).map(outcome).collect()
}
