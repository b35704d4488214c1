//! A log that was changed behind the program's back.

use std::path::Path;

use tempfile::TempDir;
use yimen::evidence::merkle::leaf_hash;

use crate::evidence::{ask, evidence, found, officer, url, verifies};
use crate::support::Server;

/// Records of the log that is tampered with: more than one bundle, and a second level of tiles.
const RECORDS: usize = 300;

/// A log of some hundred records, in a folder of the test's own.
fn log() -> (TempDir, std::path::PathBuf) {
    let server = Server::start();
    ask(&officer(&server), RECORDS);
    let own = TempDir::new().unwrap();
    let hub = own.path().join("hub.db");
    let from = server.hub();
    let _left = server.stop();
    let connection = rusqlite::Connection::open(from).unwrap();
    connection.execute("VACUUM INTO ?1", [hub.to_str().unwrap()]).unwrap();
    (own, hub)
}

/// A copy of the log with something done to it.
fn after(hub: &Path, deed: &str) -> std::path::PathBuf {
    let copy = hub.with_extension("copy");
    let _ = std::fs::remove_file(&copy);
    // Not the file alone: a command leaves what it wrote last in the write-ahead log beside it.
    let whole = rusqlite::Connection::open(hub).unwrap();
    whole.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    rusqlite::Connection::open(&copy).unwrap().execute_batch(deed).unwrap();
    copy
}

#[test]
fn each_way_of_tampering_is_found_and_named() {
    let (_own, hub) = log();
    assert!(verifies(&url(&hub)).contains("records verified"));
    let swap = "CREATE TEMP TABLE two AS SELECT log_index, entry FROM evidence_record WHERE log_index IN (7, 261); \
                UPDATE evidence_record SET entry = (SELECT entry FROM two WHERE log_index = 268 - evidence_record.log_index) \
                WHERE log_index IN (7, 261)";
    for (deed, expected) in [
        (
            "UPDATE evidence_record SET entry = replace(entry, 'CIVIL_AFFAIRS', 'CIVIL_AFFAIRZ') WHERE log_index = 12",
            "record 12 was changed",
        ),
        ("DELETE FROM evidence_record WHERE log_index = 33", "record 33 is missing"),
        (swap, "record 7 was moved: record 261 stands in its place"),
        (swap, "record 261 was moved: record 7 stands in its place"),
        (
            "DELETE FROM evidence_record WHERE log_index >= 290",
            "the tail is cut off: the head says 302 records, from record 290 on there are none",
        ),
        ("DELETE FROM evidence_tile WHERE level = 1", "tile/1/000.p/1 is missing"),
        (
            "UPDATE evidence_checkpoint SET note = replace(note, '302', '301')",
            "head: the checkpoint has no valid signature",
        ),
        (
            "INSERT INTO evidence_record SELECT 302, 'more', kind, at, caller, department, role, division, purpose, \
             case_no, coordinates, people, entry FROM evidence_record WHERE log_index = 1",
            "record 302 lies beyond the signed head",
        ),
    ] {
        let text = found(&url(&after(&hub, deed)));
        assert!(text.contains(expected), "{deed}: {text}");
    }
}

#[test]
fn what_the_log_is_searched_by_is_held_against_it() {
    let (_own, hub) = log();
    let person = "(SELECT MIN(log_index) FROM evidence_opening WHERE log_index > 9)";
    let of_person = |deed: &str| format!("{deed} WHERE log_index = {person}");
    let at: i64 = rusqlite::Connection::open(&hub)
        .unwrap()
        .query_row(&format!("SELECT {person}"), [], |row| row.get(0))
        .unwrap();
    let list = "(SELECT MIN(name) FROM evidence_coordinates)";
    for (deed, expected) in [
        (
            "UPDATE evidence_record SET caller = 'li' WHERE log_index = 12".to_owned(),
            "record 12 is searched by another `caller` than it has".to_owned(),
        ),
        (
            "UPDATE evidence_record SET case_no = 'C-9' WHERE log_index = 12".to_owned(),
            "record 12 is searched by another `case_no` than it has".to_owned(),
        ),
        (
            "UPDATE evidence_record SET people = 9 WHERE log_index = 12".to_owned(),
            "record 12 is searched by another `people` than it has".to_owned(),
        ),
        (
            of_person("DELETE FROM evidence_opening"),
            format!("record {at}: its people aren't those that were sealed"),
        ),
        (
            of_person("UPDATE evidence_opening SET leaves = unhex('01') || zeroblob(32)"),
            format!("record {at}: its people aren't those that were sealed"),
        ),
        (
            of_person("UPDATE evidence_opening SET leaves = leaves || leaves"),
            format!("record {at}: its people aren't those that were sealed"),
        ),
        (
            of_person("UPDATE evidence_opening SET leaves = zeroblob(32)"),
            format!("record {at}: its people can't be read"),
        ),
        (
            of_person("UPDATE evidence_opening SET person_key = '2020.0'"),
            format!("record {at}: the key of its people isn't the one that is named"),
        ),
        (
            of_person("INSERT INTO evidence_opening SELECT 900, person_key, leaves FROM evidence_opening"),
            "record 900: it has people but isn't there".to_owned(),
        ),
        (
            of_person("DELETE FROM evidence_person"),
            format!("record {at}: one of its people can't be found any more, and no erasure is recorded"),
        ),
        (
            of_person("UPDATE evidence_person SET digest = zeroblob(16)"),
            format!("record {at}: one of its people can't be found any more, and no erasure is recorded"),
        ),
        (
            of_person("INSERT INTO evidence_person SELECT zeroblob(16), log_index FROM evidence_opening"),
            format!("record {at}: it is found by somebody who isn't among its people"),
        ),
        (
            of_person("INSERT INTO evidence_person SELECT digest, log_index + 1 FROM evidence_person"),
            format!("record {}: it is found by somebody who isn't among its people", at + 1),
        ),
        (
            of_person("INSERT INTO evidence_person SELECT digest, 900 FROM evidence_person"),
            "record 900: it has people but isn't there".to_owned(),
        ),
        (
            format!("UPDATE evidence_coordinates SET outcomes = '{{}}' WHERE name = {list}"),
            "isn't the one that was named".to_owned(),
        ),
        (format!("DELETE FROM evidence_coordinates WHERE name = {list}"), "is missing".to_owned()),
        (
            "INSERT INTO evidence_withholding (case_no, department, until, basis, at, record) \
             VALUES ('C-1', 'UNION', '2099', 'none', '2026', '1')"
                .to_owned(),
            "case C-1 is withheld for UNION, and no record says so".to_owned(),
        ),
    ] {
        let text = found(&url(&after(&hub, &deed)));
        assert!(text.contains(&expected), "{deed}: {text}");
    }
}

/// Leaves everybody's commitments alone, as whoever can write the tables may.
fn forget(hub: &Path) {
    let connection = rusqlite::Connection::open(hub).unwrap();
    let mut select = connection.prepare("SELECT log_index, leaves FROM evidence_opening").unwrap();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
    let rows: Vec<(i64, Vec<u8>)> = select.query_map([], read).unwrap().map(Result::unwrap).collect();
    for (index, leaves) in rows {
        let erased = leaves.chunks(33).flat_map(|leaf| match leaf {
            [1, opening @ ..] => [vec![0], leaf_hash(opening).to_vec()].concat(),
            erased => erased.to_vec(),
        });
        let erased: Vec<u8> = erased.collect();
        let sql = "UPDATE evidence_opening SET leaves = ?1 WHERE log_index = ?2";
        connection.execute(sql, (erased, index)).unwrap();
    }
    connection.execute("DELETE FROM evidence_person", []).unwrap();
}

#[test]
fn an_erasure_excuses_what_it_took_and_nothing_else() {
    let (_own, hub) = log();
    let erase = |key: &str| {
        let copy = after(&hub, "");
        assert!(evidence(&url(&copy), &["erase", "--key", key, "--officer", "li", "--yes"]).status.success());
        forget(&copy);
        copy
    };
    let key: String = rusqlite::Connection::open(&hub)
        .unwrap()
        .query_row("SELECT person_key FROM evidence_opening LIMIT 1", [], |row| row.get(0))
        .unwrap();
    verifies(&url(&erase(&key)));
    assert!(found(&url(&erase("2020.0"))).contains("and no erasure is recorded"), "another key");
    let (copy, number) = (after(&hub, ""), hub.with_extension("number"));
    std::fs::write(&number, "11010519491231002X").unwrap();
    let nobody = ["erase", "--person-file", number.to_str().unwrap(), "--officer", "li", "--yes"];
    assert!(evidence(&url(&copy), &nobody).status.success());
    verifies(&url(&copy));
    forget(&copy);
    let text = found(&url(&copy));
    assert!(text.contains("can't be found any more, and erasures took fewer"), "{text}");
}

#[test]
fn a_withholding_is_held_against_what_its_record_says() {
    let (_own, hub) = log();
    let withhold = ["withhold", "--case", "C-1", "--department", "UNION", "--until", "2099-12-31"];
    let rule = ["--basis", "006 art. 3", "--officer", "li"];
    assert!(evidence(&url(&hub), &[&withhold[..], &rule].concat()).status.success());
    verifies(&url(&hub));
    for deed in ["until = '2100'", "case_no = 'C-2'", "department = 'HRSS'"] {
        let text = found(&url(&after(&hub, &format!("UPDATE evidence_withholding SET {deed}"))));
        assert!(text.contains("and no record says so"), "{deed}: {text}");
    }
}

/// Flips a bit of a tile of the lowest level.
fn flip(hub: &Path, tile: i64) {
    let connection = rusqlite::Connection::open(hub).unwrap();
    let place = "FROM evidence_tile WHERE level = 0 AND tile = ?1";
    let mut hashes: Vec<u8> =
        connection.query_row(&format!("SELECT hashes {place}"), [tile], |row| row.get(0)).unwrap();
    hashes[0] ^= 1;
    let sql = "UPDATE evidence_tile SET hashes = ?2 WHERE level = 0 AND tile = ?1";
    connection.execute(sql, rusqlite::params![tile, hashes]).unwrap();
}

#[test]
fn a_tile_that_was_changed_is_found_and_named() {
    let (_own, hub) = log();
    let copy = after(&hub, "");
    flip(&copy, 0);
    let text = found(&url(&copy));
    assert!(text.contains("tile/0/000 isn't the hash of what is below it"), "{text}");
    let copy = after(&hub, "");
    flip(&copy, 1);
    let text = found(&url(&copy));
    assert!(
        text.contains("record 256 was changed") && text.contains("the signed head isn't the hash"),
        "{text}"
    );
}

#[test]
fn a_head_that_was_seen_tells_that_the_log_went_back() {
    let (own, hub) = log();
    let seen = own.path().join("seen");
    let note: String = rusqlite::Connection::open(&hub)
        .unwrap()
        .query_row("SELECT note FROM evidence_checkpoint ORDER BY size DESC LIMIT 1", [], |row| row.get(0))
        .unwrap();
    std::fs::write(&seen, note).unwrap();
    let with = ["verify", "--checkpoint", seen.to_str().unwrap()];
    let output = evidence(&url(&hub), &with);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Another log by the same key, whole in itself.
    let (_other_own, other) = log();
    let output = evidence(&url(&other), &with);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && text.contains("records seen earlier"), "{text}");
    let empty = after(
        &hub,
        "DELETE FROM evidence_record; DELETE FROM evidence_tile; DELETE FROM evidence_checkpoint",
    );
    let output = evidence(&url(&empty), &with);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && text.contains("there is none, though there was one"), "{text}");
}

#[test]
fn nothing_is_signed_on_top_of_a_log_that_was_changed() {
    let (_own, hub) = log();
    let changed = after(&hub, "");
    flip(&changed, 1);
    let server = Server::set(&[("YIMEN__HUB__URL", &url(&changed))]);
    ask(&officer(&server), 1);
    server.stop();
    let text = found(&url(&changed));
    assert!(text.contains("the signed head isn't the hash"), "{text}");
    let connection = rusqlite::Connection::open(&changed).unwrap();
    let size: i64 =
        connection.query_row("SELECT MAX(size) FROM evidence_checkpoint", [], |row| row.get(0)).unwrap();
    assert_eq!(size, 302, "the head stays where it was");
}

#[test]
fn a_log_that_grows_meanwhile_is_not_said_to_be_changed() {
    let server = Server::set(&[("YIMEN__EVIDENCE__INTEGRATE_MS", "10")]);
    let (client, hub) = (officer(&server), url(&server.hub()));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&client, 200));
        while !asking.is_finished() {
            verifies(&hub);
        }
    });
}
