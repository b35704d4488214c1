//! Documents that requests name: manifests, automatic persisted queries, and the modes between them.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{Answer, Client, Server};

const KNOWN: &str = "{ viewer { department } }";
const UNKNOWN: &str = "{ viewer { role } }";

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder with Apollo's manifest and Relay's.
fn manifests() -> TempDir {
    let folder = TempDir::new().unwrap();
    let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations":
        [{ "id": "viewer-1", "name": "Viewer", "type": "query", "body": KNOWN }] });
    let relay = json!({ "relay-7": "query R { viewer { division } }" });
    write(folder.path(), "apollo.json", &apollo);
    write(folder.path(), "relay.json", &relay);
    folder
}

fn write(folder: &Path, name: &str, manifest: &Value) {
    std::fs::write(folder.join(name), manifest.to_string()).unwrap();
}

fn server(mode: &str, folder: &TempDir) -> Server {
    let folder = folder.path().display().to_string();
    Server::set(&[("YIMEN__DOCUMENTS__MODE", mode), ("YIMEN__DOCUMENTS__FOLDER", &folder)])
}

fn officer(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

fn post(client: &Client, body: &Value) -> Answer {
    let accept = "application/graphql-response+json";
    Answer::of(client.post().header("accept", accept).json(body))
}

#[track_caller]
fn is_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.codes()), (400, vec![code.to_owned()]), "{}", answer.text);
    assert!(!answer.text.contains("\"data\""), "{}", answer.text);
    assert!(answer.headers.contains_key("yimen-record"), "a refusal without a record");
}

#[test]
fn a_document_is_named_in_every_known_way() {
    let folder = manifests();
    let server = server("require_id", &folder);
    let client = officer(&server);
    let by_hash = format!("sha256:{}", sha256(KNOWN));
    let apollo = json!({ "persistedQuery": { "version": 1, "sha256Hash": sha256(KNOWN) } });
    for body in [
        json!({ "documentId": by_hash }),
        json!({ "documentId": "viewer-1" }),
        json!({ "doc_id": "viewer-1" }),
        json!({ "extensions": apollo }),
    ] {
        let answer = post(&client, &body);
        assert_eq!(answer.json()["data"], json!({ "viewer": { "department": "UNION" } }), "{body}");
    }
    let get = |path: &str| Answer::of(client.request(Method::GET, path));
    assert_eq!(
        get(&format!("/graphql?documentId={by_hash}")).json()["data"]["viewer"]["department"],
        "UNION"
    );
    assert_eq!(get("/graphql/relay-7").json()["data"]["viewer"]["division"], "410727000000");
    is_refused(&post(&client, &json!({ "documentId": "viewer-2" })), "PERSISTED_QUERY_NOT_FOUND");
}

#[test]
fn a_name_of_no_known_form_and_two_names_are_refused() {
    let folder = manifests();
    let server = server("log_unknown", &folder);
    let client = officer(&server);
    let upper = format!("sha256:{}", sha256(KNOWN).to_uppercase());
    for (body, code) in [
        (json!({ "documentId": "md5:0123" }), "BAD_USER_INPUT"),
        (json!({ "documentId": "sha256:0123" }), "BAD_USER_INPUT"),
        (json!({ "documentId": upper }), "BAD_USER_INPUT"),
        (json!({ "documentId": "i".repeat(257) }), "BAD_USER_INPUT"),
        (json!({ "documentId": "i".repeat(256) }), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "documentId": "x-own:7" }), "PERSISTED_QUERY_NOT_FOUND"),
    ] {
        is_refused(&post(&client, &body), code);
    }
    for body in [
        json!({ "documentId": "viewer-1", "query": KNOWN }),
        json!({ "documentId": "viewer-1", "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "" } } }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": sha256(KNOWN) } } }),
        json!({ "extensions": { "persistedQuery": "yes" } }),
        json!({ "variables": {} }),
    ] {
        let answer = post(&client, &body);
        assert_eq!((answer.status, answer.codes()), (400, vec![String::from("BAD_USER_INPUT")]), "{body}");
    }
}

#[test]
fn each_mode_lets_less_through_than_the_one_before() {
    let folder = manifests();
    let log_unknown = server("log_unknown", &folder);
    for _ in 0..3 {
        assert_eq!(post(&officer(&log_unknown), &json!({ "query": UNKNOWN })).status, 200);
    }
    assert_eq!(post(&officer(&log_unknown), &json!({ "query": KNOWN })).status, 200);
    let told = log_unknown.log().into_iter().filter(|line| line.contains("in no manifest"));
    assert_eq!(told.collect::<Vec<_>>().len(), 1, "an unknown document is told once, a known one never");

    let safelist = server("safelist", &folder);
    assert_eq!(post(&officer(&safelist), &json!({ "query": KNOWN })).status, 200);
    is_refused(&post(&officer(&safelist), &json!({ "query": UNKNOWN })), "QUERY_NOT_IN_SAFELIST");

    let require_id = server("require_id", &folder);
    assert_eq!(post(&officer(&require_id), &json!({ "documentId": "viewer-1" })).status, 200);
    is_refused(&post(&officer(&require_id), &json!({ "query": KNOWN })), "PERSISTED_QUERY_ID_REQUIRED");
}

fn apollo(sha256: &str, text: Option<&str>) -> Value {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": sha256 } });
    match text {
        Some(text) => json!({ "query": text, "extensions": extensions }),
        None => json!({ "extensions": extensions }),
    }
}

#[test]
fn a_client_registers_a_document_and_names_it_afterwards() {
    let server = Server::start();
    let client = officer(&server);
    let hash = sha256(UNKNOWN);
    is_refused(&post(&client, &apollo(&hash, None)), "PERSISTED_QUERY_NOT_FOUND");
    let message = &post(&client, &apollo(&hash, None)).json()["errors"][0]["message"];
    assert_eq!(message, "PersistedQueryNotFound");
    assert_eq!(post(&client, &apollo(&hash, Some(UNKNOWN))).status, 200);
    // Whoever names it now, by POST or by GET, gets their own answer.
    assert_eq!(post(&client, &apollo(&hash, None)).json()["data"]["viewer"]["role"], "HELP_CENTRE");
    let other = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let extensions = apollo(&hash, None)["extensions"].to_string();
    let get = Answer::of(other.request(Method::GET, "/graphql").query(&[("extensions", extensions)]));
    assert_eq!(get.json()["data"]["viewer"]["role"], "REVIEWER");
}

#[test]
fn what_is_registered_must_be_what_its_hash_says_and_a_document() {
    let folder = manifests();
    let server = Server::start();
    let client = officer(&server);
    let hash = sha256(UNKNOWN);
    is_refused(&post(&client, &apollo(&hash, Some(KNOWN))), "PERSISTED_QUERY_HASH_MISMATCH");
    is_refused(&post(&client, &apollo(&hash, None)), "PERSISTED_QUERY_NOT_FOUND");
    let wrong = "{ nothing }";
    is_refused(&post(&client, &apollo(&sha256(wrong), Some(wrong))), "GRAPHQL_VALIDATION_FAILED");
    is_refused(&post(&client, &apollo(&sha256(wrong), None)), "PERSISTED_QUERY_NOT_FOUND");
    // Where documents are trusted, nobody adds to them.
    let strict = self::server("safelist", &folder);
    is_refused(&post(&officer(&strict), &apollo(&hash, Some(UNKNOWN))), "PERSISTED_QUERY_NOT_FOUND");
    is_refused(&post(&officer(&strict), &apollo(&hash, None)), "PERSISTED_QUERY_NOT_FOUND");
    let off = Server::set(&[("YIMEN__DOCUMENTS__AUTOMATIC", "false")]);
    is_refused(&post(&officer(&off), &apollo(&hash, None)), "PERSISTED_QUERY_NOT_SUPPORTED");
}
