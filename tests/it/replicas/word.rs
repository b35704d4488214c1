//! Departments' states, heard of at one replica because another found out, and found by itself before it tells.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use redis::Commands;
use serde_json::{Value, json};
use yimen_migration::ExchangeDatabase;

use crate::replicas::{health, replica};
use crate::subscriptions::{Events, STATUS, status, wait_for_departments};
use crate::support::Server;
use crate::support::postgres::Database;
use crate::support::redis::{connect, prefix, shared};

/// The union's database, and what makes a server use it.
fn union(what: &str) -> (Database, String) {
    let database = Database::new(what);
    database.migrate(ExchangeDatabase::UnionAid);
    let url = database.url();
    (database, url)
}

/// A replica that asks departments so often by itself.
fn asking(prefix: &str, union: &str, every_ms: &str) -> Server {
    let more = [("YIMEN__DEPARTMENTS__UNION__URL", union), ("YIMEN__FETCH__HEARTBEAT_MS", every_ms)];
    let server = replica(&shared(), prefix, &more);
    wait_for_departments(&server);
    server
}

/// As seldom as makes no difference to a test.
const SELDOM: &str = "600000";

fn watch(server: &Server) -> Events {
    let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let mut events = Events::of(&client, STATUS, &json!({ "of": ["UNION"] }));
    assert_eq!(status(&events.answer()), ("UNION", "UP"));
    events
}

fn known(server: &Server) -> Value {
    health(server)["departments"]["UNION"]["status"].clone()
}

#[test]
fn whoever_watches_one_replica_hears_what_another_found_once_and_in_order() {
    let (database, url) = union("word");
    let prefix = prefix("word");
    let slow = asking(&prefix, &url, SELDOM);
    let stranger = asking(&format!("{prefix}stranger:"), &url, SELDOM);
    let _quick = asking(&prefix, &url, "50");
    let mut events = watch(&slow);
    for _ in 0..3 {
        database.close();
        assert_eq!(status(&events.answer()), ("UNION", "DOWN"));
        assert_eq!(known(&stranger), "UP", "of another installation nobody hears");
        database.open();
        assert_eq!(status(&events.answer()), ("UNION", "UP"));
    }
}

#[test]
fn false_word_makes_a_replica_look_and_nothing_is_told() {
    let (database, url) = union("false_word");
    let prefix = prefix("false-word");
    let server = asking(&prefix, &url, SELDOM);
    let mut events = watch(&server);
    let channel = format!("{prefix}departments");
    let mut redis = connect(&shared());
    let long = format!("{{\"department\":\"{}\",\"status\":\"DOWN\"}}", "U".repeat(2_000_000));
    let mut say = |word: &str| {
        let heard: u32 = redis.publish(&channel, word).unwrap();
        assert_eq!(heard, 1, "{}", &word[..word.len().min(80)]);
    };
    let down = r#"{"department":"UNION","status":"DOWN"}"#;
    for word in [
        down,
        "",
        "null",
        "UNION DOWN",
        r#"{"department":"NOBODY","status":"DOWN"}"#,
        r#"{"department":"UNION","status":"AWAY"}"#,
        r#"{"department":"UNION","status":"DOWN","since":"2026-01-01T00:00:00Z"}"#,
        r#"{"department":["UNION"],"status":"DOWN"}"#,
        &long,
    ] {
        say(word);
    }
    (0..2_000).for_each(|_| say(down));
    // Longer than it takes to look.
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(known(&server), "UP");
    // What comes next is the truth, so that nothing false was told before.
    database.close();
    say(down);
    assert_eq!(status(&events.answer()), ("UNION", "DOWN"));
    let up = r#"{"department":"UNION","status":"UP"}"#;
    say(up);
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(known(&server), "DOWN", "nor is what is down told to be up");
    database.open();
    say(up);
    assert_eq!(status(&events.answer()), ("UNION", "UP"));
}

#[test]
fn a_word_larger_than_anything_that_is_asked_for_ends_the_connection_and_a_new_one_is_made() {
    let prefix = prefix("large-word");
    let server = replica(&shared(), &prefix, &[]);
    let mut redis = connect(&shared());
    let mut say = |bytes: usize| {
        let heard: u32 = redis.publish(format!("{prefix}departments"), "U".repeat(bytes)).unwrap();
        assert_eq!(heard, 1);
    };
    let is_away = || server.log().iter().any(|line| line.contains("Redis doesn't answer"));
    let within = |holds: &dyn Fn() -> bool| {
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            holds()
        })
    };
    let most = 4 * 1024 * 1024;
    say(most);
    std::thread::sleep(Duration::from_millis(1_000));
    assert!(!is_away());
    say(most + 1);
    assert!(within(&is_away), "it was read");
    assert!(within(&|| health(&server)["redis"]["status"] == "UP"), "the connection isn't made anew");
    say(1);
}

#[test]
fn a_department_is_asked_five_times_a_second_however_much_is_said() {
    // It hangs up on everybody, and counts.
    let (listener, asked) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(AtomicUsize::new(0)));
    let url = format!("postgres://nobody@{}/nothing", listener.local_addr().unwrap());
    let count = asked.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let prefix = prefix("often");
    let server = asking(&prefix, &url, SELDOM);
    let mut redis = connect(&shared());
    let (began, before) = (Instant::now(), asked.load(Ordering::Relaxed));
    while began.elapsed() < Duration::from_secs(3) {
        let _: u32 =
            redis.publish(format!("{prefix}departments"), r#"{"department":"UNION","status":"UP"}"#).unwrap();
    }
    let often = asked.load(Ordering::Relaxed) - before;
    let most = 5 * (began.elapsed().as_millis() / 1_000 + 1);
    assert!(often >= 2 && often as u128 <= most, "{often} times");
    assert_eq!(known(&server), "DOWN");
}

#[test]
fn a_replica_that_redis_does_not_reach_finds_out_by_itself() {
    let (database, url) = union("by_itself");
    let more = [("YIMEN__DEPARTMENTS__UNION__URL", url.as_str()), ("YIMEN__FETCH__HEARTBEAT_MS", "50")];
    let server = replica("redis://127.0.0.1:1", "yimen:", &more);
    wait_for_departments(&server);
    let mut events = watch(&server);
    database.close();
    assert_eq!(status(&events.answer()), ("UNION", "DOWN"));
    assert_eq!(health(&server)["redis"]["status"], "DOWN");
}
