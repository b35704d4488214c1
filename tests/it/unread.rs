//! Clients that don't read what they are answered: what they cost the process, and when they are cut off.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::batch::people;
use crate::support::Server;
use crate::support::socket::{Heard, Socket};
use crate::websocket::{PURPOSE, officer, token};

/// More of each person than the kernel has buffers for, where there are thousands of them.
fn long() -> String {
    let aliases: String =
        (0..29).map(|number| format!("another_name_of_the_same_value_{number}: name ")).collect();
    format!("query($ids: [CitizenId!]!) {{ persons(citizenIds: $ids) {{ {aliases} }} }}")
}

/// Whether what was sent was cut off, by what operators are told.
fn cut(server: &str) -> usize {
    let text = reqwest::blocking::get(format!("{server}/metrics")).unwrap().text().unwrap();
    let line = text.lines().find(|line| line.starts_with("yimen_connections_unread_total "));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

fn until(within: Duration, holds: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < within {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Sends a request for a stream of events whose one event is some megabytes.
fn ask(server: &Server) -> TcpStream {
    let ids: Vec<String> = people(2_500).into_iter().cycle().take(5_000).collect();
    let body = json!({ "query": long(), "variables": { "ids": ids } }).to_string();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nYimen-Purpose: {PURPOSE}\r\n\
         Content-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        token("officer"),
        body.len(),
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream
}

/// Reads a stream to its end, so many bytes at once and with a pause before each time.
fn read(mut stream: TcpStream, bytes: usize, pause: Duration) -> Vec<u8> {
    let (mut all, mut some) = (Vec::new(), vec![0; bytes]);
    loop {
        std::thread::sleep(pause);
        match stream.read(&mut some) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&some[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_stream_of_events_that_is_not_read_is_cut_off_and_one_that_is_read_slowly_is_not() {
    let server = Server::set(&[
        ("YIMEN__SERVER__UNREAD_TIMEOUT_MS", "1500"),
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ]);
    let operations = server.operations();
    let end = b"event: complete\ndata:\n\n";
    let slow = read(ask(&server), 512 * 1024, Duration::from_millis(150));
    assert!(slow.len() > 6_000_000, "the answer has {} bytes", slow.len());
    assert!(slow.windows(end.len()).any(|part| part == end));
    assert_eq!(cut(&operations), 0);

    let stream = ask(&server);
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "others wait");
    assert!(until(Duration::from_secs(30), || cut(&operations) == 1), "nobody was cut off");
    let rest = read(stream, 512 * 1024, Duration::ZERO);
    assert!(rest.len() < slow.len(), "all of it was sent");
    assert!(!rest.windows(end.len()).any(|part| part == end));
    assert!(server.log().iter().any(|line| line.contains("nothing of what was sent was taken")));
}

#[test]
fn a_websocket_that_is_not_read_holds_little_and_is_cut_off() {
    let server = Server::set(&[
        ("YIMEN__SERVER__REQUEST_TIMEOUT_MS", "4000"),
        ("YIMEN__SERVER__WEBSOCKETS", "1"),
        ("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0"),
    ]);
    let operations = server.operations();
    let variables = json!({ "ids": people(200) });
    for _ in 0..8 {
        let answer = officer(&server).send(&long(), variables.clone());
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let before = server.resident_kb();
    let mut socket = Socket::of(&server, &token("officer"), PURPOSE);
    // Another connection has no place as long as this one has it.
    assert!(!has_place(&server));
    for number in 0..100 {
        socket.subscribe(&number.to_string(), &long(), &variables);
    }
    let (mut most, mut longest) = (before, Duration::ZERO);
    let end = Instant::now() + Duration::from_secs(40);
    while cut(&operations) == 0 {
        assert!(Instant::now() < end, "nobody was cut off");
        let began = Instant::now();
        assert_eq!(officer(&server).send("{ viewer { role } }", json!({})).status, 200);
        longest = longest.max(began.elapsed());
        most = most.max(server.resident_kb());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(longest < Duration::from_secs(2), "others waited {longest:?}");
    assert!(most - before < 64 * 1024, "{before} kB before, {most} kB at most");
    assert!(server.log().iter().any(|line| line.contains("nothing of what was sent was taken")));
    assert!(until(Duration::from_secs(5), || has_place(&server)), "the place isn't free again");
}

/// Whether there is a place for one more connection.
fn has_place(server: &Server) -> bool {
    let mut socket = Socket::open(server);
    socket
        .init(&json!({ "Authorization": format!("Bearer {}", token("another")), "Yimen-Purpose": PURPOSE }));
    socket.hear() == Heard::Message(json!({ "type": "connection_ack" }))
}
