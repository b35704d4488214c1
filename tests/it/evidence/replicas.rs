//! Two processes that append to one hub at once.

use serde_json::Value;

use crate::evidence::{ask, officer, verifies};
use crate::support::Server;
use crate::support::postgres::Database;

const EACH: usize = 60;

#[test]
fn two_replicas_make_one_log() {
    let database = Database::new("replicas");
    database.migrate_hub();
    let hub = database.url();
    let settings = [("YIMEN__HUB__URL", hub.as_str()), ("YIMEN__EVIDENCE__INTEGRATE_MS", "10")];
    let (one, other) = (Server::set(&settings), Server::set(&settings));
    let (first, second) = (officer(&one), officer(&other));
    let mut answered: Vec<String> = std::thread::scope(|scope| {
        let asking = [&first, &second, &first, &second].map(|client| scope.spawn(move || ask(client, EACH)));
        asking.into_iter().flat_map(|asking| asking.join().unwrap()).collect()
    });
    one.stop();
    other.stop();
    verifies(&hub);
    let rows = database.texts("SELECT log_index || ' ' || entry FROM evidence_record ORDER BY log_index");
    let mut recorded = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let (index, entry) = row.split_once(' ').unwrap();
        assert_eq!(index, at.to_string(), "indexes are dense");
        let entry: Value = serde_json::from_str(entry).unwrap();
        if entry["kind"] == "QUERY" {
            recorded.push(entry["id"].as_str().unwrap().to_owned());
        }
    }
    answered.sort();
    recorded.sort();
    assert_eq!(recorded, answered, "each answer has one record, and there is no other");
}
