//! Ways around a decision: each must end where the plain question ends.

use serde_json::{Value, json};

use crate::support::county::value;
use crate::support::{Answer, Client, Server};

/// Somebody who paid tax, and how much in the year of the most.
fn taxed() -> (String, String) {
    let of = |column: &str| {
        let sql =
            format!("SELECT {column} FROM tax_summary WHERE tax_paid > 0 ORDER BY tax_paid DESC, id LIMIT 1");
        value("household", &sql)
    };
    (of("citizen_id"), of("printf('%.2f', tax_paid)"))
}

fn union(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

/// Documents that ask for tax paid in other words than `taxPaid`.
const IN_OTHER_WORDS: &[&str] = &[
    "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { taxPaid } } }",
    "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { year: taxPaid } } }",
    "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { p: taxPaid p: taxPaid } } }",
    "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { incomeBand: taxPaid year } } }",
    "query($id: CitizenId!) { person(citizenId: $id) { ...P } } \
     fragment P on Person { taxSummaries { ...T } } fragment T on TaxSummary { taxPaid }",
    "query($id: CitizenId!) { person(citizenId: $id) { ... { taxSummaries { ... on TaxSummary { taxPaid } } } } }",
    "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { taxPaid @include(if: true) } } }",
    "query($id: CitizenId!, $yes: Boolean = true) \
     { person(citizenId: $id) { taxSummaries { taxPaid @include(if: $yes) } } }",
    "query($id: CitizenId!, $no: Boolean = false) \
     { person(citizenId: $id) { taxSummaries { ... @skip(if: $no) { taxPaid } } } }",
    "query($id: CitizenId!) { persons(citizenIds: [$id]) { taxSummaries { taxPaid } } }",
    "query($id: CitizenId!) { a: person(citizenId: $id) { taxSummaries { year } } \
     b: person(citizenId: $id) { taxSummaries { year taxPaid } } }",
];

fn reasons(answer: &Answer) -> Vec<Value> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["extensions"]["reason"].clone()).collect()
}

#[test]
fn a_denied_value_is_denied_in_whatever_words() {
    let server = Server::start();
    let (id, paid) = taxed();
    for document in IN_OTHER_WORDS {
        let answer = union(&server).send(document, json!({ "id": id }));
        assert_eq!(answer.status, 200, "{document}: {}", answer.text);
        assert_eq!(reasons(&answer), ["NOT_GRANTED"], "{document}: {}", answer.text);
        assert!(!answer.text.contains(&paid), "{document}: {}", answer.text);
    }
    // The same words for what may be read bring it, so that the documents above do ask.
    for document in IN_OTHER_WORDS.iter().filter(|document| !document.contains(": taxPaid")) {
        let allowed = document.replace("taxPaid", "incomeBand");
        let answer = union(&server).send(&allowed, json!({ "id": id }));
        assert_eq!(reasons(&answer), Vec::<Value>::new(), "{allowed}: {}", answer.text);
        assert!(answer.text.contains("\"incomeBand\":\""), "{allowed}: {}", answer.text);
    }
}

#[test]
fn what_is_not_asked_for_is_neither_answered_nor_refused() {
    let server = Server::start();
    let (id, paid) = taxed();
    let document = "query($id: CitizenId!, $no: Boolean = false) \
        { person(citizenId: $id) { taxSummaries { year taxPaid @include(if: $no) } } }";
    let answer = union(&server).send(document, json!({ "id": id }));
    assert!(!answer.text.contains("taxPaid") && !answer.text.contains(&paid), "{}", answer.text);
    // The same document with the variable set makes another plan, which the first one's can't stand for.
    let asked = union(&server).send(document, json!({ "id": id, "no": true }));
    assert_eq!(reasons(&asked), ["NOT_GRANTED"]);
    assert!(!asked.text.contains(&paid), "{}", asked.text);
}

#[test]
fn two_fields_under_one_key_are_refused() {
    let server = Server::start();
    let document = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { incomeBand incomeBand: taxPaid } } }";
    let answer = union(&server).send(document, json!({ "id": taxed().0 }));
    let is_refused = answer.codes().iter().all(|code| code == "GRAPHQL_VALIDATION_FAILED");
    assert!(is_refused && !answer.codes().is_empty(), "{}", answer.text);
    assert!(answer.json().get("data").is_none());
}

#[test]
fn the_name_of_a_type_tells_nothing_of_rows_that_are_closed() {
    let server = Server::start();
    let document = "query($id: CitizenId!) { person(citizenId: $id) { realEstateRights { __typename } } }";
    let owner = value(
        "housing",
        "SELECT owner_citizen_id FROM real_estate_right WHERE owner_citizen_id IS NOT NULL ORDER BY id LIMIT 1",
    );
    let absent = "11010519491231002X";
    let of = |id: &str| union(&server).send(document, json!({ "id": id })).json();
    assert_eq!(of(&owner)["data"]["person"]["realEstateRights"], Value::Null);
    assert_eq!(of(&owner)["errors"][0]["extensions"]["coordinate"], "Person.realEstateRights");
    assert_eq!(of(absent)["errors"][0]["extensions"]["coordinate"], "Person.realEstateRights");
}

#[test]
fn a_plan_of_another_caller_is_never_used() {
    let server = Server::start();
    let (id, _) = taxed();
    let document = "query($id: CitizenId!) { person(citizenId: $id) { citizenId } }";
    let civil_affairs = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let number = |client: &Client| client.data(document, json!({ "id": id }))["person"]["citizenId"].clone();
    for _ in 0..3 {
        assert_eq!(number(&civil_affairs), id.as_str());
        let reduced = number(&union(&server));
        assert!(reduced.as_str().unwrap().contains("**"), "{reduced}");
    }
}

#[test]
fn out_of_the_division_is_answered_as_not_there() {
    let server = Server::start();
    let document =
        "query($id: CitizenId!) { person(citizenId: $id) { labourCapacity taxSummaries { year } } }";
    let elsewhere = server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410726000000");
    let there = elsewhere.send(document, json!({ "id": taxed().0 }));
    let absent = elsewhere.send(document, json!({ "id": "11010519491231002X" }));
    assert_eq!((there.status, &there.text), (absent.status, &absent.text));
    assert_ne!(union(&server).send(document, json!({ "id": taxed().0 })).text, there.text);
}

/// There is one second way to a type, which `tests/it/federation.rs` goes. Whoever adds another adds its
/// documents to this file.
#[test]
fn the_schema_has_no_other_second_way_to_a_type() {
    let schema = include_str!("../../docs/schema.graphql");
    let is_known = |line: &str| line.starts_with("union _Entity = ") || line.starts_with("  _entities(");
    for line in schema.lines().filter(|line| !is_known(line)) {
        for second in ["interface ", "union ", "  node(", "  nodes(", "  _entities("] {
            assert!(!line.starts_with(second), "`{line}` is a second way to a type");
        }
    }
    assert!(schema.contains("\ntype Query {"));
}
