//! One department that is frozen or slow beside others that aren't: it takes neither their connections nor their time.

use std::time::{Duration, Instant};

use reqwest::blocking::get;
use serde_json::{Value, json};
use yimen_migration::ExchangeDatabase;

use crate::support::county::value;
use crate::support::postgres::Database;
use crate::support::proxy::Proxy;
use crate::support::{Answer, Client, Server};

const FILES: &str = "query($id: CitizenId!) { person(citizenId: $id) { name unionFiles { fileNo } } }";
const NAME: &str = "query($id: CitizenId!) { person(citizenId: $id) { name } }";

fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

/// The union's database behind a proxy, with one file of one worker.
fn union_behind_a_proxy(what: &str, worker: &str) -> (Database, Proxy, String) {
    let database = Database::new(what);
    database.migrate(ExchangeDatabase::UnionAid);
    database.run(&format!(
        "INSERT INTO union_file (file_no, citizen_id, division_code) VALUES ('F-1', '{worker}', '410727100000')"
    ));
    let (proxy, url) = Proxy::before(&database);
    (database, proxy, url)
}

/// An answer, and how long it took.
fn timed(client: &Client, query: &str, worker: &str) -> (Answer, Duration) {
    let began = Instant::now();
    let answer = client.send(query, json!({ "id": worker }));
    (answer, began.elapsed())
}

#[track_caller]
fn is_unavailable(answer: &Answer) {
    let json = answer.json();
    assert!(json["data"]["person"]["name"].is_string(), "{json}");
    assert_eq!(json["data"]["person"]["unionFiles"], Value::Null, "{json}");
    assert_eq!(answer.codes(), ["DEPARTMENT_UNAVAILABLE"], "{json}");
}

fn breaker(server: &Server) -> Value {
    get(format!("{}/health/ready", server.url())).unwrap().json::<Value>().unwrap()["departments"]["UNION"]["breaker"].clone()
}

#[test]
fn a_frozen_department_takes_neither_places_nor_time_of_others() {
    let worker = worker();
    let (_database, proxy, url) = union_behind_a_proxy("frozen", &worker);
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__DEPARTMENTS__UNION__REQUESTS", "8"),
        ("YIMEN__DEPARTMENTS__UNION__DEADLINE_MS", "3000"),
        ("YIMEN__SERVER__REQUESTS", "16"),
        ("YIMEN__FETCH__BREAKER_PAUSE_MS", "1000"),
    ]);
    let client = server.checking(&[&worker]);
    let (answer, _) = timed(&client, FILES, &worker);
    assert_eq!(answer.json()["data"]["person"]["unionFiles"][0]["fileNo"], "F-1", "{}", answer.text);
    proxy.freeze(true);
    let waiting: Vec<_> = (0..24)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let (client, worker) = (client.clone(), worker.clone());
            std::thread::spawn(move || timed(&client, FILES, &worker))
        })
        .collect();
    // Eight wait, the others were told at once; whoever doesn't need the department is answered.
    for _ in 0..10 {
        let (answer, took) = timed(&client, NAME, &worker);
        assert_eq!((answer.status, answer.codes()), (200, Vec::new()), "{}", answer.text);
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    let told: Vec<(Answer, Duration)> = waiting.into_iter().map(|thread| thread.join().unwrap()).collect();
    told.iter().for_each(|(answer, _)| is_unavailable(answer));
    let waited = told.iter().filter(|(_, took)| *took > Duration::from_millis(2_500)).count();
    assert!((1..=8).contains(&waited), "{waited} waited for their deadline");
    // Nobody waits any more.
    assert!(["OPEN", "HALF_OPEN"].iter().any(|state| breaker(&server) == *state));
    let quick = (0..5).filter(|_| {
        let (answer, took) = timed(&client, FILES, &worker);
        is_unavailable(&answer);
        took < Duration::from_secs(1)
    });
    assert!(quick.count() >= 3, "at most one of them tries, or two");
    // In a case it is unavailable too, and not "no".
    let json = client.send(FILES, json!({ "id": worker })).json();
    let sections = json["extensions"]["sections"].as_array().unwrap();
    let union = sections.iter().find(|section| section["section"] == "UNION_FILE").unwrap();
    assert_eq!(union["status"], "UNAVAILABLE", "{json}");
    let record = server.records().pop().unwrap();
    let states = record["departments"].as_array().unwrap();
    assert!(
        states.iter().any(|state| state["department"] == "UNION" && state["state"] == "UNAVAILABLE"),
        "{record}"
    );
    // Once it answers again, one request finds out, and then it does for all.
    proxy.freeze(false);
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let (answer, _) = timed(&client, FILES, &worker);
        if answer.codes().is_empty() {
            break;
        }
        is_unavailable(&answer);
        assert!(Instant::now() < end, "it isn't asked any more");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(breaker(&server), "CLOSED");
    for _ in 0..5 {
        assert_eq!(timed(&client, FILES, &worker).0.codes(), Vec::<String>::new());
    }
}

#[test]
fn a_department_that_never_answers_is_told_by_metrics_and_health() {
    // It listens, and that is all.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://nobody@{}/nothing", silent.local_addr().unwrap());
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &url),
        ("YIMEN__DEPARTMENTS__UNION__DEADLINE_MS", "300"),
        ("YIMEN__FETCH__BREAKER_FAILURES", "2"),
        ("YIMEN__FETCH__BREAKER_PAUSE_MS", "60000"),
        ("YIMEN__FETCH__HEARTBEAT_MS", "60000"),
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ]);
    let worker = worker();
    let client = server.checking(&[&worker]);
    for _ in 0..3 {
        is_unavailable(&timed(&client, FILES, &worker).0);
    }
    // Health tells of a department once it was asked for itself, which takes its own time here.
    let is_told = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        breaker(&server) == "OPEN"
    });
    assert!(is_told, "{}", breaker(&server));
    let (answer, took) = timed(&client, FILES, &worker);
    is_unavailable(&answer);
    assert!(took < Duration::from_millis(250), "{took:?}");
    let operations = server.operations();
    let text = get(format!("{operations}/metrics")).unwrap().text().unwrap();
    for line in [
        "yimen_department_breaker{department=\"UNION\",state=\"OPEN\"} 1",
        "yimen_department_breaker{department=\"UNION\",state=\"CLOSED\"} 0",
        "yimen_department_breaker{department=\"HOUSING\",state=\"CLOSED\"} 1",
        "yimen_department_not_asked_total{department=\"UNION\",reason=\"FAILING\"} ",
    ] {
        assert!(text.contains(line), "{line} isn't in\n{text}");
    }
}

#[test]
fn departments_of_one_database_have_the_same_bounds() {
    let url = format!("sqlite://{}", crate::support::county().join("union.db").display());
    let output = crate::support::yimen()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(crate::support::county())
        .env("YIMEN__DEPARTMENTS__UNION__URL", &url)
        .env("YIMEN__DEPARTMENTS__HOUSING__URL", &url)
        .env("YIMEN__DEPARTMENTS__HOUSING__LANES", "1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("other bounds"), "{text}");
}
