//! What leaves the log or goes from it: proofs, exports, archives, erasure and purging.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tlog_tiles::tlog;
use yimen::evidence::Kind;

use crate::evidence::clock::{At, filled, many, noted};
use crate::evidence::{PERSON, ask, evidence, officer, somebody, url, verifies};
use crate::support::{Server, county, yimen};

/// A hub with some records of civil affairs' officer and one of housing, and the officer's records' names.
fn hub() -> (Arc<TempDir>, PathBuf, Vec<String>) {
    let server = Server::start();
    let names = ask(&officer(&server), 7);
    server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY").send(PERSON, json!({ "id": somebody() }));
    let hub = server.hub();
    (server.stop(), hub, names)
}

#[track_caller]
fn told(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn check(file: &Path) -> Output {
    let key = county().join("evidence.pub");
    yimen().args(["evidence", "verify", "--proofs"]).arg(file).arg("--key").arg(key).output().unwrap()
}

/// How many people a person's commitments can still be opened for, and how many there are.
fn open(hub: &Path) -> (i64, i64) {
    let connection = rusqlite::Connection::open(hub).unwrap();
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mut select = connection.prepare("SELECT leaves FROM evidence_opening").unwrap();
    let leaves: Vec<Vec<u8>> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let is_open: Vec<bool> =
        leaves.iter().flat_map(|leaves| leaves.chunks(33)).map(|leaf| leaf[0] == 1).collect();
    let open = is_open.iter().filter(|open| **open).count() as i64;
    assert_eq!(
        open,
        count("SELECT COUNT(*) FROM evidence_person"),
        "found by those who can be told, and nobody else"
    );
    (open, is_open.len() as i64)
}

#[test]
fn a_record_is_proved_by_itself_and_a_changed_one_is_not() {
    let (own, hub, names) = hub();
    let proof = told(evidence(&url(&hub), &["prove", &names[2]]));
    let file = own.path().join("proof");
    std::fs::write(&file, &proof).unwrap();
    assert!(told(check(&file)).contains("1 proofs lead to signed heads"));
    std::fs::write(&file, proof.replace("REVIEWER", "REVIEWED")).unwrap();
    let output = check(&file);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("doesn't lead to the signed head"));
    assert!(!evidence(&url(&hub), &["prove", "0123"]).status.success(), "no such record");
}

/// Size and root of a head.
fn head(note: &str) -> (u64, tlog::Hash) {
    let (text, _) = note.split_once("\n\n").unwrap();
    let head = tlog_tiles::Checkpoint::from_bytes(format!("{text}\n").as_bytes()).unwrap();
    (head.size(), *head.hash())
}

#[test]
fn a_log_that_has_grown_is_shown_to_begin_as_it_was() {
    let (own, hub, _) = hub();
    let note = || -> String {
        let sql = "SELECT note FROM evidence_checkpoint ORDER BY size DESC LIMIT 1";
        rusqlite::Connection::open(&hub).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let (old, before) = head(&note());
    let file = own.path().join("export");
    let days = ["--from", "2026-01-01", "--to", "2026-12-31", "--out", file.to_str().unwrap()];
    told(evidence(
        &url(&hub),
        &[&["export", "--department", "UNION", "--officer", "li"], &days[..]].concat(),
    ));
    let (size, root) = head(&note());
    assert!(size > old);
    let text = told(evidence(&url(&hub), &["consistency", &old.to_string()]));
    let proof: Value = serde_json::from_str(&text).unwrap();
    let hash =
        |text: &Value| tlog::Hash(STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap());
    let path: Vec<tlog::Hash> = proof["path"].as_array().unwrap().iter().map(hash).collect();
    tlog::check_tree(&path, size, root, old, before).unwrap();
    assert!(tlog::check_tree(&path, size, root, old, tlog::Hash([0; 32])).is_err());
    for wrong in [0, size + 1] {
        assert!(!evidence(&url(&hub), &["consistency", &wrong.to_string()]).status.success());
    }
}

#[test]
fn an_export_has_a_departments_records_with_their_proofs_and_leaves_a_record() {
    let (own, hub, names) = hub();
    let file = own.path().join("export.jsonl");
    let export = |from: &str, to: &str, file: &Path| {
        let out = file.to_str().unwrap();
        let of = ["export", "--department", "CIVIL_AFFAIRS", "--officer", "li", "--out", out];
        evidence(&url(&hub), &[&of[..], &["--from", from, "--to", to]].concat())
    };
    assert!(told(export("2026-01-01", "2099-12-31", &file)).contains("7 records"));
    told(check(&file));
    let text = std::fs::read_to_string(&file).unwrap();
    let entries = text.lines().map(|line| {
        let proof: Value = serde_json::from_str(line).unwrap();
        serde_json::from_str::<Value>(proof["entry"].as_str().unwrap()).unwrap()
    });
    let records: Vec<Value> = entries.filter(|entry| entry["kind"] == "QUERY").collect();
    assert!(records.iter().all(|record| record["department"] == "CIVIL_AFFAIRS"));
    assert_eq!(records.iter().map(|record| record["id"].as_str().unwrap()).collect::<Vec<_>>(), names);
    assert!(told(export("2020-01-01", "2020-12-31", &own.path().join("none"))).starts_with("0 records"));
    assert!(!export("2026-01-02", "2026-01-01", &own.path().join("wrong")).status.success());
    let last = crate::support::hub::entries(&hub).pop().unwrap();
    assert_eq!((&last["kind"], &last["subject"]), (&json!("EXPORT"), &json!("li")));
    verifies(&url(&hub));
}

#[test]
fn when_a_person_is_erased_every_proof_goes_on_holding() {
    let (own, hub, names) = hub();
    let proof = told(evidence(&url(&hub), &["prove", &names[0]]));
    let (before, all) = open(&hub);
    assert_eq!((before, all), (5, 5), "the same person in each of five records");
    let number = own.path().join("number");
    std::fs::write(&number, "11010519491231002X\n").unwrap();
    let erase = ["erase", "--person-file", number.to_str().unwrap(), "--officer", "li"];
    assert!(!evidence(&url(&hub), &erase).status.success(), "not without --yes");
    let erase = [&erase[..], &["--yes"]].concat();
    assert!(told(evidence(&url(&hub), &erase)).starts_with("0 "), "somebody else isn't touched");
    assert_eq!(open(&hub).0, before);
    std::fs::write(&number, somebody()).unwrap();
    assert!(told(evidence(&url(&hub), &erase)).starts_with("5 "));
    assert_eq!(open(&hub), (0, all));
    verifies(&url(&hub));
    let file = own.path().join("proof");
    std::fs::write(&file, proof).unwrap();
    told(check(&file));
    let last = crate::support::hub::entries(&hub).pop().unwrap();
    assert_eq!((&last["kind"], &last["note"]), (&json!("ERASURE"), &json!("one person: 5 commitments")));
}

#[test]
fn what_is_erased_stands_nowhere_in_the_files_of_a_sqlite_hub() {
    let (_own, hub) = many(At::now(), 300);
    let holds = |digests: &[Vec<u8>]| {
        ["", "-wal"].iter().any(|ending| {
            let bytes = std::fs::read(format!("{}{ending}", hub.display())).unwrap_or_default();
            digests.iter().any(|digest| bytes.windows(digest.len()).any(|window| window == digest))
        })
    };
    let keys = yimen::evidence::PersonKeys::new(&[1; 32], 0);
    let digest = keys.digest(&format!("{}.0", At::now().year()), "11010519491231002X").to_vec();
    assert!(holds(std::slice::from_ref(&digest)));
    let digests = crate::evidence::clock::erase(&hub, "11010519491231002X");
    assert!(digests.contains(&digest) && !holds(&digests));
}

#[test]
fn when_keys_are_rotated_and_erased_every_proof_goes_on_holding() {
    let server = Server::set(&[("YIMEN__EVIDENCE__PERSON_KEY_GENERATION", "1")]);
    let names = ask(&officer(&server), 3);
    let hub = server.hub();
    let _own = server.stop();
    let server =
        Server::set(&[("YIMEN__EVIDENCE__PERSON_KEY_GENERATION", "2"), ("YIMEN__HUB__URL", &url(&hub))]);
    ask(&officer(&server), 3);
    let _other = server.stop();
    let connection = rusqlite::Connection::open(&hub).unwrap();
    let keys = connection
        .prepare("SELECT DISTINCT person_key FROM evidence_opening ORDER BY 1")
        .unwrap()
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap()
        .map(Result::unwrap)
        .collect::<Vec<_>>();
    assert_eq!(keys.len(), 2, "{keys:?}");
    let text = told(evidence(&url(&hub), &["erase", "--key", &keys[0], "--officer", "li", "--yes"]));
    assert!(text.starts_with("2 "), "{text}");
    assert_eq!(open(&hub), (2, 4));
    verifies(&url(&hub));
    told(evidence(&url(&hub), &["prove", &names[0]]));
}

#[test]
fn an_archive_of_a_month_verifies_by_itself_and_tells_what_was_changed() {
    let (own, hub) = filled(&[At::years_ago(4), At::years_ago(4), At::now(), At::now()]);
    let month = At::years_ago(4).month();
    let folder = own.path().join("archive");
    let with = ["archive", "--month", &month, "--officer", "li", "--out", folder.to_str().unwrap()];
    told(evidence(&url(&hub), &with));
    told(verify_files(&folder));
    let bundle = std::fs::read_dir(folder.join("tile/entries")).unwrap().next().unwrap().unwrap().path();
    let bundle = if bundle.is_dir() {
        std::fs::read_dir(bundle).unwrap().next().unwrap().unwrap().path()
    } else {
        bundle
    };
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let output = verify_files(&folder);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && text.contains("record 0 was changed"), "{text}");
    let nothing = ["archive", "--month", "2001-01", "--officer", "li", "--out", "nowhere"];
    assert!(!evidence(&url(&hub), &nothing).status.success());
}

/// Runs `yimen evidence purge`.
fn purge(hub: &Path, more: &[&str]) -> String {
    told(evidence(&url(hub), &[&["purge", "--officer", "li"], more].concat()))
}

/// Verifies files with nothing but the public key.
fn verify_files(folder: &Path) -> Output {
    let key = county().join("evidence.pub");
    yimen().args(["evidence", "verify", "--folder"]).arg(folder).arg("--key").arg(key).output().unwrap()
}

#[test]
fn purging_takes_whole_bundles_past_their_term_and_the_rest_verifies_from_anywhere() {
    let times: Vec<At> = [vec![At::years_ago(4); 300], vec![At::years_ago(2); 300]].concat();
    let (own, hub) = filled(&times);
    let archive = |month: &str, name: &str| {
        let folder = own.path().join(name);
        let out = folder.to_str().unwrap();
        told(evidence(&url(&hub), &["archive", "--month", month, "--officer", "li", "--out", out]));
        folder
    };
    let (old, young) = (At::years_ago(4).month(), At::years_ago(2).month());
    let before = archive(&old, "before");
    let text = purge(&hub, &[]);
    assert!(text.contains("44 records from 256 on stay until all 256 of their bundle are past"), "{text}");
    assert!(text.contains("256 records below 256 are older than 3 years"), "{text}");
    assert_eq!(crate::support::hub::entries(&hub).len(), 601, "nothing is done without --yes");
    assert!(purge(&hub, &["--yes"]).contains("256 records below 256 deleted"));
    let left = crate::support::hub::entries(&hub);
    assert_eq!(left.len(), 601 - 256 + 1);
    assert_eq!((&left[345]["kind"], &left[345]["note"]), (&json!("PURGE"), &json!("below 256")));
    assert_eq!(open(&hub).1, 600 - 256, "what opens commitments goes with the records");
    let text = verifies(&url(&hub));
    assert!(text.contains("602 records verified") && text.contains("entries below 256 purged"), "{text}");
    assert!(purge(&hub, &["--yes"]).contains("no whole bundle of records is older"));
    // What was taken out before goes on verifying, and so does what is taken out now.
    for folder in [before, archive(&old, "rest"), archive(&young, "young")] {
        told(verify_files(&folder));
    }
    // And so does what is served.
    let server = Server::set(&[("YIMEN__HUB__URL", &url(&hub))]);
    let mut verify = yimen();
    verify.args(["evidence", "verify", "--token", &server.token("SUPERVISION_OFFICE", "AUDITOR")]);
    verify.arg("--url").arg(format!("{}/evidence", server.url()));
    told(verify.arg("--key").arg(county().join("evidence.pub")).output().unwrap());
    server.stop();
    // What is deleted without a record of it isn't purged but missing.
    rusqlite::Connection::open(&hub)
        .unwrap()
        .execute("DELETE FROM evidence_record WHERE log_index = 257", [])
        .unwrap();
    assert!(crate::evidence::found(&url(&hub)).contains("record 257 is missing"));
}

#[test]
fn a_purge_of_more_than_one_turn_takes_all_of_it() {
    let (_own, hub) = many(At::years_ago(4), 4_400);
    let text = purge(&hub, &["--yes"]);
    assert!(text.contains("4352 records below 4352 deleted"), "{text}");
    assert_eq!(crate::support::hub::entries(&hub).len(), 4_400 - 4_352 + 1);
    assert_eq!(open(&hub).1, 4_400 - 4_352);
    assert!(verifies(&url(&hub)).contains("4401 records verified, 49 entries read"));
}

#[test]
fn a_key_is_erased_over_more_than_one_turn() {
    let (_own, hub) = many(At::now(), 4_200);
    let key: String = rusqlite::Connection::open(&hub)
        .unwrap()
        .query_row("SELECT DISTINCT person_key FROM evidence_opening", [], |row| row.get(0))
        .unwrap();
    // Whom records are found by is held against them in each part of the log.
    let change = |sql: &str| rusqlite::Connection::open(&hub).unwrap().execute_batch(sql).unwrap();
    change(
        "DELETE FROM evidence_person WHERE log_index = 3000; \
         INSERT INTO evidence_person VALUES (zeroblob(16), 3001)",
    );
    let text = crate::evidence::found(&url(&hub));
    assert!(text.contains("record 3000: one of its people can't be found any more"), "{text}");
    assert!(text.contains("record 3001: it is found by somebody who isn't among its people"), "{text}");
    change(
        "INSERT INTO evidence_person SELECT substr(leaves, 18), 3000 FROM evidence_opening WHERE log_index = 3000; \
         DELETE FROM evidence_person WHERE digest = zeroblob(16)",
    );
    verifies(&url(&hub));
    let erase = |key: &str| told(evidence(&url(&hub), &["erase", "--key", key, "--officer", "li", "--yes"]));
    assert!(erase("1999.0").starts_with("0 "), "nobody is under that key");
    assert_eq!(open(&hub), (4_200, 4_200));
    assert!(erase(&key).starts_with("4200 "));
    assert_eq!(open(&hub), (0, 4_200));
    assert!(erase(&key).starts_with("0 "), "once");
    verifies(&url(&hub));
}

#[test]
fn a_record_of_purging_excuses_nothing_behind_itself() {
    let (_own, hub) = noted(&[(Kind::Query, None), (Kind::Purge, Some("below 4")), (Kind::Query, None)]);
    rusqlite::Connection::open(&hub)
        .unwrap()
        .execute("DELETE FROM evidence_record WHERE log_index = 0", [])
        .unwrap();
    assert!(crate::evidence::found(&url(&hub)).contains("record 0 is missing"));
    let (_own, hub) = noted(&[(Kind::Query, None), (Kind::Purge, Some("below 1")), (Kind::Query, None)]);
    rusqlite::Connection::open(&hub)
        .unwrap()
        .execute_batch("DELETE FROM evidence_person WHERE log_index = 0; DELETE FROM evidence_opening WHERE log_index = 0; \
             DELETE FROM evidence_record WHERE log_index = 0")
        .unwrap();
    verifies(&url(&hub));
}

#[test]
fn what_an_officer_says_for_a_record_is_bounded_and_names_nobody() {
    let (_own, hub) = filled(&[At::now()]);
    let purge = |officer: &str| evidence(&url(&hub), &["purge", "--officer", officer]);
    told(purge(&"李".repeat(256)));
    for (wrong, why) in [
        ("李".repeat(257), "at most 256 characters"),
        (String::from("li\nking"), "control characters"),
        (String::from(" "), "must not be empty"),
        (String::from("li 11010519491231002X"), "citizen number"),
    ] {
        let output = purge(&wrong);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(why), "{text}");
    }
}

#[test]
fn the_key_of_a_demonstration_stays_where_its_public_half_is_missing() {
    let own = TempDir::new().unwrap();
    let demo = || {
        let mut demo = yimen();
        demo.args(["demo", "--only-data", "--persons", "100", "--data"]).arg(own.path());
        told(demo.output().unwrap());
        let read = |name: &str| std::fs::read_to_string(own.path().join(name)).unwrap();
        (read("evidence.key"), read("evidence.pub"))
    };
    let keys = demo();
    std::fs::remove_file(own.path().join("evidence.pub")).unwrap();
    assert_eq!(demo(), keys);
}

#[test]
fn a_term_below_three_years_is_refused() {
    let (_own, hub) = filled(&[At::now()]);
    let output = yimen()
        .args(["evidence", "purge", "--officer", "li", "--data"])
        .arg(county())
        .env("YIMEN__HUB__URL", url(&hub))
        .env("YIMEN__EVIDENCE__RETENTION_YEARS", "2")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("3 or more"), "{text}");
}
