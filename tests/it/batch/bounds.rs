//! Limits of a batch, just under and just over, and its memory.

use serde_json::{Value, json};

use crate::batch::{FAMILY, Lines, PERSON, batch, chunks, entries, officer, refused};
use crate::support::{Answer, Server};

const NAME: &str = "query($id: CitizenId!) { person(citizenId: $id) { name } }";

fn numbers(count: usize) -> Value {
    json!(vec![json!({ "id": "11010519491231002X" }); count])
}

#[test]
fn entries_and_bytes_are_bounded() {
    let server =
        Server::set(&[("YIMEN__SERVER__BATCH_ENTRIES", "50"), ("YIMEN__SERVER__BATCH_BYTES", "300000")]);
    let client = officer(&server);
    assert_eq!(Lines::of(&client, NAME, &numbers(50)).count(), 50);
    assert_eq!(refused(&client, NAME, &numbers(51)), "BATCH_LIMIT_EXCEEDED");
    // More than an ordinary body may have, and up to the last byte that a batch may.
    let body = json!({ "query": NAME, "variables": numbers(2) }).to_string();
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    for (bytes, status) in [(300_000, 200), (300_001, 413)] {
        let request = client.post().header("accept", "application/jsonl");
        let request = request.header("content-type", "application/json").body(padded(bytes));
        assert_eq!(Answer::of(request).status, status, "{bytes}");
    }
}

#[test]
fn several_requests_are_refused_where_lines_are_not_accepted() {
    let server = Server::start();
    let client = officer(&server);
    let several = client.send(NAME, numbers(2));
    assert_eq!((several.status, several.codes()), (400, vec![String::from("BATCHING_NOT_ENABLED")]));
    assert!(several.text.contains("application/jsonl"), "{}", several.text);
    let one = json!({ "query": NAME, "variables": { "id": "11010519491231002X" } });
    for accept in ["application/json", "application/jsonl"] {
        let answer = Answer::of(client.post().header("accept", accept).json(&json!([one, one])));
        assert_eq!((answer.status, answer.codes()), (400, vec![String::from("BATCHING_NOT_ENABLED")]));
    }
    let path = "/graphql?query=%7Bviewer%7Brole%7D%7D&variables=%5B%7B%7D%5D";
    let get = |accept| Answer::of(client.request(reqwest::Method::GET, path).header("accept", accept));
    assert_eq!(get("application/json").codes(), ["BATCHING_NOT_ENABLED"]);
    assert_eq!(get("application/jsonl").status, 405);
    assert_eq!(refused(&client, NAME, &json!({ "id": "11010519491231002X" })), "BAD_USER_INPUT");
    assert_eq!(refused(&client, NAME, &Value::Null), "BAD_USER_INPUT");
    // What is no object is its own line's error.
    let lines: Vec<String> = Lines::of(&client, NAME, &json!([7, { "id": "11010519491231002X" }])).collect();
    assert!(lines[0].contains("BAD_USER_INPUT") && lines[0].ends_with(",\"variableIndex\":0}"), "{lines:?}");
    assert_eq!(lines[1], "{\"data\":{\"person\":null},\"variableIndex\":1}");
    assert_eq!(lines.len(), 2);
}

#[test]
fn without_a_token_nothing_is_read() {
    let server = Server::start();
    let client = crate::support::Client::new(&server.url(), None, Some("UNION_FILE_CHECK"));
    let request = client.post().header("accept", "application/jsonl");
    let answer = Answer::of(request.header("content-type", "application/json").body("[{"));
    assert_eq!((answer.status, answer.codes()), (401, vec![String::from("UNAUTHENTICATED")]));
}

#[test]
fn batches_are_bounded() {
    let server = Server::set(&[("YIMEN__SERVER__BATCHES", "1"), ("YIMEN__FETCH__BULK_CHUNK", "500")]);
    let client = officer(&server);
    let mut first = Lines::of(&client, FAMILY, &entries(20_000));
    assert!(first.next().is_some());
    let second = batch(&client, NAME, &numbers(1));
    assert_eq!((second.status().as_u16(), second.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    assert_eq!(client.send(NAME, json!({ "id": "11010519491231002X" })).status, 200);
}

/// Entries of a chunk.
const CHUNK: usize = 800;

/// Entries that are read at once: three chunks.
const AT_ONCE: usize = 3 * CHUNK;

#[test]
fn twenty_thousand_people_take_little_memory_and_a_record_for_each_chunk() {
    let server = Server::start();
    let client = officer(&server);
    let ids: Vec<Value> =
        entries(20_000).as_array().unwrap().iter().map(|entry| json!({ "id": entry["citizenId"] })).collect();
    // What every process takes once: connections, plans, decisions.
    assert_eq!(Lines::of(&client, PERSON, &json!(ids[..AT_ONCE])).count(), AT_ONCE);
    let before = server.resident_kb();
    let earlier = chunks(&server).len();
    let (mut most, mut count, mut named, mut at_first) = (before, 0, 0, None);
    for (index, line) in Lines::of(&client, PERSON, &json!(ids)).enumerate() {
        at_first.get_or_insert_with(|| chunks(&server).len() - earlier);
        assert!(line.ends_with(&format!(",\"variableIndex\":{index}}}")), "{line}");
        named += usize::from(line.contains("\"name\":\""));
        if index % 500 == 0 {
            most = most.max(server.resident_kb());
        }
        count += 1;
    }
    assert_eq!(count, 20_000);
    assert!(named > 15_000, "all but those who are registered elsewhere: {named}");
    assert!(at_first.unwrap() < 25, "the first line came before the last statement: {at_first:?}");
    assert!(most - before < 64 * 1024, "{before} kB before, {most} kB at most");
    let records = chunks(&server);
    assert_eq!(records.len() - earlier, 25);
    // Several chunks are read at once, and any of them may be recorded first.
    for from in (0..20_000).step_by(CHUNK) {
        let note = format!("batch: {CHUNK} entries from {from}, 0 of them not run");
        let record = records[earlier..].iter().find(|record| record["note"] == note);
        assert_eq!(record.unwrap()["people"]["count"], CHUNK, "{note}");
    }
}
