//! An export that nothing disturbs: its rows, its manifest and its records.

use serde_json::{Value, json};

use crate::batch::{Lines, PERSON, officer, people};
use crate::export::{download, of_people, start, text, try_start, verifies, whole};
use crate::support::Server;
use crate::support::county::value;

/// A text without the names of decisions.
fn anonymous(text: &str) -> String {
    let mut line: Value = serde_json::from_str(text).unwrap();
    for error in line["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("decisionId");
    }
    line.to_string()
}

#[test]
fn its_lines_are_those_of_a_batch_and_each_chunk_has_a_record() {
    let server = Server::set(&[("YIMEN__FETCH__BULK_CHUNK", "100"), ("YIMEN__EXPORT__PART_ENTRIES", "250")]);
    let client = officer(&server);
    let mut asked = people(600);
    asked.push(String::from("11010519491231002X"));
    let id = start(&client, &of_people(PERSON, &asked));
    let job = whole(&client, &id);
    let entries: Value = asked.iter().map(|id| json!({ "id": id })).collect();
    let batch: Vec<String> = Lines::of(&client, PERSON, &entries).map(|line| anonymous(&line)).collect();
    let export: Vec<String> = text(&client, &job).lines().map(anonymous).collect();
    assert_eq!(export, batch);
    assert_eq!((&job["total"], &job["done"], &job["rows"]), (&json!(601), &json!(601), &json!(600)), "{job}");
    let parts = job["parts"].as_array().unwrap();
    let entries: Vec<&Value> = parts.iter().map(|part| &part["entries"]).collect();
    assert_eq!(entries, [&json!(250), &json!(250), &json!(101)]);
    // Chunks don't go over the end of a part.
    let named: Vec<&Value> = parts.iter().flat_map(|part| part["records"].as_array().unwrap()).collect();
    assert_eq!(named.len(), 8);
    let records = server.records();
    for name in named {
        let record = records.iter().find(|record| record["id"] == *name).unwrap();
        assert_eq!((&record["kind"], &record["purpose"]), (&json!("QUERY"), &json!("MLA_REVIEW")));
        assert!(record["note"].as_str().unwrap().starts_with(&format!("export {id}: ")), "{record}");
        assert!(record["people"]["count"].as_i64().unwrap() >= 1, "{record}");
    }
    verifies(&server.exports().join(&id));
}

#[test]
fn a_chunk_with_too_many_rows_is_read_in_smaller_ones_and_nobody_is_left_out() {
    let sizes = [("YIMEN__FETCH__BULK_CHUNK", "100"), ("YIMEN__EXPORT__PART_ENTRIES", "250")];
    let server = Server::set(&[&sizes[..], &[("YIMEN__FETCH__ROWS", "60")]].concat());
    let client = officer(&server);
    let asked = people(400);
    let id = start(&client, &of_people(PERSON, &asked));
    let job = whole(&client, &id);
    let entries: Value = asked.iter().map(|id| json!({ "id": id })).collect();
    let batch: Vec<String> = Lines::of(&client, PERSON, &entries).map(|line| anonymous(&line)).collect();
    let export: Vec<String> = text(&client, &job).lines().map(anonymous).collect();
    assert_eq!(export, batch);
    let parts = job["parts"].as_array().unwrap();
    let entries: Vec<&Value> = parts.iter().map(|part| &part["entries"]).collect();
    assert_eq!(entries, [&json!(250), &json!(150)]);
    verifies(&server.exports().join(&id));
}

#[test]
fn the_manifest_says_what_was_decided_and_as_of_when() {
    let server = Server::start();
    let client = officer(&server);
    let id = start(&client, &of_people(PERSON, &people(3)));
    let job = whole(&client, &id);
    let manifest = download(&client, &id, "manifest.json").json();
    for field in ["id", "state", "done", "rows", "document", "plan", "policies", "catalogue", "parts", "runs"]
    {
        assert_eq!(manifest[field], job[field], "{field}");
    }
    assert!(manifest["guarantee"].is_string() && manifest.get("resumeToken").is_none());
    let as_of = manifest["runs"][0]["asOf"].as_array().unwrap();
    let departments: Vec<&str> = as_of.iter().filter_map(|as_of| as_of["department"].as_str()).collect();
    assert_eq!(departments, ["HRSS", "PUBLIC_SECURITY", "TAX", "UNION"]);
    let record = server.records().into_iter().find(|record| record["id"] == job["parts"][0]["records"][0]);
    assert_eq!(record.unwrap()["document"], job["document"]);
}

#[test]
fn csv_has_a_column_for_what_is_readable_and_tells_who_is_not_there() {
    let server = Server::start();
    let client = officer(&server);
    let mut asked = people(2);
    asked.push(String::from("11010519491231002X"));
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name unionFiles { fileNo }
        taxSummaries { taxPaid year } household { id } healthStatusCode } }";
    let input = json!({ "document": query, "citizenIds": asked, "format": "CSV", "byteOrderMark": true });
    let answer = try_start(&client, &input).json();
    let withheld = answer["data"]["startExport"]["withheld"].as_array().unwrap().clone();
    assert!(withheld.iter().any(|field| field["path"] == "person.taxSummaries.taxPaid"), "{withheld:?}");
    let job = whole(&client, answer["data"]["startExport"]["id"].as_str().unwrap());
    let text = text(&client, &job);
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(text.starts_with('\u{feff}'), "the mark that was asked for");
    let health = withheld.iter().any(|field| field["coordinate"] == "Person.healthStatusCode");
    let columns = "index,state,disputes,name,unionFiles,taxSummaries,household.id";
    assert_eq!(lines[0], format!("{columns}{}", if health { "" } else { ",healthStatusCode" }));
    assert!(lines[1].starts_with("0,OK,,") && lines[2].starts_with("1,OK,,"), "{lines:?}");
    assert!(lines[3].starts_with("2,NO_RECORD,,,"), "{lines:?}");
}

#[test]
fn a_division_is_read_page_by_page_to_its_end() {
    let server = Server::set(&[("YIMEN__EXPORT__PART_ENTRIES", "4")]);
    let client = officer(&server);
    let query = "query($after: String) { unionFiles(first: 3, after: $after) {
        nodes { fileNo person { name } } pageInfo { hasNextPage endCursor } } }";
    let township = value(
        "union",
        "SELECT substr(division_code, 1, 9) || '000' FROM union_file GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    );
    let count = |condition: &str| {
        value("union", &format!("SELECT count(*) FROM union_file WHERE {condition}")).parse::<i64>().unwrap()
    };
    let all = count("division_code LIKE '410727%'");
    let own = count(&format!("division_code LIKE '{}%'", &township[..9]));
    assert!(own > 0 && own < all);
    for (division, rows) in [(Value::Null, all), (json!(township), own)] {
        let id = start(&client, &json!({ "document": query, "division": division }));
        let job = whole(&client, &id);
        let text = text(&client, &job);
        let mut files: Vec<String> = text
            .lines()
            .enumerate()
            .map(|(at, line)| {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["rowIndex"], at);
                line["data"]["unionFiles"]["fileNo"].as_str().unwrap().to_owned()
            })
            .collect();
        files.sort();
        files.dedup();
        assert_eq!((files.len() as i64, &job["rows"]), (rows, &json!(rows)), "{job}");
        assert_eq!(job["total"], Value::Null);
        let pages = |part: &Value| part["records"].as_array().unwrap().len() as i64;
        let pages: i64 = job["parts"].as_array().unwrap().iter().map(pages).sum();
        assert!(pages >= (rows + 2) / 3, "a record for each page: {job}");
    }
    let beyond = try_start(&client, &json!({ "document": query, "division": "410728000000" }));
    assert_eq!(beyond.codes(), ["BAD_USER_INPUT"], "{}", beyond.text);
}
