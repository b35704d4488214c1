//! Requests that open nothing, and connections that are closed, each with its code; the process goes on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::socket::{Heard, PROTOCOL, Socket};
use crate::websocket::{STATUS, connected, officer, token};

#[test]
fn handshakes_of_pages_elsewhere_and_of_other_protocols_are_refused() {
    let server = Server::set(&[("YIMEN__SERVER__ORIGINS", "[\"https://page.example.gov\"]")]);
    let open = |protocol: &str, headers: &[(&str, &str)]| Socket::try_open(&server, protocol, headers).err();
    let here = server.url();
    let good = format!("Bearer {}", token("officer"));
    for (headers, expected) in [
        (vec![], None),
        (vec![("origin", here.as_str())], None),
        (vec![("origin", "https://page.example.gov")], None),
        (vec![("origin", "https://elsewhere.example")], Some(403)),
        (vec![("origin", "null")], Some(403)),
        (vec![("authorization", good.as_str())], None),
        (vec![("authorization", "Bearer nobody")], Some(401)),
        (vec![("authorization", good.as_str()), ("yimen-case", "")], None),
        (vec![("authorization", good.as_str()), ("yimen-case", "C\u{e9}")], Some(400)),
    ] {
        assert_eq!(open(PROTOCOL, &headers), expected, "{headers:?}");
    }
    assert_eq!(open("graphql-ws", &[]), Some(400));
    // Elsewhere than here it is no way in.
    let plain = reqwest::blocking::Client::new();
    for path in ["/graphql", "/graphql/7", "/schema.graphql"] {
        let upgrade = plain.get(format!("{here}{path}")).header("upgrade", "websocket");
        let status = upgrade.header("connection", "upgrade").send().unwrap().status();
        assert_eq!(status, if path == "/graphql" { 426 } else { 401 }, "{path}");
    }
    assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
}

/// What a stranger says first, and the code that it is closed with.
fn strangers() -> Vec<(Value, u16)> {
    let good = format!("Bearer {}", token("officer"));
    let init = |payload: Value| json!({ "type": "connection_init", "payload": payload });
    vec![
        (json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ viewer { role } }" } }), 4401),
        (init(json!({})), 4403),
        (json!({ "type": "connection_init" }), 4403),
        (init(json!({ "Authorization": "Bearer nobody" })), 4403),
        (init(json!({ "Authorization": "Basic abc" })), 4403),
        (init(json!({ "Authorization": 7 })), 4400),
        (init(json!({ "Authorization": good, "Yimen-Case": "案" })), 4400),
        (init(json!({ "Authorization": good, "Yimen-Case": "C".repeat(257) })), 4400),
        (init(json!({ "Authorization": good, "authorization": good })), 4400),
        (init(json!(7)), 4400),
        (json!({ "type": "start", "id": "1" }), 4400),
        (json!([]), 4400),
        (init(json!({ "Authorization": good, "padding": "x".repeat(24 * 1024) })), 1009),
    ]
}

#[test]
fn strangers_are_closed_out() {
    let server = Server::start();
    let before = server.records().len();
    for (message, expected) in strangers() {
        let mut socket = Socket::open(&server);
        socket.say(&json!({ "type": "ping" }));
        assert_eq!(socket.hear(), Heard::Message(json!({ "type": "pong" })));
        socket.say(&message);
        assert_eq!(socket.hear(), Heard::Closed(expected), "{message}");
    }
    assert_eq!(server.records().len(), before, "nothing of it was an operation");
    assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
}

#[test]
fn frames_and_messages_that_are_none_close_the_connection() {
    let server = Server::set(&[("YIMEN__SERVER__BODY_BYTES", "4096")]);
    let query = |bytes: usize| {
        let text = json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ viewer { role } }" } })
            .to_string();
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    type Say = Box<dyn Fn(&mut Socket)>;
    let cases: Vec<(&str, Say, u16)> = vec![
        ("no JSON", Box::new(|socket| socket.text(String::from("{"))), 4400),
        ("unknown type", Box::new(|socket| socket.say(&json!({ "type": "stop", "id": "1" }))), 4400),
        ("no id", Box::new(|socket| socket.say(&json!({ "type": "subscribe", "payload": {} }))), 4400),
        ("no payload", Box::new(|socket| socket.say(&json!({ "type": "subscribe", "id": "1" }))), 4400),
        ("binary", Box::new(|socket| socket.binary(b"{\"type\":\"ping\"}".to_vec())), 4400),
        ("second init", Box::new(|socket| socket.init(&json!({}))), 4429),
        ("too large", Box::new(move |socket| socket.text(query(4_097))), 1009),
        ("not UTF-8", Box::new(|socket| socket.bytes(&[0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28])), 1007),
        ("not masked", Box::new(|socket| socket.bytes(&[0x81, 0x02, b'{', b'}'])), 1002),
        ("unknown frame", Box::new(|socket| socket.bytes(&[0x83, 0x80, 0, 0, 0, 0])), 1002),
        (
            "endless frame",
            Box::new(|socket| {
                socket.bytes(&[0x81, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0])
            }),
            1009,
        ),
    ];
    for (what, say, expected) in &cases {
        let mut socket = connected(&server);
        say(&mut socket);
        assert_eq!(socket.hear(), Heard::Closed(*expected), "{what}");
    }
    let mut socket = connected(&server);
    socket.text(query(4_096));
    assert!(socket.answered("1")["data"].is_object());
}

#[test]
fn an_operation_of_a_name_that_is_under_way_closes_the_connection() {
    let server = Server::start();
    let mut socket = connected(&server);
    // A name that is free again may be used again.
    for _ in 0..2 {
        assert!(socket.answer("q", "{ viewer { role } }", &json!({}))["data"].is_object());
    }
    socket.subscribe("same", STATUS, &json!({ "of": [] }));
    socket.subscribe("same", STATUS, &json!({ "of": [] }));
    assert_eq!(socket.hear(), Heard::Closed(4409));
}

#[test]
fn who_says_nothing_is_closed_out() {
    let server = Server::set(&[("YIMEN__SERVER__WEBSOCKET_INIT_MS", "300")]);
    let mut silent = Socket::open(&server);
    let mut chatty = Socket::open(&server);
    let mut known = connected(&server);
    std::thread::sleep(Duration::from_millis(100));
    chatty.say(&json!({ "type": "ping" }));
    assert_eq!(chatty.message()["type"], "pong");
    assert_eq!(silent.hear(), Heard::Closed(4408));
    assert_eq!(chatty.hear(), Heard::Closed(4408));
    std::thread::sleep(Duration::from_millis(300));
    assert!(known.answer("1", "{ viewer { role } }", &json!({}))["data"].is_object());
}
