//! Objections by HTTP: raised through a portal or in a case, marked in every read, settled by the source.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::commands::{OPEN, family, officer, opening};
use crate::support::postgres::Database;
use crate::support::{Answer, Client, Server};

const PERSON: &str = "query($id: CitizenId!) { someone: person(citizenId: $id) { name citizenId } }";
const PERSONS: &str = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId name } }";
const NAME: &str = "Person.name";

const OBJECTION: &str = "id version state owner coordinate citizenId reason hasProof proof record case department \
                         answeredAt step { rule department outcome opinion officer }";

fn object(client: &Client, input: &Value, case: Option<&str>) -> Answer {
    let query = format!("mutation($input: ObjectTo!) {{ objectTo(input: $input) {{ {OBJECTION} }} }}");
    let mut post = client.post();
    if let Some(case) = case {
        post = post.header("Yimen-Case", case);
    }
    Answer::of(post.json(&json!({ "query": query, "variables": { "input": input } })))
}

fn settle(client: &Client, objection: &Value, outcome: &str) -> Answer {
    let query =
        format!("mutation($input: AnswerObjection!) {{ answerObjection(input: $input) {{ {OBJECTION} }} }}");
    let input = json!({
        "id": objection["id"], "version": objection["version"], "outcome": outcome,
        "reason": "compared with the register",
    });
    client.send(&query, json!({ "input": input }))
}

/// Whoever reads people by statutory duty.
fn reader(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

fn source(server: &Server) -> Client {
    server.client("PUBLIC_SECURITY", "STEWARD", "DATA_SHARING")
}

fn disputes(answer: &Answer) -> Value {
    answer.json()["extensions"]["disputes"].clone()
}

fn wrong_name() -> Value {
    json!({ "coordinate": NAME, "reason": "the second character is wrong" })
}

#[track_caller]
fn raised(answer: &Answer) -> Value {
    let value = answer.json()["data"]["objectTo"].clone();
    assert!(value.is_object(), "{}", answer.text);
    value
}

#[test]
fn a_disputed_value_is_marked_until_its_source_has_answered() {
    let server = Server::start();
    let family = family();
    let me = server.citizen(&family[0]);
    let read = |id: &str| reader(&server).send(PERSON, json!({ "id": id }));
    assert_eq!(read(&family[0]).json().get("extensions"), None);
    let proof = "5".repeat(64);
    let mut input = wrong_name();
    input["proof"] = json!(proof);
    let objection = raised(&object(&me, &input, None));
    assert_eq!(objection["owner"], "PUBLIC_SECURITY");
    assert_eq!(objection["step"]["rule"], "CORRECTION");

    let marked = disputes(&read(&family[0]));
    assert_eq!(marked.as_array().unwrap().len(), 1, "{marked}");
    assert_eq!(marked[0]["path"], json!(["someone", "name"]));
    assert_eq!((&marked[0]["coordinate"], &marked[0]["hasProof"]), (&json!(NAME), &json!(true)));
    if let Some(other) = family.get(1) {
        assert_eq!(disputes(&read(other)), Value::Null, "nobody else is marked");
    }
    let many = reader(&server).send(PERSONS, json!({ "ids": ["11010519491231002X", family[0]] }));
    assert_eq!(disputes(&many)[0]["path"], json!(["persons", 1, "name"]));
    let only = reader(&server)
        .send("query($id: CitizenId!) { person(citizenId: $id) { citizenId } }", json!({ "id": family[0] }));
    assert_eq!(disputes(&only), Value::Null, "a value that isn't asked for isn't marked");

    let stale = json!({ "id": objection["id"], "version": 7 });
    assert_eq!(settle(&source(&server), &stale, "UPHELD").codes(), ["STALE_VERSION"]);
    let settled = settle(&source(&server), &objection, "CORRECTED");
    let settled = &settled.json()["data"]["answerObjection"];
    assert_eq!((&settled["state"], &settled["step"]["outcome"]), (&json!("CORRECTED"), &json!("CORRECTED")));
    assert_eq!(disputes(&read(&family[0])), Value::Null);
    assert_eq!(settle(&source(&server), settled, "UPHELD").codes(), ["ILLEGAL_TRANSITION"]);
    let mine = me.data(&format!("{{ objections {{ nodes {{ {OBJECTION} }} }} }}"), json!({}));
    let mine = &mine["objections"]["nodes"][0];
    assert_eq!(mine["step"]["opinion"], "compared with the register");
    assert_eq!(mine["step"]["officer"], Value::Null, "the person isn't told which officer");
}

#[test]
fn nobody_objects_for_others_and_nobody_settles_for_the_source() {
    let server = Server::start();
    let family = family();
    let me = server.citizen(&family[0]);
    let mut other = wrong_name();
    other["citizenId"] = json!("11010519491231002X");
    assert_eq!(object(&me, &other, None).codes(), ["BAD_USER_INPUT"]);
    let objection = raised(&object(&me, &wrong_name(), None));
    assert_eq!(object(&me, &wrong_name(), None).codes(), ["OBJECTION_OPEN"]);
    let civil = server.client("CIVIL_AFFAIRS", "STEWARD", "DATA_SHARING");
    let education = server.client("EDUCATION", "STEWARD", "DATA_SHARING");
    // The portal is civil affairs': it knows of the objection, and yet can't answer it.
    assert_eq!(settle(&civil, &objection, "REJECTED").codes(), ["NOT_RESPONSIBLE"]);
    assert_eq!(settle(&education, &objection, "REJECTED").codes(), ["NOT_FOUND"]);
    let far = server.client_in("PUBLIC_SECURITY", "STEWARD", "DATA_SHARING", "410726000000");
    assert_eq!(settle(&far, &objection, "REJECTED").codes(), ["NOT_FOUND"]);
    let list = "{ objections { nodes { citizenId reason } } }";
    let sees = |client: &Client| client.data(list, json!({}))["objections"]["nodes"].clone();
    assert_eq!(sees(&education), json!([]));
    assert_eq!(sees(&far), json!([]));
    assert_eq!(sees(&source(&server))[0]["citizenId"], json!(family[0]));
    assert_eq!(sees(&server.citizen("11010519491231002X")), json!([]));
    let supervisor = server.client("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION");
    let seen = sees(&supervisor);
    assert_eq!(seen[0]["reason"], Value::Null);
    assert!(seen[0]["citizenId"].as_str().unwrap().contains('*'), "{seen}");
    for wrong in [
        json!({ "coordinate": "Person.nothing", "reason": "x" }),
        json!({ "coordinate": "Organisation.name", "reason": "x" }),
        json!({ "coordinate": "Person.unionFiles", "reason": "x" }),
        json!({ "coordinate": "Person.citizenId", "reason": " " }),
        json!({ "coordinate": "Person.citizenId", "reason": "x".repeat(2_001) }),
        json!({ "coordinate": "Person.citizenId", "reason": "x", "proof": "ABC" }),
    ] {
        assert_eq!(object(&me, &wrong, None).codes(), ["BAD_USER_INPUT"], "{wrong}");
    }
}

#[test]
fn an_access_that_the_person_was_told_of_can_be_named_and_no_other() {
    let server = Server::start();
    let family = family();
    let me = server.citizen(&family[0]);
    let access = reader(&server).send(PERSON, json!({ "id": family[0] }));
    let elsewhere = reader(&server).send(PERSON, json!({ "id": "11010519491231002X" }));
    let name = |answer: &Answer| answer.headers["yimen-record"].to_str().unwrap().to_owned();
    let told = "query($id: CitizenId!) { accessesTo(citizenId: $id) { nodes { id } } }";
    let deadline = Instant::now() + Duration::from_secs(20);
    while !me.send(told, json!({ "id": family[0] })).text.contains(&name(&access)) {
        assert!(Instant::now() < deadline, "the access must come into the log");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut input = wrong_name();
    for record in [name(&elsewhere), "0".repeat(32)] {
        input["record"] = json!(record);
        assert_eq!(object(&me, &input, None).codes(), ["NOT_FOUND"]);
    }
    input["record"] = json!(name(&access));
    input["coordinate"] = json!("UnionFile.status");
    assert_eq!(object(&me, &input, None).codes(), ["BAD_USER_INPUT"], "it wasn't asked for there");
    input["coordinate"] = json!(NAME);
    assert_eq!(raised(&object(&me, &input, None))["record"], json!(name(&access)));
}

#[test]
fn an_officer_objects_for_a_member_of_a_case() {
    let server = Server::start();
    let family = family();
    let union = officer(&server);
    assert!(union.send(OPEN, opening("UF-2026-0077", "UNION_FILE_CHECK", &family)).codes().is_empty());
    let mut input = wrong_name();
    assert_eq!(object(&union, &input, Some("UF-2026-0077")).codes(), ["BAD_USER_INPUT"], "for whom?");
    input["citizenId"] = json!(family[0]);
    assert_eq!(object(&union, &input, None).codes(), ["BAD_USER_INPUT"], "in which case?");
    assert_eq!(object(&union, &input, Some("UF-2026-0078")).codes(), ["CASE_NOT_FOUND"]);
    let mut stranger = input.clone();
    stranger["citizenId"] = json!("11010519491231002X");
    assert_eq!(object(&union, &stranger, Some("UF-2026-0077")).codes(), ["BAD_USER_INPUT"]);
    let objection = raised(&object(&union, &input, Some("UF-2026-0077")));
    assert_eq!((&objection["case"], &objection["department"]), (&json!("UF-2026-0077"), &json!("UNION")));
    let back = "mutation($input: WithdrawObjection!) { withdrawObjection(input: $input) { state } }";
    let input = json!({ "input": { "id": objection["id"], "version": 1 } });
    let me = server.citizen(&family[0]);
    assert_eq!(me.send(back, input.clone()).codes(), ["NOT_FOUND"], "the officer raised it");
    assert_eq!(union.data(back, input)["withdrawObjection"]["state"], "WITHDRAWN");
}

#[test]
fn an_objection_is_marked_by_every_replica() {
    let database = Database::new("objection_replicas");
    database.migrate_hub();
    let hub = database.url();
    let settings = [("YIMEN__HUB__URL", hub.as_str())];
    let (one, other) = (Server::set(&settings), Server::set(&settings));
    let family = family();
    // The other replica has looked by now, and knows of nothing open.
    assert_eq!(disputes(&reader(&other).send(PERSON, json!({ "id": family[0] }))), Value::Null);
    std::thread::sleep(Duration::from_secs(1));
    let objection = raised(&object(&one.citizen(&family[0]), &wrong_name(), None));
    let within = |marked: bool| {
        let since = Instant::now();
        let read = || reader(&other).send(PERSON, json!({ "id": family[0] }));
        while disputes(&read()).is_array() != marked {
            assert!(since.elapsed() < Duration::from_secs(2), "marked: {marked}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    within(true);
    assert!(settle(&source(&one), &objection, "UPHELD").codes().is_empty());
    within(false);
    one.stop();
    other.stop();
}

#[test]
fn a_mark_stands_at_the_place_of_its_value_in_lists_and_pages() {
    let server = Server::start();
    let family = family();
    let input = json!({ "coordinate": "UnionFile.status", "reason": "the file was closed by mistake" });
    raised(&object(&server.citizen(&family[0]), &input, None));
    let union = officer(&server);
    let linked = server.checking(&[&family[0]]).send(
        "query($id: CitizenId!) { person(citizenId: $id) { files: unionFiles { fileNo now: status } } }",
        json!({ "id": family[0] }),
    );
    let files = linked.json()["data"]["person"]["files"].as_array().unwrap().len();
    let expected: Vec<Value> = (0..files).map(|at| json!(["person", "files", at, "now"])).collect();
    let paths = |answer: &Answer| -> Vec<Value> {
        disputes(answer).as_array().unwrap().iter().map(|mark| mark["path"].clone()).collect()
    };
    assert!(files > 0);
    assert_eq!(paths(&linked), expected);
    let page = union.send(
        "{ unionFiles(first: 200) { edges { node { citizenId status } } nodes { status citizenId } } }",
        json!({}),
    );
    let nodes = page.json()["data"]["unionFiles"]["nodes"].as_array().unwrap().clone();
    let own: Vec<usize> = (0..nodes.len()).filter(|at| nodes[*at]["citizenId"] == json!(family[0])).collect();
    let marked = paths(&page);
    assert_eq!(marked.len(), 2 * own.len(), "once below edges and once below nodes");
    for at in own {
        assert!(marked.contains(&json!(["unionFiles", "nodes", at, "status"])), "{marked:?}");
        assert!(marked.contains(&json!(["unionFiles", "edges", at, "node", "status"])), "{marked:?}");
    }
}

#[test]
fn supervision_finds_what_its_source_is_late_with() {
    let server = Server::start();
    raised(&object(&server.citizen(&family()[0]), &wrong_name(), None));
    let supervisor = server.client("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION");
    let late = || supervisor.data("{ objections(overdue: true) { nodes { state owner } } }", json!({}));
    assert_eq!(late()["objections"]["nodes"], json!([]));
    let hub = rusqlite::Connection::open(server.hub()).unwrap();
    hub.busy_timeout(Duration::from_secs(5)).unwrap();
    hub.execute("UPDATE deadline SET due = '2026-01-05'", []).unwrap();
    assert_eq!(late()["objections"]["nodes"], json!([{ "state": "OPEN", "owner": "PUBLIC_SECURITY" }]));
}
