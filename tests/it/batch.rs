//! Batches: one document with a list of variables, answered as JSON lines that equal what each would get alone.

mod bounds;
mod ends;
pub(crate) mod equal;

use std::io::{BufRead, BufReader};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::support::county::county;
use crate::support::{Answer, Client, Server};

pub(crate) const FAMILY: &str = include_str!("../../examples/family.graphql");

/// Two departments, with values that some callers get reduced or not at all.
pub(crate) const PERSON: &str = "query Person($id: CitizenId!, $with: Boolean = true) {
  person(citizenId: $id) {
    name citizenId phone isMigrantWorker
    unionFiles @include(if: $with) { fileNo citizenId status monthlyIncome }
    siEnrolments { insuranceType status }
    taxSummaries { declaredIncome }
  }
}";

/// A batch as it comes.
pub(crate) struct Lines(BufReader<Response>);

impl Lines {
    #[track_caller]
    pub(crate) fn of(client: &Client, query: &str, variables: &Value) -> Lines {
        let response = batch(client, query, variables);
        assert_eq!(response.status(), 200, "{:?}", response.text());
        assert_eq!(response.headers()["content-type"], "application/jsonl; charset=utf-8");
        Lines(BufReader::new(response))
    }
}

impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        assert_eq!(line.pop(), Some('\n'), "a line without its end: {line}");
        Some(line)
    }
}

pub(crate) fn batch(client: &Client, query: &str, variables: &Value) -> Response {
    let body = json!({ "query": query, "variables": variables });
    client.post().header("accept", "application/jsonl").json(&body).send().unwrap()
}

/// A caller who reads many people by statutory duty, in no case.
pub(crate) fn officer(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

/// The first so many people of the county.
pub(crate) fn people(count: usize) -> Vec<String> {
    let path = county().join("household.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    let mut statement = connection
        .prepare("SELECT citizen_id FROM person WHERE length(citizen_id) = 18 ORDER BY citizen_id LIMIT ?1")
        .unwrap();
    let rows = statement.query_map([count as i64], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The same number again and again until there are so many.
pub(crate) fn entries(count: usize) -> Value {
    let people = people(2_500);
    people.iter().cycle().take(count).map(|id| json!({ "citizenId": id })).collect()
}

/// The records of chunks that a server has written so far.
pub(crate) fn chunks(server: &Server) -> Vec<Value> {
    let is_chunk = |record: &Value| record["note"].as_str().is_some_and(|note| note.starts_with("batch: "));
    server.records().into_iter().filter(is_chunk).collect()
}

/// The code of a line that says why there are no more.
#[track_caller]
pub(crate) fn end(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    assert!(line.get("variableIndex").is_none(), "{line}");
    line["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
}

/// The codes of an answer that isn't lines, which must be refused as a whole.
#[track_caller]
pub(crate) fn refused(client: &Client, query: &str, variables: &Value) -> String {
    let body = json!({ "query": query, "variables": variables });
    let answer = Answer::of(client.post().header("accept", "application/jsonl").json(&body));
    assert_eq!(answer.status, 400, "{}", answer.text);
    answer.codes().remove(0)
}
