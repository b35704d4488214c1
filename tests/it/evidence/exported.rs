//! Exports of some days: whole in themselves, though lists of coordinates were written before.

use chrono::DateTime;
use serde_json::Value;
use tempfile::TempDir;
use yimen::clock::SystemClock;
use yimen::evidence::{CoordinateOutcome, Coordinates, Evidence, Hub, Log, PersonKeys, Record};

use crate::evidence::clock::{At, ledger, options, record};
use crate::evidence::{evidence, url};
use crate::support::{county, yimen};

/// A record of some day in June that names a list.
fn of(day: u32, department: &str, list: &str) -> Record {
    let at = format!("2026-06-{day:02}T04:00:00.000Z");
    DateTime::parse_from_rfc3339(&at).unwrap();
    let clear = CoordinateOutcome {
        coordinate: format!("Person.{list}"),
        decision: String::from("CLEAR"),
        reason: None,
    };
    Record {
        started_at: at.clone(),
        ended_at: at,
        department: department.to_owned(),
        coordinates: Some(Coordinates::new([clear]).into()),
        ..record(At::now(), &PersonKeys::new(&[1; 32], 0))
    }
}

#[test]
fn an_export_has_every_list_that_its_records_name_and_no_other() {
    let own = TempDir::new().unwrap();
    let hub = own.path().join("hub.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::migrate(&url(&hub)).await.unwrap();
        let (log, ledger) = (Log::new(options(&hub, SystemClock::shared())), ledger(&hub));
        for record in [
            of(10, "UNION", "name"),
            of(10, "UNION", "phone"),
            of(20, "HRSS", "phone"),
            of(20, "HRSS", "birthDate"),
            of(20, "UNION", "name"),
            of(21, "UNION", "name"),
        ] {
            ledger.append(record).await.unwrap();
        }
        log.integrate_all().await.unwrap();
    });
    let file = own.path().join("export");
    let days = ["--from", "2026-06-15", "--to", "2026-06-30", "--out", file.to_str().unwrap()];
    let with = [&["export", "--department", "UNION", "--officer", "li"], &days[..]].concat();
    let output = evidence(&url(&hub), &with);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("2 records"));
    let text = std::fs::read_to_string(&file).unwrap();
    let entries: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|proof| serde_json::from_str(proof["entry"].as_str().unwrap()).unwrap())
        .collect();
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["COORDINATES", "QUERY", "QUERY"]);
    assert_eq!(entries[0]["outcomes"]["CLEAR"][0], "Person.name");
    assert!(entries[1..].iter().all(|entry| entry["coordinates"] == entries[0]["name"]));
    let mut check = yimen();
    check.args(["evidence", "verify", "--proofs"]).arg(&file).arg("--key").arg(county().join("evidence.pub"));
    assert!(check.output().unwrap().status.success());
}
