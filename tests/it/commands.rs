//! What the gateway changes and answers itself, from outside: mutations with their records, and cases.

mod cases;
mod consents;
mod mutations;
mod reading;
mod status;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server, county};

/// The family of somebody who has a union file: citizen numbers, the file's worker first.
pub(crate) fn family() -> Vec<String> {
    let worker = county::value(
        "union",
        "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY citizen_id LIMIT 1",
    );
    household_of(&worker)
}

/// Somebody and the others of their households.
pub(crate) fn household_of(worker: &str) -> Vec<String> {
    let others = county::value(
        "household",
        &format!(
            "SELECT coalesce(group_concat(citizen_id), '') FROM household_member WHERE citizen_id <> '{worker}' \
             AND household_id IN (SELECT household_id FROM household_member WHERE citizen_id = '{worker}')"
        ),
    );
    let mut family = vec![worker.to_owned()];
    for other in others.split(',').filter(|other| !other.is_empty()) {
        if !family.iter().any(|known| known == other) {
            family.push(other.to_owned());
        }
    }
    family
}

pub(crate) const OPEN: &str = "mutation($input: OpenCase!) {
  openCase(input: $input) {
    caseNo purpose division department status openedAt closedAt outcome version
    members { citizenId relation isApplicant } items { department section state askedAt answeredAt }
  }
}";

pub(crate) const CASE: &str = "query($caseNo: ID!) {
  case(caseNo: $caseNo) { caseNo status version members { citizenId isApplicant } items { section } }
}";

/// What opens a case for a family.
pub(crate) fn opening(case_no: &str, purpose: &str, family: &[String]) -> Value {
    let members: Vec<Value> =
        family[1..].iter().map(|id| json!({ "citizenId": id, "relation": "99" })).collect();
    json!({ "input": {
        "caseNo": case_no,
        "purpose": purpose,
        "division": "410727000000",
        "applicant": family[0],
        "members": members,
        "items": [
            { "department": "PUBLIC_SECURITY", "section": "HOUSEHOLD_REGISTRATION" },
            { "department": "UNION", "section": "UNION_FILE" },
        ],
    } })
}

pub(crate) fn officer(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

/// Sends with a key by which it is known when it comes again.
pub(crate) fn send_once(client: &Client, key: &str, query: &str, variables: &Value) -> Answer {
    let body = json!({ "query": query, "variables": variables });
    Answer::of(client.post().header("Yimen-Idempotency-Key", key).json(&body))
}

/// The record that an answer names.
#[track_caller]
pub(crate) fn record(server: &Server, answer: &Answer) -> Value {
    let name = answer.headers["yimen-record"].to_str().unwrap();
    let records = server.records();
    records.into_iter().find(|record| record["id"] == name).unwrap_or_else(|| panic!("no record {name}"))
}
