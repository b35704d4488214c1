//! What records repeat of a request: never a citizen number, in no form that one could be guessed from.

use serde_json::{Value, json};

use crate::evidence::{PERSON, officer, somebody};
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

#[test]
fn a_request_that_names_a_person_outside_its_values_is_refused() {
    let server = Server::start();
    let client = officer(&server);
    let number = somebody();
    let case = |case: &str| {
        let body = json!({ "query": PERSON, "variables": { "id": number } });
        Answer::of(client.post().header("Yimen-Case", case).json(&body))
    };
    let named = |name: &str| {
        let query = PERSON.replace("query", &format!("query {name}"));
        client.send(&query, json!({ "id": number }))
    };
    for answer in [case(&format!("no {number}")), case("110105491231002"), named(&format!("Q{number}"))] {
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{}", answer.text);
        assert!(!answer.text.contains(&number), "{}", answer.text);
        let record = record(&server, &answer);
        assert_eq!((&record["kind"], &record["note"]), (&json!("REFUSED"), &json!("BAD_USER_INPUT")));
    }
    client.open_case("410727-2026-0001", &[&number]);
    for answer in [case("410727-2026-0001"), named("Q")] {
        assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    }
    assert!(!json!(server.records()).to_string().contains(&number));
}

#[test]
fn a_header_of_the_exchange_layer_that_names_a_person_is_recorded_without_its_value() {
    let server = Server::start();
    let number = somebody();
    let request = officer(&server).post().header("X-Road-UserId", format!("CN{number}"));
    let request = request.header("X-Road-Issue", "2026-7");
    let answer = Answer::of(request.json(&json!({ "query": "{ viewer { role } }" })));
    assert_eq!(answer.codes(), Vec::<String>::new());
    let exchange = &record(&server, &answer)["exchange"];
    assert_eq!(*exchange, json!([["x-road-userid", "(a person)"], ["x-road-issue", "2026-7"]]));
}

#[test]
fn names_of_operations_are_bounded_and_recorded() {
    let server = Server::start();
    let client = officer(&server);
    let ask = |query: &str, name: Option<&str>| {
        let body = json!({ "query": query, "variables": { "id": somebody() }, "operationName": name });
        Answer::of(client.post().json(&body))
    };
    let document = |name: &str| PERSON.replace("query", &format!("query {name}"));
    for name in ["Q", &"n".repeat(128)] {
        for named in [None, Some(name)] {
            let answer = ask(&document(name), named);
            assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
            assert_eq!(record(&server, &answer)["operation"], name);
        }
    }
    let long = "n".repeat(129);
    for answer in [ask(&document(&long), None), ask(&document("Q"), Some(&"n".repeat(70_000)))] {
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
        let record = record(&server, &answer);
        assert_eq!((&record["kind"], record.get("departments")), (&json!("REFUSED"), None));
    }
}
