//! The log as a server serves it, read by a library that this project didn't write.

use serde_json::json;
use tlog_tiles::tlog;
use tlog_tiles::{Checkpoint, TileHashReader, TileReader};

use crate::authentication::{claims, signed};
use crate::evidence::{ask, officer};
use crate::support::{Answer, Client, Server, county, yimen};

const RECORDS: usize = 300;

fn get(client: &Client, path: &str) -> reqwest::blocking::Response {
    client.request(reqwest::Method::GET, &format!("/evidence/{path}")).send().unwrap()
}

/// Waits until the head counts so many records; the server integrates every few milliseconds.
fn head(client: &Client, size: u64) -> String {
    for _ in 0..500 {
        let answer = get(client, "checkpoint");
        let text = answer.text().unwrap();
        let counted = text.lines().nth(1).and_then(|line| line.parse::<u64>().ok());
        if counted.is_some_and(|counted| counted >= size) {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the log doesn't grow")
}

struct Tiles<'a>(&'a Client);

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let partial = if tile.width() < 256 { format!(".p/{}", tile.width()) } else { String::new() };
            let answer = get(self.0, &format!("tile/{}/{:03}{partial}", tile.level(), tile.level_index()));
            assert_eq!(answer.status(), 200, "{tile:?}");
            answer.bytes().unwrap().to_vec()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn another_library_proves_every_record_from_what_is_served() {
    let server = Server::start();
    ask(&officer(&server), RECORDS);
    let (nobody, auditor) = (
        Client::new(&server.url(), None, None),
        server.client("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION"),
    );
    let note = head(&nobody, RECORDS as u64);
    let (text, _) = note.split_once("\n\n").unwrap();
    let head = Checkpoint::from_bytes(format!("{text}\n").as_bytes()).unwrap();
    assert_eq!(head.origin(), "demo.yimen.invalid/evidence");
    let (tiles, size, root) = (Tiles(&nobody), head.size(), *head.hash());
    let reader = TileHashReader::new(size, root, &tiles);
    assert_eq!(tlog::tree_hash(size, &reader).unwrap(), root);
    for bundle in 0..size.div_ceil(256) {
        let width = (size - bundle * 256).min(256);
        let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
        let bytes = get(&auditor, &format!("tile/entries/{bundle:03}{partial}")).bytes().unwrap();
        let mut rest = &bytes[..];
        for at in bundle * 256..bundle * 256 + width {
            let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
            let leaf = tlog::record_hash(&rest[2..2 + length]);
            rest = &rest[2 + length..];
            let proof = tlog::prove_record(size, at, &reader).unwrap();
            tlog::check_record(&proof, size, root, at, leaf).unwrap();
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn heads_and_hashes_are_for_everybody_and_entries_for_auditors() {
    let server = Server::start();
    let officer = officer(&server);
    ask(&officer, 4);
    let nobody = Client::new(&server.url(), None, None);
    let size = head(&nobody, 4).lines().nth(1).unwrap().to_owned();
    let status = |client: &Client, path: &str| get(client, path).status().as_u16();
    assert_eq!(status(&nobody, &format!("tile/0/000.p/{size}")), 200);
    assert_eq!(status(&nobody, "tile/0/000.p/200"), 404, "there are fewer records");
    assert_eq!(status(&nobody, "tile/0/0"), 404, "a path of no known form");
    let entries = format!("tile/entries/000.p/{size}");
    assert_eq!(status(&nobody, &entries), 401);
    let refused = Answer::of(officer.request(reqwest::Method::GET, &format!("/evidence/{entries}")));
    assert_eq!((refused.status, refused.codes()), (403, vec![String::from("FORBIDDEN")]));
    let record = server.records().pop().unwrap();
    assert_eq!(
        (&record["kind"], &record["note"], &record["subject"]),
        (&json!("REFUSED"), &json!("FORBIDDEN: entries of the log"), &json!("demo-officer"))
    );
    let auditor = server.client("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION");
    assert_eq!(status(&auditor, &entries), 200);
    assert_eq!(status(&auditor, &entries), 200);
    let entries = crate::support::hub::entries(&server.hub());
    let readings = entries.iter().filter(|entry| entry["kind"] == "SEARCH" && entry["role"] == "AUDITOR");
    assert_eq!(readings.count(), 1, "whoever reads entries has a record of it, one an hour");
}

#[test]
fn readers_of_one_name_and_two_issuers_have_a_record_each() {
    let issuers = ["https://issuer.demo.yimen.invalid", "https://other.yimen.invalid"];
    let server = Server::set(&[("YIMEN__AUTH__ISSUERS", &format!("{issuers:?}"))]);
    ask(&officer(&server), 4);
    let size = head(&Client::new(&server.url(), None, None), 4).lines().nth(1).unwrap().to_owned();
    let path = format!("tile/entries/000.p/{size}");
    let readings = |issuer: &str| {
        let mut claims = claims();
        for (claim, value) in
            [("iss", issuer), ("role", "AUDITOR"), ("department", "SUPERVISION_OFFICE"), ("sub", "auditor")]
        {
            claims[claim] = json!(value);
        }
        let auditor = Client::new(&server.url(), Some(&signed(&claims)), Some("SUPERVISION"));
        assert_eq!(get(&auditor, &path).status(), 200);
        let entries = server.entries();
        entries.iter().filter(|entry| entry["kind"] == "SEARCH" && entry["subject"] == "auditor").count()
    };
    assert_eq!([issuers[0], issuers[0], issuers[1], issuers[1]].map(readings), [1, 1, 2, 2]);
}

#[test]
fn the_program_verifies_a_server_by_address() {
    let server = Server::start();
    ask(&officer(&server), 5);
    head(&Client::new(&server.url(), None, None), 5);
    let auditor = server.token("SUPERVISION_OFFICE", "AUDITOR");
    let url = format!("{}/evidence", server.url());
    let key = county().join("evidence.pub");
    let verify = |token: &str| {
        let mut command = yimen();
        command.args(["evidence", "verify", "--url", &url, "--token", token, "--key"]).arg(&key);
        command.output().unwrap()
    };
    let output = verify(&auditor);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = verify(&server.token("UNION", "HELP_CENTRE"));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("AUDITOR"));
}

#[test]
fn a_witness_that_is_configured_cosigns_and_another_does_not() {
    use yimen::evidence::note::{Note, SigningKey, Suite};
    let (witness, other) =
        (SigningKey::generate("witness.example").unwrap(), SigningKey::generate("other.example").unwrap());
    let key = witness.public().of(Suite::Cosignature).to_string();
    let server = Server::set(&[("YIMEN__EVIDENCE__WITNESSES", &format!("[\"{key}\"]"))]);
    ask(&officer(&server), 2);
    let nobody = Client::new(&server.url(), None, None);
    // The start, a list of coordinates and both answers: after them the head stands still.
    let note = head(&nobody, 4);
    let text = Note::parse(&note).unwrap().text.to_owned();
    let post = |line: String| {
        Answer::of(nobody.request(reqwest::Method::POST, "/evidence/cosignature").body(line)).status
    };
    assert_eq!(post(other.cosign(&text, 1_800_000_000)), 422);
    assert_eq!(post(witness.cosign("another text\n", 1_800_000_000)), 422);
    assert_eq!(post(witness.cosign(&text, 1_800_000_000)), 204);
    let signed = head(&nobody, 4);
    assert_eq!(Note::parse(&signed).unwrap().signatures.len(), 2, "{signed}");
    assert_eq!(post(String::from("x").repeat(5_000)), 413);
}

#[test]
fn a_request_that_is_not_run_has_its_record_too() {
    let server = Server::start();
    let client = officer(&server);
    let unknown = client.send("{ person(citizenId: \"x\") { nothing } }", json!({}));
    let named = unknown.headers["yimen-record"].to_str().unwrap().to_owned();
    let record = server.records().pop().unwrap();
    assert_eq!(record["id"], named.as_str());
    assert_eq!((&record["kind"], &record["note"]), (&json!("REFUSED"), &json!("GRAPHQL_VALIDATION_FAILED")));
    client.purpose(Some("CURIOSITY")).send("{ viewer { role } }", json!({}));
    let record = server.records().pop().unwrap();
    assert_eq!((&record["note"], &record["purpose"]), (&json!("PURPOSE_REQUIRED"), &json!("")));
    assert_eq!(record["subject"], "demo-officer");
    assert_eq!(record["issuer"], yimen::auth::DEMO_ISSUER, "within which alone subjects are told apart");
}
