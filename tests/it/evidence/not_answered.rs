//! Requests that get no answer though departments may have been asked: each has a record that says so.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::evidence::{PERSON, officer, somebody};
use crate::support::county::value;
use crate::support::postgres::Database;
use crate::support::slow::slow_union;
use crate::support::{Answer, Client, Server};

/// A document that asks the union, whose database is slow.
const SLOW: &str = "query($id: CitizenId!) { person(citizenId: $id) { name unionFiles { fileNo } } }";

fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

/// The record that an answer names.
#[track_caller]
fn record(server: &Server, answer: &Answer) -> Value {
    let name = answer.headers["yimen-record"].to_str().unwrap();
    server.records().into_iter().find(|record| record["id"] == name).unwrap()
}

/// What was asked of the union.
fn of_union(record: &Value) -> Vec<&Value> {
    let departments = record["departments"].as_array().unwrap().iter();
    departments.filter(|outcome| outcome["department"] == "UNION").collect()
}

#[test]
fn a_request_whose_time_ends_has_a_record_of_what_was_asked() {
    let database = slow_union("late", &worker());
    let url = database.url();
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "900"),
    ]);
    let client = officer(&server);
    let answer = client.send(SLOW, json!({ "id": worker() }));
    assert_eq!((answer.status, answer.codes()), (504, vec![String::from("GATEWAY_TIMEOUT")]));
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
    let late = record(&server, &answer);
    assert_eq!((&late["kind"], &late["note"]), (&json!("REFUSED"), &json!("GATEWAY_TIMEOUT")));
    assert_eq!((&late["purpose"], &late["people"]["count"]), (&json!("MLA_REVIEW"), &json!(1)));
    assert_eq!(of_union(&late)[0]["state"], "ASKED");
    let coordinates = late["coordinates"].as_array().unwrap();
    assert!(coordinates.iter().any(|item| item["coordinate"] == "Person.unionFiles"), "{late}");
    let in_time = client.send(PERSON, json!({ "id": worker() }));
    assert_eq!((in_time.status, &record(&server, &in_time)["kind"]), (200, &json!("QUERY")));
    drop(server);
}

#[test]
fn a_request_whose_time_ends_and_that_cannot_be_recorded_says_so() {
    let (hub, database) = (Database::new("late_hub"), slow_union("late_union", &worker()));
    hub.migrate_hub();
    let server = Server::set(&[
        ("YIMEN__HUB__URL", &hub.url()),
        ("YIMEN__DEPARTMENTS__UNION__URL", &database.url()),
        ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "500"),
        ("YIMEN__EVIDENCE__DEADLINE_MS", "500"),
    ]);
    let client = officer(&server);
    let _lock = hub.hold("LOCK TABLE evidence_pending IN ACCESS EXCLUSIVE MODE");
    let answer = client.send(SLOW, json!({ "id": worker() }));
    assert_eq!((answer.status, answer.codes()), (503, vec![String::from("EVIDENCE_UNAVAILABLE")]));
}

/// Sends a document and hangs up once it must have been read.
fn hang_up(server: &Server, token: &str, id: &str) {
    let body = json!({ "query": SLOW, "variables": { "id": id } }).to_string();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: yimen\r\nAuthorization: Bearer {token}\r\n\
         Yimen-Purpose: MLA_REVIEW\r\nX-Road-Id: GONE-1\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
}

/// The record of the exchange, when it comes.
#[track_caller]
fn of_exchange(records: impl Fn() -> Vec<Value>, id: &str) -> Value {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if let Some(record) = records().into_iter().find(|record| record["exchange"].to_string().contains(id))
        {
            return record;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("there is no record of the exchange {id}")
}

#[test]
fn a_caller_who_hangs_up_has_a_record_all_the_same() {
    let database = slow_union("gone", &worker());
    let url = database.url();
    let server =
        Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &url), ("YIMEN__FETCH__DEADLINE_MS", "2000")]);
    hang_up(&server, &server.token("CIVIL_AFFAIRS", "REVIEWER"), &worker());
    assert!(server.records().is_empty(), "nobody has hung up before the end");
    let record = of_exchange(|| server.records(), "GONE-1");
    assert_eq!((&record["kind"], &record["people"]["count"]), (&json!("QUERY"), &json!(1)));
    assert_eq!(of_union(&record)[0]["state"], "UNAVAILABLE");
    drop(server);
}

#[test]
fn a_process_that_is_asked_to_end_records_first_what_nobody_waits_for_any_more() {
    let database = slow_union("gone_stop", &worker());
    let url = database.url();
    let server =
        Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &url), ("YIMEN__FETCH__DEADLINE_MS", "2000")]);
    hang_up(&server, &server.token("CIVIL_AFFAIRS", "REVIEWER"), &worker());
    let hub = server.hub();
    let _left = server.stop();
    let record = of_exchange(|| crate::support::hub::records(&hub), "GONE-1");
    assert_eq!(record["kind"], "QUERY");
}

#[test]
fn whoever_reads_the_log_takes_a_place_among_requests() {
    let database = slow_union("places", &worker());
    let url = database.url();
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__FETCH__DEADLINE_MS", "3000"),
        ("YIMEN__SERVER__REQUESTS", "1"),
    ]);
    let nobody = Client::new(&server.url(), None, None);
    let head = || Answer::of(nobody.request(reqwest::Method::GET, "/evidence/checkpoint"));
    let began = Instant::now();
    while head().status != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "there is no head");
        std::thread::sleep(Duration::from_millis(20));
    }
    hang_up(&server, &server.token("CIVIL_AFFAIRS", "REVIEWER"), &worker());
    let refused = head();
    assert_eq!((refused.status, refused.codes()), (503, vec![String::from("REQUEST_CONCURRENCY_LIMITED")]));
    of_exchange(|| server.records(), "GONE-1");
    let began = Instant::now();
    while head().status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5), "the place stays taken");
    }
    drop(server);
}

/// A document of so many roots, of each of which thirty-eight statements stand in the record.
fn wide(roots: usize) -> String {
    let link = |at| format!("a{at}: hukouRegistrations {{ __typename }}");
    let links: Vec<String> = (0..37).map(link).collect();
    let root = |at| format!("r{at}: person(citizenId: $id) {{ ...All }}");
    let roots: Vec<String> = (0..roots).map(root).collect();
    format!(
        "query($id: CitizenId!) {{ {} }} fragment All on Person {{ {} }}",
        roots.join(" "),
        links.join(" ")
    )
}

#[test]
fn an_operation_whose_record_would_be_too_large_is_refused_with_a_record() {
    let server = Server::set(&[
        ("YIMEN__LIMITS__COST", "100000000"),
        ("YIMEN__LIMITS__ALIASES", "1000"),
        // No quota: a burst must let the dearest operation through.
        ("YIMEN__QUOTA__RULES", "[]"),
    ]);
    let client = officer(&server);
    let id = somebody();
    let few = client.send(&wide(19), json!({ "id": id }));
    assert_eq!((few.status, few.codes()), (200, vec![]), "{}", few.text);
    let many = client.send(&wide(20), json!({ "id": id }));
    assert_eq!(many.codes(), ["RECORD_TOO_LARGE"], "{}", many.text);
    assert!(many.json().get("data").is_none() && !many.text.contains(&id), "{}", many.text);
    let record = record(&server, &many);
    assert_eq!((&record["kind"], &record["note"]), (&json!("REFUSED"), &json!("RECORD_TOO_LARGE")));
    assert_eq!((record.get("departments"), record.get("coordinates")), (None, None));
    assert!(record["people"]["count"].as_u64().unwrap() >= 1, "{record}");
}
