//! Grants that come and go while the gateway serves: in force on every server of a hub within two seconds.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::county::value;
use crate::support::postgres::Database;
use crate::support::{Client, Server};

const TAX_PAID: &str = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { year taxPaid } } }";

/// Somebody who paid tax.
fn taxed() -> String {
    value("household", "SELECT citizen_id FROM tax_summary WHERE tax_paid > 0 ORDER BY id LIMIT 1")
}

pub(crate) fn hub(what: &str) -> Database {
    let database = Database::new(what);
    database.migrate_hub();
    database
}

pub(crate) fn over(hub: &Database) -> Server {
    Server::set(&[("YIMEN__HUB__URL", &hub.url()), ("YIMEN__GRANTS__STALE_MS", "2000")])
}

/// The help centre, which checks the file of somebody who paid tax and consents.
pub(crate) fn union(server: &Server) -> Client {
    in_case(server, "UNION", "HELP_CENTRE")
}

/// A caller of a union in a case of theirs.
fn in_case(server: &Server, department: &str, role: &str) -> Client {
    let client = server.client(department, role, "UNION_FILE_CHECK");
    let case_no = format!("{department}-{role}-{}", server.pid());
    client.open_case(&case_no, &[&taxed()]);
    client.in_case(&case_no)
}

/// A grant of tax paid to the help centre of the union, by whoever owns it.
pub(crate) fn give(hub: &Database, id: &str, owner: &str) {
    give_to(hub, id, owner, ["UNION", "HELP_CENTRE", "UNION_FILE_CHECK"]);
}

/// The same to another department, role and purpose.
pub(crate) fn give_to(hub: &Database, id: &str, owner: &str, [department, role, purpose]: [&str; 3]) {
    hub.run(&format!(
        "INSERT INTO sharing_grant (id, owner, department, role, purpose, division, items, effect, basis, valid_from, \
         valid_until, state) VALUES ('{id}', '{owner}', '{department}', '{role}', '{purpose}', '', \
         '[\"TaxSummary.taxPaid\"]', 'CLEAR', '003 四(一)', '2020-01-01', '2099-12-31', 'IN_FORCE'); \
         UPDATE sharing_version SET version = version + 1"
    ));
}

pub(crate) fn revoke(hub: &Database, id: &str) {
    hub.run(&format!(
        "UPDATE sharing_grant SET state = 'REVOKED' WHERE id = '{id}'; \
         UPDATE sharing_version SET version = version + 1"
    ));
}

/// What the caller gets of tax paid: its values, or the reason why not.
pub(crate) fn tax_paid(client: &Client) -> Result<Vec<Value>, String> {
    let answer = client.send(TAX_PAID, json!({ "id": taxed() })).json();
    let summaries = answer["data"]["person"]["taxSummaries"].as_array().cloned().unwrap_or_default();
    assert!(summaries.iter().all(|summary| summary["year"].is_i64()), "the policies go on: {answer}");
    assert!(!summaries.is_empty(), "{answer}");
    match answer["errors"][0]["extensions"]["reason"].as_str() {
        Some(reason) => {
            assert!(summaries.iter().all(|summary| summary["taxPaid"].is_null()), "{answer}");
            Err(reason.to_owned())
        }
        None => Ok(summaries.iter().map(|summary| summary["taxPaid"].clone()).collect()),
    }
}

/// Waits until the caller gets what is expected, and no longer than two seconds after `since`.
#[track_caller]
pub(crate) fn within_two_seconds(
    since: Instant,
    client: &Client,
    fits: impl Fn(&Result<Vec<Value>, String>) -> bool,
) {
    loop {
        let got = tax_paid(client);
        if fits(&got) {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(2), "still {got:?} after {:?}", since.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_grant_is_in_force_on_two_servers_within_two_seconds_and_so_is_its_end() {
    let hub = hub("grants");
    let servers = [over(&hub), over(&hub)];
    let clients = [union(&servers[0]), union(&servers[1])];
    for client in &clients {
        assert_eq!(tax_paid(client), Err(String::from("NOT_GRANTED")));
    }
    let given = Instant::now();
    give(&hub, "2026-0017", "TAX");
    for client in &clients {
        within_two_seconds(given, client, |got| got.is_ok());
    }
    assert!(tax_paid(&clients[0]).unwrap().iter().all(Value::is_string), "values as they stand");
    // Nobody else gains anything by it.
    for (department, role) in [("UNION", "REVIEWER"), ("UNION_HELP_CENTRE", "HELP_CENTRE")] {
        let other = in_case(&servers[0], department, role);
        assert!(tax_paid(&other).is_err(), "{department} as {role}");
    }
    // For verification nothing is read outside a case.
    let verifier = servers[0].client("UNION", "HELP_CENTRE", "ECONOMIC_VERIFICATION");
    let answer = verifier.send(TAX_PAID, json!({ "id": taxed() })).json();
    assert_eq!(answer["data"]["person"]["taxSummaries"], Value::Null, "{answer}");
    let revoked = Instant::now();
    revoke(&hub, "2026-0017");
    for client in &clients {
        within_two_seconds(revoked, client, |got| *got == Err(String::from("NOT_GRANTED")));
    }
    servers.into_iter().for_each(|server| drop(server.stop()));
    is_traceable(&hub);
}

/// A record names the set of grants that it rests on, and another record of the log says what is in the set.
fn is_traceable(hub: &Database) {
    let entries = hub.texts("SELECT entry FROM evidence_record ORDER BY log_index");
    let entries: Vec<Value> = entries.iter().map(|entry| serde_json::from_str(entry).unwrap()).collect();
    let queries = entries.iter().filter(|entry| entry["kind"] == "QUERY");
    let sets: Vec<&str> =
        queries.filter_map(|query| query["policies"].as_str()?.split_once('+')).map(|(_, set)| set).collect();
    assert!(!sets.is_empty() && sets.iter().all(|set| *set == sets[0]), "{sets:?}");
    let note = format!("grants {}: 2026-0017", sets[0]);
    let told = entries.iter().filter(|entry| entry["kind"] == "POLICIES" && entry["note"] == note.as_str());
    assert_eq!(told.count(), 2, "one of each server");
}

#[test]
fn a_grant_of_somebody_elses_item_opens_nothing_and_is_told() {
    let hub = hub("grants_foreign");
    let server = over(&hub);
    let client = union(&server);
    give(&hub, "2026-0001", "UNION");
    give(&hub, "2026-0002", "TAX");
    let given = Instant::now();
    within_two_seconds(given, &client, |got| got.is_ok());
    revoke(&hub, "2026-0002");
    within_two_seconds(Instant::now(), &client, |got| got.is_err());
    let told = server.log().into_iter().filter(|line| line.contains("2026-0001")).collect::<Vec<_>>();
    assert!(told.iter().any(|line| line.contains("which belongs to `TAX`")), "{told:?}");
    server.stop();
}

#[test]
fn while_grants_cannot_be_read_what_they_opened_is_withheld_and_policies_go_on() {
    let hub = hub("grants_stale");
    give(&hub, "2026-0017", "TAX");
    let server = over(&hub);
    let client = union(&server);
    assert!(tax_paid(&client).is_ok(), "in force from the first request");
    let lock = hub.hold("LOCK TABLE sharing_version IN ACCESS EXCLUSIVE MODE");
    let unavailable = Err(String::from("GRANTS_UNAVAILABLE"));
    let held = Instant::now();
    while tax_paid(&client) != unavailable {
        assert!(held.elapsed() < Duration::from_secs(5), "grants still count");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(tax_paid(&in_case(&server, "UNION", "REVIEWER")), Err("NOT_GRANTED".into()));
    drop(lock);
    let back = Instant::now();
    while tax_paid(&client).is_err() {
        assert!(back.elapsed() < Duration::from_secs(5), "grants never count again");
        std::thread::sleep(Duration::from_millis(50));
    }
    let told = server.log().join("\n");
    assert!(
        told.contains("grants can't be read") && told.contains("can be read from the hub again"),
        "{told}"
    );
    server.stop();
}
