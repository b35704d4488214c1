//! Relay connections: complete, in order, and sealed.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::county::value;

const PAGE: &str = "query($after: String, $order: [HouseholdOrder!]) {
  households(first: 150, after: $after, orderBy: $order, filter: { kind: { eq: HUKOU } }) {
    edges { cursor node { id asOf } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

#[test]
fn walking_a_connection_meets_every_row_once() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let expected: usize =
        value("household", "SELECT count(*) FROM household WHERE kind = 'HUKOU'").parse().unwrap();
    let mut seen = HashSet::new();
    let (mut after, mut pages) = (Value::Null, 0);
    loop {
        let data = client.data(PAGE, json!({ "after": after }));
        let page = &data["households"];
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(pages > 0));
        for edge in page["edges"].as_array().unwrap() {
            assert!(seen.insert(edge["node"]["id"].as_str().unwrap().to_owned()), "a row came twice");
        }
        pages += 1;
        assert!(pages < 1_000);
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen.len(), expected);
}

#[test]
fn a_cursor_works_where_it_was_made_and_nowhere_else() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let data = client.data(PAGE, json!({}));
    let cursor = data["households"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    let last = data["households"]["edges"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["cursor"], json!(cursor));
    // Nothing of the row can be read off its cursor.
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    let id = last["node"]["id"].as_str().unwrap().as_bytes();
    assert!(!bytes.windows(id.len()).any(|window| window == id));
    for after in [
        cursor[..cursor.len() - 4].to_owned(),
        format!("{}AAAA", &cursor[..cursor.len() - 4]),
        String::from("x"),
    ] {
        let answer = client.send(PAGE, json!({ "after": after }));
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{after}");
    }
    let elsewhere = "query($after: String) { mlaAwards(after: $after) { nodes { __typename } } }";
    assert_eq!(client.send(elsewhere, json!({ "after": cursor })).codes(), ["BAD_USER_INPUT"]);
}

#[test]
fn first_is_bounded_just_at_its_limit() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let query = "query($first: Int) { households(first: $first) { nodes { id } } }";
    let count = |first: i64| {
        client.data(query, json!({ "first": first }))["households"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!((count(0), count(1), count(200)), (0, 1, 200));
    for first in [-1, 201] {
        assert_eq!(
            client.send(query, json!({ "first": first })).codes(),
            ["COST_INVALID_SLICING_ARGUMENTS"],
            "{first}"
        );
    }
}

#[test]
fn a_town_is_a_filter_by_its_division() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let town = format!(
        "{}000",
        &value("household", "SELECT division_code FROM household WHERE division_code IS NOT NULL LIMIT 1")
            [..9]
    );
    let query = "query($town: DivisionCode!) {
      households(first: 200, filter: { divisionCode: { within: $town } }) { nodes { divisionCode } }
    }";
    let data = client.data(query, json!({ "town": town }));
    let nodes = data["households"]["nodes"].as_array().unwrap();
    assert!(!nodes.is_empty());
    assert!(nodes.iter().all(|node| node["divisionCode"].as_str().unwrap().starts_with(&town[..9])));
}
