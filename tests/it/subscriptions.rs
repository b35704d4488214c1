//! Subscriptions as server-sent events: what is pushed, to whom, and until when.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use yimen_migration::ExchangeDatabase;

use crate::authentication::{claims, signed};
use crate::support::county::value;
use crate::support::postgres::Database;
use crate::support::slow::slow_union;
use crate::support::socket::{Socket, code};
use crate::support::{Client, Server};

pub(crate) const STATUS: &str = "subscription($of: [Department!]) {
  departmentStatusChanged(departments: $of) { department status since }
}";

/// A stream of events as a browser reads it.
pub(crate) struct Events(BufReader<Response>);

#[derive(Debug, PartialEq)]
enum Event {
    Next(Value),
    Complete,
}

impl Events {
    #[track_caller]
    pub(crate) fn of(client: &Client, query: &str, variables: &Value) -> Events {
        let response = subscribe(client, query, variables);
        assert_eq!(response.status(), 200);
        let media = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(media.starts_with("text/event-stream"), "{media}");
        Events(BufReader::new(response))
    }

    /// The next event; `None` where the stream was cut.
    fn next(&mut self) -> Option<Event> {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                None if name == "next" => return Some(Event::Next(serde_json::from_str(&data).unwrap())),
                None if name == "complete" => return Some(Event::Complete),
                None | Some(("", _)) => {}
                Some(("event", value)) => name = value.trim().to_owned(),
                Some(("data", value)) => data = value.trim().to_owned(),
                Some(other) => panic!("{other:?}"),
            }
        }
    }

    #[track_caller]
    pub(crate) fn answer(&mut self) -> Value {
        match self.next() {
            Some(Event::Next(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }
}

fn subscribe(client: &Client, query: &str, variables: &Value) -> Response {
    let body = json!({ "query": query, "variables": variables });
    client.post().header("accept", "text/event-stream").json(&body).send().unwrap()
}

pub(crate) fn status(answer: &Value) -> (&str, &str) {
    let told = &answer["data"]["departmentStatusChanged"];
    (told["department"].as_str().unwrap_or_default(), told["status"].as_str().unwrap_or_default())
}

fn officer(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

#[test]
fn a_department_that_goes_and_comes_back_is_told_to_whoever_watches() {
    let database = Database::new("comes_back");
    database.migrate(ExchangeDatabase::UnionAid);
    let server = Server::set(&[
        ("YIMEN__DEPARTMENTS__UNION__URL", &database.url()),
        ("YIMEN__FETCH__HEARTBEAT_MS", "50"),
    ]);
    wait_for_departments(&server);
    let mut events = Events::of(&officer(&server), STATUS, &json!({ "of": ["UNION"] }));
    assert_eq!(status(&events.answer()), ("UNION", "UP"));
    database.close();
    assert_eq!(status(&events.answer()), ("UNION", "DOWN"));
    database.open();
    assert_eq!(status(&events.answer()), ("UNION", "UP"));
    drop(server);
}

#[test]
fn every_answer_has_a_record_and_only_what_was_asked_for() {
    let server = Server::set(&[("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    wait_for_departments(&server);
    let before = server.records().len();
    let mut events = Events::of(&officer(&server), STATUS, &json!({ "of": ["HOUSING", "EDUCATION"] }));
    let mut told = [events.answer(), events.answer()].map(|answer| status(&answer).0.to_owned());
    told.sort();
    assert_eq!(told, ["EDUCATION", "HOUSING"]);
    let records = server.records();
    let new = records.iter().skip(before).filter(|record| {
        record["coordinates"].as_array().is_some_and(|coordinates| {
            coordinates.iter().any(|c| c["coordinate"] == "Subscription.departmentStatusChanged")
        })
    });
    assert_eq!(new.count(), 2);
}

#[test]
fn whoever_may_not_watch_is_told_so_once() {
    let server = Server::start();
    let mut events = Events::of(&server.citizen("410727199001011234"), STATUS, &json!({}));
    let answer = events.answer();
    assert_eq!(answer["data"]["departmentStatusChanged"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHORIZED_FIELD_OR_TYPE", "{answer}");
    assert_eq!(events.next(), Some(Event::Complete));
    assert_eq!(events.next(), None);
}

#[test]
fn a_token_that_expires_ends_what_it_began() {
    let server = Server::set(&[("YIMEN__AUTH__LEEWAY_S", "0"), ("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    wait_for_departments(&server);
    let client = server.client_for(3, "UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let mut events = Events::of(&client, STATUS, &json!({ "of": ["HOUSING"] }));
    assert_eq!(status(&events.answer()).0, "HOUSING");
    let began = Instant::now();
    let end = events.answer();
    assert_eq!(end["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{end}");
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(events.next(), Some(Event::Complete));
}

#[test]
fn a_query_and_what_is_wrong_come_as_one_event() {
    let server = Server::start();
    let client = officer(&server);
    let mut events = Events::of(&client, "{ viewer { department } }", &json!({}));
    let answer = events.answer();
    assert_eq!(answer["data"], json!({ "viewer": { "department": "UNION" } }));
    let record = |server: &Server| server.records().pop().unwrap()["id"].clone();
    assert_eq!(answer["extensions"], json!({ "record": record(&server) }));
    assert_eq!(events.next(), Some(Event::Complete));
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let mut events = Events::of(&client, query, &json!({}));
        let answer = events.answer();
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["record"], record(&server), "{answer}");
        assert!(answer.get("data").is_none(), "{answer}");
        assert_eq!(events.next(), Some(Event::Complete));
    }
    let plain = client.send(STATUS, json!({}));
    assert_eq!(plain.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
}

#[test]
fn a_document_is_registered_and_named_here_as_everywhere() {
    let server = Server::set(&[("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    wait_for_departments(&server);
    let client = officer(&server);
    let send = |query: Option<&str>, of: &str| {
        let sha256: String = Sha256::digest(of).iter().map(|byte| format!("{byte:02x}")).collect();
        let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": sha256 } });
        let mut body = json!({ "extensions": extensions, "variables": { "of": ["HOUSING"] } });
        body["query"] = json!(query);
        let response = client.post().header("accept", "text/event-stream").json(&body).send().unwrap();
        Events(BufReader::new(response)).answer()
    };
    for document in [STATUS, "query Q { viewer { department } }"] {
        let unknown = send(None, document);
        assert_eq!(unknown["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND", "{unknown}");
        assert!(send(Some(document), document).get("errors").is_none());
        assert!(send(None, document)["data"].is_object());
    }
    // What can't be run isn't kept.
    assert!(send(Some("{ nothing }"), "{ nothing }")["errors"].is_array());
    let forgotten = send(None, "{ nothing }");
    assert_eq!(forgotten["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND", "{forgotten}");
}

#[test]
fn subscriptions_are_bounded_and_end_with_the_process() {
    let server = Server::set(&[("YIMEN__SERVER__SUBSCRIPTIONS", "1"), ("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    wait_for_departments(&server);
    let client = officer(&server);
    let mut events = Events::of(&client, STATUS, &json!({ "of": ["HOUSING"] }));
    events.answer();
    let second = subscribe(&client, STATUS, &json!({}));
    assert_eq!((second.status().as_u16(), second.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    server.stop();
    assert_eq!(events.next(), Some(Event::Complete));
}

#[test]
fn one_caller_leaves_subscriptions_to_others() {
    let server = Server::set(&[
        ("YIMEN__SERVER__SUBSCRIPTIONS_PER_CALLER", "2"),
        ("YIMEN__FETCH__HEARTBEAT_MS", "50"),
    ]);
    wait_for_departments(&server);
    let client = officer(&server);
    let of = json!({ "of": ["HOUSING"] });
    let first = Events::of(&client, STATUS, &of);
    // Those over WebSocket count with them.
    let mut socket = Socket::of(&server, &server.token("UNION", "HELP_CENTRE"), "UNION_FILE_CHECK");
    socket.subscribe("a", STATUS, &of);
    assert_eq!(socket.message()["type"], "next");
    let third = subscribe(&client, STATUS, &of);
    assert_eq!(third.status().as_u16(), 429);
    assert_eq!(code(&third.json().unwrap()), "SUBSCRIPTION_LIMIT_EXCEEDED");
    socket.subscribe("b", STATUS, &of);
    assert_eq!(code(&socket.answered("b")), "SUBSCRIPTION_LIMIT_EXCEEDED");
    // Others still may, and the caller may ask.
    let mut claims = claims();
    claims["sub"] = json!("another officer");
    let other = Client::new(&server.url(), Some(&signed(&claims)), Some("UNION_FILE_CHECK"));
    assert_eq!(status(&Events::of(&other, STATUS, &of).answer()).0, "HOUSING");
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
    drop(first);
    let end = Instant::now() + Duration::from_secs(20);
    while subscribe(&client, STATUS, &of).status() != 200 {
        assert!(Instant::now() < end, "a subscription that ended leaves no place");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_answer_takes_a_place_among_requests_and_waits_for_it() {
    let housing = Database::new("waits");
    housing.migrate(ExchangeDatabase::Housing);
    let worker = value(
        "union",
        "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1",
    );
    let slow = slow_union("waited_for", &worker);
    let server = Server::set(&[
        ("YIMEN__SERVER__REQUESTS", "1"),
        ("YIMEN__FETCH__HEARTBEAT_MS", "50"),
        ("YIMEN__FETCH__DEADLINE_MS", "2000"),
        ("YIMEN__DEPARTMENTS__HOUSING__URL", &housing.url()),
        ("YIMEN__DEPARTMENTS__UNION__URL", &slow.url()),
    ]);
    wait_for_departments(&server);
    let client = officer(&server);
    let mut events = Events::of(&client, STATUS, &json!({ "of": ["HOUSING"] }));
    assert_eq!(status(&events.answer()), ("HOUSING", "UP"));
    // Between two answers it has no place.
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { unionFiles { fileNo } } }";
    let asking = {
        let client = server.checking(&[&worker]);
        std::thread::spawn(move || (client.send(query, json!({ "id": worker })).status, Instant::now()))
    };
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 503, "the one place is taken");
    housing.close();
    assert_eq!(status(&events.answer()), ("HOUSING", "DOWN"));
    let told = Instant::now();
    let (asked, answered) = asking.join().unwrap();
    assert_eq!(asked, 200);
    assert!(told + Duration::from_millis(100) > answered, "it was told before the query's end");
    drop(server);
}

#[test]
fn the_form_of_an_answer_is_chosen_by_preference() {
    let server = Server::set(&[("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    let client = officer(&server);
    let media = |accept: &str, variables: &Value| {
        let body = json!({ "query": "query($t: String) { viewer { access(type: $t) { coordinate } } }", "variables": variables });
        let response = client.post().header("accept", accept).json(&body).send().unwrap();
        let media =
            response.headers()["content-type"].to_str().unwrap().split(';').next().unwrap().to_owned();
        (response.status().as_u16(), media)
    };
    let (one, list) = (json!({ "t": "MlaStandard" }), json!([{ "t": "MlaStandard" }]));
    for (accept, variables, status, expected) in [
        ("application/jsonl", &list, 200, "application/jsonl"),
        ("application/jsonl, application/json;q=0.9", &list, 200, "application/jsonl"),
        ("application/json;q=0.9, application/jsonl", &list, 200, "application/jsonl"),
        ("application/json, application/jsonl;q=0.9", &list, 400, "application/json"),
        ("application/json, application/jsonl;q=0.9", &one, 200, "application/json"),
        ("application/jsonl;q=0, application/json", &one, 200, "application/json"),
        ("text/event-stream", &one, 200, "text/event-stream"),
        ("text/event-stream;q=0.5, application/json", &one, 200, "application/json"),
        ("application/json;q=0.5, text/event-stream", &one, 200, "text/event-stream"),
        ("text/html", &one, 406, "application/json"),
    ] {
        assert_eq!(media(accept, variables), (status, expected.to_owned()), "{accept}");
    }
}

pub(crate) fn wait_for_departments(server: &Server) {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let health: Value =
            reqwest::blocking::get(format!("{}/health/ready", server.url())).unwrap().json().unwrap();
        if health["departments"].as_object().is_some_and(|states| states.len() > 3) {
            return;
        }
        assert!(Instant::now() < end, "{health}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
