//! Rows that can't have a place in the log: forged, broken or too large. They are set aside and named, and
//! everybody else's records go on.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yimen::clock::SystemClock;
use yimen::evidence::{Done, Evidence, Hub, Log, People, PersonKeys, Record, Round};

use crate::evidence::clock::{At, ledger, options, record};
use crate::evidence::{ask, evidence, found, officer, url, verifies};
use crate::support::postgres::Database;
use crate::support::{Answer, Client, Server};

/// Rows that somebody writes who may write the hub's tables and knows what a record looks like.
const FORGED: [&str; 3] = [
    "INSERT INTO evidence_pending (id, entry, people, mac) \
     SELECT 'forged-1', entry, '', '' FROM evidence_record WHERE kind = 'QUERY' LIMIT 1",
    "INSERT INTO evidence_pending (id, entry, people, mac) VALUES ('forged-2', 'no entry', '', 'made up')",
    "INSERT INTO evidence_pending (id, entry, people, mac) \
     SELECT 'forged-3', STUFFED, '', '' FROM evidence_record LIMIT 1",
];

/// The names of records that the program itself writes and that no hub takes as they are.
async fn awkward(hub: &Hub) -> Vec<String> {
    let (ledger, keys) = (ledger(hub), PersonKeys::new(&[1; 32], 0));
    let officers = [String::from("a\0b"), "长".repeat(5_000)];
    let mut names = Vec::new();
    for officer in officers {
        let record = Record { subject: officer, case: Some("c".repeat(9_000)), ..record(At::now(), &keys) };
        names.push(record.id.clone());
        ledger.append(record).await.unwrap();
    }
    // The same name twice, which the hub refuses, among others in the same round.
    let twice = record(At::now(), &keys);
    names.push(twice.id.clone());
    for record in [twice.clone(), record(At::now(), &keys), twice, record(At::now(), &keys)] {
        ledger.append(record).await.unwrap();
    }
    names
}

fn standing(server: &Server) -> Value {
    let client = Client::new(&server.url(), None, None);
    Answer::of(client.request(reqwest::Method::GET, "/health/ready")).json()["evidence"].clone()
}

/// Puts all those rows into a hub that a server is at, and gives what became of them.
fn put_in(server: &Server, hub: &str, run: impl Fn(&str), count: impl Fn(&str) -> u64) -> Vec<String> {
    let client = officer(server);
    let mut names = ask(&client, 2);
    wait_until(|| count("SELECT COUNT(*) FROM evidence_record WHERE kind = 'QUERY'") == 2);
    assert_eq!(standing(server), serde_json::json!({ "grows": true, "setAside": 0 }));
    FORGED.iter().for_each(|forged| run(forged));
    names.extend(tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::open(hub).await.unwrap();
        awkward(&hub).await
    }));
    names.extend(ask(&client, 2));
    wait_until(|| count("SELECT COUNT(*) FROM evidence_pending") == 0);
    assert_eq!(count("SELECT COUNT(*) FROM evidence_rejected"), 4);
    // Five of the test's own records, of which one came twice.
    assert_eq!(count("SELECT COUNT(*) FROM evidence_record WHERE caller <> 'yimen serve'"), 4 + 5 + 1);
    assert_eq!(standing(server), serde_json::json!({ "grows": true, "setAside": 4 }));
    let text = found(hub);
    assert!(
        text.contains("4 records were set aside and have no place in the log; the first: forged"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "nothing else is wrong: {text}");
    names
}

fn wait_until(is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it doesn't come about");
}

#[track_caller]
fn told_without_values(server: &Server, state: &str) {
    let log = server.log().join("\n");
    assert!(log.contains("a record was set aside and has no place in the log"), "{log}");
    assert!(log.contains(state), "{log}");
    assert!(!log.contains("forged-") && !log.contains("长"), "{log}");
}

/// Writes out what was set aside, then takes it out: the hub verifies again, and a record says so.
fn taken_out(hub: &str, rows: usize) {
    let own = tempfile::tempdir().unwrap();
    let file = |name: &str| own.path().join(name).display().to_string();
    let set_aside = |name: &str, more: &[&str]| {
        let told = evidence(hub, &[&["set-aside", "--officer", "li", "--out", &file(name)], more].concat());
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        std::fs::read_to_string(file(name)).unwrap()
    };
    let written = set_aside("looked-at", &[]);
    assert_eq!(written.lines().count(), rows);
    let first: Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    assert!(first["id"].as_str().unwrap().starts_with("forged-") && first["entry"].is_string(), "{first}");
    assert!(found(hub).contains("set aside"), "looking takes nothing out");
    assert_eq!(set_aside("taken-out", &["--yes"]), written);
    verifies(hub);
    assert_eq!(set_aside("again", &[]), "");
    let twice = evidence(hub, &["set-aside", "--officer", "li", "--out", &file("again")]);
    assert!(!twice.status.success(), "a file that is there was written over");
}

#[test]
fn what_cant_be_integrated_is_set_aside_on_postgresql_and_the_log_goes_on() {
    let database = Database::new("aside");
    database.migrate_hub();
    let settings = [("YIMEN__HUB__URL", &*database.url()), ("YIMEN__EVIDENCE__INTEGRATE_MS", "10")];
    let server = Server::set(&settings);
    let run = |sql: &str| drop(database.texts(&sql.replace("STUFFED", "repeat('x', 70000)")));
    let count = |sql: &str| database.texts(sql)[0].parse().unwrap();
    for name in put_in(&server, &database.url(), run, count) {
        let placed = database.texts(&format!("SELECT COUNT(*) FROM evidence_record WHERE id = '{name}'"));
        assert_eq!(placed, ["1"]);
    }
    told_without_values(&server, "SQLSTATE 23505");
    server.stop();
    taken_out(&database.url(), 4);
}

#[test]
fn what_cant_be_integrated_is_set_aside_on_sqlite_and_the_log_goes_on() {
    let server = Server::set(&[("YIMEN__EVIDENCE__INTEGRATE_MS", "10")]);
    let hub = server.hub();
    let open = || {
        let connection = rusqlite::Connection::open(&hub).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection
    };
    // SQLite's columns take what isn't a text.
    let run = |sql: &str| assert_eq!(open().execute(&sql.replace("STUFFED", "x'00ff'"), []).unwrap(), 1);
    let count = |sql: &str| open().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as u64;
    let names = put_in(&server, &url(&hub), run, count);
    let entries = crate::evidence::names(&crate::support::hub::entries(&hub));
    assert!(names.iter().all(|name| entries.contains(name)));
    told_without_values(&server, "SQLite ");
    let _left = server.stop();
    taken_out(&url(&hub), 4);
}

#[test]
fn a_person_is_erased_from_what_was_set_aside_too_and_nobody_else_is() {
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("hub.db");
    let (number, another) = ("11010519491231002X", "another");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::migrate(&url(&file)).await.unwrap();
        let (log, ledger) = (Log::new(options(&hub, SystemClock::shared())), ledger(&hub));
        let keys = PersonKeys::new(&[1; 32], 0);
        let year = At::now().year();
        let twice =
            Record { people: People::seal(&keys.of(year), [number, another]), ..record(At::now(), &keys) };
        ledger.append(twice.clone()).await.unwrap();
        ledger.append(twice).await.unwrap();
        log.integrate_all().await.unwrap();
        let erasable = log.erasable(&keys, number).await.unwrap();
        assert_eq!(erasable.count, 1, "a copy has no commitment in the log");
        let erased = log.erase(log.turn().await.unwrap(), &erasable).await.unwrap();
        assert_eq!(erased, 2, "in the record and in its copy");
        assert_eq!(log.erase(log.turn().await.unwrap(), &erasable).await.unwrap(), 0);
    });
    let connection = rusqlite::Connection::open(&file).unwrap();
    let left = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(left("SELECT COUNT(*) FROM evidence_person"), 1);
    assert_eq!(left("SELECT length(people) FROM evidence_rejected"), 32);
}

/// What rounds do with records of so many people and notes of so many letters each, until none waits.
fn rounds(file: &Path, records: &[(usize, usize)]) -> Vec<u64> {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::migrate(&url(file)).await.unwrap();
        let (log, ledger) = (Log::new(options(&hub, SystemClock::shared())), ledger(&hub));
        let keys = PersonKeys::new(&[1; 32], 0);
        for (people, letters) in records {
            let numbers: Vec<String> = (0..*people).map(|number| number.to_string()).collect();
            let people = People::seal(&keys.of(2026), numbers.iter().map(String::as_str));
            let record = Record { people, note: Some("n".repeat(*letters)), ..record(At::now(), &keys) };
            ledger.append(record).await.unwrap();
        }
        let mut taken = Vec::new();
        loop {
            let Round::Done(Done { taken: now, is_full, .. }) = log.integrate().await.unwrap() else {
                panic!("nobody else is here")
            };
            taken.push(now);
            if !is_full {
                return taken;
            }
        }
    })
}

#[test]
fn a_round_holds_so_many_people_and_so_many_bytes() {
    let own = tempfile::tempdir().unwrap();
    let many = [50_000, 50_000, 50_001, 50_000, 100_001].map(|people| (people, 0));
    assert_eq!(rounds(&own.path().join("people.db"), &many), [2, 1, 1, 1]);
    let file = own.path().join("bytes.db");
    let letters = 65_000;
    let taken = rounds(&file, &vec![(0, letters); 600]);
    let entry = crate::support::hub::entries(&file)[0].to_string().len();
    assert_eq!(taken, [(32 << 20) / entry as u64, 600 - (32 << 20) / entry as u64]);
}
