//! Traces: one span for each operation and statement, and nothing in them that tells of anybody.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::Server;
use crate::support::county::value;

/// A collector: takes OTLP over HTTP and keeps the bodies, whose texts are plain within them.
struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let taken = Arc::<Mutex<Vec<u8>>>::default();
        let keep = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let keep = keep.clone();
                std::thread::spawn(move || while take(stream.as_ref().unwrap(), &keep).is_some() {});
            }
        });
        Collector { address, taken }
    }

    /// A server that sends its traces here, to its end.
    fn traced(&self, sample: &str, ask: impl FnOnce(&Server)) -> Vec<u8> {
        let settings =
            [("YIMEN__TELEMETRY__COLLECTOR", self.address.as_str()), ("YIMEN__TELEMETRY__SAMPLE", sample)];
        let server = Server::set(&settings);
        ask(&server);
        server.stop();
        std::mem::take(&mut self.taken.lock().unwrap())
    }
}

/// One request of a connection, answered.
fn take(mut stream: &TcpStream, keep: &Mutex<Vec<u8>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    keep.lock().unwrap().extend(body);
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}

fn count(taken: &[u8], text: &str) -> usize {
    taken.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

const QUERY: &str = "query ofWangXiaomei($id: CitizenId!) { person(citizenId: $id) { name address: phone \
                     household { id head { name } } taxSummaries { incomeBand } } }";

#[test]
fn an_operation_and_each_statement_have_a_span_that_tells_of_nobody() {
    let collector = Collector::start();
    let of = |column: &str| {
        value(
            "household",
            &format!(
                "SELECT {column} FROM person WHERE household_id IS NOT NULL AND citizen_id IS NOT NULL ORDER BY citizen_id LIMIT 1"
            ),
        )
    };
    let (id, name) = (of("citizen_id"), of("name"));
    let mut statements = 0;
    let taken = collector.traced("1", |server| {
        let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
        let data = client.data(QUERY, json!({ "id": id }));
        assert_eq!(data["person"]["name"], name.as_str());
        // Whatever a client writes may be somebody's: names, purposes, documents that are refused.
        client.send("{ wangXiaomei }", json!({}));
        client.purpose(Some("wangXiaomei")).send(QUERY, json!({ "id": id }));
        client.send(QUERY, json!({ "id": "wangXiaomei" }));
        // The record of the operation names every department that was asked.
        statements = server.records()[0]["departments"].as_array().map_or(0, Vec::len);
    });
    assert_eq!(count(&taken, "graphql operation"), 4);
    assert!(statements > 0 && count(&taken, "statement") >= statements, "{statements}");
    for known in ["CIVIL_AFFAIRS", "MLA_REVIEW", "Person", "answered", "refused", "yimen.record"] {
        assert!(count(&taken, known) > 0, "{known}");
    }
    for private in [id.as_str(), name.as_str(), "wangXiaomei", "WangXiaomei"] {
        assert_eq!(count(&taken, private), 0, "{private}");
    }
}

#[test]
fn a_callers_trace_goes_on_and_decides_whether_there_are_spans() {
    let collector = Collector::start();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let raw: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&trace[2 * at..2 * at + 2], 16).unwrap()).collect();
    let taken = collector.traced("0", |server| {
        let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
        let body = json!({ "query": "{ viewer { role } }" });
        let parent = |flags: &str| format!("00-{trace}-b7ad6b7169203331-{flags}");
        for parent in [Some(parent("01")), Some(parent("00")), None, Some(String::from("nobody's"))] {
            let request = client.post().json(&body);
            let request = match parent {
                Some(parent) => request.header("traceparent", parent),
                None => request,
            };
            assert_eq!(request.send().unwrap().status(), 200);
        }
    });
    assert_eq!(count(&taken, "graphql operation"), 1);
    assert!(taken.windows(16).any(|window| window == raw));
}

#[test]
fn a_collector_that_does_not_answer_holds_nobody_up() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1/traces", nobody.local_addr().unwrap());
    let settings = [("YIMEN__TELEMETRY__COLLECTOR", address.as_str()), ("YIMEN__TELEMETRY__SAMPLE", "1")];
    let server = Server::set(&settings);
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    for _ in 0..50 {
        client.data("{ viewer { role } }", json!({}));
    }
}
