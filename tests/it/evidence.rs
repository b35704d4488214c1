//! Evidence from outside: every acknowledged answer has its record, the log verifies, and whatever is
//! done to it is found and named.

mod anomalies;
mod clock;
mod crash;
mod exported;
mod hub_lost;
mod kept;
mod named;
mod not_answered;
mod replicas;
mod served;
mod set_aside;
mod taken_out;
mod tampering;
mod tracker;
mod turns;
mod witness;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::postgres::Database;
use crate::support::{Client, Server, county, yimen};

/// A document that is answered without any department.
const WHO: &str = "{ viewer { department } }";

/// A document that reads somebody.
const PERSON: &str = "query($id: CitizenId!) { person(citizenId: $id) { name citizenId } }";

/// Somebody of the county.
fn somebody() -> String {
    crate::support::county::value(
        "household",
        "SELECT citizen_id FROM person WHERE citizen_id IS NOT NULL LIMIT 1",
    )
}

/// A caller who reads people by statutory duty, in a case or not.
fn officer(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

/// Asks so often, with and without a person in it, and gives the names of the records.
fn ask(client: &Client, times: usize) -> Vec<String> {
    let id = somebody();
    let ask = |at: usize| match at % 2 {
        0 => client.send(PERSON, json!({ "id": id })),
        _ => client.send(WHO, json!({})),
    };
    (0..times).map(|at| ask(at).headers["yimen-record"].to_str().unwrap().to_owned()).collect()
}

/// Runs a test over a hub of each kind; `what` names the PostgreSQL database.
fn each_hub(what: &str, test: impl Fn(Server)) {
    test(Server::start());
    let database = Database::new(what);
    database.migrate_hub();
    test(Server::set(&[("YIMEN__HUB__URL", &database.url())]));
}

/// The address of a SQLite hub.
fn url(hub: &Path) -> String {
    format!("sqlite://{}", hub.display())
}

/// Runs `yimen evidence …` over a hub.
fn evidence(hub: &str, arguments: &[&str]) -> Output {
    command(hub, arguments).output().unwrap()
}

/// `yimen evidence …` over a hub, not run yet.
fn command(hub: &str, arguments: &[&str]) -> Command {
    let mut command = yimen();
    command.arg("evidence").args(arguments).arg("--data").arg(county()).env("YIMEN__HUB__URL", hub);
    command
}

/// What verification says of a log in which all is well.
#[track_caller]
fn verifies(hub: &str) -> String {
    let output = evidence(hub, &["verify"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// What verification says of a log in which something is wrong.
#[track_caller]
fn found(hub: &str) -> String {
    let output = evidence(hub, &["verify"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "nothing was found: {text}");
    text
}

/// The names of all records of a hub.
fn names(entries: &[Value]) -> std::collections::HashSet<String> {
    entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}
