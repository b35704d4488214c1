//! A department that is down, slow or of the wrong shape costs its own coordinates and no others.

use serde_json::{Value, json};

use crate::support::county::value;
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
    let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
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
    assert!(states.iter().any(|state| state["department"] == "UNION" && state["state"] == "UNAVAILABLE"), "{record}");
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
        .env("YIMEN__EVIDENCE__FOLDER", own.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("union_file") && text.contains("monthly_income"), "{text}");
}

#[test]
fn without_evidence_nothing_is_answered() {
    if !std::path::Path::new("/dev/full").exists() {
        panic!("this test needs /dev/full, a disk that is always full");
    }
    let own = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", own.path().join("records.jsonl")).unwrap();
    let server = Server::set(&[("YIMEN__EVIDENCE__FOLDER", own.path().to_str().unwrap())]);
    let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let answer = client.send(QUERY, json!({ "id": worker() }));
    assert_eq!((answer.status, answer.codes()), (503, vec![String::from("EVIDENCE_UNAVAILABLE")]));
    assert!(answer.json().get("data").is_none());
}
