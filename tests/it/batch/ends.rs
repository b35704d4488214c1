//! What ends a batch before its last entry, and what the client is told then.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::batch::{FAMILY, Lines, chunks, end, entries, officer};
use crate::grants;
use crate::support::Server;
use crate::support::county::value;
use crate::support::slow::slow_union;

/// Small chunks, so that most of a batch is still to be done when its first line is read.
const SMALL: (&str, &str) = ("YIMEN__FETCH__BULK_CHUNK", "200");

#[test]
fn a_token_that_expires_ends_it() {
    let server = Server::set(&[SMALL, ("YIMEN__AUTH__LEEWAY_S", "0")]);
    let client = server.client_for(8, "CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let mut lines = Lines::of(&client, FAMILY, &entries(20_000));
    assert!(lines.next().is_some());
    std::thread::sleep(Duration::from_secs(9));
    let rest: Vec<String> = lines.collect();
    assert!(rest.len() < 19_999, "{}", rest.len());
    assert_eq!(end(rest.last().unwrap()), "UNAUTHENTICATED");
}

#[test]
fn decisions_that_change_end_it() {
    let hub = grants::hub("batch_ends");
    let url = hub.url();
    let server = Server::set(&[SMALL, ("YIMEN__HUB__URL", &url), ("YIMEN__GRANTS__STALE_MS", "2000")]);
    let client = grants::union(&server);
    grants::give(&hub, "2026-0099", "TAX");
    grants::within_two_seconds(Instant::now(), &client, |got| got.is_ok());
    let mut lines = Lines::of(&client, FAMILY, &entries(20_000));
    assert!(lines.next().is_some());
    grants::revoke(&hub, "2026-0099");
    grants::within_two_seconds(Instant::now(), &client, |got| got.is_err());
    let rest: Vec<String> = lines.collect();
    assert!(rest.len() < 19_999, "{}", rest.len());
    assert_eq!(end(rest.last().unwrap()), "DECISIONS_CHANGED");
    drop(server);
}

#[test]
fn the_end_of_the_process_ends_it_after_the_chunk_under_way() {
    let server = Server::set(&[SMALL]);
    let client = officer(&server);
    let mut lines = Lines::of(&client, FAMILY, &entries(20_000));
    assert!(lines.next().is_some());
    let reader = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        lines.collect::<Vec<String>>()
    });
    server.stop();
    let rest = reader.join().unwrap();
    assert!(rest.len() < 19_999, "{}", rest.len());
    assert_eq!(end(rest.last().unwrap()), "SERVER_STOPPING");
}

#[test]
fn a_client_that_goes_away_stops_the_work() {
    let server = Server::set(&[SMALL]);
    let client = officer(&server);
    let mut lines = Lines::of(&client, FAMILY, &entries(20_000));
    assert!(lines.next().is_some());
    drop(lines);
    std::thread::sleep(Duration::from_secs(3));
    let after = chunks(&server).len();
    assert!(after < 100, "{after}");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(chunks(&server).len(), after);
}

/// A worker of the union, and its files.
const WORKER: &str =
    "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1";
const FILES: &str = "query($id: CitizenId!) { person(citizenId: $id) { unionFiles { fileNo } } }";

#[test]
fn a_part_that_takes_too_long_ends_it_and_has_a_record() {
    let worker = value("union", WORKER);
    let database = slow_union("batch_slow", &worker);
    let url = database.url();
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "3000"),
    ]);
    let lines = Lines::of(&officer(&server), FILES, &json!([{ "id": worker }, { "id": worker }]));
    let lines: Vec<String> = lines.collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(end(&lines[0]), "GATEWAY_TIMEOUT");
    let record = server.records().pop().unwrap();
    assert_eq!((&record["kind"], &record["note"]), (&json!("REFUSED"), &json!("GATEWAY_TIMEOUT")));
    assert_eq!(record["people"]["count"], 1, "{record}");
    drop(server);
}

#[test]
fn three_chunks_are_begun_before_the_first_is_told_and_no_more() {
    let worker = value("union", WORKER);
    let database = slow_union("batch_begun", &worker);
    let url = database.url();
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "3000"),
        ("YIMEN__FETCH__BULK_CHUNK", "1"),
    ]);
    let lines: Vec<String> =
        Lines::of(&officer(&server), FILES, &json!(vec![json!({ "id": worker }); 10])).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    // Each that was begun has a record, though nobody is told of the others any more.
    std::thread::sleep(Duration::from_secs(2));
    let records = server.records();
    let given_up = records.iter().filter(|record| record["note"] == "GATEWAY_TIMEOUT");
    assert_eq!(given_up.count(), 3, "{records:?}");
    drop(server);
}

#[test]
fn a_client_that_does_not_read_is_not_waited_for() {
    let server = Server::set(&[SMALL, ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "3000")]);
    let mut lines = Lines::of(&officer(&server), FAMILY, &entries(20_000));
    assert!(lines.next().is_some());
    std::thread::sleep(Duration::from_secs(8));
    let rest: Vec<String> = lines.collect();
    assert!(rest.len() < 19_999, "{}", rest.len());
    assert_eq!(end(rest.last().unwrap()), "GATEWAY_TIMEOUT");
}
