//! How many connections there may be, and how much one may have under way: just under and just over.

use std::time::Duration;

use serde_json::json;

use crate::support::Server;
use crate::support::socket::{Heard, PROTOCOL, Socket, code};
use crate::websocket::{PURPOSE, STATUS, connected, officer, token};

/// What becomes of a connection whose caller says who they are.
fn knock(server: &Server, subject: &str) -> (Socket, Heard) {
    let mut socket = Socket::try_open(server, PROTOCOL, &[]).unwrap();
    socket.init(&json!({ "Authorization": format!("Bearer {}", token(subject)), "Yimen-Purpose": PURPOSE }));
    let heard = socket.hear();
    (socket, heard)
}

#[test]
fn connections_are_bounded_for_each_caller_and_in_all() {
    let server =
        Server::set(&[("YIMEN__SERVER__WEBSOCKETS", "3"), ("YIMEN__SERVER__WEBSOCKETS_PER_CALLER", "2")]);
    let known = Heard::Message(json!({ "type": "connection_ack" }));
    let (first, heard) = knock(&server, "one");
    assert_eq!(heard, known);
    let (_second, heard) = knock(&server, "one");
    assert_eq!(heard, known);
    assert_eq!(knock(&server, "one").1, Heard::Closed(1013));
    let (_other, heard) = knock(&server, "another");
    assert_eq!(heard, known);
    assert_eq!(knock(&server, "a third").1, Heard::Closed(1013));
    // Whoever goes leaves a place.
    drop(first);
    let freed = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        knock(&server, "a third").1 == known
    });
    assert!(freed);
    assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
}

#[test]
fn operations_of_a_connection_are_bounded() {
    let server = Server::set(&[("YIMEN__SERVER__WEBSOCKET_OPERATIONS", "2")]);
    let mut socket = connected(&server);
    for id in ["a", "b"] {
        socket.subscribe(id, STATUS, &json!({ "of": [] }));
    }
    socket.subscribe("c", STATUS, &json!({ "of": [] }));
    assert_eq!(code(&socket.answered("c")), "REQUEST_CONCURRENCY_LIMITED");
    socket.say(&json!({ "id": "a", "type": "complete" }));
    assert!(socket.answer("c", "{ viewer { role } }", &json!({}))["data"].is_object());
}

#[test]
fn a_connection_of_which_nothing_is_wanted_is_closed() {
    let server = Server::set(&[("YIMEN__SERVER__WEBSOCKET_IDLE_MS", "500")]);
    let (mut idle, mut watching) = (connected(&server), connected(&server));
    watching.subscribe("w", STATUS, &json!({ "of": [] }));
    assert_eq!(idle.hear(), Heard::Closed(1000));
    watching.say(&json!({ "id": "w", "type": "complete" }));
    assert_eq!(watching.hear(), Heard::Closed(1000));
}

#[test]
fn who_does_not_answer_pings_is_cut_off() {
    let server = Server::set(&[("YIMEN__SERVER__WEBSOCKET_PING_MS", "200")]);
    let mut silent = connected(&server);
    silent.subscribe("w", STATUS, &json!({ "of": [] }));
    let mut half = connected(&server);
    // A frame that is begun and never ended is no sign of life.
    half.bytes(&[0x81, 0xFE, 0x0F]);
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(silent.hear(), Heard::Cut);
    assert_eq!(half.hear(), Heard::Cut);
    let mut lively = connected(&server);
    lively.subscribe("w", STATUS, &json!({ "of": ["UNION"] }));
    assert_eq!(lively.message()["type"], "next");
}

#[test]
fn a_closed_connection_ends_what_it_watched() {
    let server = Server::set(&[("YIMEN__SERVER__SUBSCRIPTIONS", "1"), ("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    let mut first = connected(&server);
    first.subscribe("w", STATUS, &json!({ "of": ["UNION"] }));
    assert_eq!(first.message()["type"], "next");
    let mut second = connected(&server);
    assert_eq!(code(&second.answer("w", STATUS, &json!({ "of": ["UNION"] }))), "REQUEST_CONCURRENCY_LIMITED");
    drop(first);
    let begun = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        second.subscribe("w", STATUS, &json!({ "of": ["UNION"] }));
        second.message()["type"] == "next"
    });
    assert!(begun);
}
