//! What operators see: health with every department's state, and counters without anybody's data.

use std::time::{Duration, Instant};

use reqwest::blocking::get;
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::county::value;

const QUERY: &str = "query($id: CitizenId!) { person(citizenId: $id) { name taxSummaries { declaredIncome }
    unionFiles { fileNo } } }";

fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

/// A server whose union database is away, with a listener for operators, and that listener's address.
fn watched() -> (Server, String) {
    let server = Server::set(&[
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
        ("YIMEN__FETCH__HEARTBEAT_MS", "50"),
        ("YIMEN__DEPARTMENTS__UNION__URL", "postgres://nobody@127.0.0.1:1/nothing"),
    ]);
    let operations = server.operations();
    (server, operations)
}

/// What health says once every department was asked.
fn health(url: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let health: Value = get(format!("{url}/health/ready")).unwrap().json().unwrap();
        if health["departments"].as_object().is_some_and(|states| states.contains_key("UNION")) {
            return health;
        }
        assert!(Instant::now() < end, "{health}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn health_tells_which_department_is_away() {
    let (server, operations) = watched();
    for url in [server.url(), operations] {
        let health = health(&url);
        assert_eq!(health["status"], "UP", "one department away makes nothing unready: {health}");
        assert_eq!(health["departments"]["UNION"]["status"], "DOWN", "{health}");
        assert_eq!(health["departments"]["HOUSING"]["status"], "UP", "{health}");
        assert!(health["departments"]["UNION"]["since"].is_string(), "{health}");
    }
}

#[test]
fn what_happens_is_counted_and_nobody_is_named() {
    let (server, operations) = watched();
    health(&operations);
    let worker = worker();
    let client = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    assert_eq!(client.send(QUERY, json!({ "id": worker })).status, 200);
    client.send("{ nothing }", json!({}));
    client.post().body("no json").send().unwrap();
    let text = get(format!("{operations}/metrics")).unwrap().text().unwrap();
    for line in [
        "yimen_requests_total{outcome=\"answered\"} 1",
        "yimen_requests_total{outcome=\"refused\"} 1",
        "yimen_requests_total{outcome=\"rejected\"} 1",
        "yimen_fields_withheld_total{reason=\"NOT_GRANTED\"} ",
        "yimen_department_unavailable_total{department=\"UNION\"} 1",
        "yimen_department_up{department=\"UNION\"} 0",
        "yimen_department_up{department=\"HOUSING\"} 1",
        "yimen_evidence_set_aside 0",
    ] {
        assert!(text.contains(line), "{line} isn't in\n{text}");
    }
    assert!(
        text.contains("yimen_request_seconds_bucket") && text.contains("yimen_evidence_append_seconds_count")
    );
    for secret in [worker.as_str(), "declaredIncome", "demo-"] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}

#[test]
fn the_door_itself_counts_nothing_for_anybody() {
    let (server, _) = watched();
    assert_eq!(get(format!("{}/metrics", server.url())).unwrap().status(), 401);
}
