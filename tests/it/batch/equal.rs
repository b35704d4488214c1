//! Each line against what the same request answers alone.

use serde_json::{Value, json};
use yimen_migration::ExchangeDatabase;

use crate::batch::{Lines, PERSON, batch, chunks, officer, people, refused};
use crate::support::postgres::Database;
use crate::support::{Client, Server};

/// What the entries answer alone, each with its place, without what names decisions.
fn alone(client: &Client, query: &str, entries: &[Value]) -> Vec<String> {
    let alone = |(index, variables): (usize, &Value)| {
        let text = client.send(query, variables.clone()).text;
        let text = text.strip_suffix('}').unwrap();
        anonymous(&format!("{text},\"variableIndex\":{index}}}"))
    };
    entries.iter().enumerate().map(alone).collect()
}

/// A text without the names of decisions.
pub(crate) fn anonymous(text: &str) -> String {
    const NAMED: &str = "\"decisionId\":\"";
    let mut parts = text.split(NAMED);
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        all.push_str(NAMED);
        all.push_str(part.split_once('"').unwrap().1);
    }
    all
}

#[track_caller]
fn are_equal(client: &Client, query: &str, entries: &[Value]) -> Vec<String> {
    let together: Vec<String> =
        Lines::of(client, query, &json!(entries)).map(|line| anonymous(&line)).collect();
    let alone = alone(client, query, entries);
    assert_eq!(together.len(), alone.len());
    for (together, alone) in together.iter().zip(&alone) {
        assert_eq!(together, alone);
    }
    together
}

/// People who are found, not found, asked for twice, and whose numbers are none.
fn mixed() -> Vec<Value> {
    let mut entries: Vec<Value> = people(240).iter().map(|id| json!({ "id": id })).collect();
    let again = entries[3].clone();
    entries.push(again);
    entries.push(json!({ "id": "11010519491231002X" }));
    entries.push(json!({ "id": "110105491231002" }));
    entries.insert(7, json!({ "id": "410727" }));
    entries.insert(9, json!({ "id": 7 }));
    entries.insert(11, json!({ "id": null }));
    entries.insert(13, json!({}));
    entries.insert(15, json!({ "id": entries[0]["id"], "more": 1 }));
    entries.insert(17, json!({ "id": ["11010519491231002X"] }));
    entries
}

#[test]
fn every_line_is_what_its_entry_gets_alone() {
    let server = Server::set(&[("YIMEN__FETCH__BULK_CHUNK", "100")]);
    for client in [
        officer(&server),
        server.client("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW"),
        server.client("EDUCATION", "REVIEWER", "EDUCATION_AID"),
        server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410726000000"),
    ] {
        let before = chunks(&server).len();
        let lines = are_equal(&client, PERSON, &mixed());
        assert_eq!(chunks(&server).len() - before, 3, "one record for each chunk of a hundred");
        assert!(lines.iter().any(|line| line.contains("UNAUTHORIZED_FIELD_OR_TYPE")), "{}", lines[0]);
    }
}

#[test]
fn a_masked_value_is_masked_in_every_line() {
    let server = Server::start();
    let client = server.client("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW");
    let lines = are_equal(&client, PERSON, &mixed());
    assert!(lines.iter().any(|line| line.contains("**")), "{}", lines[0]);
}

#[test]
fn a_department_on_postgresql_answers_many_as_it_answers_one() {
    let database = Database::new("batch");
    database.migrate(ExchangeDatabase::UnionAid);
    for (at, id) in people(300).iter().enumerate().filter(|(at, _)| at % 3 == 0) {
        database.run(&format!(
            "INSERT INTO union_file (file_no, citizen_id, division_code) \
             VALUES ('F{at}', '{id}', '410727100000'), ('G{at}', '{id}', '410727100000')"
        ));
    }
    let server = Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", &database.url())]);
    let lines = are_equal(&officer(&server), PERSON, &mixed());
    assert!(lines.iter().any(|line| line.contains("\"fileNo\":\"F0\"")), "{}", lines[0]);
    drop(server);
}

#[test]
fn a_department_that_is_down_is_missing_where_it_would_have_been_asked() {
    let server = Server::set(&[("YIMEN__DEPARTMENTS__UNION__URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    let lines = are_equal(&officer(&server), PERSON, &mixed());
    let down = |line: &&String| line.contains("DEPARTMENT_UNAVAILABLE");
    assert!(lines.iter().filter(down).count() > 200);
    assert!(!down(&lines.iter().find(|line| line.contains("\"person\":null")).unwrap()));
}

#[test]
fn more_rows_than_a_statement_may_have_are_read_in_smaller_parts() {
    let server = Server::set(&[("YIMEN__FETCH__ROWS", "60")]);
    let lines = are_equal(&officer(&server), PERSON, &mixed());
    assert!(!lines.iter().any(|line| line.contains("DEPARTMENT_UNAVAILABLE")));
    assert!(chunks(&server).len() > 3);
}

#[test]
fn in_a_case_only_its_family_is_found() {
    let server = Server::start();
    let client = officer(&server);
    let people = people(12);
    let family: Vec<&str> = people.iter().take(2).map(String::as_str).collect();
    client.open_case("B-2026-1", &family);
    let entries: Vec<Value> = people.iter().map(|id| json!({ "id": id })).collect();
    let body = json!({ "query": PERSON, "variables": entries });
    let request = client.post().header("accept", "application/jsonl").header("Yimen-Case", "B-2026-1");
    let lines = request.json(&body).send().unwrap().text().unwrap();
    let lines: Vec<String> = lines.lines().map(anonymous).collect();
    for (index, (line, variables)) in lines.iter().zip(&entries).enumerate() {
        let body = json!({ "query": PERSON, "variables": variables });
        let alone =
            client.post().header("Yimen-Case", "B-2026-1").json(&body).send().unwrap().text().unwrap();
        let alone = alone.strip_suffix('}').unwrap();
        assert_eq!(*line, anonymous(&format!("{alone},\"variableIndex\":{index}}}")));
        assert_eq!(line.contains("\"person\":null"), index > 1, "{line}");
    }
    assert_eq!(lines.len(), entries.len());
}

#[test]
fn what_differs_by_more_than_a_value_is_answered_one_by_one_in_order() {
    let server = Server::start();
    let client = officer(&server);
    let entries: Vec<Value> =
        people(40).iter().enumerate().map(|(at, id)| json!({ "id": id, "with": at % 2 == 0 })).collect();
    are_equal(&client, PERSON, &entries);
    let several = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { name } viewer { role } }";
    let lists: Vec<Value> = people(60).chunks(3).map(|ids| json!({ "ids": ids })).collect();
    are_equal(&client, several, &lists);
    let page = "query($n: Int!) { households(first: $n) { nodes { id kind } } }";
    let sizes: Vec<Value> = (0..20).map(|n| json!({ "n": n })).chain([json!({ "n": 900 })]).collect();
    are_equal(&client, page, &sizes);
    assert_eq!(chunks(&server).len(), 0);
}

#[test]
fn a_root_that_is_withheld_is_withheld_from_every_entry() {
    let server = Server::start();
    let client = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let query = "query($no: ID!) { unionFile(fileNo: $no) { status } }";
    let entries: Vec<Value> = (0..30).map(|no| json!({ "no": no })).collect();
    let lines = are_equal(&client, query, &entries);
    assert!(lines[29].contains("UNAUTHORIZED_FIELD_OR_TYPE"), "{}", lines[29]);
    assert_eq!(chunks(&server).len(), 1);
}

#[test]
fn what_is_wrong_with_all_of_it_is_one_answer() {
    let server = Server::start();
    let client = officer(&server);
    let one = json!([{ "id": "11010519491231002X" }]);
    assert_eq!(refused(&client, "{ nothing }", &one), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(refused(&client, "{ viewer {", &one), "GRAPHQL_PARSE_FAILED");
    assert_eq!(refused(&client.purpose(None), PERSON, &one), "PURPOSE_REQUIRED");
    let close = "mutation($input: CloseCase!) { closeCase(input: $input) { caseNo } }";
    let watch = "subscription { departmentStatusChanged { status } }";
    for query in [close, watch] {
        assert_eq!(refused(&client, query, &one), "BATCHING_NOT_ENABLED", "{query}");
    }
    let request = client.post().header("accept", "application/jsonl").header("Yimen-Case", "none");
    let answer = request.json(&json!({ "query": PERSON, "variables": one })).send().unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers().contains_key("yimen-record")), (400, true));
    assert_eq!(batch(&client, PERSON, &json!([])).text().unwrap(), "");
}
