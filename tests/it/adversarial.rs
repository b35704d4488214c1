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

/// The help centre, which checks the file of somebody who consents.
fn union(server: &Server, id: &str) -> Client {
    server.checking(&[id])
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
    let union = union(&server, &id);
    for document in IN_OTHER_WORDS {
        let answer = union.send(document, json!({ "id": id }));
        assert_eq!(answer.status, 200, "{document}: {}", answer.text);
        assert_eq!(reasons(&answer), ["NOT_GRANTED"], "{document}: {}", answer.text);
        assert!(!answer.text.contains(&paid), "{document}: {}", answer.text);
    }
    // The same words for what may be read bring it, so that the documents above do ask.
    for document in IN_OTHER_WORDS.iter().filter(|document| !document.contains(": taxPaid")) {
        let allowed = document.replace("taxPaid", "incomeBand");
        let answer = union.send(&allowed, json!({ "id": id }));
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
    let union = union(&server, &id);
    let answer = union.send(document, json!({ "id": id }));
    assert!(!answer.text.contains("taxPaid") && !answer.text.contains(&paid), "{}", answer.text);
    // The same document with the variable set makes another plan, which the first one's can't stand for.
    let asked = union.send(document, json!({ "id": id, "no": true }));
    assert_eq!(reasons(&asked), ["NOT_GRANTED"]);
    assert!(!asked.text.contains(&paid), "{}", asked.text);
}

#[test]
fn two_fields_under_one_key_are_refused() {
    let server = Server::start();
    let document = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { incomeBand incomeBand: taxPaid } } }";
    let id = taxed().0;
    let answer = union(&server, &id).send(document, json!({ "id": id }));
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
    let union = union(&server, &owner);
    let of = |id: &str| union.send(document, json!({ "id": id })).json();
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
    let union = union(&server, &id);
    for _ in 0..3 {
        assert_eq!(number(&civil_affairs), id.as_str());
        let reduced = number(&union);
        assert!(reduced.as_str().unwrap().contains("**"), "{reduced}");
    }
}

#[test]
fn out_of_the_division_is_answered_as_not_there() {
    let server = Server::start();
    let document =
        "query($id: CitizenId!) { person(citizenId: $id) { labourCapacity taxSummaries { year } } }";
    // Both are of the case's family, and consent.
    let (id, nobody) = (taxed().0, "11010519491231002X");
    let elsewhere = server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410726000000");
    elsewhere.open_case_in("410726000000", "A-1", &[&id, nobody]);
    let elsewhere = elsewhere.in_case("A-1");
    let there = elsewhere.send(document, json!({ "id": id }));
    let absent = elsewhere.send(document, json!({ "id": nobody }));
    assert_eq!((there.status, &there.text), (absent.status, &absent.text));
    assert_eq!(there.json()["data"]["person"], Value::Null, "{}", there.text);
    let here = union(&server, &id).send(document, json!({ "id": id })).json();
    assert!(here["data"]["person"].is_object(), "{here}");
}

/// What a question left behind: its answer, and of its record the statements with their rows and the people.
fn left_behind(server: &Server, client: &Client, document: &str, variables: Value) -> (Value, Value, Value) {
    let answer = client.send(document, variables);
    let name = answer.headers["yimen-record"].to_str().unwrap().to_owned();
    let records = server.records();
    let record = records.into_iter().find(|record| record["id"] == name.as_str()).unwrap();
    (json!(answer.text), record["departments"].clone(), record["people"]["count"].clone())
}

/// Somebody of another town than this one.
fn of_another_town(town: &str) -> String {
    value(
        "household",
        &format!(
            "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 \
             AND division_code NOT LIKE '{}%' ORDER BY citizen_id LIMIT 1",
            &town[..9]
        ),
    )
}

/// Statements that departments were asked so far, as operators count them.
fn statements(operations: &str) -> u64 {
    let text = reqwest::blocking::get(format!("{operations}/metrics")).unwrap().text().unwrap();
    let lines = text.lines().filter(|line| line.starts_with("yimen_statement_seconds_count"));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64).sum()
}

/// Time is measured by the bench (`yimen-bench presence`); here what it would come from: the same statements with as
/// many rows, and the same bytes.
#[test]
fn whoever_is_out_of_scope_costs_what_nobody_costs() {
    let server = Server::set(&[("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0")]);
    let started = std::time::Instant::now();
    let operations = loop {
        let log = server.log();
        let line = log.iter().find_map(|line| line.split_once("operations address="));
        if let Some((_, address)) = line {
            break format!("http://{}", address.trim());
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "no listener for operators");
    };
    let town = "410727100000";
    let clerk = server.client_in("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW", town);
    let (elsewhere, nobody) = (of_another_town(town), "11010519491231002X");
    let family = "query($id: CitizenId!) { person(citizenId: $id) { name household { members { person { name } } } \
                  siEnrolments { insuranceType } unionFiles { status } hasUnionFile dwellingCount } }";
    let many = "query($id: CitizenId!) { persons(citizenIds: [$id]) { name hasUnionFile } }";
    for document in [family, many] {
        let ask = |id: &str| {
            let before = statements(&operations);
            let left = left_behind(&server, &clerk, document, json!({ "id": id }));
            (left, statements(&operations) - before)
        };
        // The first question of a kind is compiled; what it leaves behind is the same.
        ask(nobody);
        for _ in 0..3 {
            let (there, absent) = (ask(&elsewhere), ask(nobody));
            // Errors name the decision, which is another each time.
            let plain = |((text, departments, people), sent): ((Value, Value, Value), u64)| {
                let text = crate::batch::equal::anonymous(text.as_str().unwrap());
                (text, departments, people, sent)
            };
            let (there, absent) = (plain(there), plain(absent));
            assert_eq!(there, absent, "{document}");
            assert!(there.3 >= 1, "{document}: no statement is counted");
        }
    }
    let here = clerk.send(many, json!({ "id": value("household", &format!(
        "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 AND division_code LIKE '{}%' LIMIT 1", &town[..9])) }));
    assert!(here.json()["data"]["persons"][0].is_object(), "{}", here.text);
}

const HOUSEHOLDS: &str = "query($after: String, $kind: HouseholdKind = HUKOU) {
  households(first: 5, after: $after, filter: { kind: { eq: $kind } }) { nodes { id } pageInfo { endCursor } }
}";

#[test]
fn a_cursor_goes_on_for_its_caller_purpose_case_and_filter_alone() {
    let server = Server::start();
    let civil = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let page = civil.data(HOUSEHOLDS, json!({}))["households"].clone();
    let after = page["pageInfo"]["endCursor"].clone();
    let next = civil.data(HOUSEHOLDS, json!({ "after": after }))["households"].clone();
    assert_ne!(next["nodes"], page["nodes"]);
    assert_eq!(next["nodes"].as_array().map(Vec::len), Some(5));
    civil.open_case("CURSOR-1", &[&crate::commands::family()[0]]);
    let others = [
        ("another purpose", civil.purpose(Some("TEMPORARY_ASSISTANCE"))),
        ("another role", server.client("CIVIL_AFFAIRS", "WINDOW_CLERK", "MLA_REVIEW")),
        ("another division", server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410727100000")),
        ("a case", civil.in_case("CURSOR-1")),
    ];
    for (what, other) in &others {
        let own = other.send(HOUSEHOLDS, json!({}));
        assert_eq!(own.codes(), Vec::<String>::new(), "{what} may ask for the first page: {}", own.text);
        let refused = other.send(HOUSEHOLDS, json!({ "after": after }));
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{what}: {}", refused.text);
    }
    for (what, document, variables) in [
        ("another value", HOUSEHOLDS, json!({ "after": after, "kind": "MLA_UNIT" })),
        (
            "no filter",
            "query($after: String) { households(first: 5, after: $after) { nodes { id } } }",
            json!({ "after": after }),
        ),
        (
            "another condition",
            "query($after: String) { households(first: 5, after: $after, filter: { kind: { in: [HUKOU] } }) \
             { nodes { id } } }",
            json!({ "after": after }),
        ),
        (
            "one condition more",
            "query($after: String) { households(first: 5, after: $after, filter: { kind: { eq: HUKOU }, \
             urbanRural: { eq: URBAN } }) { nodes { id } } }",
            json!({ "after": after }),
        ),
    ] {
        let refused = civil.send(document, variables);
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{what}: {}", refused.text);
    }
    // Written into the document it is the same filter.
    let written = "query($after: String) { households(first: 5, after: $after, filter: { kind: { eq: HUKOU } }) \
                   { nodes { id } } }";
    assert_eq!(civil.data(written, json!({ "after": after }))["households"]["nodes"], next["nodes"]);
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
