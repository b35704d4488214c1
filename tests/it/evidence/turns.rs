//! Turns at the log: commands wait for theirs, and a holder that hangs stops nobody for long.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::TransactionTrait;
use tokio::sync::Notify;
use yimen::clock::SystemClock;
use yimen::evidence::{Evidence, Hub, Log, LogOptions, PersonKeys, Round};

use crate::evidence::clock::{At, ledger, options, record};
use crate::evidence::{ask, command, officer, verifies};
use crate::support::Server;
use crate::support::postgres::Database;

/// Takes the lock as another replica would.
const TURN: &str = "SELECT pg_advisory_xact_lock(x'79696d656e01'::bigint)";

/// A hub with some records about people, and its address.
fn filled(name: &str) -> Database {
    let database = Database::new(name);
    database.migrate_hub();
    let server = Server::set(&[("YIMEN__HUB__URL", &database.url())]);
    ask(&officer(&server), 4);
    server.stop();
    database
}

/// How many people can be told from their records, and how many acts of erasing have their places.
fn people_and_erasures(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT COUNT(*) || ' ' || (SELECT COUNT(*) FROM evidence_record WHERE kind = 'ERASURE') \
         FROM evidence_person",
    )
}

/// Erases everybody under the key of this year.
fn erasing(database: &Database, wait_ms: &str) -> std::process::Command {
    let key = database.texts("SELECT DISTINCT person_key FROM evidence_opening").remove(0);
    let mut erase = command(&database.url(), &["erase", "--key", &key, "--officer", "li", "--yes"]);
    erase.env("YIMEN__EVIDENCE__TURN_WAIT_MS", wait_ms);
    erase
}

#[test]
fn nothing_is_erased_before_the_record_of_it_has_its_place() {
    let database = filled("turn");
    assert_eq!(people_and_erasures(&database), ["2 0"]);
    let held = database.hold(TURN);
    let output = erasing(&database, "300").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("another process has had its turn"), "{text}");
    assert_eq!(people_and_erasures(&database), ["2 0"], "nothing is done without a turn");
    let mut waiting = erasing(&database, "20000").spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(waiting.try_wait().unwrap().is_none(), "the command waits");
    drop(held);
    assert!(waiting.wait().unwrap().success());
    // The record of the command that gave up waited too, and has its place by now.
    assert_eq!(people_and_erasures(&database), ["0 2"]);
    verifies(&database.url());
}

#[test]
fn an_act_has_its_place_while_replicas_are_at_it_all_the_time() {
    let database = filled("amid");
    let settings = [("YIMEN__HUB__URL", &*database.url()), ("YIMEN__EVIDENCE__INTEGRATE_MS", "10")];
    let servers = [Server::set(&settings), Server::set(&settings)];
    std::thread::scope(|scope| {
        let asking = servers.each_ref().map(|server| {
            let client = officer(server);
            scope.spawn(move || ask(&client, 60))
        });
        for round in 1..=3 {
            let output = erasing(&database, "20000").output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let placed = database.texts("SELECT COUNT(*) FROM evidence_record WHERE kind = 'ERASURE'");
            assert_eq!(placed, [round.to_string()]);
        }
        asking.into_iter().for_each(|asking| drop(asking.join().unwrap()));
    });
    servers.into_iter().for_each(|server| drop(server.stop()));
    verifies(&database.url());
}

/// A log whose turns end after half a second.
fn impatient(hub: &Hub) -> LogOptions {
    LogOptions { patience: Duration::from_millis(500), ..options(hub, SystemClock::shared()) }
}

#[test]
fn a_holder_that_hangs_is_thrown_out_and_has_changed_nothing() {
    let database = filled("hangs");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (one, other) =
            (Hub::open(&database.url()).await.unwrap(), Hub::open(&database.url()).await.unwrap());
        let (hanging, log) = (Log::new(impatient(&one)), Log::new(impatient(&other)));
        let before = log.integrate_all().await.unwrap();
        let turn = hanging.turn().await.unwrap();
        ledger(&other).append(record(At::now(), &PersonKeys::new(&[1; 32], 0))).await.unwrap();
        assert_eq!(log.integrate().await.unwrap(), Round::Busy, "somebody else has their turn");
        assert_eq!(log.integrate_all().await.unwrap(), before + 1, "and has it no longer");
        assert!(turn.commit().await.is_err());
    });
    verifies(&database.url());
}

#[test]
fn whoever_reads_takes_no_connection_from_the_log() {
    let database = filled("own");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::open(&database.url()).await.unwrap();
        let (log, ledger) = (Log::new(options(&hub, SystemClock::shared())), ledger(&hub));
        let mut readers = Vec::new();
        while let Ok(reader) = hub.connection().begin().await {
            readers.push(reader);
        }
        assert_eq!(readers.len(), 4, "there is none left for another reader");
        let before = log.integrate_all().await.unwrap();
        ledger.append(record(At::now(), &PersonKeys::new(&[1; 32], 0))).await.unwrap();
        assert_eq!(log.integrate_all().await.unwrap(), before + 1);
    });
}

/// What was logged.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_replica_that_never_gets_its_turn_while_records_wait_says_so() {
    let database = filled("never");
    let told = Told::default();
    let to = told.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || to.clone()).finish();
    let _told = tracing::subscriber::set_default(subscriber);
    let held = database.hold(TURN);
    // On one thread, which is the one that is listened to.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = || String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
    runtime.block_on(async {
        let hub = Hub::open(&database.url()).await.unwrap();
        let log = Arc::new(Log::new(impatient(&hub)));
        let growing = tokio::spawn(log.keep_integrating(Arc::new(Notify::new()), Duration::from_millis(20)));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(!text().contains("always has its turn"), "nothing waits yet: {}", text());
        ledger(&hub).append(record(At::now(), &PersonKeys::new(&[1; 32], 0))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        growing.abort();
    });
    assert!(text().contains("another process always has its turn at the log records=1 "), "{}", text());
    drop(held);
}
