//! What records repeat of a request: never a citizen number, in no form that one could be guessed from.

use serde_json::{Value, json};

use crate::evidence::{officer, somebody};
use crate::support::{Answer, Server};

/// The record that an answer names.
#[track_caller]
fn record(server: &Server, answer: &Answer) -> Value {
    let name = answer.headers["yimen-record"].to_str().unwrap();
    server.records().into_iter().find(|record| record["id"] == name).unwrap()
}

#[test]
fn documents_that_differ_in_a_literal_have_one_hash() {
    let server = Server::start();
    let client = officer(&server);
    let hash = |query: &str| {
        let record = record(&server, &client.send(query, json!({})));
        record["document"].as_str().unwrap().to_owned()
    };
    let person = |number: &str| hash(&format!("{{ person(citizenId: \"{number}\") {{ name }} }}"));
    let one = person(&somebody());
    assert_eq!(one.len(), 64);
    assert_eq!(one, person("11010519491231002X"));
    assert_eq!(one, person("nobody's"), "a request that is refused for its value");
    assert_ne!(one, hash("{ person(citizenId: \"11010519491231002X\") { citizenId } }"));
    assert_eq!(hash("{ person(citizenId: \"11010519491231002X\""), "", "a text that can't be read");
}
