//! How complete items are and as of when: counted by the command and by a server, and told without small numbers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::county::{county, value};
use crate::support::postgres::Database;
use crate::support::{Client, Server, yimen};

const ITEM: &str = "query($text: String) { catalogue(text: $text, first: 200) { nodes {
  coordinate quality { counted completeness asOf countedAt openObjections }
} } }";

fn quality(client: &Client, coordinate: &str) -> Value {
    let found = client.data(ITEM, json!({ "text": coordinate }))["catalogue"]["nodes"].clone();
    let found = found.as_array().unwrap().iter().find(|node| node["coordinate"] == coordinate).unwrap();
    found["quality"].clone()
}

/// `yimen catalogue measure` over the county and a server's hub.
fn measure(server: &Server, more: &[&str]) -> (bool, String) {
    measure_in(server, more, &[])
}

fn measure_in(server: &Server, more: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = yimen();
    command.args(["catalogue", "measure", "--officer", "clerk-1", "--data"]).arg(county()).args(more);
    command.envs(environment.iter().copied()).env("YIMEN__HUB__URL", server.hub_url());
    let output = command.output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

fn measurements(server: &Server) -> Vec<Value> {
    server.entries().into_iter().filter(|entry| entry["kind"] == "MEASUREMENT").collect()
}

fn count(sql: &str) -> i64 {
    value("household", sql).parse().unwrap()
}

#[test]
fn what_was_counted_is_told_and_what_was_not_is_no_zero() {
    let server = Server::start();
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let before = quality(&reviewer, "Person.name");
    assert_eq!((&before["counted"], &before["completeness"]), (&json!("NOT_COUNTED"), &Value::Null));
    // Without `--yes` nothing is counted, and nothing recorded.
    let (passed, said) = measure(&server, &[]);
    assert!(passed && said.contains("PUBLIC_SECURITY: ") && said.contains("`--yes` counts them"), "{said}");
    assert_eq!(quality(&reviewer, "Person.name")["counted"], "NOT_COUNTED");
    assert_eq!(measurements(&server), Vec::<Value>::new());

    let (passed, said) = measure(&server, &["--yes", "--department", "PUBLIC_SECURITY"]);
    assert!(
        passed && said.contains("PUBLIC_SECURITY: ") && said.contains(" tables counted, 0 not"),
        "{said}"
    );
    let name = quality(&reviewer, "Person.name");
    assert_eq!((&name["counted"], &name["completeness"]), (&json!("COUNTED"), &json!(100)));
    assert!(name["countedAt"].is_string(), "{name}");
    let newest = value("household", "SELECT MAX(as_of) FROM person");
    assert_eq!(name["asOf"], newest.get(..10).unwrap());
    // Of what hardly anybody has, the share is as the database says.
    let (all, some) =
        (count("SELECT COUNT(*) FROM person"), count("SELECT COUNT(citizen_id_legacy) FROM person"));
    let legacy = quality(&reviewer, "Person.citizenIdLegacy");
    assert_eq!(legacy["completeness"], some * 100 / all, "{some} of {all}");
    assert_eq!(quality(&reviewer, "TaxSummary.year")["counted"], "NOT_COUNTED", "another department's");
    let records = measurements(&server);
    assert_eq!(records.len(), 1);
    assert!(records[0]["note"].as_str().unwrap().starts_with("counts the items of PUBLIC_SECURITY, "));
    assert_eq!(records[0]["subject"], "clerk-1");
}

#[test]
fn small_tables_and_what_is_not_shared_tell_nothing_of_people() {
    let server = Server::start();
    let (passed, said) = measure(&server, &["--yes"]);
    assert!(passed, "{said}");
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let unions = server.client("UNION", "REVIEWER", "UNION_FILE_CHECK");
    assert_eq!(quality(&reviewer, "UnionForm.contentJson")["counted"], "NOT_TOLD");
    assert_ne!(quality(&unions, "UnionForm.contentJson")["counted"], "NOT_TOLD", "the owner's own");
    let few: i64 = value("household", "SELECT COUNT(*) FROM residence_permit").parse().unwrap();
    assert!((1..500).contains(&few), "{few} residence permits");
    let permit = quality(&reviewer, "ResidencePermit.status");
    assert_eq!((&permit["counted"], &permit["completeness"]), (&json!("TOO_FEW"), &Value::Null));
    assert_eq!(permit["asOf"], Value::Null, "it would be the day of one person's row");
    assert!(permit["countedAt"].is_string());
    // Published figures are about nobody.
    let standard = quality(&reviewer, "Organisation.name");
    assert_eq!((&standard["counted"], &standard["completeness"]), (&json!("COUNTED"), &json!(100)));
    // A figure is no column.
    assert_eq!(quality(&reviewer, "Household.mlaMonthlyAmount")["counted"], "NOT_COUNTED");
}

#[test]
fn a_department_that_cant_be_counted_is_named_and_the_others_are() {
    let server = Server::start();
    let (passed, said) = measure(&server, &["--department", "ATLANTIS"]);
    assert!(!passed && said.contains("no department `ATLANTIS`"), "{said}");
    let (passed, said) = measure(&server, &["--department", "FINANCE"]);
    assert!(!passed && said.contains("`FINANCE` has no database here, or no items"), "{said}");
}

#[test]
fn postgresql_counts_within_a_time_and_tells_nothing_of_a_row_too_few() {
    let (server, database) = (Server::start(), Database::new("catalogue_measure"));
    database.migrate(yimen_migration::ExchangeDatabase::Household);
    database.run(
        "INSERT INTO person (row_no, citizen_id, name, as_of) \
         SELECT n, n::text, CASE WHEN n <= 400 THEN 'x' END, DATE '2026-03-01' + (n % 10)::int \
         FROM generate_series(1, 500) AS n",
    );
    let url = database.url();
    let environment = [
        ("YIMEN__DEPARTMENTS__PUBLIC_SECURITY__URL", &*url),
        ("YIMEN__CATALOGUE__MEASURE_DEADLINE_MS", "1000"),
    ];
    let count = || measure_in(&server, &["--yes", "--department", "PUBLIC_SECURITY"], &environment);
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let told = |item: &str| {
        let quality = quality(&reviewer, item);
        (quality["counted"].clone(), quality["completeness"].clone(), quality["asOf"].clone())
    };
    let (passed, said) = count();
    assert!(passed, "{said}");
    assert_eq!(told("Person.name"), (json!("COUNTED"), json!(80), json!("2026-03-10")));
    assert_eq!(told("Person.sexCode"), (json!("COUNTED"), json!(0), json!("2026-03-10")), "nobody has one");
    // A table that somebody holds isn't waited for: it is named, and what was counted stays.
    database.run("UPDATE person SET name = 'x'");
    let held = database.hold("LOCK TABLE person IN ACCESS EXCLUSIVE MODE");
    let (passed, said) = count();
    drop(held);
    assert!(!passed && said.contains("PUBLIC_SECURITY Person: "), "{said}");
    assert_eq!(told("Person.name").1, json!(80));
    assert!(count().0);
    assert_eq!(told("Person.name").1, json!(100));
    database.run("DELETE FROM person WHERE row_no = 500");
    assert!(count().0);
    assert_eq!(told("Person.name"), (json!("TOO_FEW"), Value::Null, Value::Null));
}

#[test]
fn a_server_counts_by_itself_and_not_again_before_its_hours() {
    let server = Server::set(&[("YIMEN__CATALOGUE__MEASURE_HOURS", "24")]);
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let begun = Instant::now();
    while quality(&reviewer, "UnionFile.status")["counted"] == "NOT_COUNTED" {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing is counted");
        std::thread::sleep(Duration::from_millis(100));
    }
    let first = |server: &Server| {
        let of_union = |record: &&Value| record["note"].as_str().unwrap().contains(" UNION,");
        measurements(server).iter().filter(of_union).count()
    };
    assert_eq!(first(&server), 1);
    let url = format!("sqlite://{}", server.hub().display());
    // Another replica over the same hub finds the turn taken.
    let replica = Server::set(&[("YIMEN__CATALOGUE__MEASURE_HOURS", "24"), ("YIMEN__HUB__URL", &url)]);
    let again = replica.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    assert_eq!(
        quality(&again, "UnionFile.status")["counted"],
        quality(&reviewer, "UnionFile.status")["counted"]
    );
    assert_eq!(first(&server), 1);
}

#[test]
fn bounds_of_counting_are_checked_at_the_start() {
    let check = |key: &str, value: &str| {
        let mut command = yimen();
        command.args(["config", "check", "--config"]).arg(county().join("yimen.toml")).env(key, value);
        command.output().unwrap().status.success()
    };
    for (key, good, bad) in [
        ("YIMEN__CATALOGUE__MEASURE_HOURS", ["0", "8760"], ["8761", "-1"]),
        ("YIMEN__CATALOGUE__MEASURE_DEADLINE_MS", ["1000", "600000"], ["999", "600001"]),
    ] {
        for value in good {
            assert!(check(key, value), "{key} {value}");
        }
        for value in bad {
            assert!(!check(key, value), "{key} {value}");
        }
    }
}
