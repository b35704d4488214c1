//! Divisions that changed: who reads rows that are still filed under the codes that were, in registers of either kind
//! and in what the gateway keeps itself. All changes here are invented.

use serde_json::{Value, json};
use tempfile::TempDir;
use yimen_migration::ExchangeDatabase;

use crate::support::county::value;
use crate::support::postgres::Database;
use crate::support::{Client, Server, county};

const HEAD: &str = "code,name,parent,valid_from,valid_until,successors,source";

/// Real towns of the county: Chengguan, Huangling, Huangde, Yingju.
pub(crate) const OLD: &str = "410727100000";
pub(crate) const NEXT: &str = "410727101000";
const HALVES: [&str; 2] = ["410727102000", "410727103000"];

const COUNTY: &str = "410727000000";

/// The county, in which these lines take the place of those of the same codes, or are more.
fn divisions(lines: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let code = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
    let towns = [OLD, NEXT, HALVES[0], HALVES[1]].map(|town| format!("{town},A town,{COUNTY},,,,a test"));
    let kept = [format!("{COUNTY},The county,,,,,a test")].into_iter().chain(towns);
    let kept = kept.filter(|of| !lines.iter().any(|line| code(line) == code(of)));
    let lines = kept.chain(lines.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.path().join("divisions.csv"), format!("{HEAD}\n{lines}\n")).unwrap();
    folder
}

/// One town that the next one took the place of years ago.
pub(crate) fn merged() -> TempDir {
    divisions(&[&format!("{OLD},Old,{COUNTY},,2020-12-31,{NEXT},a test")])
}

pub(crate) fn server(folder: &TempDir, more: &[(&str, &str)]) -> Server {
    let folders = format!("[\"{}\"]", folder.path().display());
    Server::set(&[&[("YIMEN__POLICY__FOLDERS", folders.as_str())], more].concat())
}

fn reviewer(server: &Server, division: &str) -> Client {
    server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", division)
}

/// Somebody who lives in a town.
pub(crate) fn somebody(town: &str) -> String {
    let sql = format!(
        "SELECT citizen_id FROM person WHERE substr(division_code, 1, 9) = '{}' AND length(citizen_id) = 18 \
         ORDER BY citizen_id LIMIT 1",
        &town[..9]
    );
    value("household", &sql)
}

/// What is told of somebody: the name, nothing, or the code of a refusal.
fn told(client: &Client, id: &str) -> String {
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name } }";
    let answer = client.send(query, json!({ "id": id }));
    let json = answer.json();
    match (json["errors"][0]["extensions"]["code"].as_str(), &json["data"]["person"]) {
        (Some(code), _) => code.to_owned(),
        (None, Value::Null) => String::from("nobody"),
        (None, person) => {
            assert!(person["name"].is_string(), "{}", answer.text);
            String::from("somebody")
        }
    }
}

#[test]
fn a_successor_reads_the_rows_of_the_code_before_it_and_nobody_serves_that_any_more() {
    let (before, after) = (Server::start(), server(&merged(), &[]));
    let (old, next, other) = (somebody(OLD), somebody(NEXT), somebody(HALVES[0]));
    assert_eq!(told(&reviewer(&before, OLD), &old), "somebody");
    assert_eq!(told(&reviewer(&before, NEXT), &old), "nobody");
    let successor = reviewer(&after, NEXT);
    assert_eq!([&old, &next, &other].map(|id| told(&successor, id)), ["somebody", "somebody", "nobody"]);
    assert_eq!(told(&reviewer(&after, HALVES[0]), &old), "nobody");
    assert_eq!(told(&reviewer(&after, COUNTY), &old), "somebody");
    for ended in [OLD, "410727100201"] {
        let answer = reviewer(&after, ended).send("{ households(first: 1) { nodes { id } } }", json!({}));
        assert_eq!(answer.codes(), ["DIVISION_NOT_IN_FORCE"], "{}", answer.text);
        assert!(answer.text.contains(NEXT) && answer.json()["data"].is_null(), "{}", answer.text);
    }
    let refused = after.records().into_iter().filter(|record| record["note"] == "DIVISION_NOT_IN_FORCE");
    assert_eq!(refused.count(), 2, "a refusal has its record");
}

/// The households of a page, with their divisions.
fn households(client: &Client, filter: Value) -> Vec<String> {
    let query = "query($filter: HouseholdFilter) { households(first: 200, filter: $filter) { nodes { id divisionCode } } }";
    let answer = client.send(query, json!({ "filter": filter }));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    let nodes = answer.json()["data"]["households"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["divisionCode"].as_str().unwrap().to_owned()).collect()
}

fn count(town: &str) -> usize {
    let sql = format!("SELECT count(*) FROM household WHERE substr(division_code, 1, 9) = '{}'", &town[..9]);
    value("household", &sql).parse::<usize>().unwrap()
}

#[test]
fn pages_and_filters_find_what_is_filed_under_old_codes() {
    let server = server(&merged(), &[]);
    let towns = |codes: &[String]| {
        let mut towns: Vec<String> = codes.iter().map(|code| format!("{}000", &code[..9])).collect();
        towns.sort();
        towns.dedup();
        towns
    };
    let own = households(&reviewer(&server, NEXT), json!(null));
    assert_eq!(
        (own.len(), towns(&own)),
        ((count(OLD) + count(NEXT)).min(200), vec![OLD.into(), NEXT.into()])
    );
    let within = |code: &str| json!({ "divisionCode": { "within": code } });
    let filtered = households(&reviewer(&server, COUNTY), within(NEXT));
    assert_eq!(filtered, own);
    // The codes of the old one alone may still be asked for, and a code is a code.
    let old = households(&reviewer(&server, COUNTY), within(OLD));
    assert_eq!((old.len(), towns(&old)), (count(OLD).min(200), vec![OLD.to_owned()]));
    let other = households(&reviewer(&server, NEXT), within(HALVES[0]));
    assert_eq!(other, Vec::<String>::new(), "a filter opens nothing");
    assert_eq!(households(&reviewer(&server, NEXT), within(COUNTY)), own);
}

#[test]
fn after_a_split_the_county_alone_reads_the_old_rows() {
    let folder =
        divisions(&[&format!("{OLD},Split,{COUNTY},,2020-12-31,{}|{},a test", HALVES[0], HALVES[1])]);
    let server = server(&folder, &[]);
    let old = somebody(OLD);
    assert_eq!(HALVES.map(|half| told(&reviewer(&server, half), &old)), ["nobody", "nobody"]);
    assert_eq!(told(&reviewer(&server, HALVES[0]), &somebody(HALVES[0])), "somebody");
    assert_eq!(told(&reviewer(&server, COUNTY), &old), "somebody");
    assert_eq!(told(&reviewer(&server, OLD), &old), "DIVISION_NOT_IN_FORCE");
}

#[test]
fn a_town_that_another_county_took_is_that_county_s() {
    let moved = format!("{OLD},Given,410726000000,2021-01-01,,,a test");
    let before = format!("{OLD},Given,{COUNTY},,2020-12-31,,a test");
    let folder = divisions(&["410726000000,The next county,,,,,a test", &before, &moved]);
    let server = server(&folder, &[]);
    let old = somebody(OLD);
    let told = |division| told(&reviewer(&server, division), &old);
    assert_eq!([OLD, "410726000000", COUNTY].map(told), ["somebody", "somebody", "nobody"]);
}

/// A register of its own on PostgreSQL: somebody in the old town, the next one, and one of the others.
fn register() -> Database {
    let database = Database::new("divisions");
    database.migrate(ExchangeDatabase::Household);
    let rows = [(1, OLD), (2, NEXT), (3, HALVES[0])]
        .map(|(at, town)| format!("({at}, '11010519491231{at:03}X', 'A', '{}201')", &town[..9]));
    database.run(&format!(
        "INSERT INTO person (row_no, citizen_id, name, division_code) VALUES {}; \
         INSERT INTO household (id, division_code) SELECT 'H-' || row_no, division_code FROM person; ANALYZE",
        rows.join(", ")
    ));
    database
}

#[test]
fn postgresql_reads_the_same() {
    let (database, folder) = (register(), merged());
    let url = database.url();
    let departments = ["YIMEN__DEPARTMENTS__PUBLIC_SECURITY__URL", "YIMEN__DEPARTMENTS__CIVIL_AFFAIRS__URL"];
    let server = server(&folder, &departments.map(|key| (key, url.as_str())));
    let towns = |division: &str, filter| {
        let codes = households(&reviewer(&server, division), filter);
        codes.iter().map(|code| format!("{}000", &code[..9])).collect::<Vec<_>>()
    };
    assert_eq!(towns(NEXT, json!(null)), [OLD, NEXT]);
    assert_eq!(towns(HALVES[0], json!(null)), [HALVES[0]]);
    assert_eq!(towns(COUNTY, json!({ "divisionCode": { "within": NEXT } })), [OLD, NEXT]);
    assert_eq!(towns(COUNTY, json!({ "divisionCode": { "within": OLD } })), [OLD]);
    let query = "{ households(first: 5) { nodes { id members { person { name } } } } }";
    let answer = reviewer(&server, NEXT).send(query, json!({}));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
}

#[test]
fn a_case_of_the_old_division_goes_on_with_its_successor() {
    let before = Server::start();
    let old = somebody(OLD);
    reviewer(&before, OLD).open_case_in(OLD, "OLD-1", &[&old]);
    reviewer(&before, HALVES[0]).open_case_in(HALVES[0], "OTHER-1", &[&somebody(HALVES[0])]);
    let hub = before.stop();
    let file = format!("sqlite://{}", hub.path().join("hub.db").display());
    let head = hub.path().join("evidence.head").display().to_string();
    let more = [("YIMEN__HUB__URL", file.as_str()), ("YIMEN__EVIDENCE__HEAD", head.as_str())];
    let after = server(&merged(), &more);
    let successor = reviewer(&after, NEXT);
    let query = "{ cases(first: 10) { nodes { caseNo } } }";
    let answer = successor.send(query, json!({}));
    assert_eq!(answer.json()["data"]["cases"]["nodes"], json!([{ "caseNo": "OLD-1" }]), "{}", answer.text);
    assert_eq!(told(&successor.in_case("OLD-1"), &old), "somebody");
    assert_eq!(told(&successor.in_case("OTHER-1"), &old), "CASE_NOT_FOUND");
    assert_eq!(told(&reviewer(&after, HALVES[0]).in_case("OLD-1"), &old), "CASE_NOT_FOUND");
    // A new one is opened where somebody answers for it.
    let open = "mutation($input: OpenCase!) { openCase(input: $input) { caseNo } }";
    let items = json!([{ "department": "PUBLIC_SECURITY", "section": "HOUSEHOLD_REGISTRATION" }]);
    let opened = |case_no: &str, division: &str| {
        let input = json!({
            "caseNo": case_no, "purpose": "MLA_REVIEW", "division": division, "applicant": old, "items": items,
        });
        successor.in_case(case_no).send(open, json!({ "input": input }))
    };
    let refused = opened("NEW-1", OLD);
    assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{}", refused.text);
    assert!(refused.text.contains("in force"), "{}", refused.text);
    assert_eq!(opened("NEW-2", NEXT).codes(), Vec::<String>::new());
}

#[test]
fn the_dictionary_of_the_county_says_what_its_codes_say() {
    let folder = TempDir::new().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/county/data/divisions.csv");
    std::fs::copy(file, folder.path().join("divisions.csv")).unwrap();
    let diff = crate::support::yimen()
        .args(["policy", "diff", "--data"])
        .arg(county())
        .args([TempDir::new().unwrap().path(), folder.path()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&diff.stdout);
    assert_eq!(said.trim(), "0 cells widen, 0 narrow", "{}", String::from_utf8_lossy(&diff.stderr));
    // And one with a history is a matter of approval.
    let diff = crate::support::yimen()
        .args(["policy", "diff", "--data"])
        .arg(county())
        .args([folder.path(), merged().path()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&diff.stdout);
    let wider = format!("widens  - - - divisions.csv {NEXT} 2021-01-01: ");
    assert!(said.contains(&wider), "{said}");
}

#[test]
fn a_dictionary_that_is_wrong_is_told_by_its_line() {
    let folder = divisions(&[&format!("{OLD},Old,{COUNTY},,2020-12-31,410727999000,a test")]);
    let output = crate::support::yimen()
        .args(["config", "check", "--data"])
        .arg(county())
        .env("YIMEN__POLICY__FOLDERS", format!("[\"{}\"]", folder.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("divisions.csv: `line 6`"), "{said}");
}
