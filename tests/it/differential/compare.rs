//! One operation, asked of the gateway over either database and of the reference: what differs.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::dynamic::Schema;
use serde_json::Value as Json;
use yimen::evidence::{CoordinateOutcome, Record};
use yimen::gateway::{Gateway, Reply, Request};
use yimen_schema::{Catalogue, CoordinateId, ResourceId};

use crate::differential::expected::Expected;
use crate::differential::ledger::Ledger;
use crate::differential::operation::{Message, Operation};
use crate::differential::reference;
use crate::differential::resolve::{Asking, County};

/// A gateway and the records that it writes.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) gateway: Gateway,
    pub(crate) ledger: Arc<Ledger>,
}

/// Everything that one operation is asked of.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) county: Arc<County>,
    pub(crate) reference: Schema,
    pub(crate) sqlite: Watched,
    pub(crate) postgres: Watched,
}

/// What an operation that was answered alike everywhere was good for.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    pub(crate) granted: BTreeSet<CoordinateId>,
    pub(crate) withheld: usize,
    pub(crate) values: usize,
    pub(crate) bytes: usize,
}

/// A body with the name of its record.
pub(crate) struct Answered {
    pub(crate) body: String,
    pub(crate) id: String,
}

impl Bench {
    /// What an operation covered, or how its answers differ.
    pub(crate) async fn compare(
        &self,
        asking: &Arc<Asking>,
        operation: &Operation,
    ) -> Result<Covered, String> {
        let message = operation.message();
        let answered = self.sqlite.answer(asking, &message).await?;
        let data = self.expected_data(asking, &message).await?;
        let rest = same_data(&answered.body, &data)?;
        let expected = Expected::of(&self.county.catalogue, asking, operation);
        let catalogue = &self.county.catalogue;
        check_errors(catalogue, &expected, rest, &answered.id)?;
        let record = self.sqlite.ledger.take(&answered.id).ok_or("there is no record of the answer")?;
        check_record(catalogue, asking, &expected, &record)?;
        let other = self.postgres.answer(asking, &message).await?;
        self.postgres.ledger.take(&other.id).ok_or("there is no record of PostgreSQL's answer")?;
        let (here, there) = (answered.body.replace(&answered.id, "·"), other.body.replace(&other.id, "·"));
        same_text("SQLite", &here, "PostgreSQL", &there)?;
        let values = data.matches(':').count() - data.matches(":null").count();
        Ok(Covered {
            granted: expected.granted,
            withheld: expected.withheld.len(),
            values,
            bytes: data.len(),
        })
    }

    /// The reference's `data`, in the order of its fields.
    pub(crate) async fn expected_data(
        &self,
        asking: &Arc<Asking>,
        message: &Message,
    ) -> Result<String, String> {
        let response = reference::answer(&self.reference, asking, message).await;
        if !response.errors.is_empty() {
            return Err(format!("the reference refuses: {:?}", response.errors));
        }
        serde_json::to_string(&response.data).map_err(|error| error.to_string())
    }
}

impl Watched {
    pub(crate) async fn answer(&self, asking: &Asking, message: &Message) -> Result<Answered, String> {
        match self.gateway.answer(&request(asking, message)).await {
            Reply::Data { body, id, .. } => Ok(Answered { body: String::from_utf8(body).unwrap(), id }),
            Reply::Invalid { invalid, .. } => Err(format!("the gateway refuses: {:?}", invalid.errors)),
            Reply::TooLate { .. } => Err(String::from("the gateway has no time")),
            Reply::NoEvidence => Err(String::from("the gateway has no evidence")),
        }
    }
}

/// A message as the gateway takes it.
fn request(asking: &Asking, message: &Message) -> Request {
    let variables = serde_json::to_vec(&message.given).unwrap();
    Request {
        query: message.document.clone(),
        operation: message.name.clone(),
        variables: serde_json::from_slice(&variables).unwrap(),
        caller: asking.caller.clone(),
        purpose: Some(asking.table.profile().purpose.clone()),
        case: None,
        exchange: Vec::new(),
        trace: None,
        idempotency: None,
        may_change: false,
        event: None,
        names_record: false,
        export: None,
    }
}

/// Checks that a body begins with this `data` and gives what follows it.
fn same_data<'a>(body: &'a str, data: &str) -> Result<&'a str, String> {
    let expected = format!("{{\"data\":{data}");
    match body.strip_prefix(&expected) {
        Some(rest) if rest == "}" || rest.starts_with(",\"errors\":") => Ok(rest),
        _ => {
            let data_alone = body.split(",\"errors\":[{\"message\"").next().unwrap_or_default();
            same_text("reference", &format!("{expected}}}"), "gateway", data_alone)?;
            Err(String::from("the bodies differ behind `data`"))
        }
    }
}

/// How many bytes before and after the first difference are shown.
const AROUND: usize = 160;

fn same_text(left_name: &str, left: &str, right_name: &str, right: &str) -> Result<(), String> {
    if left == right {
        return Ok(());
    }
    let at = left.bytes().zip(right.bytes()).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
    let around = |text: &str| {
        let bytes = &text.as_bytes()[at.saturating_sub(AROUND)..(at + AROUND).min(text.len())];
        String::from_utf8_lossy(bytes).into_owned()
    };
    Err(format!("at byte {at}:\n  {left_name}: …{}…\n  {right_name}: …{}…", around(left), around(right)))
}

/// One error for each query path that must be withheld, and no other.
fn check_errors(catalogue: &Catalogue, expected: &Expected, rest: &str, id: &str) -> Result<(), String> {
    let errors: Vec<Json> = match rest.strip_prefix(",\"errors\":").and_then(|text| text.strip_suffix('}')) {
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string())?,
        None => Vec::new(),
    };
    let mut due = expected.withheld.clone();
    for error in &errors {
        let path: Vec<String> =
            serde_json::from_value(error["path"].clone()).map_err(|error| error.to_string())?;
        let found = due.iter().position(|(withheld, _)| *withheld == path);
        let (_, coordinates) =
            due.remove(found.ok_or_else(|| format!("nothing is withheld at {path:?}: {error}"))?);
        let extensions = &error["extensions"];
        let coordinate = extensions["coordinate"].as_str().and_then(|name| catalogue.coordinate_named(name));
        let coordinate = coordinate.filter(|coordinate| coordinates.contains(coordinate));
        let coordinate = coordinate.ok_or_else(|| format!("another coordinate is withheld: {error}"))?;
        let is_sound = extensions["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
            && extensions["decisionId"] == id
            && extensions["department"] == *catalogue.coordinate(coordinate).owner;
        if !is_sound {
            return Err(format!("an error says something else: {error}"));
        }
    }
    if due.is_empty() { Ok(()) } else { Err(format!("withheld without an error: {due:?}")) }
}

/// The record names what was withheld, what was granted, and every department that was asked.
fn check_record(
    catalogue: &Catalogue,
    asking: &Asking,
    expected: &Expected,
    record: &Record,
) -> Result<(), String> {
    let list = record.coordinates.as_ref().map(|list| list.outcomes().clone());
    let outcomes: Vec<CoordinateOutcome> = list.unwrap_or_default().list();
    let has = |coordinate: &CoordinateId, decision: &str| {
        let name = &catalogue.coordinate(*coordinate).name;
        outcomes.iter().any(|outcome| outcome.coordinate == *name && outcome.decision == decision)
    };
    for (path, coordinates) in &expected.withheld {
        if !coordinates.iter().any(|coordinate| has(coordinate, "DENY")) {
            return Err(format!("the record doesn't say that {path:?} was withheld"));
        }
    }
    for coordinate in &expected.granted {
        let decision = asking.table.decision(*coordinate).as_str();
        if !has(coordinate, decision) {
            return Err(format!("the record leaves out {}", catalogue.coordinate(*coordinate).name));
        }
    }
    let asked: BTreeSet<ResourceId> = record
        .departments
        .iter()
        .map(|outcome| catalogue.resource_named(&outcome.resource).unwrap())
        .collect();
    if asked != expected.read {
        return Err(format!("departments are asked for {asked:?} instead of {:?}", expected.read));
    }
    Ok(())
}
