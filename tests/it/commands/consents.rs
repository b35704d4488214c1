//! Consent: who may give it, for whom it opens what, and that it ends with the next request.

use serde_json::{Value, json};

use crate::commands::{OPEN, family, officer, opening, record};
use crate::support::day;
use crate::support::postgres::Database;
use crate::support::{Answer, Client, Server};

const RECORD: &str = "mutation($input: RecordConsent!) {
  recordConsent(input: $input) {
    id caseNo citizenId kind formHash witnesses guardian sections validFrom validUntil withdrawnAt
  }
}";

const WITHDRAW: &str =
    "mutation($input: WithdrawConsent!) { withdrawConsent(input: $input) { withdrawnAt } }";

const PEOPLE: &str = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId } }";

/// An adult whom nobody of the county is.
const SOMEBODY: &str = "11010519491231002X";

/// What records a paper consent of somebody.
fn consent(case_no: &str, number: &str) -> Value {
    json!({ "input": {
        "caseNo": case_no,
        "citizenId": number,
        "kind": "PAPER",
        "formHash": "ab".repeat(32),
        "witnesses": ["officer-1", "officer-2"],
        "guardian": day::is_minor(number).then_some(SOMEBODY),
        "sections": ["HOUSEHOLD_REGISTRATION"],
        "validFrom": day::days_ago(1),
        "validUntil": day::months_after(day::days_ago(1), 6),
    } })
}

fn read(client: &Client, case_no: &str, people: &[String]) -> Answer {
    let body = json!({ "query": PEOPLE, "variables": { "ids": people } });
    Answer::of(client.post().header("Yimen-Case", case_no).json(&body))
}

/// Who was answered, and the reasons why not.
#[track_caller]
fn told(answer: &Answer) -> (Vec<bool>, Vec<String>) {
    let json = answer.json();
    let people = json["data"]["persons"].as_array().cloned().unwrap_or_default();
    let reasons = json["errors"].as_array().cloned().unwrap_or_default();
    let reason = |error: &Value| error["extensions"]["reason"].as_str().unwrap_or_default().to_owned();
    // One error for the rows, and one for each field of them that nobody lets be read.
    let mut reasons: Vec<String> = reasons.iter().map(reason).collect();
    reasons.dedup();
    (people.iter().map(Value::is_object).collect(), reasons)
}

const MISSING: &[&str] = &["NO_CONSENT"];

#[test]
fn each_member_is_read_with_their_own_consent_alone() {
    let server = Server::start();
    let client = officer(&server);
    let family: Vec<String> = family().into_iter().take(2).collect();
    assert_eq!(family.len(), 2);
    client.data(OPEN, opening("K-1", "UNION_FILE_CHECK", &family));
    let none = read(&client, "K-1", &family);
    assert_eq!(told(&none), (vec![], vec![String::from("NO_CONSENT")]), "{}", none.text);
    // The union's own files are its own.
    let own = "{ unionFiles(first: 5) { nodes { fileNo citizenId } } }";
    let body = json!({ "query": own });
    let own = Answer::of(client.post().header("Yimen-Case", "K-1").json(&body));
    assert_eq!(own.codes(), Vec::<String>::new(), "{}", own.text);
    let nodes = own.json()["data"]["unionFiles"]["nodes"].as_array().unwrap().clone();
    assert!(
        !nodes.is_empty()
            && nodes.iter().all(|node| family.iter().any(|id| node["citizenId"] == id.as_str()))
    );
    // The applicant's consent covers nobody else.
    let given = client.send(RECORD, consent("K-1", &family[0]));
    assert_eq!(given.codes(), Vec::<String>::new(), "{}", given.text);
    let one = read(&client, "K-1", &family);
    assert_eq!(told(&one), (vec![true, false], vec![String::from("NO_CONSENT")]), "{}", one.text);
    assert_eq!(one.json()["errors"][0]["path"], json!(["persons"]));
    client.data(RECORD, consent("K-1", &family[1]));
    assert_eq!(told(&read(&client, "K-1", &family)), (vec![true, true], vec![]));
    let record = record(&server, &given);
    assert_eq!(record["kind"], "MUTATION");
    assert!(record["people"]["count"].as_u64().unwrap() >= 1);
}

#[test]
fn a_withdrawal_holds_from_the_next_request_on_every_replica() {
    let database = Database::new("consents");
    database.migrate_hub();
    let settings = [("YIMEN__HUB__URL", database.url())];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let (one, other) = (Server::set(&settings), Server::set(&settings));
    let family: Vec<String> = family().into_iter().take(1).collect();
    let (here, there) = (officer(&one), officer(&other));
    here.data(OPEN, opening("K-2", "UNION_FILE_CHECK", &family));
    let id = here.data(RECORD, consent("K-2", &family[0]))["recordConsent"]["id"].clone();
    assert_eq!(told(&read(&there, "K-2", &family)).0, [true]);
    here.data(WITHDRAW, json!({ "input": { "id": id, "caseNo": "K-2" } }));
    for client in [&there, &here] {
        assert_eq!(told(&read(client, "K-2", &family)).1, MISSING);
    }
    one.stop();
    other.stop();
}

#[test]
fn a_person_sees_and_withdraws_their_own_through_a_portal() {
    let server = Server::start();
    let client = officer(&server);
    let family: Vec<String> = family().into_iter().take(2).collect();
    client.data(OPEN, opening("K-3", "UNION_FILE_CHECK", &family));
    let id = client.data(RECORD, consent("K-3", &family[0]))["recordConsent"]["id"].clone();
    let withdraw = json!({ "input": { "id": id, "caseNo": "K-3" } });
    let list = "{ consents(caseNo: \"K-3\") { id citizenId sections } }";
    let own = server.citizen(&family[0]);
    assert_eq!(own.data(list, json!({}))["consents"][0]["citizenId"], family[0].as_str());
    // Another of the family doesn't see it, and a stranger not even the case.
    let spouse = server.citizen(&family[1]);
    assert_eq!(spouse.data(list, json!({}))["consents"], json!([]));
    assert_eq!(spouse.send(WITHDRAW, withdraw.clone()).codes(), ["CONSENT_NOT_FOUND"]);
    let stranger = server.citizen(SOMEBODY);
    assert_eq!(stranger.send(list, json!({})).codes(), ["CASE_NOT_FOUND"]);
    assert_eq!(stranger.send(WITHDRAW, withdraw.clone()).codes(), ["CASE_NOT_FOUND"]);
    own.data(WITHDRAW, withdraw.clone());
    assert_eq!(told(&read(&client, "K-3", &family[..1])).1, MISSING);
    // Again changes nothing.
    own.data(WITHDRAW, withdraw);
    let told = client.data("{ consents(caseNo: \"K-3\") { withdrawnAt } }", json!({}));
    assert!(told["consents"][0]["withdrawnAt"].is_string(), "{told}");
}

#[test]
fn a_consent_that_does_not_hold_opens_nothing() {
    let server = Server::start();
    let client = officer(&server);
    let family: Vec<String> = family().into_iter().take(1).collect();
    client.data(OPEN, opening("K-4", "UNION_FILE_CHECK", &family));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut consent = consent("K-4", &family[0]);
        change(&mut consent["input"]);
        client.data(RECORD, consent);
        told(&read(&client, "K-4", &family)).1
    };
    assert_eq!(
        with(&|input| {
            input["validFrom"] = json!(day::days_ago(30));
            input["validUntil"] = json!(day::days_ago(2));
        }),
        MISSING,
        "it has ended"
    );
    assert_eq!(
        with(&|input| {
            input["validFrom"] = json!(day::months_after(day::days_ago(0), 1));
            input["validUntil"] = json!(day::months_after(day::days_ago(0), 2));
        }),
        MISSING,
        "it hasn't begun"
    );
    assert_eq!(with(&|input| input["sections"] = json!(["TAX"])), MISSING, "it is for something else");
    assert_eq!(with(&|_| {}), Vec::<String>::new());
}

#[test]
fn who_may_not_consent_is_refused() {
    let server = Server::start();
    let client = officer(&server);
    let child = minor();
    let people = [SOMEBODY.to_owned(), child.clone()];
    client.data(OPEN, opening("K-5", "UNION_FILE_CHECK", &people));
    let with = |number: &str, change: &dyn Fn(&mut Value)| {
        let mut consent = consent("K-5", number);
        change(&mut consent["input"]);
        client.send(RECORD, consent)
    };
    for (what, answer) in [
        ("no member", with(&family()[0], &|_| {})),
        ("a hash of 63", with(SOMEBODY, &|input| input["formHash"] = json!("a".repeat(63)))),
        ("a hash in capitals", with(SOMEBODY, &|input| input["formHash"] = json!("A".repeat(64)))),
        ("one witness", with(SOMEBODY, &|input| input["witnesses"] = json!(["a"]))),
        ("the same twice", with(SOMEBODY, &|input| input["witnesses"] = json!(["a", "a"]))),
        ("a witness of nothing", with(SOMEBODY, &|input| input["kind"] = json!("ELECTRONIC"))),
        ("a guardian of an adult", with(SOMEBODY, &|input| input["guardian"] = json!(child))),
        ("a child alone", with(&child, &|input| input["guardian"] = Value::Null)),
        ("a child for itself", with(&child, &|input| input["guardian"] = json!(child))),
        ("nobody for whoever can't", with(SOMEBODY, &|input| input["incapable"] = json!(true))),
        ("no sections", with(SOMEBODY, &|input| input["sections"] = json!([]))),
        ("a section twice", with(SOMEBODY, &|input| input["sections"] = json!(["TAX", "TAX"]))),
        ("backwards", with(SOMEBODY, &|input| input["validUntil"] = json!(day::days_ago(2)))),
        (
            "longer than a year",
            with(SOMEBODY, &|input| input["validUntil"] = json!(day::months_after(day::days_ago(0), 12))),
        ),
    ] {
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{what}: {}", answer.text);
        assert!(!answer.text.contains(SOMEBODY), "{what}");
    }
    for (what, answer) in [
        (
            "a year to the day",
            with(SOMEBODY, &|input| input["validUntil"] = json!(day::months_after(day::days_ago(1), 12))),
        ),
        ("a child by its guardian", with(&child, &|_| {})),
        (
            "electronically",
            with(SOMEBODY, &|input| {
                input["kind"] = json!("ELECTRONIC");
                input["witnesses"] = json!([]);
            }),
        ),
    ] {
        assert_eq!(answer.codes(), Vec::<String>::new(), "{what}: {}", answer.text);
    }
    let housing = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    assert_eq!(housing.send(RECORD, consent("K-5", SOMEBODY)).codes(), ["CASE_NOT_FOUND"]);
}

/// A citizen number of a child whom nobody is.
fn minor() -> String {
    let numbers = "0123456789X".chars().map(|check| format!("11010520200101001{check}"));
    numbers.into_iter().find(|number| yimen::plan::citizen_number(number).is_ok()).unwrap()
}

#[test]
fn statutory_duty_needs_no_consent_and_verification_does() {
    let server = Server::start();
    let family: Vec<String> = family().into_iter().take(1).collect();
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    reviewer.data(OPEN, opening("K-6", "MLA_REVIEW", &family));
    assert_eq!(told(&read(&reviewer, "K-6", &family)), (vec![true], vec![]));
    // Verification of a family's economic status rests on the form that each member signs.
    let verifier = reviewer.purpose(Some("ECONOMIC_VERIFICATION"));
    let outside = verifier.send(PEOPLE, json!({ "ids": family }));
    assert_eq!(told(&outside).1, MISSING, "{}", outside.text);
    verifier.data(OPEN, opening("K-7", "ECONOMIC_VERIFICATION", &family));
    assert_eq!(told(&read(&verifier, "K-7", &family)).1, MISSING);
    verifier.data(RECORD, consent("K-7", &family[0]));
    assert_eq!(told(&read(&verifier, "K-7", &family)), (vec![true], vec![]));
}
