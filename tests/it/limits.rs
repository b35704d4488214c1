//! Every limit of an operation by every way into the gateway, just under and just over: one table of limits, and for each
//! way what it makes of them. The same process answers all of it. Limits of other things have their tests beside
//! those: rows of a statement, records and cases in their files, connections in `websocket/bounds.rs` and
//! `hardening.rs`.

use serde_json::{Value, json};

use crate::authentication::{claims, signed};
use crate::support::Server;
use crate::support::socket::{Heard, Socket};
use crate::support::ways::{Anyhow, Ask, WAYS, Way};

/// Somebody whose number is right and who is nobody.
const NOBODY: &str = "11010519491231002X";

/// A limit: what is just under it and just over it, and the codes that tell them apart; an empty one where the operation
/// is run.
struct Limit {
    name: &'static str,
    under: Ask,
    within: &'static str,
    over: Ask,
    beyond: &'static str,
    /// Ways that make something else of it.
    but: Vec<(Way, But)>,
}

/// What a way makes of a limit where it isn't what most do.
#[derive(Clone, Copy)]
enum But {
    /// These codes, just under and just over.
    Codes(&'static str, &'static str),
    /// It can't carry either: a GET's document and variables have their place within `server.head_bytes`, which are
    /// fewer.
    TooLong,
}

fn limit(name: &'static str, under: Ask, over: Ask, beyond: &'static str) -> Limit {
    Limit { name, under, within: "", over, beyond, but: Vec::new() }
}

impl Limit {
    /// What is just under it is wrong for another reason.
    fn within(self, within: &'static str) -> Limit {
        Limit { within, ..self }
    }

    fn but(mut self, way: Way, but: But) -> Limit {
        self.but.push((way, but));
        self
    }

    fn of(&self, way: Way) -> But {
        let but = self.but.iter().find(|(known, _)| *known == way);
        but.map_or(But::Codes(self.within, self.beyond), |(_, but)| *but)
    }
}

fn persons(count: usize) -> Ask {
    let query = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId } }";
    Ask::with(query, &json!({ "ids": vec![NOBODY; count] }))
}

fn divisions(count: usize) -> Ask {
    let query =
        "query($in: [DivisionCode!]) { households(filter: { divisionCode: { in: $in } }) { nodes { id } } }";
    Ask::with(query, &json!({ "in": vec!["410727100000"; count] }))
}

/// A document with so many brackets open at once, one level of fields.
fn brackets(count: usize) -> Ask {
    let inner = count - 2;
    Ask::document(format!("{{ {}viewer {{ role }}{} }}", "...{ ".repeat(inner), " }".repeat(inner)))
}

/// A document of so many tokens: three words and four brackets that aren't `role`.
fn tokens(count: usize) -> Ask {
    Ask::document(format!("{{ viewer {{ {}}} }}", "role ".repeat(count - 5)))
}

fn levels(count: usize) -> Ask {
    let links = ["household", "head"];
    let inner: String = (0..count - 2).map(|level| format!("{} {{ ", links[level % 2])).collect();
    let end = "} ".repeat(count - 2);
    Ask::document(format!("{{ person(citizenId: \"{NOBODY}\") {{ {inner} __typename {end} }} }}"))
}

fn aliases(count: usize) -> Ask {
    let fields: String = (0..count).map(|at| format!("a{at}: role ")).collect();
    Ask::document(format!("{{ viewer {{ {fields} }} }}"))
}

fn roots(count: usize) -> Ask {
    Ask::document(format!("{{ {}}}", (0..count).map(|at| format!("a{at}: __typename ")).collect::<String>()))
}

/// So many selections once fragments are written out: 40 times 49, the field above them and some of its own.
fn selections(count: usize) -> Ask {
    let own = "role ".repeat(count - 1 - 40 * 49);
    let fragment = format!("fragment F on Viewer {{ {}}}", "role ".repeat(48));
    Ask::document(format!("{{ viewer {{ {}{own}}} }} {fragment}", "...F ".repeat(40)))
}

/// Directives have no limit but that of tokens: each has seven, after six that aren't theirs.
fn directives(count: usize) -> Ask {
    let fields: String = (0..count).map(|_| "role @include(if: true) ").collect();
    Ask::document(format!("{{ viewer {{ {fields}}} }}"))
}

/// `x` is of a variable that nobody declares: lists in lists, read as JSON and then ignored.
fn nested(levels: usize) -> Ask {
    let variables = format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    Ask { query: String::from("{ viewer { role } }"), variables, ..Ask::default() }
}

fn named(characters: usize) -> Ask {
    let name = "N".repeat(characters);
    let query = format!("query {name} {{ viewer {{ role }} }}");
    Ask { query, beside: vec![("operationName", json!(name))], ..Ask::default() }
}

fn identified(characters: usize) -> Ask {
    Ask { beside: vec![("documentId", json!("d".repeat(characters)))], ..Ask::default() }
}

fn in_case(characters: usize) -> Ask {
    let query = format!("{{ person(citizenId: \"{NOBODY}\") {{ name }} }}");
    Ask { query, headers: vec![("yimen-case", "C".repeat(characters))], ..Ask::default() }
}

fn text(characters: usize) -> Ask {
    Ask::document(format!("{{ household(id: \"{}\") {{ id }} }}", "h".repeat(characters)))
}

fn page(first: usize) -> Ask {
    Ask::document(format!("{{ households(first: {first}) {{ nodes {{ id }} }} }}"))
}

fn bytes(count: usize) -> Ask {
    Ask { bytes: Some(count), ..Ask::document("{ viewer { role } }") }
}

/// A mutation of so many fields, about a case that isn't there.
fn changes(count: usize) -> Ask {
    let close = |at: usize| {
        format!(
            "a{at}: closeCase(input: {{ caseNo: \"none\", version: 1, outcome: \"done\" }}) {{ caseNo }} "
        )
    };
    Ask::document(format!("mutation {{ {}}}", (0..count).map(close).collect::<String>()))
}

fn limits() -> Vec<Limit> {
    let (depth, bad) = ("MAX_DEPTH_LIMIT", "BAD_USER_INPUT");
    vec![
        limit("brackets", brackets(64), brackets(65), depth),
        limit("tokens", tokens(2_000), tokens(2_001), "MAX_TOKENS_LIMIT"),
        limit("levels of fields", levels(12), levels(13), depth),
        limit("aliases", aliases(30), aliases(31), "MAX_ALIASES_LIMIT"),
        limit("root fields", roots(20), roots(21), "MAX_ROOT_FIELDS_LIMIT"),
        limit("selections", selections(2_000), selections(2_001), "COST_ESTIMATED_TOO_EXPENSIVE"),
        limit("directives", directives(249), directives(250), "MAX_TOKENS_LIMIT"),
        limit("root fields of a mutation", changes(1), changes(2), "MAX_ROOT_FIELDS_LIMIT")
            .but(Way::Get, But::Codes("METHOD_NOT_ALLOWED", "METHOD_NOT_ALLOWED"))
            .but(Way::Lines, But::Codes("BATCHING_NOT_ENABLED", "BATCHING_NOT_ENABLED")),
        limit("characters of a text", text(256), text(257), bad),
        limit("characters of an operation's name", named(128), named(129), bad),
        limit("characters of an identifier", identified(256), identified(257), bad)
            .within("PERSISTED_QUERY_NOT_FOUND"),
        limit("characters of a case's header", in_case(256), in_case(257), bad).within("CASE_NOT_FOUND"),
        limit("rows of a page", page(200), page(201), "COST_INVALID_SLICING_ARGUMENTS"),
        limit("values of one `in`", divisions(1_000), divisions(1_001), bad).but(Way::Get, But::TooLong),
        limit("citizen numbers of `persons`", persons(5_000), persons(5_001), bad)
            .but(Way::Get, But::TooLong),
        limit(
            "rows that an operation reads",
            persons_of_cost(2_000),
            persons_of_cost(2_001),
            "COST_ESTIMATED_TOO_EXPENSIVE",
        )
        .but(Way::Get, But::TooLong),
        // Below the body itself and its `variables`; alone they are one level less, and so is an entry.
        limit("levels of JSON", nested(125), nested(126), bad)
            .but(Way::Get, But::Codes("", ""))
            .but(Way::Lines, But::Codes("", "")),
        limit("levels of variables alone", nested(126), nested(127), bad)
            .but(Way::Post, But::Codes(bad, bad))
            .but(Way::Events, But::Codes(bad, bad))
            .but(Way::Socket, But::Codes(bad, bad)),
        limit("bytes of a body", bytes(262_144), bytes(262_145), "PAYLOAD_TOO_LARGE")
            .but(Way::Get, But::Codes("", ""))
            .but(Way::Lines, But::Codes("", ""))
            .but(Way::Socket, But::Codes("", "1009")),
        limit("bytes of a batch", bytes(300_000), bytes(300_001), "PAYLOAD_TOO_LARGE")
            .within("PAYLOAD_TOO_LARGE")
            .but(Way::Get, But::Codes("", ""))
            .but(Way::Lines, But::Codes("", "PAYLOAD_TOO_LARGE"))
            .but(Way::Socket, But::Codes("1009", "1009")),
    ]
}

/// Each person, a household, and four members as a rule: six rows.
fn persons_of_cost(count: usize) -> Ask {
    let query = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { household { members { id } } } }";
    Ask::with(query, &json!({ "ids": vec![NOBODY; count] }))
}

fn server() -> Server {
    Server::set(&[("YIMEN__SERVER__BATCH_BYTES", "300000"), ("YIMEN__LIMITS__COST", "12000")])
}

#[test]
fn every_limit_holds_by_every_way() {
    let server = server();
    let caller = Anyhow::new(&server, "CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let mut wrong = Vec::new();
    for limit in limits() {
        for way in WAYS {
            for (side, ask) in [("under", &limit.under), ("over", &limit.over)] {
                let came = caller.ask(way, ask);
                let is_right = match limit.of(way) {
                    But::Codes(within, _) if side == "under" => came.code == within,
                    But::Codes(_, beyond) => came.code == beyond,
                    But::TooLong => came.is_too_long(),
                };
                if !is_right {
                    wrong.push(format!("{} by {way:?}, just {side}: `{}`", limit.name, came.code));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    alive(&caller);
}

/// The process that was asked all of it still answers by every way.
fn alive(caller: &Anyhow<'_>) {
    for way in WAYS {
        assert_eq!(caller.ask(way, &Ask::document("{ viewer { role } }")).code, "", "{way:?}");
    }
}

#[test]
fn an_answer_has_at_most_ten_errors_by_every_way() {
    let server = server();
    let caller = Anyhow::new(&server, "CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let unknown = |count: usize| {
        Ask::document(format!("{{ {}}}", (0..count).map(|at| format!("unknown{at} ")).collect::<String>()))
    };
    let undirected =
        |count: usize| Ask::document(format!("{{ viewer {{ role {}}} }}", "@unknown ".repeat(count)));
    for way in WAYS {
        for (ask, expected) in [
            (unknown(9), 9),
            (unknown(10), 10),
            (unknown(11), 10),
            (unknown(1_900), 10),
            (undirected(900), 10),
        ] {
            let came = caller.ask(way, &ask);
            if way == Way::Get && came.is_too_long() {
                continue;
            }
            assert_eq!((came.code.as_str(), came.errors), ("GRAPHQL_VALIDATION_FAILED", expected), "{way:?}");
            assert!(came.bytes < 8_192, "{way:?}: {} bytes", came.bytes);
        }
    }
    alive(&caller);
}

#[test]
fn several_requests_at_once_are_taken_where_lines_are() {
    let server = Server::set(&[("YIMEN__SERVER__BATCH_ENTRIES", "3")]);
    let caller = Anyhow::new(&server, "CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let several = |count: usize| Ask {
        query: String::from("{ viewer { role } }"),
        // A batch puts its entries into a list itself.
        variables: vec!["{}"; count].join(","),
        ..Ask::default()
    };
    assert_eq!(caller.ask(Way::Lines, &several(3)).code, "");
    assert_eq!(caller.ask(Way::Lines, &several(4)).code, "BATCH_LIMIT_EXCEEDED");
    for way in WAYS.into_iter().filter(|way| *way != Way::Lines) {
        for count in [1, 3] {
            let list = Ask { variables: format!("[{}]", vec!["{}"; count].join(",")), ..several(1) };
            assert_eq!(caller.ask(way, &list).code, "BATCHING_NOT_ENABLED", "{way:?}");
        }
    }
}

/// A token of the greatest length that is at most so many bytes, and one of the next.
fn tokens_around(most: usize) -> [String; 2] {
    let padded = |count: usize| {
        let mut claims = claims();
        claims["padding"] = json!("p".repeat(count));
        signed(&claims)
    };
    let first = (0..).map(|at| most * 3 / 4 - 700 + at).find(|count| padded(*count).len() > most).unwrap();
    [padded(first - 1), padded(first)]
}

#[test]
fn a_token_is_bounded_by_every_way() {
    let server = Server::start();
    let [fits, too_long] = tokens_around(8_192);
    assert!(fits.len() <= 8_192 && too_long.len() > 8_192, "{} {}", fits.len(), too_long.len());
    for way in [Way::Get, Way::Post, Way::Lines, Way::Events] {
        let ask = |token: &str| {
            let caller = Anyhow::of(&server, token, "UNION_FILE_CHECK");
            caller.ask(way, &Ask::document("{ viewer { role } }")).code
        };
        assert_eq!((ask(&fits).as_str(), ask(&too_long).as_str()), ("", "UNAUTHENTICATED"), "{way:?}");
    }
    let knock = |token: &str| {
        let mut socket = Socket::open(&server);
        socket.init(&json!({ "authorization": format!("Bearer {token}") }));
        socket.hear()
    };
    assert_eq!(knock(&fits), Heard::Message(json!({ "type": "connection_ack" })));
    assert_eq!(knock(&too_long), Heard::Closed(4403));
}

/// A head of so many lines and bytes, apart from the empty line at its end.
fn head(way: Way, token: &str, lines: usize, bytes: Option<usize>) -> String {
    let document = "%7Bviewer%7Brole%7D%7D";
    let (line, own) = match way {
        Way::Get => (format!("GET /graphql?query={document} HTTP/1.1"), vec!["accept: application/json"]),
        Way::Post => (String::from("POST /graphql HTTP/1.1"), vec!["accept: application/json", BODY, JSON]),
        Way::Lines => (String::from("POST /graphql HTTP/1.1"), vec!["accept: application/jsonl", BODY, JSON]),
        Way::Events => {
            (String::from("POST /graphql HTTP/1.1"), vec!["accept: text/event-stream", BODY, JSON])
        }
        Way::Socket => (
            String::from("GET /graphql HTTP/1.1"),
            vec![
                "upgrade: websocket",
                "sec-websocket-version: 13",
                "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
                "sec-websocket-protocol: graphql-transport-ws",
            ],
        ),
    };
    let connection = if way == Way::Socket { "connection: upgrade" } else { "connection: close" };
    let token = format!("authorization: Bearer {token}");
    let mut all = vec!["host: here", connection, "yimen-purpose: UNION_FILE_CHECK", &token];
    all.extend(own);
    let mut text: String =
        std::iter::once(line.as_str()).chain(all.iter().copied()).map(|line| format!("{line}\r\n")).collect();
    for at in all.len()..lines {
        text += &format!("x-more-{at}: 1\r\n");
    }
    if let Some(bytes) = bytes {
        // In the last line, without its end.
        text.truncate(text.len() - 2);
        text += &"1".repeat(bytes - text.len() - 4);
        text += "\r\n";
    }
    text + "\r\n"
}

const JSON: &str = "content-type: application/json";
const BODY: &str = "content-length: 47";
const REQUEST: &str = "{\"query\":\"{viewer{role}}\",\"variables\":[{}]    }";

/// The status of a request's head.
fn status(server: &Server, way: Way, head: &str) -> u16 {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    let body = match way {
        Way::Get | Way::Socket => String::new(),
        Way::Lines => REQUEST.to_owned(),
        Way::Post | Way::Events => REQUEST.replace("[{}]", "{}  "),
    };
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    String::from_utf8_lossy(&status[9..]).parse().unwrap()
}

#[test]
fn a_head_is_bounded_by_every_way() {
    let server = Server::start();
    let token = server.token("UNION", "HELP_CENTRE");
    assert_eq!(REQUEST.len(), 47);
    for way in WAYS {
        let good = if way == Way::Socket { 101 } else { 200 };
        let ask = |lines: usize, bytes: Option<usize>| status(&server, way, &head(way, &token, lines, bytes));
        assert_eq!((ask(64, None), ask(65, None)), (good, 431), "{way:?}: lines");
        assert_eq!((ask(20, Some(16_384)), ask(20, Some(16_385))), (good, 431), "{way:?}: bytes");
    }
    let client = crate::websocket::officer(&server);
    assert_eq!(client.send("{ viewer { role } }", Value::Null).status, 200);
}
