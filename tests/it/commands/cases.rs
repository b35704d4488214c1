//! Cases: whose they are, what they hold, and that the hub alone shows nobody.

use serde_json::{Value, json};

use crate::commands::{CASE, OPEN, family, officer, opening, record};
use crate::support::{Client, Server};

fn case(client: &Client, case_no: &str) -> (Value, Vec<String>) {
    let answer = client.send(CASE, json!({ "caseNo": case_no }));
    (answer.json()["data"]["case"].clone(), answer.codes())
}

fn close(client: &Client, case_no: &str, version: i64) -> (Value, Vec<String>) {
    let query =
        "mutation($input: CloseCase!) { closeCase(input: $input) { status closedAt outcome version } }";
    let input = json!({ "caseNo": case_no, "version": version, "outcome": "aid granted" });
    let answer = client.send(query, json!({ "input": input }));
    (answer.json()["data"]["closeCase"].clone(), answer.codes())
}

#[test]
fn a_case_is_told_to_its_department_in_its_division_and_to_nobody_else() {
    let server = Server::start();
    let family = family();
    officer(&server).data(OPEN, opening("C-1", "UNION_FILE_CHECK", &family));
    let (told, codes) = case(&officer(&server), "C-1");
    assert_eq!(codes, Vec::<String>::new());
    let members: Vec<&str> =
        told["members"].as_array().unwrap().iter().map(|m| m["citizenId"].as_str().unwrap()).collect();
    assert_eq!(members, family);
    assert_eq!(told["members"][0]["isApplicant"], true);
    // A department that a task is routed to sees it too.
    let police = server.client("PUBLIC_SECURITY", "REVIEWER", "UNION_FILE_CHECK");
    assert_eq!(case(&police, "C-1").0["caseNo"], "C-1");
    for stranger in [
        server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY"),
        server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410727100000"),
        server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410726000000"),
    ] {
        let foreign = stranger.send(CASE, json!({ "caseNo": "C-1" }));
        let unknown = stranger.send(CASE, json!({ "caseNo": "C-none" }));
        let told = |answer: &crate::support::Answer| {
            let mut json = answer.json();
            json["errors"][0]["extensions"]["decisionId"] = Value::Null;
            json
        };
        assert_eq!(foreign.codes(), ["CASE_NOT_FOUND"]);
        assert_eq!(told(&foreign), told(&unknown), "foreign and unknown are told alike");
    }
}

#[test]
fn supervision_sees_the_matter_and_not_whose_it_is() {
    let server = Server::start();
    let family = family();
    officer(&server).data(OPEN, opening("C-2", "UNION_FILE_CHECK", &family));
    let supervisor = server.client_in("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION", "410000000000");
    let answer = supervisor.send(CASE, json!({ "caseNo": "C-2" }));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    assert!(family.iter().all(|number| !answer.text.contains(number)), "{}", answer.text);
    assert!(answer.text.contains(&family[0][..4]));
    assert_eq!(record(&server, &answer)["people"]["count"], family.len());
}

#[test]
fn a_case_is_closed_once_by_whoever_saw_it_as_it_is() {
    let server = Server::start();
    let client = officer(&server);
    client.data(OPEN, opening("C-3", "UNION_FILE_CHECK", &family()));
    assert_eq!(close(&client, "C-3", 7).1, ["STALE_VERSION"]);
    let police = server.client("PUBLIC_SECURITY", "REVIEWER", "UNION_FILE_CHECK");
    assert_ne!(close(&police, "C-3", 1).1, Vec::<String>::new(), "a task is no ownership");
    let (closed, codes) = close(&client, "C-3", 1);
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!((&closed["status"], &closed["outcome"]), (&json!("CLOSED"), &json!("aid granted")));
    assert_eq!(closed["version"], 2);
    assert_eq!(close(&client, "C-3", 2).1, ["CASE_NOT_FOUND"]);
    let words = "mutation { closeCase(input: { caseNo: \"C-3\", version: 2, outcome: \"11010519491231002X\" }) { status } }";
    assert_eq!(client.send(words, json!({})).codes(), ["BAD_USER_INPUT"]);
}

#[test]
fn cases_come_in_pages_newest_first() {
    let server = Server::start();
    let client = officer(&server);
    for at in 0..5 {
        client.data(OPEN, opening(&format!("C-4-{at}"), "UNION_FILE_CHECK", &family()));
    }
    close(&client, "C-4-2", 1);
    let query = "query($first: Int, $after: String, $status: CaseStatus) {
      cases(first: $first, after: $after, status: $status) { nodes { caseNo } pageInfo { hasNextPage endCursor } }
    }";
    let mut after = Value::Null;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = client.data(query, json!({ "first": 2, "after": after, "status": "OPEN" }));
        let page = &page["cases"];
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["caseNo"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(json!(seen), json!(["C-4-4", "C-4-3", "C-4-1", "C-4-0"]));
    for (first, codes) in [
        (0, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
        (101, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
        (1, vec![]),
        (100, vec![]),
    ] {
        assert_eq!(client.send(query, json!({ "first": first })).codes(), codes, "{first}");
    }
    assert_eq!(
        client.send(query, json!({ "first": 2, "after": after })).codes(),
        ["BAD_USER_INPUT"],
        "a cursor of another list"
    );
    let other = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    assert_eq!(other.data(query, json!({}))["cases"]["nodes"], json!([]));
}

#[test]
fn a_case_that_does_not_hold_together_is_refused() {
    let server = Server::start();
    let client = officer(&server);
    let family = family();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut opening = opening("C-5", "UNION_FILE_CHECK", &family);
        change(&mut opening["input"]);
        client.send(OPEN, opening)
    };
    let person = |at: usize| json!({ "citizenId": invented(at), "relation": "99" });
    let people = |count: usize| (0..count).map(person).collect::<Vec<Value>>();
    for (what, answer) in [
        ("no number", with(&|input| input["caseNo"] = json!(""))),
        ("a long number", with(&|input| input["caseNo"] = json!("x".repeat(65)))),
        ("a person's number", with(&|input| input["caseNo"] = json!(format!("C {}", family[0])))),
        ("another purpose", with(&|input| input["purpose"] = json!("MLA_REVIEW"))),
        ("another division", with(&|input| input["division"] = json!("410726000000"))),
        (
            "somebody twice",
            with(&|input| input["members"] = json!([{ "citizenId": family[0], "relation": "99" }])),
        ),
        (
            "a relation in words",
            with(&|input| input["members"] = json!([{ "citizenId": invented(1), "relation": "son" }])),
        ),
        ("too many people", with(&|input| input["members"] = json!(people(31)))),
        ("nothing asked", with(&|input| input["items"] = json!([]))),
        ("another's section", with(&|input| input["items"][0]["department"] = json!("UNION"))),
        ("the same twice", with(&|input| input["items"][0] = input["items"][1].clone())),
    ] {
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{what}: {}", answer.text);
        assert!(!answer.text.contains(&family[0]), "{what}");
    }
    let answer = with(&|input| {
        input["caseNo"] = json!("x".repeat(64));
        input["members"] = json!(people(30));
    });
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
}

/// A citizen number with the right check character that belongs to nobody.
fn invented(at: usize) -> String {
    let body = format!("11010519491231{at:03}");
    let digits = "0123456789X".chars();
    let numbers = digits.map(|check| format!("{body}{check}"));
    numbers.into_iter().find(|number| yimen::plan::citizen_number(number).is_ok()).unwrap()
}

#[test]
fn the_hub_alone_shows_nobody() {
    let server = Server::start();
    let family = family();
    officer(&server).data(OPEN, opening("C-6", "UNION_FILE_CHECK", &family));
    crate::commands::send_once(
        &officer(&server),
        "a key of C-7",
        OPEN,
        &opening("C-7", "UNION_FILE_CHECK", &family),
    );
    let left = server.stop();
    let files = std::fs::read_dir(left.path()).unwrap().map(|file| file.unwrap().path());
    // The folder of exports stands beside the hub.
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        for number in &family {
            assert!(!bytes.windows(18).any(|window| window == number.as_bytes()));
        }
    }
}
