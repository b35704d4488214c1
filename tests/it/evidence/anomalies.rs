//! What auditors find by the command line, and what stands out.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::evidence::tracker::{accesses, other, read};
use crate::evidence::{PERSON, each_hub, evidence, officer, somebody};
use crate::support::{Answer, Server};

/// What a command prints that must succeed.
#[track_caller]
fn run(server: &Server, arguments: &[&str]) -> String {
    let output = evidence(&server.hub_url(), arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What stands out these years.
#[track_caller]
fn anomalies(server: &Server, more: &[&str]) -> String {
    let days = ["--officer", "li", "--from", "2026-01-01", "--to", "2099-12-31"];
    run(server, &[&["anomalies"], &days[..], more].concat())
}

fn file(own: &Path, name: &str, text: &str) -> PathBuf {
    let file = own.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn the_command_line_searches_and_says_in_its_record_what_was_searched() {
    each_hub("searched", |server| {
        let (id, own) = (somebody(), tempfile::tempdir().unwrap());
        let in_case = read(&officer(&server), &id, "C-1");
        read(&officer(&server), &id, "C-2");
        let number = file(own.path(), "number", &id);
        let person = ["search", "--officer", "li", "--person-file", number.to_str().unwrap()];
        let text = run(&server, &[&person[..], &["--case", "C-1", "--by", "demo-officer"]].concat());
        // The case was opened, and the person's consent recorded, by the same officer: these concern them too.
        let kinds = ["QUERY", "MUTATION"].map(|kind| text.matches(&format!("\"kind\":\"{kind}\"")).count());
        assert_eq!((text.lines().count(), kinds), (3, [1, 2]), "{text}");
        assert!(text.contains(&in_case) && !text.contains(&id), "{text}");
        let record = server.entries().into_iter().find(|entry| entry["kind"] == "SEARCH").unwrap();
        assert_eq!(record["note"], "search: person, officer demo-officer, case C-1");
        assert_eq!((&record["subject"], &record["people"]["count"]), (&json!("li"), &json!(1)));
        // The person is told that somebody looked.
        let asked = "query($id: CitizenId!) { accessesTo(citizenId: $id) { nodes { id kind } } }";
        let told = server.citizen(&id).data(asked, json!({ "id": id }));
        let told = told["accessesTo"]["nodes"].as_array().unwrap().clone();
        assert!(told.iter().any(|node| node["id"] == record["id"] && node["kind"] == "SEARCH"), "{told:?}");
        let named = evidence(&server.hub_url(), &["search", "--officer", "li", "--by", &id]);
        assert!(!named.status.success(), "a filter that names a person");
    });
}

#[test]
fn a_search_by_graphql_says_in_its_record_what_was_searched() {
    let server = Server::start();
    let id = somebody();
    let auditor = server.client("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION");
    let search = "query($f: AccessRecordFilter) { accessRecords(filter: $f) { nodes { id } } }";
    let answer = auditor.send(search, json!({ "f": { "citizenId": id, "case": "C-1", "officer": id } }));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    let record = server.records().pop().unwrap();
    assert_eq!(record["note"], "accessRecords: person, officer, case C-1");
    assert_eq!(record["people"]["count"], 1);
    assert!(!record.to_string().contains(&id), "{record}");
}

#[test]
fn people_read_outside_any_case_or_in_bulk_stand_out() {
    let server = Server::start();
    let (id, client) = (somebody(), officer(&server));
    read(&client, &id, "C-1");
    for _ in 0..3 {
        client.send(PERSON, json!({ "id": id }));
    }
    let text = anomalies(&server, &["--bulk", "3"]);
    assert!(text.contains("outside any case\t3 operations\t3 people"), "{text}");
    assert!(text.contains("in bulk\t4 operations\t4 people"), "{text}");
    assert!(!text.contains("far from") && !text.contains("own family"), "{text}");
    assert!(!anomalies(&server, &["--bulk", "4"]).contains("in bulk"));
    assert!(!anomalies(&server, &[]).contains("in bulk"), "200 unless the configuration says otherwise");
}

#[test]
fn an_officer_who_reads_their_own_family_stands_out_by_a_list_that_is_not_kept() {
    each_hub("kin", |server| {
        let (id, own) = (somebody(), tempfile::tempdir().unwrap());
        read(&crate::commands::officer(&server), &id, "C-1");
        accesses(&server.citizen(&id), &id, 1);
        let told = |list: &str| {
            let list = file(own.path(), "kin", list);
            anomalies(&server, &["--kin-file", list.to_str().unwrap()])
        };
        let text = told(&format!("demo-officer,{id}\ndemo-officer,{}\n", other()));
        assert!(text.contains("demo-officer\town family\t1 operations\t1 people"), "{text}");
        assert!(!told(&format!("demo-officer,{}\n", other())).contains("own family"), "nobody of theirs");
        assert!(!told(&format!("somebody-else,{id}\n")).contains("own family"), "another officer's");
        let wrong = file(own.path(), "kin", &format!("demo-officer,{id}\n{id}\n"));
        let days = ["--officer", "li", "--from", "2026-01-01", "--to", "2026-12-31"];
        let with = [&["anomalies"], &days[..], &["--kin-file", wrong.to_str().unwrap()]].concat();
        let output = evidence(&server.hub_url(), &with);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains("line 2") && !text.contains(&id), "{text}");
        assert!(!json!(server.entries()).to_string().contains(&id));
    });
}

/// A policy of public security that opens people of everywhere to civil affairs.
fn everywhere(own: &Path) -> PathBuf {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("policy/cedar/PUBLIC_SECURITY.cedar");
    let text = std::fs::read_to_string(bundled).unwrap();
    let more = "@id(\"everywhere\")\n@basis(\"004 五(一)\")\n\
                permit (principal in Department::\"CIVIL_AFFAIRS\", action == Action::\"everywhere\", resource);\n";
    file(own, "PUBLIC_SECURITY.cedar", &format!("{text}\n{more}"));
    own.to_owned()
}

#[test]
fn rows_of_far_divisions_are_counted_where_a_policy_opens_them_and_stand_out() {
    let own = tempfile::tempdir().unwrap();
    let folders = format!("[\"{}\"]", everywhere(own.path()).display());
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    let id = somebody();
    let ask = |division: &str| {
        let client = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", division);
        let answer: Answer = client.send(PERSON, json!({ "id": id }));
        assert!(answer.json()["data"]["person"].is_object(), "{}", answer.text);
        let record = server.records().pop().unwrap();
        record["departments"][0].clone()
    };
    let near = ask("410727000000");
    assert_eq!((near.get("outside"), near.get("distance")), (None, None));
    assert!(!anomalies(&server, &[]).contains("far from"));
    let far = ask("410800000000");
    assert_eq!((&far["outside"], &far["distance"]), (&json!(1), &json!(1)));
    let farther: Value = ask("420100000000");
    assert_eq!((&farther["outside"], &farther["distance"]), (&json!(1), &json!(2)));
    let text = anomalies(&server, &[]);
    assert!(text.contains("far from the own division\t2 operations\t2 rows"), "{text}");
}
