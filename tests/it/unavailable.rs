//! A department that is down, slow or of the wrong shape costs its own coordinates and no others.

use serde_json::{Value, json};

use crate::support::county::value;
use crate::support::slow::slow_union;
use crate::support::{Server, county, yimen};

const QUERY: &str = "query($id: CitizenId!) {
  person(citizenId: $id) { name unionFiles { fileNo } siEnrolments { insuranceType } }
}";

fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

#[test]
fn the_rest_of_the_family_still_comes() {
    let server = Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    let client = server.checking(&[&worker()]);
    let answer = client.send(QUERY, json!({ "id": worker() })).json();
    assert!(answer["data"]["person"]["name"].is_string(), "{answer}");
    assert!(answer["data"]["person"]["siEnrolments"].is_array(), "{answer}");
    assert_eq!(answer["data"]["person"]["unionFiles"], Value::Null);
    let expected = json!([{
        "message": "The department does not answer at the moment",
        "path": ["person", "unionFiles"],
        "extensions": { "code": "DEPARTMENT_UNAVAILABLE", "department": "UNION" },
    }]);
    assert_eq!(answer["errors"], expected);
    let record = server.records().pop().unwrap();
    let states = record["departments"].as_array().unwrap();
    assert!(
        states.iter().any(|state| state["department"] == "UNION" && state["state"] == "UNAVAILABLE"),
        "{record}"
    );
}

#[test]
fn a_database_of_the_wrong_shape_is_found_at_start() {
    let own = tempfile::tempdir().unwrap();
    let path = own.path().join("union.db");
    std::fs::copy(county().join("union.db"), &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("ALTER TABLE union_file DROP COLUMN monthly_income").unwrap();
    drop(connection);
    let output = yimen()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(county())
        .env("YIMEN__DEPARTMENTS__UNION__URL", format!("sqlite://{}", path.display()))
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("union_file") && text.contains("monthly_income"), "{text}");
}

#[test]
fn a_department_that_is_slow_costs_its_own_coordinates_and_no_more_than_its_deadline() {
    let database = slow_union("slow", &worker());
    let url = database.url();
    let server =
        Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &url), ("YIMEN__FETCH__DEADLINE_MS", "1500")]);
    let client = server.checking(&[&worker()]);
    let started = std::time::Instant::now();
    let answer = client.send(QUERY, json!({ "id": worker() })).json();
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(answer["data"]["person"]["name"].is_string(), "{answer}");
    assert_eq!(answer["data"]["person"]["unionFiles"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "DEPARTMENT_UNAVAILABLE");
    drop(server);
}
