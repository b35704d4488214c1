//! What ends an export before its end, and what it is gone on with.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yimen_migration::ExchangeDatabase;

use crate::batch::{FAMILY, PERSON, officer, people};
use crate::export::{download, job, of_people, start, text, until, verifies, whole};
use crate::grants;
use crate::support::postgres::Database;
use crate::support::{Client, Server};

const RESUME: &str = "mutation($token: String!) { resumeExport(token: $token) { id state } }";
const CANCEL: &str = "mutation($id: ID!) { cancelExport(id: $id) { state resumeToken } }";

/// Small parts, so that most of an export is still to be done when its first one is whole.
const SMALL: [(&str, &str); 2] =
    [("YIMEN__FETCH__BULK_CHUNK", "100"), ("YIMEN__EXPORT__PART_ENTRIES", "500")];

/// The same people again and again until there are so many.
fn many(count: usize) -> Vec<String> {
    people(2_500).into_iter().cycle().take(count).collect()
}

fn begun(client: &Client, id: &str) -> Value {
    until(client, id, |job| job["done"].as_i64().unwrap() > 0 || job["state"] == "STOPPED")
}

#[track_caller]
fn is_every_row(text: &str, count: usize) {
    for (at, line) in text.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["variableIndex"], at);
        assert!(line["data"].get("person").is_some(), "{line}");
    }
    assert_eq!(text.lines().count(), count);
}

#[test]
fn a_process_that_is_killed_leaves_an_export_that_goes_on() {
    let server = Server::set(&SMALL);
    let client = officer(&server);
    let asked = many(5_000);
    let id = start(&client, &of_people(PERSON, &asked));
    begun(&client, &id);
    let left = server.kill();
    let (hub, folder) = (left.path().join("hub.db"), left.path().join("exports"));
    let (url, place) = (format!("sqlite://{}", hub.display()), folder.display().to_string());
    let own = [("YIMEN__HUB__URL", url.as_str()), ("YIMEN__EXPORT__FOLDER", place.as_str())];
    let server = Server::set(&[&SMALL[..], &own].concat());
    let client = client.at(&server.url());
    let stopped = until(&client, &id, |job| job["state"] == "STOPPED");
    assert_eq!(stopped["reason"], "PROCESS_ENDED");
    let (before, done) = (stopped["parts"].as_array().unwrap().clone(), stopped["done"].as_i64().unwrap());
    assert!(done > 0 && done < 5_000, "{stopped}");
    let token = stopped["resumeToken"].as_str().unwrap();
    client.data(RESUME, json!({ "token": token }));
    let job = whole(&client, &id);
    let parts = job["parts"].as_array().unwrap();
    assert_eq!(&parts[..before.len()], before.as_slice(), "what was whole stays as it was");
    assert!(parts[before.len()..].iter().all(|part| part["run"] == 2), "{job}");
    assert_eq!(job["runs"].as_array().unwrap().len(), 2, "each run says as of when it read");
    is_every_row(&text(&client, &job), 5_000);
    verifies(&folder.join(&id));
    let again = client.send(RESUME, json!({ "token": token }));
    assert_eq!(again.codes(), ["STALE_VERSION"]);
    drop((server, left));
}

#[test]
fn the_end_of_the_process_stops_it_and_says_so() {
    let server = Server::set(&SMALL);
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &many(5_000)));
    begun(&client, &id);
    let left = server.stop();
    let connection = rusqlite::Connection::open(left.path().join("hub.db")).unwrap();
    let sql = "SELECT state || ' ' || reason FROM export_job";
    let told: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "STOPPED SERVER_STOPPING");
}

#[test]
fn a_grant_that_is_revoked_stops_it_within_two_seconds_and_closes_its_files() {
    let hub = grants::hub("export_ends");
    let url = hub.url();
    let own = [("YIMEN__HUB__URL", url.as_str()), ("YIMEN__GRANTS__STALE_MS", "2000")];
    let server = Server::set(&[&SMALL[..], &own].concat());
    let client = officer(&server);
    grants::give_to(&hub, "2026-0099", "TAX", ["CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"]);
    grants::within_two_seconds(Instant::now(), &client, |got| got.is_ok());
    let query =
        "query($id: CitizenId!) { person(citizenId: $id) { citizenId taxSummaries { year taxPaid } } }";
    let id = start(&client, &of_people(query, &many(20_000)));
    let part = begun(&client, &id)["parts"][0]["name"].as_str().unwrap().to_owned();
    assert_eq!(download(&client, &id, &part).status, 200);
    let revoked = Instant::now();
    grants::revoke(&hub, "2026-0099");
    let stopped = until(&client, &id, |job| job["state"] == "STOPPED");
    assert!(revoked.elapsed() < Duration::from_secs(2), "{:?}", revoked.elapsed());
    assert_eq!(stopped["reason"], "DECISIONS_CHANGED", "{stopped}");
    assert_eq!(stopped["changed"], json!(["TaxSummary.taxPaid: NOT_GRANTED"]), "{stopped}");
    let refused = download(&client, &id, &part);
    assert_eq!((refused.status, refused.codes()), (403, vec![String::from("DECISIONS_CHANGED")]));
    let token = json!({ "token": stopped["resumeToken"] });
    assert_eq!(client.send(RESUME, token).codes(), ["DECISIONS_CHANGED"]);
    drop(server);
}

#[test]
fn a_grant_of_something_else_stops_nothing() {
    let hub = grants::hub("export_goes_on");
    let url = hub.url();
    let own = [("YIMEN__HUB__URL", url.as_str()), ("YIMEN__GRANTS__STALE_MS", "2000")];
    let server = Server::set(&[&SMALL[..], &own].concat());
    let client = officer(&server);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { citizenId } }";
    let id = start(&client, &of_people(query, &many(5_000)));
    begun(&client, &id);
    grants::give_to(&hub, "2026-0099", "TAX", ["CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"]);
    grants::within_two_seconds(Instant::now(), &client, |got| got.is_ok());
    whole(&client, &id);
    drop(server);
}

#[test]
fn its_owner_ends_it_for_good() {
    let server = Server::set(&SMALL);
    let client = officer(&server);
    let id = start(&client, &of_people(FAMILY_OF, &many(20_000)));
    begun(&client, &id);
    let cancelled = client.data(CANCEL, json!({ "id": id }));
    assert_eq!(cancelled["cancelExport"], json!({ "state": "CANCELLED", "resumeToken": null }));
    std::thread::sleep(Duration::from_secs(2));
    let done = job(&client, &id)["done"].clone();
    std::thread::sleep(Duration::from_secs(1));
    let job = job(&client, &id);
    assert_eq!((&job["state"], &job["done"]), (&json!("CANCELLED"), &done), "nobody goes on");
    assert_eq!(client.send(CANCEL, json!({ "id": id })).codes(), ["ILLEGAL_TRANSITION"]);
    assert!(FAMILY.contains("person"));
}

const FAMILY_OF: &str = "query($id: CitizenId!) { person(citizenId: $id) { citizenId household { id } } }";

/// The union's database with a file for each of some people.
fn union(what: &str, people: &[String]) -> Database {
    let database = Database::new(what);
    database.migrate(ExchangeDatabase::UnionAid);
    for (at, person) in people.iter().enumerate() {
        database.run(&format!(
            "INSERT INTO union_file (file_no, citizen_id, division_code) \
             VALUES ('F{at}', '{person}', '410727100000')"
        ));
    }
    database
}

const FILES: &str = "query($id: CitizenId!) { person(citizenId: $id) { citizenId unionFiles { fileNo } } }";

/// The numbers of files in each line.
fn files(text: &str) -> Vec<String> {
    let file = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["data"]["person"]["unionFiles"][0]["fileNo"].as_str().unwrap_or_default().to_owned()
    };
    text.lines().map(file).collect()
}

#[test]
fn a_run_reads_one_state_of_a_department_whatever_is_written_meanwhile() {
    let own = people(20);
    let database = union("export_snapshot", &own);
    let url = database.url();
    let server = Server::set(&[&SMALL[..], &[("YIMEN__DEPARTMENTS__UNION__URL", url.as_str())]].concat());
    let client = officer(&server);
    let asked: Vec<String> = own.iter().cloned().cycle().take(20_000).collect();
    let id = start(&client, &of_people(FILES, &asked));
    let running = begun(&client, &id);
    assert!(running["done"].as_i64().unwrap() < 20_000, "{running}");
    database.run("UPDATE union_file SET file_no = 'changed ' || file_no");
    let first = whole(&client, &id);
    let as_of = first["runs"][0]["asOf"].as_array().unwrap().clone();
    let union = as_of.iter().find(|as_of| as_of["department"] == "UNION").unwrap();
    assert!(union["position"].as_str().is_some_and(|position| position.contains(':')), "{union}");
    assert!(files(&text(&client, &first)).iter().all(|file| file.starts_with('F')));
    let second = start(&client, &of_people(FILES, &own));
    let second = whole(&client, &second);
    assert!(files(&text(&client, &second)).iter().all(|file| file.starts_with("changed")));
    drop(server);
}

#[test]
fn a_department_that_goes_away_stops_it_and_leaves_no_row_without_its_answer() {
    let own = people(20);
    let database = union("export_away", &own);
    let url = database.url();
    let server = Server::set(&[&SMALL[..], &[("YIMEN__DEPARTMENTS__UNION__URL", url.as_str())]].concat());
    let client = officer(&server);
    let asked: Vec<String> = own.iter().cloned().cycle().take(20_000).collect();
    let id = start(&client, &of_people(FILES, &asked));
    begun(&client, &id);
    database.close();
    let stopped = until(&client, &id, |job| job["state"] == "STOPPED");
    assert_eq!(stopped["reason"], "DEPARTMENT_UNAVAILABLE", "{stopped}");
    assert!(files(&text(&client, &stopped)).iter().all(|file| file.starts_with('F')));
    let resume = |job: &Value| client.data(RESUME, json!({ "token": job["resumeToken"] }));
    resume(&stopped);
    let again = until(&client, &id, |job| job["state"] == "STOPPED");
    assert_eq!((&again["reason"], &again["done"]), (&json!("DEPARTMENT_UNAVAILABLE"), &stopped["done"]));
    database.open();
    resume(&again);
    let job = whole(&client, &id);
    is_every_row(&text(&client, &job), 20_000);
    assert!(files(&text(&client, &job)).iter().all(|file| file.starts_with('F')));
    drop(server);
}
