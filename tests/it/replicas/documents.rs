//! Documents that a client registered at one replica and names at another.

use redis::Commands;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::replicas::replica;
use crate::support::redis::{connect, keys, prefix, shared};
use crate::support::{Answer, Client, Server};

pub(super) const ROLE: &str = "{ viewer { role } }";
const DIVISION: &str = "{ viewer { division } }";

fn officer(server: &Server) -> Client {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

/// Names a document in Apollo's protocol, with its text or without.
fn send(client: &Client, document: &str, with_text: bool) -> Answer {
    let hash: String = Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    if with_text {
        body["query"] = json!(document);
    }
    Answer::of(client.post().json(&body))
}

#[track_caller]
pub(super) fn is_known(server: &Server, document: &str) {
    let answer = send(&officer(server), document, false);
    assert_eq!((answer.status, answer.codes()), (200, Vec::new()), "{}", answer.text);
}

#[track_caller]
fn is_unknown(server: &Server, document: &str) {
    let codes = send(&officer(server), document, false).codes();
    assert_eq!(codes, ["PERSISTED_QUERY_NOT_FOUND"]);
}

#[track_caller]
pub(super) fn register(server: &Server, document: &str) {
    let answer = send(&officer(server), document, true);
    assert_eq!((answer.status, answer.codes()), (200, Vec::new()), "{}", answer.text);
}

#[test]
fn a_document_that_one_replica_was_told_is_known_at_the_other_and_to_no_stranger() {
    let (url, prefix) = (shared(), prefix("documents"));
    let [one, other] = [(); 2].map(|()| replica(&url, &prefix, &[]));
    let stranger = replica(&url, &format!("{prefix}stranger:"), &[]);
    is_unknown(&other, ROLE);
    register(&one, ROLE);
    is_known(&other, ROLE);
    is_unknown(&stranger, ROLE);
    // Whoever looks into Redis sees neither the text nor its hash, and it goes by itself.
    let mut redis = connect(&url);
    let found: Vec<String> = keys(&mut redis, &format!("{prefix}document:"));
    assert_eq!(found.len(), 1, "{found:?}");
    let hash: String = Sha256::digest(ROLE).iter().map(|byte| format!("{byte:02x}")).collect();
    let kept: Vec<u8> = redis.get(&found[0]).unwrap();
    assert!(!found[0].contains(&hash) && !kept.windows(6).any(|window| window == b"viewer"));
    let seconds: i64 = redis.ttl(&found[0]).unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
}

#[test]
fn a_text_under_a_name_that_is_not_its_own_is_not_believed() {
    let (url, prefix) = (shared(), prefix("lies"));
    let one = replica(&url, &prefix, &[]);
    let mut redis = connect(&url);
    let pattern = format!("{prefix}document:");
    register(&one, ROLE);
    let role = keys(&mut redis, &pattern).remove(0);
    register(&one, DIVISION);
    let division = keys(&mut redis, &pattern).into_iter().find(|key| *key != role).unwrap();
    let (honest, moved): (Vec<u8>, Vec<u8>) = (redis.get(&role).unwrap(), redis.get(&division).unwrap());
    let other = replica(&url, &prefix, &[]);
    let too_long = vec![7u8; 300_000];
    for lie in [moved.as_slice(), DIVISION.as_bytes(), b"", &honest[1..], &too_long] {
        let () = redis.set(&role, lie).unwrap();
        is_unknown(&other, ROLE);
    }
    let () = redis.del(&role).unwrap();
    let () = redis.lpush(&role, "a list").unwrap();
    is_unknown(&other, ROLE);
    // The other way is open all the time.
    register(&other, ROLE);
    is_known(&other, ROLE);
    is_known(&other, DIVISION);
}

#[test]
fn a_document_of_so_many_bytes_is_shared_and_one_more_is_not() {
    let (url, prefix) = (shared(), prefix("length"));
    let more = [("YIMEN__SERVER__BODY_BYTES", "400000")];
    let [one, other] = [(); 2].map(|()| replica(&url, &prefix, &more));
    let of_length = |bytes: usize| format!("{ROLE}{}", " ".repeat(bytes - ROLE.len()));
    let most = 256 * 1024;
    for (bytes, is_shared) in [(most, true), (most + 1, false)] {
        let document = of_length(bytes);
        register(&one, &document);
        is_known(&one, &document);
        if is_shared { is_known(&other, &document) } else { is_unknown(&other, &document) }
    }
}

#[test]
fn without_redis_a_document_is_known_to_whom_it_was_told() {
    let [one, other] = [(); 2].map(|()| replica("redis://127.0.0.1:1", &prefix("alone"), &[]));
    register(&one, ROLE);
    is_known(&one, ROLE);
    is_unknown(&other, ROLE);
    register(&other, ROLE);
    is_known(&other, ROLE);
}

#[test]
fn what_no_client_may_run_is_not_taken_from_redis_either() {
    let (url, prefix) = (shared(), prefix("modes"));
    let one = replica(&url, &prefix, &[]);
    register(&one, ROLE);
    let folder = tempfile::TempDir::new().unwrap();
    let manifest = json!({ "viewer": DIVISION });
    std::fs::write(folder.path().join("relay.json"), Value::to_string(&manifest)).unwrap();
    let folder = folder.path().display().to_string();
    for mode in ["safelist", "require_id"] {
        let strict = replica(
            &url,
            &prefix,
            &[("YIMEN__DOCUMENTS__MODE", mode), ("YIMEN__DOCUMENTS__FOLDER", &folder)],
        );
        is_unknown(&strict, ROLE);
        is_known(&strict, DIVISION);
    }
}
