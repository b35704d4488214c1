//! What stands in a SQLite hub, looked at from outside the program.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

/// Every entry of a hub in the order of the log, then those that wait for their places.
pub(crate) fn entries(hub: &Path) -> Vec<Value> {
    let connection = rusqlite::Connection::open(hub).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    let mut statement = connection.prepare(ENTRIES).unwrap();
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    texts.map(|text| serde_json::from_str(&text.unwrap()).unwrap()).collect()
}

const ENTRIES: &str = "SELECT entry FROM (SELECT 0 AS part, log_index AS at, entry FROM evidence_record \
                       UNION ALL SELECT 1, seq, entry FROM evidence_pending) AS entries ORDER BY part, at";

/// The same of a hub of either kind, by its address.
pub(crate) fn entries_at(url: &str) -> Vec<Value> {
    match url.strip_prefix("sqlite://") {
        Some(path) => entries(Path::new(path)),
        None => {
            let texts = crate::support::postgres::texts(url, ENTRIES);
            texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
        }
    }
}

/// The records of operations, each with its coordinates as a list.
pub(crate) fn records(hub: &Path) -> Vec<Value> {
    operations(entries(hub))
}

/// The records of operations among some entries.
pub(crate) fn operations(entries: Vec<Value>) -> Vec<Value> {
    let lists = entries.iter().filter(|entry| entry["kind"] == "COORDINATES");
    let lists: HashMap<&str, Value> =
        lists.map(|list| (list["name"].as_str().unwrap(), long(&list["outcomes"]))).collect();
    let records = entries
        .iter()
        .filter(|entry| matches!(entry["kind"].as_str(), Some("QUERY" | "MUTATION" | "REFUSED")));
    let records = records.map(|record| {
        let mut record = record.clone();
        if let Some(name) = record["coordinates"].as_str() {
            record["coordinates"] = lists[name].clone();
        }
        record
    });
    records.collect()
}

fn long(outcomes: &Value) -> Value {
    let mut list = Vec::new();
    for decision in ["CLEAR", "MASK"] {
        for coordinate in outcomes[decision].as_array().into_iter().flatten() {
            list.push(json!({ "coordinate": coordinate, "decision": decision }));
        }
    }
    for (reason, coordinates) in outcomes["DENY"].as_object().into_iter().flatten() {
        for coordinate in coordinates.as_array().unwrap() {
            list.push(json!({ "coordinate": coordinate, "decision": "DENY", "reason": reason }));
        }
    }
    Value::Array(list)
}
