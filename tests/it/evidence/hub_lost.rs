//! A hub that is full, down or frozen: nothing is answered, and afterwards everything is again.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::evidence::{PERSON, ask, evidence, officer, somebody, url, verifies};
use crate::support::postgres::Database;
use crate::support::{Answer, Client, Server, county, yimen};

fn asked(client: &Client) -> Answer {
    client.send(PERSON, json!({ "id": somebody() }))
}

#[track_caller]
fn is_held_back(answer: &Answer) {
    assert_eq!((answer.status, answer.codes()), (503, vec![String::from("EVIDENCE_UNAVAILABLE")]));
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
    assert!(!answer.text.contains(&somebody()));
}

#[test]
fn when_the_disk_is_full_nothing_is_answered_and_nothing_is_lost() {
    // Files of this process can't grow beyond a bound, which is what a full disk does to a hub.
    let server = Server::start_with_small_files(600);
    let client = officer(&server);
    let mut names = Vec::new();
    let answer = loop {
        let answer = asked(&client);
        if answer.status != 200 {
            break answer;
        }
        names.push(answer.headers["yimen-record"].to_str().unwrap().to_owned());
        assert!(names.len() < 5_000, "the bound is never reached");
    };
    is_held_back(&answer);
    is_held_back(&asked(&client));
    assert!(!names.is_empty(), "there was room for nothing");
    let hub = server.hub();
    let _left = server.kill();
    let known = crate::evidence::names(&crate::support::hub::entries(&hub));
    assert!(names.iter().all(|name| known.contains(name)), "an acknowledged record was lost");
    // With room again the same hub goes on.
    let server = Server::set(&[("YIMEN__HUB__URL", &url(&hub))]);
    assert_eq!(asked(&officer(&server)).status, 200);
    server.stop();
    verifies(&url(&hub));
}

#[test]
fn when_the_hub_is_frozen_nothing_is_answered_within_the_deadline() {
    let database = Database::new("frozen");
    database.migrate_hub();
    let server =
        Server::set(&[("YIMEN__HUB__URL", &database.url()), ("YIMEN__EVIDENCE__DEADLINE_MS", "700")]);
    let client = officer(&server);
    assert_eq!(asked(&client).status, 200);
    let lock = database.hold("LOCK TABLE evidence_pending IN ACCESS EXCLUSIVE MODE");
    let started = Instant::now();
    is_held_back(&asked(&client));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    drop(lock);
    assert_eq!(asked(&client).status, 200, "the hub is back");
    server.stop();
    verifies(&database.url());
}

#[test]
fn when_the_hub_is_down_nothing_is_answered_until_it_is_back() {
    let database = Database::new("down");
    database.migrate_hub();
    let server =
        Server::set(&[("YIMEN__HUB__URL", &database.url()), ("YIMEN__EVIDENCE__DEADLINE_MS", "2000")]);
    let client = officer(&server);
    assert_eq!(asked(&client).status, 200);
    database.close();
    is_held_back(&asked(&client));
    database.open();
    assert_eq!(asked(&client).status, 200, "the hub is back");
    server.stop();
    verifies(&database.url());
}

#[test]
fn a_hub_without_tables_is_refused_at_start_and_migrate_makes_them() {
    let own = tempfile::tempdir().unwrap();
    let hub = own.path().join("hub.db");
    rusqlite::Connection::open(&hub).unwrap().execute_batch("CREATE TABLE other (id)").unwrap();
    let run = |command: &str| {
        let mut run = yimen();
        run.arg(command).arg("--data").arg(county()).env("YIMEN__HUB__URL", url(&hub));
        if command == "serve" {
            run.args(["--listen", "127.0.0.1:0"]);
        }
        run.output().unwrap()
    };
    let output = run("serve");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("yimen migrate"), "{text}");
    assert!(run("migrate").status.success());
    assert!(evidence(&url(&hub), &["verify"]).status.success());
    let server = Server::set(&[("YIMEN__HUB__URL", &url(&hub))]);
    ask(&officer(&server), 2);
}
