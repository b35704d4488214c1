//! What became of each section that a case asks for: seven statuses, none of which looks like another.

use serde_json::{Value, json};

use crate::commands::{OPEN, family, opening};
use crate::support::day::days_ago;
use crate::support::{Answer, Client, Server, county};

/// Nobody of the county.
const NOBODY: &str = "11010519491231002X";

const ITEMS: [(&str, &str); 5] = [
    ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION"),
    ("UNION", "UNION_FILE"),
    ("HRSS", "SOCIAL_INSURANCE"),
    ("EDUCATION", "EDUCATION"),
    ("TAX", "TAX"),
];

fn open(client: &Client, case_no: &str, purpose: &str, family: &[String]) {
    let mut opening = opening(case_no, purpose, family);
    let item = |(department, section): &(&str, &str)| json!({ "department": department, "section": section });
    opening["input"]["items"] = ITEMS.iter().map(item).collect();
    client.data(OPEN, opening);
}

fn read(client: &Client, case_no: &str, query: &str, id: &str) -> Value {
    let body = json!({ "query": query, "variables": { "id": id } });
    Answer::of(client.post().header("Yimen-Case", case_no).json(&body)).json()
}

/// The entry of a section.
#[track_caller]
fn section<'a>(answer: &'a Value, section: &str) -> &'a Value {
    let sections = answer["extensions"]["sections"].as_array().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(sections.len(), ITEMS.len(), "each item of the case: {answer}");
    sections.iter().find(|entry| entry["section"] == section).unwrap_or_else(|| panic!("{answer}"))
}

#[track_caller]
fn status(answer: &Value, of: &str) -> String {
    section(answer, of)["status"].as_str().unwrap().to_owned()
}

/// A copy of the union's database, all of whose files were true on one day.
fn files_of(day: &str) -> (tempfile::TempDir, String) {
    let own = tempfile::tempdir().unwrap();
    let path = own.path().join("union.db");
    for ending in ["db", "db-wal", "db-shm"] {
        let from = county().join(format!("union.{ending}"));
        if from.exists() {
            std::fs::copy(from, own.path().join(format!("union.{ending}"))).unwrap();
        }
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE union_file SET as_of = ?1", [day]).unwrap();
    drop(connection);
    let url = format!("sqlite://{}", path.display());
    (own, url)
}

const FILES: &str = "query($id: CitizenId!) { unionFiles(first: 5) { nodes { fileNo } }
  person(citizenId: $id) { name } }";

#[test]
fn the_unions_own_files_are_fresh_or_stale_and_the_rest_is_denied_or_not_requested() {
    for (day, expected) in [(days_ago(5), "OK"), (days_ago(40), "STALE")] {
        let (_own, url) = files_of(&day.to_string());
        let server = Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &url)]);
        let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
        let family = &family()[..1];
        open(&client, "S-1", "UNION_FILE_CHECK", family);
        let answer = read(&client, "S-1", FILES, &family[0]);
        let files = section(&answer, "UNION_FILE");
        assert_eq!((&files["status"], &files["asOf"]), (&json!(expected), &json!(day)), "{answer}");
        assert_eq!(files["department"], "UNION");
        // Nobody has consented, and of the others nothing was asked.
        assert_eq!(status(&answer, "HOUSEHOLD_REGISTRATION"), "DENIED");
        assert_eq!(status(&answer, "SOCIAL_INSURANCE"), "NOT_REQUESTED");
    }
}

const MANY: &str = "query($id: CitizenId!) {
  person(citizenId: $id) { name unionFiles { fileNo } siEnrolments { insuranceType } studentAids { kind } }
}";

#[test]
fn no_record_and_unavailable_and_pending_are_told_apart() {
    let own = tempfile::tempdir().unwrap();
    let config = own.path().join("yimen.toml");
    std::fs::write(&config, without_education()).unwrap();
    let server = Server::over(&config);
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let family = [family()[0].clone(), NOBODY.to_owned()];
    open(&client, "S-2", "MLA_REVIEW", &family);
    let answer = read(&client, "S-2", MANY, &family[0]);
    assert_eq!(status(&answer, "UNION_FILE"), "UNAVAILABLE", "{answer}");
    assert_eq!(status(&answer, "EDUCATION"), "PENDING", "{answer}");
    assert!(["OK", "STALE"].contains(&status(&answer, "HOUSEHOLD_REGISTRATION").as_str()), "{answer}");
    // Somebody of the family whom the register doesn't know, and a stranger whom it does.
    for id in [NOBODY, &crate::commands::family()[1]] {
        assert_eq!(status(&read(&client, "S-2", MANY, id), "HOUSEHOLD_REGISTRATION"), "NO_RECORD");
    }
    // Without a case nothing is added to the answer.
    let plain = client.send(MANY, json!({ "id": family[0] })).json();
    assert_eq!(plain["extensions"]["sections"], Value::Null, "{plain}");
}

/// The county's configuration without one department's database, and with one that can't be reached.
fn without_education() -> String {
    let text = std::fs::read_to_string(county().join("yimen.toml")).unwrap();
    let folder = county().display();
    let text = text
        .replace("[departments.EDUCATION]\nurl = \"sqlite://education.db\"\n", "")
        .replace(
            "[departments.UNION]\nurl = \"sqlite://union.db\"",
            "[departments.UNION]\nurl = \"postgres://nobody@127.0.0.1:1/nothing\"",
        )
        .replace("sqlite://", &format!("sqlite://{folder}/"))
        .replace("issuer/jwks.json", &format!("{folder}/issuer/jwks.json"))
        .replace("\"secret\"", &format!("\"{folder}/secret\""))
        .replace("\"evidence.key\"", &format!("\"{folder}/evidence.key\""));
    assert!(!text.contains("EDUCATION") && text.contains("127.0.0.1:1"), "{text}");
    text
}
