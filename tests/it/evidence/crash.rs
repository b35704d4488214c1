//! `kill -9` at any moment: what was acknowledged is there, and the log is whole.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::evidence::{PERSON, WHO, names, officer, somebody, url, verifies};
use crate::support::{Client, Server, county, hub};

/// Clients at once.
const CLIENTS: usize = 4;

/// Rounds of each test; four tests make two hundred.
const ROUNDS: u64 = 50;

/// A draw that is the same in every run, and differs from round to round.
fn draw(seed: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 30;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^ (x >> 31)
}

/// Asks until the server is gone; keeps what was acknowledged.
fn load(client: &Client, until: Instant, acknowledged: &Mutex<HashSet<String>>) {
    let id = somebody();
    let mut at = 0;
    while Instant::now() < until {
        at += 1;
        let (query, variables) = if at % 3 == 0 { (PERSON, json!({ "id": id })) } else { (WHO, json!({})) };
        let Some(answer) = client.try_send(query, &variables) else { return };
        if let Some(name) = answer.headers.get("yimen-record") {
            acknowledged.lock().unwrap().insert(name.to_str().unwrap().to_owned());
        }
    }
}

fn rounds(seed: u64) {
    let own = TempDir::new().unwrap();
    let file = own.path().join("hub.db");
    std::fs::copy(county().join("hub.db"), &file).unwrap();
    let acknowledged = Mutex::new(HashSet::new());
    let token = officer(&Server::start());
    for round in 0..ROUNDS {
        let server =
            Server::set(&[("YIMEN__HUB__URL", &url(&file)), ("YIMEN__EVIDENCE__INTEGRATE_MS", "10")]);
        let client = token.at(&server.url());
        let life = Duration::from_millis(5 + draw(seed * 1_000 + round) % 250);
        std::thread::scope(|scope| {
            let until = Instant::now() + Duration::from_secs(10);
            let (client, acknowledged) = (&client, &acknowledged);
            for _ in 0..CLIENTS {
                scope.spawn(move || load(client, until, acknowledged));
            }
            std::thread::sleep(life);
            server.kill();
        });
        let known = names(&hub::entries(&file));
        let lost: Vec<String> = acknowledged.lock().unwrap().difference(&known).cloned().collect();
        assert!(lost.is_empty(), "seed {seed}, round {round}, after {life:?}: no record of {lost:?}");
        verifies(&url(&file));
    }
    assert!(acknowledged.lock().unwrap().len() > ROUNDS as usize, "there was hardly any load");
    // The last start gives every record its place.
    Server::set(&[("YIMEN__HUB__URL", &url(&file))]).stop();
    let waiting: i64 = rusqlite::Connection::open(&file)
        .unwrap()
        .query_row("SELECT COUNT(*) FROM evidence_pending", [], |row| row.get(0))
        .unwrap();
    assert_eq!(waiting, 0);
    verifies(&url(&file));
}

#[test]
fn crash_every_acknowledged_answer_has_its_record_1() {
    rounds(1);
}

#[test]
fn crash_every_acknowledged_answer_has_its_record_2() {
    rounds(2);
}

#[test]
fn crash_every_acknowledged_answer_has_its_record_3() {
    rounds(3);
}

#[test]
fn crash_every_acknowledged_answer_has_its_record_4() {
    rounds(4);
}
