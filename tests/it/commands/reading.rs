//! Reads in a case: its family and what its open items need, and for everybody else as if nobody were there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::commands::{OPEN, family, opening};
use crate::support::{Answer, Client, Server, county};

/// Civil affairs, which may read most of it without a case too.
fn reviewer(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

/// Opens a case that asks for these sections.
#[track_caller]
fn open(client: &Client, case_no: &str, family: &[String], items: &[(&str, &str)]) {
    let mut opening = opening(case_no, "MLA_REVIEW", family);
    let item = |(department, section): &(&str, &str)| json!({ "department": department, "section": section });
    opening["input"]["items"] = items.iter().map(item).collect();
    client.data(OPEN, opening);
}

const REGISTRATION: (&str, &str) = ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION");
const INSURANCE: (&str, &str) = ("HRSS", "SOCIAL_INSURANCE");

fn read(client: &Client, case_no: &str, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables });
    Answer::of(client.post().header("Yimen-Case", case_no).json(&body))
}

/// Somebody of another household.
fn stranger(family: &[String]) -> String {
    let numbers: Vec<String> = family.iter().map(|number| format!("'{number}'")).collect();
    let sql = format!(
        "SELECT m.citizen_id FROM household_member AS m JOIN person AS p ON p.citizen_id = m.citizen_id \
         WHERE m.citizen_id NOT IN ({}) ORDER BY m.citizen_id DESC LIMIT 1",
        numbers.join(",")
    );
    county::value("household", &sql)
}

const PEOPLE: &str = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId name } }";

#[test]
fn only_the_family_is_read_and_a_stranger_is_like_nobody() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    assert!(family.len() > 1, "a family of several");
    open(&client, "R-1", &family[..1], &[REGISTRATION]);
    let nobody = "11010519491231002X";
    let ids = json!({ "ids": [family[0], stranger(&family), family[1], nobody] });
    let told = read(&client, "R-1", PEOPLE, ids.clone());
    assert_eq!(told.codes(), Vec::<String>::new(), "{}", told.text);
    let people = told.json()["data"]["persons"].clone();
    assert_eq!(people[0]["citizenId"], family[0].as_str());
    assert_eq!(json!([people[1], people[2], people[3]]), json!([null, null, null]));
    // Without the case the same caller reads all three.
    let people = client.data(PEOPLE, ids);
    assert_eq!(people["persons"].as_array().unwrap().iter().filter(|person| person.is_object()).count(), 3);
    // Whoever was looked for is concerned all the same.
    let record = crate::commands::record(&server, &told);
    assert_eq!((&record["people"]["count"], &record["case"]), (&json!(4), &json!("R-1")));
}

#[test]
fn links_pages_and_roots_by_other_keys_stay_within_the_family() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    open(&client, "R-2", &family[..1], &[REGISTRATION, ("CIVIL_AFFAIRS", "HOUSEHOLD_REGISTRATION")]);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { memberships { household { id members { citizenId } } } } }";
    let numbers = |json: &Value| -> BTreeSet<String> {
        let text = json.to_string();
        let found = |number: &&String| text.contains(number.as_str());
        family.iter().filter(found).cloned().collect()
    };
    let whole = client.data(query, json!({ "id": family[0] }));
    assert!(numbers(&whole).len() > 1, "{whole}");
    let limited = read(&client, "R-2", query, json!({ "id": family[0] })).json();
    assert_eq!(numbers(&limited["data"]), BTreeSet::from([family[0].clone()]), "{limited}");
    // Households by their own number, and pages of them.
    let own = whole["person"]["memberships"][0]["household"]["id"].clone();
    let members = county::value(
        "household",
        &format!(
            "SELECT household_id FROM household_member WHERE citizen_id = '{}' LIMIT 1",
            stranger(&family)
        ),
    );
    let by_id = "query($id: ID!) { household(id: $id) { id } }";
    assert_eq!(read(&client, "R-2", by_id, json!({ "id": own })).json()["data"]["household"]["id"], own);
    assert_eq!(
        read(&client, "R-2", by_id, json!({ "id": members })).json()["data"]["household"],
        Value::Null
    );
    assert_ne!(client.data(by_id, json!({ "id": members }))["household"], Value::Null);
    let page = "{ households(first: 200) { nodes { id members { citizenId } } pageInfo { hasNextPage } } }";
    let limited = read(&client, "R-2", page, json!({})).json()["data"]["households"].clone();
    assert!(!limited["nodes"].as_array().unwrap().is_empty(), "{limited}");
    assert!(
        limited["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|node| node["members"].to_string().contains(&family[0]))
    );
    assert_eq!(limited["pageInfo"]["hasNextPage"], false);
    assert_eq!(client.data(page, json!({}))["households"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn what_no_open_item_needs_is_withheld_and_says_so() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    open(&client, "R-3", &family, &[REGISTRATION]);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name siEnrolments { insuranceType } } }";
    let answer = read(&client, "R-3", query, json!({ "id": family[0] }));
    let errors = answer.json()["errors"].clone();
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{}", answer.text);
    assert_eq!(errors[0]["extensions"]["reason"], "NOT_IN_CASE", "{}", answer.text);
    assert_eq!(answer.json()["data"]["person"]["siEnrolments"], Value::Null);
    assert_ne!(answer.json()["data"]["person"]["name"], Value::Null);
    let record = crate::commands::record(&server, &answer);
    let denied: Vec<&Value> =
        record["coordinates"].as_array().unwrap().iter().filter(|c| c["decision"] == "DENY").collect();
    assert!(!denied.is_empty() && denied.iter().all(|c| c["reason"] == "NOT_IN_CASE"), "{denied:?}");
    open(&client, "R-4", &family, &[REGISTRATION, INSURANCE]);
    let answer = read(&client, "R-4", query, json!({ "id": family[0] }));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    // Published figures are nobody's; a business belongs to nobody's family.
    let figures = read(&client, "R-3", "{ mlaStandards(first: 1) { nodes { id } } }", json!({}));
    assert_eq!(figures.codes(), Vec::<String>::new(), "{}", figures.text);
}

#[test]
fn unknown_foreign_closed_and_other_cases_are_refused_alike() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    open(&client, "R-5", &family, &[REGISTRATION]);
    open(&client, "R-6", &family, &[REGISTRATION]);
    let close =
        "mutation { closeCase(input: { caseNo: \"R-6\", version: 1, outcome: \"done\" }) { status } }";
    client.data(close, json!({}));
    let ids = json!({ "ids": [family[0]] });
    let told = |client: &Client, case_no: &str| {
        let answer = read(client, case_no, PEOPLE, ids.clone());
        assert_eq!(crate::commands::record(&server, &answer)["kind"], "REFUSED");
        assert_eq!(answer.codes(), ["CASE_NOT_FOUND"]);
        (answer.status, answer.text)
    };
    let unknown = told(&client, "R-none");
    assert_eq!(told(&client, "R-6"), unknown, "closed");
    assert_eq!(told(&client.purpose(Some("TEMPORARY_ASSISTANCE")), "R-5"), unknown, "another purpose");
    let housing = server.client("HOUSING", "REVIEWER", "MLA_REVIEW");
    assert_eq!(told(&housing, "R-5"), unknown, "another department's");
    let elsewhere = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410726000000");
    assert_eq!(told(&elsewhere, "R-5"), unknown, "another division's");
    // A department that has a task in it reads in it.
    let police = server.client("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW");
    assert_eq!(read(&police, "R-5", PEOPLE, ids.clone()).codes(), Vec::<String>::new());
}

#[test]
fn two_cases_at_once_never_see_each_others_family() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    let other = stranger(&family);
    open(&client, "R-7", &family[..1], &[REGISTRATION]);
    open(&client, "R-8", std::slice::from_ref(&other), &[REGISTRATION]);
    let ids = json!({ "ids": [family[0], other] });
    std::thread::scope(|scope| {
        for at in 0..8 {
            let (client, ids, family, other) = (&client, &ids, &family, &other);
            scope.spawn(move || {
                for _ in 0..20 {
                    let (case_no, own) = if at % 2 == 0 { ("R-7", 0) } else { ("R-8", 1) };
                    let people = read(client, case_no, PEOPLE, ids.clone()).json()["data"]["persons"].clone();
                    let expected = [&family[0], other][own].as_str();
                    assert_eq!(people[own]["citizenId"], expected);
                    assert_eq!(people[1 - own], Value::Null);
                }
            });
        }
    });
}

#[test]
fn a_purpose_that_requires_a_case_is_read_for_in_one_only() {
    let own = tempfile::tempdir().unwrap();
    let purposes = include_str!("../../../policy/purposes.csv");
    let changed: Vec<String> = purposes
        .lines()
        .map(|line| match line.starts_with("MLA_REVIEW,") || line.starts_with("UNION_FILE_CHECK,") {
            true => line.replacen(",OPTIONAL,", ",REQUIRED,", 1),
            false => line.to_owned(),
        })
        .collect();
    std::fs::write(own.path().join("purposes.csv"), changed.join("\n")).unwrap();
    let folders = format!("[\"{}\"]", own.path().display());
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    let (client, family) = (reviewer(&server), family());
    let ids = json!({ "ids": [family[0]] });
    let refused = client.send(PEOPLE, ids.clone());
    assert_eq!(refused.codes(), ["CASE_REQUIRED"], "{}", refused.text);
    assert_eq!(crate::commands::record(&server, &refused)["note"], "CASE_REQUIRED");
    assert_eq!(client.send("{ viewer { department } }", json!({})).codes(), Vec::<String>::new());
    open(&client, "R-9", &family, &[REGISTRATION]);
    assert_eq!(read(&client, "R-9", PEOPLE, ids.clone()).codes(), Vec::<String>::new());
    // A union then reads its own files in a case only, too.
    let union = crate::commands::officer(&server);
    let own = union.send("{ unionFiles(first: 1) { nodes { fileNo } } }", json!({}));
    assert_eq!(own.codes(), ["CASE_REQUIRED"], "{}", own.text);
    // Another purpose reads without one, and where there are no cases none is opened.
    let matching = server.client("CIVIL_AFFAIRS", "REVIEWER", "DATA_MATCHING");
    let opened = matching.send(OPEN, opening("R-11", "DATA_MATCHING", &family));
    assert_ne!(opened.codes(), Vec::<String>::new(), "{}", opened.text);
    let other = client.purpose(Some("TEMPORARY_ASSISTANCE"));
    assert_eq!(other.send(PEOPLE, ids).codes(), Vec::<String>::new());
}

#[test]
fn what_is_answered_is_not_read_in_the_case_any_more() {
    let server = Server::start();
    let (client, family) = (reviewer(&server), family());
    open(&client, "R-10", &family, &[REGISTRATION, INSURANCE]);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name siEnrolments { insuranceType } } }";
    let insurance = || read(&client, "R-10", query, json!({ "id": family[0] })).codes();
    assert_eq!(insurance(), Vec::<String>::new());
    let answer = |client: &Client, section: &str| {
        let query = "mutation($input: AnswerItem!) {
          answerItem(input: $input) { version items { section state answeredAt } }
        }";
        let input = json!({ "caseNo": "R-10", "department": "HRSS", "section": section });
        client.send(query, json!({ "input": input }))
    };
    // Neither another department with a task, nor what wasn't asked.
    let police = server.client("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW");
    assert_eq!(answer(&police, "SOCIAL_INSURANCE").codes(), ["CASE_ITEM_NOT_OPEN"]);
    assert_eq!(answer(&client, "EMPLOYMENT").codes(), ["CASE_ITEM_NOT_OPEN"]);
    let housing = server.client("HOUSING", "REVIEWER", "MLA_REVIEW");
    assert_eq!(answer(&housing, "SOCIAL_INSURANCE").codes(), ["CASE_NOT_FOUND"]);
    let hrss = server.client("HRSS", "REVIEWER", "MLA_REVIEW");
    let answered = answer(&hrss, "SOCIAL_INSURANCE");
    assert_eq!(answered.codes(), Vec::<String>::new(), "{}", answered.text);
    let case = &answered.json()["data"]["answerItem"];
    assert_eq!((&case["version"], &case["items"][1]["state"]), (&json!(2), &json!("ANSWERED")));
    assert!(case["items"][1]["answeredAt"].is_string());
    assert_eq!(insurance(), ["UNAUTHORIZED_FIELD_OR_TYPE"]);
    // Its task is done: the department has no more to do in the case, and reads nothing in it.
    assert_eq!(read(&hrss, "R-10", query, json!({ "id": family[0] })).codes(), ["CASE_NOT_FOUND"]);
    assert_eq!(answer(&client, "SOCIAL_INSURANCE").codes(), ["CASE_ITEM_NOT_OPEN"]);
}
