//! Exports: files that equal what batches answer, that verify, and that are nobody else's.

mod ends;
mod files;
mod limits;
mod whole;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Answer, Client};

pub(crate) const START: &str = "mutation($input: StartExport!) { startExport(input: $input) {
  id state total done purpose division format withheld { path coordinate reason } } }";

pub(crate) const JOB: &str = "query($id: ID!) { exportJob(id: $id) {
  id state reason changed total done rows bytes document plan policies catalogue resumeToken path keptUntil
  parts { number run name first entries rows bytes sha256 records }
  runs { number startedAt asOf { department at position } } } }";

/// Starts an export that must be taken, and gives its name.
#[track_caller]
pub(crate) fn start(client: &Client, input: &Value) -> String {
    let answer = try_start(client, input);
    let json = answer.json();
    assert!(json.get("errors").is_none(), "{}", answer.text);
    json["data"]["startExport"]["id"].as_str().unwrap().to_owned()
}

/// Sends a start by the way that takes long lists.
pub(crate) fn try_start(client: &Client, input: &Value) -> Answer {
    let body = json!({ "query": START, "variables": { "input": input } });
    Answer::of(client.request(reqwest::Method::POST, "/exports").json(&body))
}

/// An export of these people's rows.
pub(crate) fn of_people(query: &str, people: &[String]) -> Value {
    json!({ "document": query, "citizenIds": people })
}

pub(crate) fn job(client: &Client, id: &str) -> Value {
    client.data(JOB, json!({ "id": id }))["exportJob"].clone()
}

/// Waits until an export is as it should be.
#[track_caller]
pub(crate) fn until(client: &Client, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let job = job(client, id);
        if fits(&job) {
            return job;
        }
        assert!(Instant::now() < end, "{job}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
pub(crate) fn whole(client: &Client, id: &str) -> Value {
    let job = until(client, id, |job| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")));
    assert_eq!((&job["state"], &job["reason"]), (&json!("DONE"), &Value::Null), "{job}");
    job
}

pub(crate) fn download(client: &Client, id: &str, name: &str) -> Answer {
    Answer::of(client.request(reqwest::Method::GET, &format!("/exports/{id}/{name}")))
}

/// All parts, one behind the other.
#[track_caller]
pub(crate) fn text(client: &Client, job: &Value) -> String {
    let id = job["id"].as_str().unwrap();
    let part = |part: &Value| {
        let answer = download(client, id, part["name"].as_str().unwrap());
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    };
    job["parts"].as_array().unwrap().iter().map(part).collect()
}

/// What `sha256sum` says of the files of an export.
#[track_caller]
pub(crate) fn verifies(folder: &Path) {
    let output = std::process::Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
