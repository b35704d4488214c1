//! A Redis that is frozen, gone or no Redis: nobody is held for longer than the time-out, and soon not at all.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use reqwest::blocking::get;
use serde_json::json;

use crate::replicas::{health, replica, until};
use crate::support::redis::{Redis, prefix};
use crate::support::{Client, Server};

fn ask(client: &Client) -> Duration {
    let began = Instant::now();
    let answer = client.send("{ viewer { role } }", json!({}));
    assert_eq!((answer.status, answer.codes()), (200, Vec::new()), "{}", answer.text);
    began.elapsed()
}

fn officer(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

#[test]
fn a_frozen_redis_holds_requests_for_the_time_out_and_then_none() {
    let redis = Redis::start();
    let more = [
        ("YIMEN__REDIS__TIMEOUT_MS", "2000"),
        // It isn't looked at by itself here, nor tried again.
        ("YIMEN__REDIS__PAUSE_MS", "60000"),
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ];
    let server = replica(&redis.url(), &prefix("frozen"), &more);
    let client = officer(&server);
    ask(&client);
    redis.freeze(true);
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || ask(&client))
        })
        .collect();
    let waited: Vec<Duration> = waiting.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(
        waited.iter().any(|took| *took >= Duration::from_millis(1_900)),
        "somebody finds out: {waited:?}"
    );
    assert!(waited.iter().all(|took| *took < Duration::from_millis(3_900)), "once and no more: {waited:?}");
    for _ in 0..10 {
        let took = ask(&client);
        assert!(took < Duration::from_millis(1_500), "nobody waits any more: {took:?}");
    }
    let health = health(&server);
    assert_eq!((&health["status"], &health["redis"]["status"]), (&json!("UP"), &json!("DOWN")), "{health}");
    let metrics = get(format!("{}/metrics", server.operations())).unwrap().text().unwrap();
    assert!(metrics.contains("yimen_redis_up 0"), "{metrics}");
    let count = |reason: &str| {
        let name = format!("yimen_redis_failed_total{{use=\"QUOTA\",reason=\"{reason}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |count| count.parse().unwrap())
    };
    // Who waits beside the one who finds out is let go with the connection.
    let waited = count("TIMEOUT") + count("BROKEN");
    assert!(count("TIMEOUT") >= 1 && waited <= 8, "{metrics}");
    assert_eq!(waited + count("AWAY"), 18, "{metrics}");
    assert_eq!(server.log().join("\n").matches("Redis doesn't answer").count(), 1);
}

#[test]
fn a_redis_that_goes_on_is_asked_again() {
    let redis = Redis::start();
    let server = replica(&redis.url(), &prefix("thawed"), &[("YIMEN__REDIS__TIMEOUT_MS", "500")]);
    for _ in 0..2 {
        until(&server, "UP");
        redis.freeze(true);
        // Found out though nobody asks.
        until(&server, "DOWN");
        redis.freeze(false);
    }
    until(&server, "UP");
    ask(&officer(&server));
}

#[test]
fn a_server_starts_without_redis_and_takes_it_when_it_comes() {
    let mut redis = Redis::start();
    redis.end();
    let server = replica(&redis.url(), &prefix("later"), &[]);
    until(&server, "DOWN");
    ask(&officer(&server));
    redis.begin();
    until(&server, "UP");
}

#[test]
fn what_is_no_redis_is_away() {
    // One says nothing, the other nonsense.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let talking = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [&silent, &talking].map(|listener| format!("redis://{}", listener.local_addr().unwrap()));
    std::thread::spawn(move || {
        for mut stream in talking.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n$999999999999\r\n");
        }
    });
    for address in addresses {
        let server = replica(&address, &prefix("nonsense"), &[]);
        assert_eq!(health(&server)["redis"]["status"], "DOWN");
        assert!(ask(&officer(&server)) < Duration::from_secs(5));
    }
}

#[test]
fn a_redis_that_takes_no_writes_is_away() {
    let redis = Redis::start();
    let mut connection = crate::support::redis::connect(&redis.url());
    let server = replica(&redis.url(), &prefix("read-only"), &[]);
    until(&server, "UP");
    let set = |connection: &mut redis::Connection, bytes: &str| {
        let () = redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).query(connection).unwrap();
    };
    set(&mut connection, "1");
    until(&server, "DOWN");
    ask(&officer(&server));
    set(&mut connection, "0");
    until(&server, "UP");
}

#[test]
fn without_a_redis_there_is_nothing_of_it() {
    let server = Server::set(&[("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0")]);
    assert!(health(&server).get("redis").is_none());
    let metrics = get(format!("{}/metrics", server.operations())).unwrap().text().unwrap();
    assert!(!metrics.contains("yimen_redis"), "{metrics}");
}
