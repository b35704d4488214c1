//! Subscriptions over WebSocket, and how they and their connections end: by the client, with the token, with the right,
//! with the process.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::slow::slow_union;
use crate::support::socket::{Heard, Socket, code};
use crate::websocket::{FAMILY, PURPOSE, STATUS, connected, token, worker};

/// What records say of the subscription's field.
fn told(server: &Server) -> usize {
    let of_field = |record: &&Value| {
        let coordinates = record["coordinates"].as_array();
        coordinates
            .is_some_and(|all| all.iter().any(|c| c["coordinate"] == "Subscription.departmentStatusChanged"))
    };
    server.records().iter().filter(of_field).count()
}

#[test]
fn each_answer_has_a_record_and_the_client_ends_it() {
    let server = Server::set(&[("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    let mut socket = connected(&server);
    socket.subscribe("w", STATUS, &json!({ "of": ["HOUSING"] }));
    let first = socket.message();
    let status = json!({ "department": "HOUSING", "status": "UP" });
    let record = server.records().pop().unwrap();
    let payload = json!({
        "data": { "departmentStatusChanged": status },
        "extensions": { "record": record["id"] },
    });
    assert_eq!(first, json!({ "id": "w", "type": "next", "payload": payload }));
    assert_eq!(told(&server), 1);
    socket.say(&json!({ "id": "w", "type": "complete" }));
    // Its name is free, and nothing more of it comes.
    assert!(socket.answer("w", "{ viewer { role } }", &json!({}))["data"].is_object());
}

#[test]
fn whoever_may_not_watch_is_told_so_once() {
    let server = Server::start();
    let citizen = {
        let mut claims = crate::authentication::claims();
        claims["role"] = json!("CITIZEN");
        claims["department"] = json!("CIVIL_AFFAIRS");
        claims["citizen_id"] = json!("410727199001011234");
        crate::authentication::signed(&claims)
    };
    let mut socket = Socket::of(&server, &citizen, "OWN_RECORDS");
    let answer = socket.answer("w", STATUS, &json!({}));
    assert_eq!(answer["data"]["departmentStatusChanged"], Value::Null, "{answer}");
    assert_eq!(code(&answer), "UNAUTHORIZED_FIELD_OR_TYPE", "{answer}");
    assert_eq!(told(&server), 1, "the refusal has its record");
}

#[test]
fn a_token_that_expires_ends_what_it_began_and_the_connection() {
    let server = Server::set(&[("YIMEN__AUTH__LEEWAY_S", "0"), ("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    let mut claims = crate::authentication::claims();
    claims["exp"] = json!(claims["iat"].as_u64().unwrap() + 3);
    let mut socket = Socket::of(&server, &crate::authentication::signed(&claims), PURPOSE);
    socket.subscribe("w", STATUS, &json!({ "of": ["HOUSING"] }));
    assert_eq!(socket.message()["type"], "next");
    let began = Instant::now();
    let end = socket.answered("w");
    assert_eq!(code(&end), "UNAUTHENTICATED", "{end}");
    assert_eq!(socket.hear(), Heard::Closed(4403));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_end_of_the_process_is_told_after_what_is_in_flight() {
    let database = slow_union("socket", &worker());
    let url = database.url();
    let server =
        Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &url), ("YIMEN__FETCH__DEADLINE_MS", "1500")]);
    let mut stranger = Socket::open(&server);
    let mut idle = connected(&server);
    let mut socket = connected(&server);
    socket.subscribe("w", STATUS, &json!({ "of": ["HOUSING"] }));
    assert_eq!(socket.message()["type"], "next");
    socket.subscribe("q", FAMILY, &json!({ "id": worker() }));
    std::thread::sleep(Duration::from_millis(500));
    let reader = std::thread::spawn(move || {
        let first = socket.message();
        assert_eq!(first, json!({ "id": "w", "type": "complete" }));
        let answer = socket.answered("q");
        assert!(answer["data"]["person"]["name"].is_string(), "{answer}");
        let errors = answer["errors"].as_array().unwrap();
        assert!(
            errors.iter().any(|error| error["extensions"]["code"] == "DEPARTMENT_UNAVAILABLE"),
            "{answer}"
        );
        assert_eq!(socket.hear(), Heard::Closed(1001));
    });
    server.stop();
    reader.join().unwrap();
    assert_eq!(idle.hear(), Heard::Closed(1001));
    assert_eq!(stranger.hear(), Heard::Closed(1001));
}

#[test]
fn a_token_that_has_ended_begins_nothing_more() {
    let server = Server::set(&[("YIMEN__AUTH__LEEWAY_S", "0")]);
    let mut socket = Socket::of(&server, &token("officer"), PURPOSE);
    assert!(socket.answer("1", "{ viewer { role } }", &json!({}))["data"].is_object());
    let mut claims = crate::authentication::claims();
    claims["exp"] = json!(claims["iat"].as_u64().unwrap() + 1);
    let mut socket = Socket::of(&server, &crate::authentication::signed(&claims), PURPOSE);
    std::thread::sleep(Duration::from_millis(2_100));
    socket.subscribe("1", "{ viewer { role } }", &json!({}));
    // Whether the look or the operation comes first, nothing is answered.
    match socket.hear() {
        Heard::Message(message) => {
            assert_eq!(message["payload"][0]["extensions"]["code"], "UNAUTHENTICATED", "{message}");
            assert_eq!(socket.hear(), Heard::Closed(4403));
        }
        closed => assert_eq!(closed, Heard::Closed(4403)),
    }
}
