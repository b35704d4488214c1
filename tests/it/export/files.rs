//! Whose files they are, ranges of them, and their end.

use reqwest::Method;
use serde_json::{Value, json};

use crate::batch::{PERSON, officer, people};
use crate::export::{JOB, download, job, of_people, start, until, whole};
use crate::support::{Answer, Client, Server};

/// Every way in, for somebody whose export it isn't.
#[track_caller]
fn refused(client: &Client, id: &str, part: &str) -> Vec<String> {
    let mutation = |name: &str| format!("mutation($id: ID!) {{ {name}(id: $id) {{ id state }} }}");
    let mut told = Vec::new();
    for query in [JOB.to_owned(), mutation("cancelExport"), mutation("purgeExport")] {
        let answer = client.send(&query, json!({ "id": id })).json();
        let mut error = answer["errors"][0].clone();
        error["extensions"].as_object_mut().unwrap().remove("decisionId");
        told.push(error.to_string());
    }
    for name in [part, "manifest.json", "SHA256SUMS"] {
        let answer = download(client, id, name);
        assert_eq!(answer.status, 404, "{}", answer.text);
        told.push(answer.text);
    }
    told
}

#[test]
fn somebody_elses_export_is_told_like_one_that_does_not_exist() {
    let server = Server::start();
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &people(3)));
    let job = whole(&client, &id);
    let part = job["parts"][0]["name"].as_str().unwrap().to_owned();
    let unknown = "0123456789abcdef0123456789abcdef";
    let others = [
        server.client("UNION", "REVIEWER", "UNION_FILE_CHECK"),
        server.client("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410727100000"),
    ];
    for other in &others {
        assert_eq!(refused(other, &id, &part), refused(other, unknown, &part));
        assert_eq!(other.data("{ exportJobs { id } }", json!({}))["exportJobs"], json!([]));
    }
    let none = Client::new(&server.url(), None, None);
    assert_eq!(download(&none, &id, &part).status, 401);
    assert_eq!(client.data("{ exportJobs { id } }", json!({}))["exportJobs"], json!([{ "id": id }]));
    assert_eq!(download(&client, &id, &part).status, 200);
    assert_eq!(download(&client, &id, "../hub.db").status, 404);
    assert_eq!(download(&client, &id, "..%2f..%2fhub.db").status, 404);
    let told = server.records();
    let note = format!("export {id}: {part} is read");
    assert!(told.iter().any(|record| record["note"] == note.as_str()), "who read it is on record");
    let refusals = told.iter().filter(|record| record["note"] == "NOT_FOUND");
    assert!(refusals.count() >= 18, "and who wanted to");
}

#[test]
fn a_window_clerk_and_another_purpose_get_none() {
    let server = Server::start();
    let input = json!({ "input": of_people(PERSON, &people(1)) });
    for client in [
        server.client("UNION", "WINDOW_CLERK", "UNION_FILE_CHECK"),
        server.client("UNION", "HELP_CENTRE", "MLA_REVIEW"),
        server.client("UNION", "STEWARD", "DATA_SHARING"),
    ] {
        let answer = client.send(crate::export::START, input.clone());
        assert_eq!(answer.codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"], "{}", answer.text);
    }
}

#[test]
fn a_part_is_read_in_ranges() {
    let server = Server::start();
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &people(40)));
    let job = whole(&client, &id);
    let name = job["parts"][0]["name"].as_str().unwrap();
    let whole = download(&client, &id, name);
    let bytes = whole.text.len();
    assert_eq!(whole.headers["content-length"], bytes.to_string());
    let tag = whole.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", job["parts"][0]["sha256"].as_str().unwrap()));
    let range = |range: &str| {
        let get = client.request(Method::GET, &format!("/exports/{id}/{name}"));
        Answer::of(get.header("range", range).header("if-range", &tag))
    };
    // Bytes of other characters than ASCII may be cut.
    let head = range("bytes=0-8");
    assert_eq!((head.status, head.text.as_str()), (206, "{\"data\":{"));
    assert_eq!(head.headers["content-range"], format!("bytes 0-8/{bytes}"));
    let tail = range("bytes=-1");
    assert_eq!((tail.status, tail.text.as_str()), (206, "\n"));
    let beyond = range(&format!("bytes={bytes}-"));
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.headers["content-range"], format!("bytes */{bytes}"));
}

#[test]
fn a_purged_export_is_gone_from_the_hub_and_from_the_disk() {
    let server = Server::start();
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &people(3)));
    let before = whole(&client, &id);
    let part = before["parts"][0]["name"].as_str().unwrap();
    let folder = server.exports().join(&id);
    assert!(folder.join(part).is_file());
    let purge = "mutation($id: ID!) { purgeExport(id: $id) { state parts { name } } }";
    let purged = client.data(purge, json!({ "id": id }));
    assert_eq!(purged["purgeExport"], json!({ "state": "PURGED", "parts": [] }));
    assert_eq!(download(&client, &id, part).status, 404);
    assert_eq!(download(&client, &id, "manifest.json").status, 404);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while folder.exists() {
        assert!(std::time::Instant::now() < end, "{} is still there", folder.display());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let again = client.send(purge, json!({ "id": id }));
    assert_eq!(again.codes(), ["ILLEGAL_TRANSITION"]);
    let sealed: i64 = rusqlite::Connection::open(server.hub())
        .unwrap()
        .query_row("SELECT max(length(asked)) FROM export_job", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sealed, 0, "who was asked for is forgotten");
}

#[test]
fn files_go_when_their_term_is_over() {
    let server = Server::set(&[("YIMEN__EXPORT__KEPT_HOURS", "0")]);
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &people(3)));
    let job = until(&client, &id, |job| job["state"] == "PURGED");
    assert_eq!(job["parts"], json!([]));
    assert!(job["keptUntil"].is_string() && job["resumeToken"] == Value::Null);
}

#[test]
fn what_stands_in_the_hub_names_nobody() {
    let server = Server::start();
    let client = officer(&server);
    let asked = people(3);
    let id = start(&client, &of_people(PERSON, &asked));
    whole(&client, &id);
    job(&client, &id);
    let hub = server.stop();
    for file in ["hub.db", "hub.db-wal"] {
        let Ok(bytes) = std::fs::read(hub.path().join(file)) else { continue };
        let found = |number: &String| bytes.windows(18).any(|window| window == number.as_bytes());
        assert!(!asked.iter().any(found), "{file}");
    }
}
