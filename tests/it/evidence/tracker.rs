//! Who looked at my data: told to the person concerned and to auditors, and to nobody else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tlog_tiles::tlog;

use crate::commands::officer;
use crate::evidence::{PERSON, each_hub, evidence, somebody};
use crate::support::{Answer, Client, Server};

const ACCESSES: &str = "query($id: CitizenId!, $first: Int, $after: String) {
  accessesTo(citizenId: $id, first: $first, after: $after) {
    nodes {
      id kind at department officer purpose purposeText case outcome
      items { coordinate name decision }
      proof { index size leaf path checkpoint }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

pub(crate) fn other() -> String {
    crate::support::county::value(
        "household",
        "SELECT citizen_id FROM person WHERE citizen_id IS NOT NULL LIMIT 1 OFFSET 1",
    )
}

/// Reads somebody in a case, as an officer does.
pub(crate) fn read(client: &Client, id: &str, case: &str) -> String {
    client.open_case(case, &[id]);
    let body = json!({ "query": PERSON, "variables": { "id": id } });
    let answer = Answer::of(client.post().header("Yimen-Case", case).json(&body));
    answer.headers["yimen-record"].to_str().unwrap().to_owned()
}

/// Whether an access read data, as an officer does; to open the case is another.
fn is_read(node: &Value) -> bool {
    node["purpose"] == "UNION_FILE_CHECK" && node["kind"] == "QUERY"
}

fn auditor(server: &Server) -> Client {
    server.client("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION")
}

/// Asks until so many records have their places; the server integrates every few milliseconds.
#[track_caller]
pub(crate) fn accesses(client: &Client, id: &str, count: usize) -> Vec<Value> {
    for _ in 0..250 {
        let data = client.data(ACCESSES, json!({ "id": id, "first": 100 }));
        let nodes = data["accessesTo"]["nodes"].as_array().unwrap().clone();
        // The question itself is an access too; only those of officers are counted.
        let nodes: Vec<Value> = nodes.into_iter().filter(is_read).collect();
        if nodes.len() >= count {
            return nodes;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{count} records never come")
}

#[test]
fn the_person_is_told_which_department_asked_for_what_and_can_check_it() {
    each_hub("told", |server| {
        let id = somebody();
        let name = read(&officer(&server), &id, "C-1");
        read(&officer(&server), &other(), "C-2");
        let citizen = server.citizen(&id);
        let told = accesses(&citizen, &id, 1);
        assert_eq!(told.len(), 1, "nobody else's: {told:?}");
        let access = &told[0];
        assert_eq!(access["id"], name.as_str());
        assert_eq!((&access["department"], &access["case"]), (&json!("UNION"), &json!("C-1")));
        assert_eq!(access["purposeText"], "困难职工档案核查");
        assert_eq!(access["officer"], Value::Null, "the person is told the department");
        assert_eq!(access["outcome"], "ANSWERED");
        let items = access["items"].as_array().unwrap();
        assert!(
            items.iter().any(|item| item["coordinate"] == "Person.name" && item["name"] == "姓名"),
            "{items:?}"
        );
        let proof = &access["proof"];
        let hash =
            |text: &Value| tlog::Hash(STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap());
        let path: Vec<tlog::Hash> = proof["path"].as_array().unwrap().iter().map(hash).collect();
        let (text, _) = proof["checkpoint"].as_str().unwrap().split_once("\n\n").unwrap();
        let head = tlog_tiles::Checkpoint::from_bytes(format!("{text}\n").as_bytes()).unwrap();
        let (index, leaf) = (proof["index"].as_u64().unwrap(), hash(&proof["leaf"]));
        tlog::check_record(&path, head.size(), *head.hash(), index, leaf).unwrap();
    });
}

#[test]
fn nobody_else_is_told() {
    each_hub("nobody", |server| {
        let id = somebody();
        read(&officer(&server), &id, "C-1");
        for (client, reason) in [
            (server.citizen(&other()), "NOT_GRANTED"),
            (server.client("CIVIL_AFFAIRS", "CITIZEN", "OWN_RECORDS"), "NOT_GRANTED"),
            (server.citizen(&id).purpose(Some("SUPERVISION")), "PURPOSE"),
            (auditor(&server).purpose(Some("STATISTICS")), "PURPOSE"),
            (officer(&server), "NOT_GRANTED"),
        ] {
            let answer = client.send(ACCESSES, json!({ "id": id })).json();
            assert_eq!(answer["data"]["accessesTo"], Value::Null);
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "UNAUTHORIZED_FIELD_OR_TYPE");
            assert_eq!(error["extensions"]["reason"], reason, "{answer}");
            assert_eq!(error["path"], json!(["accessesTo"]));
            let record = server.records().pop().unwrap();
            let outcomes = record["coordinates"].as_array().unwrap();
            assert_eq!(
                outcomes[0],
                json!({ "coordinate": "Query.accessesTo", "decision": "DENY", "reason": reason })
            );
        }
    });
}

#[test]
fn an_auditor_is_told_of_officers_and_pages_through() {
    each_hub("pages", |server| {
        let id = somebody();
        let mut names: Vec<String> =
            (0..3).map(|at| read(&officer(&server), &id, &format!("C-{at}"))).collect();
        names.reverse();
        let auditor = auditor(&server);
        let told = accesses(&auditor, &id, 3);
        assert_eq!(
            told.iter().map(|node| node["id"].as_str().unwrap()).collect::<Vec<_>>(),
            names,
            "the newest first"
        );
        assert_eq!(told[0]["officer"], "demo-officer");
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = auditor.data(ACCESSES, json!({ "id": id, "first": 2, "after": after }));
            let page = &page["accessesTo"];
            seen.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            assert!(seen.len() < 100);
        }
        seen.retain(|name| names.contains(name));
        assert_eq!(seen, names);
        let foreign =
            auditor.data(ACCESSES, json!({ "id": id, "first": 1 }))["accessesTo"]["pageInfo"]["endCursor"]
                .clone();
        let refused = auditor.send(ACCESSES, json!({ "id": other(), "after": foreign }));
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "a cursor of another person's");
    });
}

#[test]
fn pages_are_bounded_just_at_the_limit() {
    let server = Server::start();
    let auditor = auditor(&server);
    for (first, codes) in [
        (100, vec![]),
        (101, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
        (0, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
    ] {
        let answer = auditor.send(ACCESSES, json!({ "id": somebody(), "first": first }));
        assert_eq!(answer.codes(), codes, "{first}");
    }
}

#[test]
fn a_covert_inspection_is_kept_from_the_person_by_a_rule_only_and_not_from_auditors() {
    each_hub("covert", |server| {
        let id = somebody();
        let covert = read(&officer(&server), &id, "COVERT-1");
        let open = read(&officer(&server), &id, "C-1");
        let (citizen, auditor) = (server.citizen(&id), auditor(&server));
        assert_eq!(accesses(&citizen, &id, 2).len(), 2, "without a rule everything is told");
        let hub = server.hub_url();
        let withhold = |department: &str, until: &str| {
            let what = ["withhold", "--case", "COVERT-1", "--department", department, "--until", until];
            let rule = ["--basis", "006 art. 3", "--officer", "li"];
            evidence(&hub, &[&what[..], &rule].concat()).status.success()
        };
        assert!(withhold("HRSS", "2099-12-31"));
        assert_eq!(accesses(&citizen, &id, 2).len(), 2, "a rule for another department keeps nothing");
        assert!(!withhold("NOBODY", "2099-12-31"), "no such department");
        assert!(withhold("UNION", "2099-12-31"));
        let names = |nodes: Vec<Value>| {
            nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(accesses(&citizen, &id, 1)), std::slice::from_ref(&open));
        assert_eq!(names(accesses(&auditor, &id, 2)), [open.clone(), covert.clone()]);
        let kinds: Vec<Value> = server.entries().into_iter().map(|e| e["kind"].clone()).collect();
        assert!(kinds.contains(&json!("WITHHOLDING")), "the rule itself is recorded");
        assert!(withhold("UNION", "2020-01-01"));
        assert_eq!(names(accesses(&citizen, &id, 2)), [open, covert], "a rule that has ended keeps nothing");
    });
}

const RECORDS: &str = "query($filter: AccessRecordFilter) {
  accessRecords(filter: $filter, first: 50) { edges { node { id kind department officer case __typename } } }
}";

#[test]
fn an_auditor_finds_records_by_whatever_they_know() {
    each_hub("finds", |server| {
        let id = somebody();
        let union = read(&officer(&server), &id, "C-1");
        let civil = read(&server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"), &id, "C-2");
        let auditor = auditor(&server);
        accesses(&auditor, &id, 1);
        let found = |filter: Value| {
            let data = auditor.data(RECORDS, json!({ "filter": filter }));
            let edges = data["accessRecords"]["edges"].as_array().unwrap().clone();
            let names = edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned());
            names.filter(|name| *name == union || *name == civil).collect::<Vec<_>>()
        };
        for _ in 0..250 {
            if found(json!({})).len() == 2 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(found(json!({})), [civil.clone(), union.clone()]);
        assert_eq!(found(json!({ "citizenId": id })), [civil.clone(), union.clone()]);
        assert_eq!(found(json!({ "citizenId": other() })), Vec::<String>::new());
        assert_eq!(found(json!({ "department": "UNION" })), std::slice::from_ref(&union));
        assert_eq!(found(json!({ "purpose": "MLA_REVIEW" })), std::slice::from_ref(&civil));
        assert_eq!(found(json!({ "case": "C-2" })), std::slice::from_ref(&civil));
        assert_eq!(found(json!({ "officer": "nobody" })), Vec::<String>::new());
        assert_eq!(
            found(json!({ "coordinate": "Person.name", "case": "C-1" })),
            std::slice::from_ref(&union)
        );
        assert_eq!(found(json!({ "coordinate": "Vehicle.plateNo" })), Vec::<String>::new());
        assert_eq!(found(json!({ "from": "2099-01-01T00:00:00Z" })), Vec::<String>::new());
        assert_eq!(found(json!({ "to": "2099-01-01T00:00:00+08:00" })), [civil, union]);
        for client in [server.citizen(&id), officer(&server)] {
            let answer = client.send(RECORDS, json!({ "filter": { "citizenId": id } }));
            assert_eq!(answer.codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"]);
        }
    });
}

#[test]
fn whoever_was_looked_for_is_told_though_there_was_nothing_to_find() {
    each_hub("looked", |server| {
        let id = "11010519491231002X";
        let found = "SELECT COUNT(*) FROM person WHERE citizen_id = '11010519491231002X'";
        assert_eq!(crate::support::county::value("household", found), "0");
        let client = officer(&server);
        let by_number = read(&client, id, "C-1");
        let many =
            "query($id: CitizenId!, $other: CitizenId!) { persons(citizenIds: [$id, $other]) { name } }";
        client.open_case("C-3", &[id, &other()]);
        let among = client.in_case("C-3").send(many, json!({ "id": id, "other": other() }));
        assert_eq!(among.codes(), Vec::<String>::new(), "{}", among.text);
        read(&client, &other(), "C-2");
        let told = accesses(&server.citizen(id), id, 2);
        let names: Vec<&str> = told.iter().map(|node| node["id"].as_str().unwrap()).collect();
        assert_eq!(names, [among.headers["yimen-record"].to_str().unwrap(), by_number.as_str()]);
    });
}

#[test]
fn what_was_erased_is_told_to_nobody_and_the_rest_still_is() {
    each_hub("erased", |server| {
        let (id, own) = (somebody(), tempfile::tempdir().unwrap());
        read(&officer(&server), &id, "C-1");
        read(&officer(&server), &other(), "C-2");
        assert_eq!(accesses(&server.citizen(&id), &id, 1).len(), 1);
        let number = own.path().join("number");
        std::fs::write(&number, &id).unwrap();
        let erase = ["erase", "--person-file", number.to_str().unwrap(), "--officer", "li", "--yes"];
        let output = evidence(&server.hub_url(), &erase);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(accesses(&server.citizen(&id), &id, 0), Vec::<Value>::new());
        assert_eq!(accesses(&server.citizen(&other()), &other(), 1).len(), 1);
        crate::evidence::verifies(&server.hub_url());
    });
}

#[test]
fn an_access_has_what_an_objection_needs() {
    let server = Server::start();
    let id = somebody();
    let name = read(&officer(&server), &id, "C-1");
    let told = accesses(&server.citizen(&id), &id, 1);
    let record = server.records().into_iter().find(|record| record["id"] == name.as_str()).unwrap();
    assert_eq!(told[0]["id"], record["id"], "the record by its own name");
    let told: Vec<&Value> =
        told[0]["items"].as_array().unwrap().iter().map(|item| &item["coordinate"]).collect();
    let recorded: Vec<&Value> =
        record["coordinates"].as_array().unwrap().iter().map(|item| &item["coordinate"]).collect();
    assert_eq!(told, recorded, "every coordinate by its own name");
}
