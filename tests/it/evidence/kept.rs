//! A hub that was wiped, rolled back or put back is refused by whoever signed more.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use tempfile::TempDir;

use crate::evidence::{ask, command, found, officer, url, verifies};
use crate::support::{Server, county, yimen};

/// A hub with some records, a copy of it from before the last of them, and the head that was kept.
struct Restored {
    own: TempDir,
}

impl Restored {
    fn new() -> Restored {
        let restored = Restored { own: TempDir::new().unwrap() };
        std::fs::copy(county().join("hub.db"), restored.hub()).unwrap();
        restored.ask(&restored.head());
        copy(&restored.hub(), &restored.backup());
        restored.ask(&restored.head());
        restored
    }

    fn hub(&self) -> PathBuf {
        self.own.path().join("hub.db")
    }

    fn backup(&self) -> PathBuf {
        self.own.path().join("backup.db")
    }

    fn head(&self) -> PathBuf {
        self.own.path().join("kept.head")
    }

    /// A server over the hub that keeps its head in a file.
    fn serve(&self, head: &Path) -> Server {
        Server::set(&[
            ("YIMEN__HUB__URL", &url(&self.hub())),
            ("YIMEN__EVIDENCE__HEAD", head.to_str().unwrap()),
        ])
    }

    fn ask(&self, head: &Path) {
        let server = self.serve(head);
        ask(&officer(&server), 3);
        server.stop();
    }

    /// What a start says that must not come about.
    fn refused(&self) -> String {
        self.refused_with(&self.head())
    }

    fn refused_with(&self, head: &Path) -> String {
        let mut serve = yimen();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(county());
        serve.env("YIMEN__HUB__URL", url(&self.hub())).env("YIMEN__EVIDENCE__HEAD", head);
        let output = serve.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    fn adopt(&self, more: &[&str]) -> Output {
        self.adopt_under(&county().join("secret"), more)
    }

    fn adopt_under(&self, secret: &Path, more: &[&str]) -> Output {
        let with = [&["adopt", "--officer", "li", "--reason", "incident 7"], more].concat();
        let mut adopt = command(&url(&self.hub()), &with);
        adopt.env("YIMEN__SECRET__FILE", secret).env("YIMEN__EVIDENCE__HEAD", self.head());
        adopt.output().unwrap()
    }
}

/// Copies a hub that nobody is at.
fn copy(from: &Path, to: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", to.display()));
    }
    let connection = rusqlite::Connection::open(from).unwrap();
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

fn size(hub: &Path) -> i64 {
    let sql = "SELECT COALESCE(MAX(size), 0) FROM evidence_checkpoint";
    rusqlite::Connection::open(hub).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_hub_that_was_put_back_is_refused_until_somebody_adopts_it() {
    let restored = Restored::new();
    let (signed, left) = (size(&restored.hub()), size(&restored.backup()));
    assert!(signed > left);
    // What wasn't put back is gone on with.
    restored.ask(&restored.head());
    let signed = size(&restored.hub()).max(signed);
    copy(&restored.backup(), &restored.hub());
    let text = restored.refused();
    let expected = format!("the hub went back: {signed} records were signed here, and it has {left}");
    assert!(text.contains(&expected) && text.contains("yimen evidence adopt"), "{text}");
    let output = restored.adopt(&[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("{left} records instead of {signed}")));
    assert_eq!(size(&restored.hub()), left, "nothing is done without --yes");
    let output = restored.adopt(&["--yes"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let last = crate::support::hub::entries(&restored.hub()).pop().unwrap();
    assert_eq!((last["kind"].as_str(), last["subject"].as_str()), (Some("ADOPTION"), Some("li")));
    let note = last["note"].as_str().unwrap();
    assert!(note.starts_with(&format!("log of {left} records instead of {signed} with root ")), "{note}");
    assert!(note.ends_with("incident 7"), "{note}");
    let lost = restored.own.path().join(format!("kept.head.lost-{signed}"));
    assert!(std::fs::read_to_string(lost).unwrap().contains(&format!("\n{signed}\n")));
    restored.ask(&restored.head());
    verifies(&url(&restored.hub()));
    let output = restored.adopt(&["--yes"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("there is nothing to adopt"));
}

#[test]
fn a_hub_with_another_history_of_the_same_length_or_longer_is_refused() {
    let restored = Restored::new();
    copy(&restored.backup(), &restored.hub());
    // Somebody with the same key goes on from the backup and doesn't know better.
    restored.ask(&restored.own.path().join("another.head"));
    restored.ask(&restored.own.path().join("another.head"));
    verifies(&url(&restored.hub()));
    let text = restored.refused();
    assert!(text.contains("records aren't those that were signed here"), "{text}");
}

#[test]
fn a_hub_that_is_wiped_while_the_process_runs_gets_no_new_head() {
    let restored = Restored::new();
    let server = restored.serve(&restored.head());
    let client = officer(&server);
    ask(&client, 2);
    let connection = rusqlite::Connection::open(restored.hub()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    let wipe = ["record", "person", "tile", "checkpoint", "pending"];
    let wipe: String = wipe.map(|table| format!("DELETE FROM evidence_{table};")).concat();
    connection.execute_batch(&format!("BEGIN IMMEDIATE; {wipe} COMMIT")).unwrap();
    ask(&client, 2);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(size(&restored.hub()), 0, "nothing is signed on top of it");
    let log = server.log().join("\n");
    assert!(log.contains("the hub went back"), "{log}");
    server.stop();
    assert!(restored.refused().contains("and it has 0"));
}

#[test]
fn a_kept_head_that_is_no_head_of_this_log_is_refused() {
    let restored = Restored::new();
    let note = std::fs::read_to_string(restored.head()).unwrap();
    let size = format!("\n{}\n", size(&restored.hub()));
    for wrong in [note.replace(&size, "\n1\n"), String::new()] {
        std::fs::write(restored.head(), wrong).unwrap();
        assert!(restored.refused().contains("the newest head, kept in"));
    }
    let nowhere = restored.own.path().join("no/such/folder/head");
    assert!(
        restored.refused_with(&nowhere).contains("the newest head, kept in"),
        "it couldn't be kept there"
    );
    std::fs::write(restored.head(), note).unwrap();
    restored.ask(&restored.head());
}

#[test]
fn a_process_with_another_secret_is_refused_until_somebody_adopts_it() {
    let restored = Restored::new();
    let secret = restored.own.path().join("secret");
    std::fs::write(&secret, [7; 32]).unwrap();
    let with = ["erase", "--key", "2026.0", "--officer", "li", "--yes"];
    let erase = |secret: &Path| {
        command(&url(&restored.hub()), &with).env("YIMEN__SECRET__FILE", secret).output().unwrap()
    };
    let output = erase(&secret);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("sealed under another secret"), "{text}");
    let connection = rusqlite::Connection::open(restored.hub()).unwrap();
    let forge = "INSERT INTO evidence_pending (id, entry, people, mac) VALUES ('1', '2', x'', x'')";
    connection.execute(forge, []).unwrap();
    let output = restored.adopt_under(&secret, &["--yes"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("sealed under the former secret"), "{text}");
    connection.execute("DELETE FROM evidence_pending", []).unwrap();
    let output = restored.adopt_under(&secret, &["--yes"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let note = crate::support::hub::entries(&restored.hub()).pop().unwrap()["note"].to_string();
    assert!(note.contains("records sealed under another secret than before; incident 7"), "{note}");
    assert!(erase(&secret).status.success());
    assert!(!erase(&county().join("secret")).status.success(), "and now the former one is another");
    verifies(&url(&restored.hub()));
}

#[test]
fn a_hub_that_was_rolled_back_verifies_by_itself_and_not_with_the_head_that_was_kept() {
    let restored = Restored::new();
    let kept = restored.head();
    let with = |hub: &Path| {
        let with = ["verify", "--checkpoint", kept.to_str().unwrap()];
        command(&url(hub), &with).output().unwrap()
    };
    assert!(with(&restored.hub()).status.success());
    assert!(!with(&restored.backup()).status.success());
    verifies(&url(&restored.backup()));
    let damaged = restored.own.path().join("damaged.db");
    copy(&restored.hub(), &damaged);
    rusqlite::Connection::open(&damaged).unwrap().execute("DELETE FROM evidence_tile", []).unwrap();
    found(&url(&damaged));
}
