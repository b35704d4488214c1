//! One operation by every way into the gateway, and what all ways have in common of its answer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::socket::{Heard, Socket};
use crate::support::{Answer, Client, Server};

/// A way into the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Get,
    Post,
    /// `application/jsonl`: a batch of one.
    Lines,
    /// `text/event-stream`.
    Events,
    /// `graphql-transport-ws`.
    Socket,
}

/// Every way.
pub(crate) const WAYS: [Way; 5] = [Way::Get, Way::Post, Way::Lines, Way::Events, Way::Socket];

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) query: String,
    /// As JSON text: what a test sends may be deeper than a value can be.
    pub(crate) variables: String,
    /// What stands beside them, such as `operationName`.
    pub(crate) beside: Vec<(&'static str, Value)>,
    /// Headers; over WebSocket those of the operation.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The length of the body or message, filled up with spaces.
    pub(crate) bytes: Option<usize>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Came {
    /// The first request error's code; empty where there is data. A status or the code of a close where there is no
    /// answer.
    pub(crate) code: String,
    /// How many errors there are.
    pub(crate) errors: usize,
    /// How long the answer is.
    pub(crate) bytes: usize,
}

/// The code of a GET that was cut off while it was still being sent.
const CUT: &str = "cut";

impl Came {
    /// Whether a GET was longer than a head may be.
    pub(crate) fn is_too_long(&self) -> bool {
        matches!(self.code.as_str(), "431" | CUT)
    }
}

/// A caller, who comes by any way.
pub(crate) struct Anyhow<'a> {
    server: &'a Server,
    token: String,
    purpose: &'a str,
    client: Client,
}

impl Ask {
    /// A document alone.
    pub(crate) fn document(query: impl Into<String>) -> Ask {
        Ask { query: query.into(), ..Ask::default() }
    }

    /// A document with variables.
    pub(crate) fn with(query: impl Into<String>, variables: &Value) -> Ask {
        Ask { query: query.into(), variables: variables.to_string(), ..Ask::default() }
    }

    fn variables(&self) -> &str {
        if self.variables.is_empty() { "{}" } else { &self.variables }
    }

    /// The body of a POST, with the variables as they are or as the one entry of a list.
    fn body(&self, is_list: bool, more: &[(&str, Value)]) -> String {
        let mut text = String::from("{");
        if !self.query.is_empty() {
            text += &format!("\"query\":{},", json!(self.query));
        }
        for (name, value) in self
            .beside
            .iter()
            .map(|(name, value)| (*name, value))
            .chain(more.iter().map(|(name, value)| (*name, value)))
        {
            text += &format!("{}:{value},", json!(name));
        }
        let variables = self.variables();
        text += &if is_list {
            format!("\"variables\":[{variables}]}}")
        } else {
            format!("\"variables\":{variables}}}")
        };
        self.filled(text)
    }

    fn filled(&self, mut text: String) -> String {
        if let Some(bytes) = self.bytes {
            text += &" ".repeat(bytes.saturating_sub(text.len()));
        }
        text
    }
}

impl<'a> Anyhow<'a> {
    pub(crate) fn new(server: &'a Server, department: &str, role: &str, purpose: &'a str) -> Self {
        Anyhow::of(server, &server.token(department, role), purpose)
    }

    pub(crate) fn of(server: &'a Server, token: &str, purpose: &'a str) -> Self {
        let client = Client::new(&server.url(), Some(token), Some(purpose));
        Anyhow { server, token: token.to_owned(), purpose, client }
    }

    /// Asks by a way.
    pub(crate) fn ask(&self, way: Way, ask: &Ask) -> Came {
        match way {
            Way::Get => self.get(ask),
            Way::Post => came(&self.post(ask, false, "application/json")),
            Way::Lines => came(&self.post(ask, true, "application/jsonl")),
            Way::Events => event(&self.post(ask, false, "text/event-stream")),
            Way::Socket => self.socket(ask),
        }
    }

    fn get(&self, ask: &Ask) -> Came {
        let mut request =
            self.client.request(Method::GET, "/graphql").query(&[("variables", ask.variables())]);
        if !ask.query.is_empty() {
            request = request.query(&[("query", &ask.query)]);
        }
        for (name, value) in &ask.beside {
            request = request.query(&[(name, value.as_str().unwrap_or_default())]);
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        // What is longer than a head may be isn't read to its end.
        match Answer::try_of(request) {
            Some(answer) => came(&answer),
            None => Came { code: String::from(CUT), errors: 0, bytes: 0 },
        }
    }

    fn post(&self, ask: &Ask, is_list: bool, accept: &str) -> Answer {
        let request = self.client.post().header("accept", accept).header("content-type", "application/json");
        let request = ask.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        Answer::of(request.body(ask.body(is_list, &[])))
    }

    fn socket(&self, ask: &Ask) -> Came {
        let headers: serde_json::Map<String, Value> =
            ask.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let extensions = [("extensions", json!({ "headers": headers }))];
        let payload = Ask { bytes: None, ..ask.clone() }
            .body(false, if headers.is_empty() { &[] } else { &extensions });
        let mut socket = Socket::of(self.server, &self.token, self.purpose);
        socket.text(ask.filled(format!("{{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{payload}}}")));
        match socket.hear() {
            Heard::Message(message) if message["type"] == "error" => {
                of(&json!({ "errors": message["payload"] }), message.to_string().len())
            }
            Heard::Message(message) => of(&message["payload"], message.to_string().len()),
            Heard::Closed(code) => Came { code: code.to_string(), errors: 0, bytes: 0 },
            Heard::Cut => panic!("the connection was cut"),
        }
    }
}

/// The answer of one request, or the first line of several.
fn came(answer: &Answer) -> Came {
    let first = answer.text.lines().next().unwrap_or_default();
    match serde_json::from_str(first) {
        Ok(json) => of(&json, answer.text.len()),
        Err(_) => Came { code: answer.status.to_string(), errors: 0, bytes: answer.text.len() },
    }
}

/// The one event of a stream, or the answer without one.
fn event(answer: &Answer) -> Came {
    match answer.text.lines().find_map(|line| line.strip_prefix("data: ")) {
        Some(data) => of(&serde_json::from_str(data).unwrap(), data.len()),
        None => came(answer),
    }
}

fn of(json: &Value, bytes: usize) -> Came {
    let errors = json["errors"].as_array().map_or(0, Vec::len);
    let code = json["errors"][0]["extensions"]["code"].as_str().filter(|_| json.get("data").is_none());
    Came { code: code.unwrap_or_default().to_owned(), errors, bytes }
}
