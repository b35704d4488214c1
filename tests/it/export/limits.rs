//! Bounds of exports, just under and just over, and documents that can't be exported.

use serde_json::{Value, json};

use crate::batch::{PERSON, officer, people};
use crate::export::{of_people, start, try_start, until, whole};
use crate::support::Server;

/// The code of a start that must be refused.
#[track_caller]
fn refused(client: &crate::support::Client, input: &Value) -> String {
    let answer = try_start(client, input);
    assert_eq!(answer.json()["data"]["startExport"], Value::Null, "{}", answer.text);
    answer.codes().remove(0)
}

#[test]
fn the_list_of_people_is_bounded() {
    let server = Server::set(&[("YIMEN__EXPORT__PEOPLE", "10")]);
    let client = officer(&server);
    let people = people(11);
    assert_eq!(refused(&client, &of_people(PERSON, &people)), "EXPORT_LIMIT_EXCEEDED");
    assert_eq!(refused(&client, &of_people(PERSON, &[])), "BAD_USER_INPUT");
    whole(&client, &start(&client, &of_people(PERSON, &people[..10])));
}

#[test]
fn the_rows_of_pages_are_bounded() {
    let query = "query($after: String) { unionFiles(first: 3, after: $after) {
        nodes { fileNo } pageInfo { hasNextPage endCursor } } }";
    let own = "SELECT count(*) FROM union_file WHERE division_code LIKE '410727%'";
    let all: usize = crate::support::county::value("union", own).parse().unwrap();
    for (rows, state) in [(all, "DONE"), (all - 1, "STOPPED")] {
        let rows = rows.to_string();
        let server = Server::set(&[("YIMEN__EXPORT__ROWS", rows.as_str())]);
        let client = officer(&server);
        let id = start(&client, &json!({ "document": query }));
        let job = until(&client, &id, |job| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")));
        assert_eq!(job["state"], state, "{job}");
        assert_eq!(job["reason"] == "EXPORT_LIMIT_EXCEEDED", state == "STOPPED", "{job}");
    }
}

#[test]
fn the_bytes_of_an_export_and_of_all_of_them_are_bounded() {
    let server = Server::start();
    let client = officer(&server);
    let asked = of_people(PERSON, &people(20));
    let bytes: i64 = whole(&client, &start(&client, &asked))["bytes"].as_str().unwrap().parse().unwrap();
    drop(server);
    for (limit, state) in [(bytes, "DONE"), (bytes - 1, "STOPPED")] {
        let limit = limit.to_string();
        for key in ["YIMEN__EXPORT__BYTES", "YIMEN__EXPORT__FOLDER_BYTES"] {
            let server = Server::set(&[(key, limit.as_str())]);
            let client = officer(&server);
            let id = start(&client, &asked);
            let job = until(&client, &id, |job| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")));
            assert_eq!(job["state"], state, "{key}: {job}");
            assert_eq!(job["reason"] == "EXPORT_LIMIT_EXCEEDED", state == "STOPPED", "{key}: {job}");
            if key.ends_with("FOLDER_BYTES") && state == "DONE" {
                assert_eq!(refused(&client, &asked), "EXPORT_LIMIT_EXCEEDED", "the folder is full");
            }
        }
    }
}

#[test]
fn exports_of_a_caller_and_in_all_are_bounded() {
    let server = Server::set(&[
        ("YIMEN__EXPORT__JOBS_PER_CALLER", "1"),
        ("YIMEN__EXPORT__JOBS", "2"),
        ("YIMEN__FETCH__BULK_CHUNK", "50"),
    ]);
    let client = officer(&server);
    let long: Vec<String> = people(2_500).into_iter().cycle().take(20_000).collect();
    let first = start(&client, &of_people(PERSON, &long));
    let small = of_people(PERSON, &people(1));
    assert_eq!(refused(&client, &small), "TOO_MANY_OPEN", "one of this caller's is under way");
    let other = server.client("TOWNSHIP_GOV", "REVIEWER", "MLA_REVIEW");
    start(&other, &small);
    let cancel = "mutation($id: ID!) { cancelExport(id: $id) { state } }";
    client.data(cancel, json!({ "id": first }));
    assert_eq!(refused(&client, &small), "TOO_MANY_OPEN", "two are kept");
    client.data("mutation($id: ID!) { purgeExport(id: $id) { state } }", json!({ "id": first }));
    start(&client, &small);
}

#[test]
fn documents_of_another_shape_are_refused_before_anybody_is_asked() {
    let server = Server::start();
    let client = officer(&server);
    let people = people(1);
    let person = "person(citizenId: $id) { name }";
    for (document, code) in [
        (format!("query($id: CitizenId!) {{ {person} viewer {{ role }} }}"), "NOT_EXPORTABLE"),
        (String::from("query($id: CitizenId!) { persons(citizenIds: [$id]) { name } }"), "NOT_EXPORTABLE"),
        (format!("query($id: CitizenId!, $x: ID!) {{ {person} }}"), "GRAPHQL_VALIDATION_FAILED"),
        (String::from("{ viewer { role } }"), "NOT_EXPORTABLE"),
        (String::from("mutation($id: ID!) { purgeExport(id: $id) { id } }"), "NOT_EXPORTABLE"),
        (
            String::from("query($id: CitizenId!) { person(citizenId: $id) { nothing } }"),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (String::from("{"), "GRAPHQL_PARSE_FAILED"),
    ] {
        assert_eq!(refused(&client, &of_people(&document, &people)), code, "{document}");
    }
    let page = "query($after: String) { unionFiles(after: $after) { nodes { fileNo } } }";
    assert_eq!(refused(&client, &json!({ "document": page })), "NOT_EXPORTABLE", "pages need `pageInfo`");
    assert_eq!(refused(&client, &json!({ "documentId": "nothing" })), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(refused(&client, &json!({})), "BAD_USER_INPUT");
    let asked = of_people(PERSON, &people);
    let body = json!({ "query": crate::export::START, "variables": { "input": asked } });
    let in_case = crate::support::Answer::of(client.post().header("Yimen-Case", "C-1").json(&body));
    assert_eq!(in_case.codes(), ["BAD_USER_INPUT"], "{}", in_case.text);
    assert_eq!(client.data("{ exportJobs { id } }", json!({}))["exportJobs"], json!([]));
}

#[test]
fn without_a_folder_there_are_none() {
    let server = Server::set(&[("YIMEN__EXPORT__FOLDER", "")]);
    assert_eq!(refused(&officer(&server), &of_people(PERSON, &people(1))), "EXPORT_NOT_ENABLED");
}
