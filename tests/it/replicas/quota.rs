//! Quotas that replicas count together, with the same numbers as one process, also across an outage.

use redis::Commands;
use serde_json::{Value, json};

use crate::authentication::{claims, signed};
use crate::batch::{Lines, end, officer, people};
use crate::export::{of_people, start, until as until_job};
use crate::quota::{TWO, header, page, rules};
use crate::replicas::{replica, until};
use crate::support::redis::{Redis, connect, keys, prefix, shared};
use crate::support::{Client, Server};

/// A replica on which all of a caller of civil affairs at once may cost 20, of which one comes back in a minute.
fn narrow(url: &str, prefix: &str, client: &str) -> Server {
    let rules = rules(client, 1);
    let more = [
        ("YIMEN__QUOTA__RULES", rules.as_str()),
        ("YIMEN__LIMITS__COST", "20"),
        ("YIMEN__FETCH__BULK_CHUNK", "10"),
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ];
    replica(url, prefix, &more)
}

/// What an operation of a cost is told: status, units left, seconds to wait.
fn told(client: &Client, cost: usize) -> (u16, Option<u64>, Option<u64>) {
    let answer = client.send(&page(cost), json!({}));
    let (left, wait) = (header(&answer, "x-cost-remaining"), header(&answer, "retry-after"));
    (answer.status, left, wait)
}

#[track_caller]
fn is_taken(client: &Client, cost: usize, left: u64) {
    assert_eq!(told(client, cost), (200, Some(left), None), "{cost}");
}

/// Refused until so many units have come back, one in a minute, and the next of them has begun to.
#[track_caller]
fn is_refused(client: &Client, cost: usize, lacking: u64) {
    let (status, _, wait) = told(client, cost);
    let wait = wait.unwrap_or_else(|| panic!("{status}"));
    assert_eq!(status, 429);
    assert!(wait <= lacking * 60 + 1 && wait > (lacking - 1) * 60, "{wait} s for {lacking} units");
}

#[test]
fn what_one_replica_gives_the_other_does_not_give_again() {
    let (url, prefix) = (shared(), prefix("quota"));
    let [one, other] = [(); 2].map(|()| narrow(&url, &prefix, "INTERACTIVE"));
    let stranger = narrow(&url, &format!("{prefix}stranger:"), "INTERACTIVE");
    is_taken(&officer(&one), 18, 2);
    is_refused(&officer(&other), 3, 1);
    is_refused(&officer(&other), 20, 18);
    is_taken(&officer(&other), 2, 0);
    is_refused(&officer(&one), 1, 1);
    // What was refused cost nothing, others have their own, and so has who shares nothing.
    let mut claims = claims();
    for (claim, value) in [("sub", "another"), ("department", "CIVIL_AFFAIRS"), ("role", "REVIEWER")] {
        claims[claim] = json!(value);
    }
    is_taken(&Client::new(&other.url(), Some(&signed(&claims)), Some("MLA_REVIEW")), 20, 0);
    is_taken(&officer(&stranger), 20, 0);
    // Keys name nobody, and go by themselves when the units are back.
    let mut redis = connect(&url);
    let found = keys(&mut redis, &format!("{prefix}quota:"));
    assert!(!found.is_empty());
    for key in found {
        assert!(!key.contains("CIVIL") && !key.contains("demo"), "{key}");
        let seconds: i64 = redis.ttl(&key).unwrap();
        assert!((1..=20 * 60 + 1).contains(&seconds), "{seconds}");
    }
}

#[test]
fn the_numbers_are_those_of_one_process() {
    let alone = Server::set(&[
        ("YIMEN__QUOTA__RULES", rules("INTERACTIVE", 1).as_str()),
        ("YIMEN__LIMITS__COST", "20"),
    ]);
    let (url, prefix) = (shared(), prefix("numbers"));
    let [one, other] = [(); 2].map(|()| narrow(&url, &prefix, "INTERACTIVE"));
    let (alone, one, other) = (officer(&alone), officer(&one), officer(&other));
    for (cost, replica) in
        [(7, &one), (5, &other), (9, &one), (8, &other), (20, &one), (1, &other), (1, &one)]
    {
        let (status, left, wait) = told(&alone, cost);
        let (shared_status, shared_left, shared_wait) = told(replica, cost);
        assert_eq!((status, left), (shared_status, shared_left), "{cost}");
        assert_eq!(wait.is_some(), shared_wait.is_some(), "{cost}");
        let apart = wait.unwrap_or(0).abs_diff(shared_wait.unwrap_or(0));
        assert!(apart <= 30, "{cost}: {wait:?} {shared_wait:?}, sent one after another");
    }
}

#[test]
fn batches_and_exports_share_their_quotas_too() {
    let (url, prefix) = (shared(), prefix("ways"));
    let entries: Value = people(30).iter().map(|id| json!({ "id": id })).collect();
    let [one, other] = [(); 2].map(|()| narrow(&url, &prefix, "BATCH"));
    let lines: Vec<String> = Lines::of(&officer(&one), TWO, &entries).collect();
    assert_eq!(lines.len(), 11, "one chunk of ten costs 20");
    let lines: Vec<String> = Lines::of(&officer(&other), TWO, &entries).collect();
    assert_eq!((lines.len(), end(&lines[0])), (1, String::from("REQUEST_RATE_LIMITED")));

    let [one, other] = [(); 2].map(|()| narrow(&url, &prefix, "EXPORT"));
    let ended = |job: &Value| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING"));
    let export = |server: &Server| {
        let client = officer(server);
        let id = start(&client, &of_people(TWO, &people(10)));
        (client, id)
    };
    let (client, id) = export(&one);
    assert_eq!(until_job(&client, &id, ended)["state"], "DONE");
    let (client, id) = export(&other);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let job = until_job(&client, &id, |_| true);
    assert!(!ended(&job) && job["done"] == 0, "it waits for its owner's quota: {job}");
}

#[test]
fn an_outage_gives_nobody_anything_anew_and_takes_nothing_twice() {
    let (mut redis, prefix) = (Redis::start(), prefix("outage"));
    let [one, other] = [(); 2].map(|()| narrow(&redis.url(), &prefix, "INTERACTIVE"));
    let (first, second) = (officer(&one), officer(&other));
    is_taken(&first, 10, 10);
    is_taken(&second, 2, 8);
    redis.end();
    [&one, &other].iter().for_each(|server| until(server, "DOWN"));
    // Each counts for itself, from what it knew.
    is_refused(&first, 11, 1);
    is_taken(&first, 4, 6);
    is_refused(&second, 9, 1);
    is_taken(&second, 8, 0);
    is_refused(&second, 1, 1);
    // Redis has forgotten everything, and is told the most that anybody knows: not the sum, since both counted on.
    redis.begin();
    [&one, &other].iter().for_each(|server| until(server, "UP"));
    is_taken(&first, 1, 5);
    is_refused(&second, 1, 1);
    is_refused(&first, 1, 1);
    for server in [&one, &other] {
        let log = server.log().join("\n");
        assert_eq!(log.matches("Redis doesn't answer").count(), 1, "once for each outage: {log}");
        assert_eq!(log.matches("Redis answers").count(), 1, "and its end: {log}");
    }
}

#[test]
fn what_others_write_into_a_bucket_locks_nobody_out_and_stops_nothing() {
    let (url, prefix) = (shared(), prefix("bucket"));
    let one = narrow(&url, &prefix, "INTERACTIVE");
    let client = officer(&one);
    is_taken(&client, 5, 15);
    let mut redis = connect(&url);
    let key = keys(&mut redis, &format!("{prefix}quota:")).remove(0);
    // What can't be read is nothing, and what is too much is a full bucket.
    for (kept, lacking) in [("nonsense", 0), ("1 2 3", 0), ("99999999999999999 9", 0), ("-5 -5", 0)] {
        let () = redis.set(&key, kept).unwrap();
        assert_eq!(told(&client, 1).0, 200, "{kept} {lacking}");
    }
    let () = redis.set(&key, "9999999999999999 99999999999999999999").unwrap();
    is_refused(&client, 1, 1);
    is_refused(&client, 20, 20);
    // A key of another kind is refused by Redis: the process goes on from what it knows.
    let () = redis.del(&key).unwrap();
    let () = redis.lpush(&key, "a list").unwrap();
    is_refused(&client, 1, 1);
    until(&one, "UP");
    let metrics = reqwest::blocking::get(format!("{}/metrics", one.operations())).unwrap().text().unwrap();
    let refused = "yimen_redis_failed_total{use=\"QUOTA\",reason=\"REFUSED\"} 1";
    assert!(metrics.contains(refused), "{metrics}");
    assert!(
        metrics.contains("yimen_redis_up 1") && metrics.contains("yimen_redis_seconds_bucket{use=\"QUOTA\"")
    );
}

#[test]
fn a_redis_that_is_emptied_gives_no_more_than_a_process_alone() {
    let (url, prefix) = (shared(), prefix("emptied"));
    let [one, other] = [(); 2].map(|()| narrow(&url, &prefix, "INTERACTIVE"));
    let mut redis = connect(&url);
    let mut empty = || {
        for key in keys(&mut redis, &format!("{prefix}quota:")) {
            let () = redis.del(key).unwrap();
        }
    };
    is_taken(&officer(&one), 15, 5);
    empty();
    is_refused(&officer(&one), 6, 1);
    is_taken(&officer(&one), 5, 0);
    empty();
    is_refused(&officer(&one), 1, 1);
    // What it gave is known to itself alone: the other has given nothing yet.
    is_taken(&officer(&other), 20, 0);
}
