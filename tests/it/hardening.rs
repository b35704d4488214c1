//! What the libraries below leave open, and what closes it: a test for each finding, over the real program, which
//! is alive at the end of each (`Server` looks).
//!
//! | finding | held by |
//! |---|---|
//! | lists or objects in a document that nest deeply end the process | `nothing_that_nests_ends_the_process`, `limits::every_limit_holds_by_every_way`, `bad_input::deep_and_wide_documents_are_refused_before_they_are_parsed` |
//! | bodies without bounds, of known length or in endless chunks | `an_endless_body_is_refused_before_its_end`, `limits` |
//! | GET executes mutations, also by method-override headers | `no_header_overrides_the_method`, `commands::mutations::nothing_changes_by_get`, `limits` |
//! | any content type is JSON | `bad_input::bodies_that_are_no_request_are_refused_by_status` |
//! | arrays of requests | `limits::several_requests_at_once_are_taken_where_lines_are`, `batch::bounds` |
//! | aliases, operations and directives without bounds | `limits`, `many_operations_are_tokens_of_one_document` |
//! | content type and status of errors | `clients::the_audit_of_graphql_over_http_finds_nothing`, `bad_input::request_errors_have_the_status_that_their_media_type_asks_for` |
//! | errors echo the document, and there are thousands | `errors_repeat_little_of_what_was_sent`, `limits::an_answer_has_at_most_ten_errors_by_every_way` |
//! | WebSocket: any origin, no time-out, large messages | `websocket::closed`, `websocket::bounds` |
//! | no time-out of head, body and idle connection | `slow_connections_are_ended`, `ten_thousand_idle_connections_do_no_harm` |
//! | connections and open files without bounds | `connections_over_the_bound_wait`, `out_of_files_it_waits_and_goes_on` |
//! | requests without Host or with two; other requests that can be read in two ways | `bad_input::two_hosts_or_none_are_refused`, `requests_that_can_be_read_in_two_ways_are_refused` |
//! | tokens: `crit`, `iss` as a list, empty `sub`, unknown role | `authentication::each_wrong_claim_is_refused`, `authentication::forged_tokens_are_refused` |
//! | introspection and suggestions for everybody | `nothing_is_suggested`, `visible`, `authentication::without_a_token_there_is_nothing_to_see` |
//! | no headers for security, answers in caches | `every_answer_has_the_headers_that_protect_it` |
//! | compressed bodies, bytes that are no UTF-8, cycles of fragments | `bodies_that_hide_something_are_no_requests`, `bad_input::documents_that_are_wrong_are_told_so` |

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::socket::{Heard, Socket};
use crate::support::ways::{Anyhow, Ask, WAYS, Way};
use crate::support::{Answer, Client, Server};

fn reviewer(server: &Server) -> Anyhow<'_> {
    Anyhow::new(server, "CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

fn client(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

#[test]
fn nothing_that_nests_ends_the_process() {
    let server = Server::start();
    let caller = reviewer(&server);
    let nested = |before: &str, open: &str, close: &str, after: &str, depth: usize| {
        Ask::document(format!("{before}{}{}{after}", open.repeat(depth), close.repeat(depth)))
    };
    let documents = [
        nested("{ a(b: ", "[", "]", ") }", 1_600),
        nested("{ a(b: ", "{a:", "}", ") }", 1_250),
        nested("{ a @b(c: ", "[{d:", "}]", ") }", 1_000),
        nested("query($a: Int = ", "[", "]", ") { a }", 1_600),
        nested("query($a: ", "[", "Int]", ") { a }", 3_000),
        nested("", "{a", "}", "", 30_000),
        nested("{", "...{", "}", "}", 20_000),
        nested("{ a", "(b: {c: [", "", "", 20_000),
    ];
    for way in WAYS {
        for document in &documents {
            let came = caller.ask(way, document);
            assert!(came.is_too_long() || came.code == "MAX_DEPTH_LIMIT", "{way:?}: {came:?}");
        }
        let values = Ask {
            variables: format!("{{\"x\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000)),
            ..Ask::document("{ viewer { role } }")
        };
        let came = caller.ask(way, &values);
        assert!(came.is_too_long() || came.code == "BAD_USER_INPUT", "{way:?}: {came:?}");
    }
    let deep = "[".repeat(200_000);
    let answer =
        Answer::of(client(&server).post().header("content-type", "application/json").body(deep.clone()));
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    let mut socket = Socket::of(&server, &server.token("UNION", "HELP_CENTRE"), "UNION_FILE_CHECK");
    socket.text(deep);
    assert_eq!(socket.hear(), Heard::Closed(4400));
}

#[test]
fn many_operations_are_tokens_of_one_document() {
    let server = Server::start();
    let caller = reviewer(&server);
    let operations: String = (0..2_500).map(|at| format!("query Q{at}{{viewer{{role}}}} ")).collect();
    for way in WAYS {
        let came = caller.ask(way, &Ask::document(operations.clone()));
        assert!(came.is_too_long() || came.code == "MAX_TOKENS_LIMIT", "{way:?}: {came:?}");
    }
}

#[test]
fn an_endless_body_is_refused_before_its_end() {
    let server = Server::start();
    let token = server.token("CIVIL_AFFAIRS", "REVIEWER");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nYimen-Purpose: MLA_REVIEW\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    // Just over the bound, and no end.
    for _ in 0..9 {
        stream.write_all(chunk.as_bytes()).unwrap();
    }
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    // Nobody takes the rest.
    let taken = (0..4_000).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(taken < 4_000, "128 MB were taken");
}

#[test]
fn no_header_overrides_the_method() {
    let server = Server::start();
    let client = client(&server);
    let mutation =
        "mutation { closeCase(input: { caseNo: \"none\", version: 1, outcome: \"done\" }) { caseNo } }";
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let get = client.request(Method::GET, "/graphql").query(&[("query", mutation), ("_method", "POST")]);
        let answer = Answer::of(get.header(name, "POST"));
        assert_eq!(
            (answer.status, answer.codes()),
            (405, vec![String::from("METHOD_NOT_ALLOWED")]),
            "{name}"
        );
    }
    for method in [Method::HEAD, Method::OPTIONS, Method::PUT, Method::TRACE] {
        assert_eq!(Answer::of(client.request(method.clone(), "/graphql")).status, 405, "{method}");
    }
}

#[test]
fn errors_repeat_little_of_what_was_sent() {
    let server = Server::start();
    let caller = reviewer(&server);
    let long = "a".repeat(200_000);
    let documents = [
        format!("{{ {long} }}"),
        format!("{{ viewer {{ role(a: \"{long}"),
        format!("{{ viewer {{ role }} }} {long}"),
        format!("query(${long}: Int) {{ viewer {{ role }} }}"),
        format!("query(${long}: Int!) {{ households(first: ${long}) {{ nodes {{ id }} }} }}"),
        format!("{{ viewer {{ role @{long} }} }}"),
        format!("{{ person(citizenId: \"{long}\") {{ name }} }}"),
        format!("{{ viewer {{ {} }} }}", "unknown ".repeat(1_900)),
        format!("{}{long}", "\u{1}".repeat(1_000)),
    ];
    for way in WAYS.into_iter().filter(|way| *way != Way::Get) {
        for document in &documents {
            let came = caller.ask(way, &Ask::document(document.clone()));
            assert!(!came.code.is_empty(), "{way:?}: {}", &document[..40]);
            assert!(came.bytes < 16_384, "{way:?}: {} bytes for {}", came.bytes, &document[..40]);
        }
    }
}

#[test]
fn nothing_is_suggested() {
    let server = Server::start();
    let client = client(&server);
    for query in [
        "{ viewer { rolle } }",
        "{ persn(citizenId: \"1\") { name } }",
        "{ person(citizenID: \"1\") { nam } }",
    ] {
        let answer = client.send(query, json!({}));
        assert_eq!(answer.codes()[0], "GRAPHQL_VALIDATION_FAILED");
        for word in ["did you mean", "Did you mean", "`role`", "`person`", "`name`", "`citizenId`"] {
            assert!(!answer.text.contains(word), "{word}: {}", answer.text);
        }
    }
}

#[test]
fn every_answer_has_the_headers_that_protect_it() {
    let server = Server::start();
    let (client, nobody) = (client(&server), Client::new(&server.url(), None, None));
    let body = json!({ "query": "{ viewer { role } }" });
    for (what, request) in [
        ("200", client.post().json(&body)),
        ("events", client.post().header("accept", "text/event-stream").json(&body)),
        ("lines", client.post().header("accept", "application/jsonl").json(&body)),
        ("415", client.post().body("x")),
        ("401", nobody.post().json(&body)),
        ("404", nobody.request(Method::GET, "/nothing")),
        ("health", nobody.request(Method::GET, "/health/live")),
    ] {
        let headers = Answer::of(request).headers;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            assert_eq!(
                headers.get(name).and_then(|value| value.to_str().ok()),
                Some(value),
                "{what}: {name}"
            );
        }
    }
}

#[test]
fn bodies_that_hide_something_are_no_requests() {
    let server = Server::start();
    let client = client(&server);
    let zipped = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let post = |bytes: Vec<u8>| {
        let request =
            client.post().header("content-type", "application/json").header("content-encoding", "gzip");
        let answer = Answer::of(request.body(bytes));
        (answer.status, answer.codes())
    };
    let bad = (400, vec![String::from("BAD_USER_INPUT")]);
    assert_eq!(post(zipped.to_vec()), bad);
    assert_eq!(post(b"{\"query\":\"{ viewer { role } } #\xff\"}".to_vec()), bad);
    assert_eq!(post(b"{\"query\":\"{ viewer { role } } #\\ud800\"}".to_vec()), bad);
    assert_eq!(post(b"\xef\xbb\xbf{\"query\":\"{ viewer { role } }\"}".to_vec()), bad);
    assert_eq!(post(b"{\"query\":\"{ viewer { role } }\",\"query\":\"{ nothing }\"}".to_vec()), bad);
}

/// All that a server says to some bytes, until it closes the connection.
fn said(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.write_all(bytes);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn requests_that_can_be_read_in_two_ways_are_refused() {
    let server = Server::set(&[
        ("YIMEN__SERVER__HEAD_TIMEOUT_MS", "1500"),
        ("YIMEN__SERVER__BODY_TIMEOUT_MS", "1500"),
    ]);
    let hidden = "GET /health/live HTTP/1.1\r\nHost: hidden\r\n\r\n";
    let post = |head: &str, body: &str| format!("POST /health/live HTTP/1.1\r\nHost: a\r\n{head}\r\n{body}");
    for (what, bytes) in [
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 44\r\n", hidden)),
        ("a signed length", post("Content-Length: +44\r\n", hidden)),
        ("a list of lengths", post("Content-Length: 0, 44\r\n", hidden)),
        ("an unknown coding", post("Transfer-Encoding: gzip\r\n", hidden)),
        ("chunked, but not last", post("Transfer-Encoding: chunked, identity\r\n", hidden)),
        ("a space before the colon", post("Content-Length : 44\r\n", hidden)),
        ("a folded line", post("X: a\r\n b\r\n", "")),
        ("a null in a value", post("X: a\0b\r\n", "")),
        ("a chunk of no size", post("Transfer-Encoding: chunked\r\n", "zz\r\n\r\n0\r\n\r\n")),
        ("a later version", String::from("GET /health/live HTTP/3.0\r\nHost: a\r\n\r\n")),
    ] {
        let said = said(&server, bytes.as_bytes());
        assert!(!said.contains(" 200 "), "{what}: {said}");
        assert!(said.matches("HTTP/1.1 ").count() <= 1, "{what}: {said}");
    }
    // Length and chunks together: the chunks count, and nothing is read behind them.
    let both = post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{hidden}"));
    assert!(!said(&server, both.as_bytes()).contains(" 200 "));
    assert_eq!(reviewer(&server).ask(Way::Post, &Ask::document("{ viewer { role } }")).code, "");
}

/// How long until the other end closes a connection.
fn closed_after(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    assert!(
        !matches!(&read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
        "it is still open"
    );
    began.elapsed()
}

#[test]
fn slow_connections_are_ended() {
    let server = Server::set(&[
        ("YIMEN__SERVER__HEAD_TIMEOUT_MS", "1000"),
        ("YIMEN__SERVER__BODY_TIMEOUT_MS", "1000"),
    ]);
    let connect = |text: &str| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let silent: Vec<TcpStream> = (0..50).map(|_| connect("")).collect();
    let begun: Vec<TcpStream> =
        (0..50).map(|_| connect("GET /health/live HTTP/1.1\r\nHost: a\r\nX: ")).collect();
    // A byte now and then doesn't help.
    let mut dripping = connect("GET /health/live HTTP/1.1\r\nHost: a\r\nX: ");
    let dripped = (0..100).take_while(|_| {
        std::thread::sleep(Duration::from_millis(100));
        dripping.write_all(b"a").is_ok()
    });
    assert!(dripped.count() < 100);
    // Neither does a request before the silence.
    let idle = connect("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
    let token = server.token("CIVIL_AFFAIRS", "REVIEWER");
    let body = connect(&format!(
        "POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nYimen-Purpose: MLA_REVIEW\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    ));
    for stream in silent.into_iter().chain(begun).chain([idle, body]) {
        assert!(closed_after(stream) < Duration::from_secs(15));
    }
    assert_eq!(reviewer(&server).ask(Way::Post, &Ask::document("{ viewer { role } }")).code, "");
}

#[test]
fn connections_over_the_bound_wait() {
    let server = Server::set(&[("YIMEN__SERVER__CONNECTIONS", "5")]);
    let ask = || {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        stream
    };
    let is_answered = |mut stream: TcpStream| {
        let mut status = [0; 12];
        stream.read_exact(&mut status).is_ok() && &status == b"HTTP/1.1 200"
    };
    let mut held: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    assert!(is_answered(ask()), "the fifth");
    held.push(TcpStream::connect(server.address()).unwrap());
    std::thread::sleep(Duration::from_millis(200));
    let waiting = ask();
    assert!(!is_answered(waiting.try_clone().unwrap()), "the sixth waits");
    held.pop();
    waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(is_answered(waiting), "it is answered once another goes");
}

/// Clock ticks that a process has worked for.
fn worked(server: &Server) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn out_of_files_it_waits_and_goes_on() {
    let server = Server::start_with_files(96, &[]);
    let client = client(&server);
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
    let held: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    std::thread::sleep(Duration::from_millis(500));
    let before = worked(&server);
    std::thread::sleep(Duration::from_secs(3));
    let ticks = worked(&server) - before;
    assert!(ticks < 100, "it worked for {ticks} hundredths of 3 seconds while nothing could be accepted");
    let complaints = server.log().iter().filter(|line| line.contains("can't be accepted")).count();
    assert!((1..=3).contains(&complaints), "{complaints} lines say so");
    drop(held);
    let end = Instant::now() + Duration::from_secs(30);
    while client.try_send("{ viewer { role } }", &Value::Null).is_none_or(|answer| answer.status != 200) {
        assert!(Instant::now() < end, "it answers nobody any more");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Idle connections of a process of their own, and what it tells of them.
fn idle(server: &Server, count: usize) -> (std::process::Child, std::sync::mpsc::Receiver<String>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/idle.mjs");
    let (host, port) = server.address().rsplit_once(':').unwrap();
    let mut child = Command::new("bash")
        .args(["-c", "ulimit -n 16384 && exec node \"$0\" \"$@\""])
        .arg(script)
        .args([host, port, &count.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (send, told) = std::sync::mpsc::channel();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
    (child, told)
}

#[test]
fn ten_thousand_idle_connections_do_no_harm() {
    let server = Server::start_with_files(16_384, &[("YIMEN__SERVER__HEAD_TIMEOUT_MS", "30000")]);
    let client = client(&server);
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
    let (mut holder, told) = idle(&server, 10_000);
    assert_eq!(told.recv_timeout(Duration::from_secs(60)).unwrap(), "open 10000");
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            // A connection of its own each time: it has to be accepted too.
            let began = Instant::now();
            let answer = self::client(&server).send("{ viewer { role } }", json!({}));
            assert_eq!(answer.status, 200);
            began.elapsed()
        })
        .collect();
    times.sort();
    assert!(times[10] < Duration::from_secs(1), "{times:?}");
    // The time for a head ends them all.
    assert_eq!(told.recv_timeout(Duration::from_secs(90)).unwrap(), "closed 10000");
    assert!(holder.wait().unwrap().success());
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
}
