//! Clients that others wrote, held against the gateway. `scripts/clients` installs them; a test without
//! them fails.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::Server;

/// Runs one of `tests/clients/*.mjs`.
fn node(script: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let installed = folder.join("node_modules").is_dir();
    assert!(installed, "the clients aren't installed: run scripts/clients, as scripts/test does");
    Command::new("node").arg(folder.join(script)).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn the_audit_of_graphql_over_http_finds_nothing() {
    let server = Server::start();
    let token = server.token("CIVIL_AFFAIRS", "REVIEWER");
    let audit = node("audit.mjs", &[&format!("{}/graphql", server.url()), &token, "MLA_REVIEW"]);
    let found = String::from_utf8_lossy(&audit.stdout);
    assert!(audit.status.success(), "{found}{}", String::from_utf8_lossy(&audit.stderr));
    assert_eq!(found.trim(), "61 of 61");
}

#[test]
fn the_audit_finds_what_is_wrong_where_nobody_is_let_in() {
    let server = Server::start();
    let audit = node("audit.mjs", &[&format!("{}/graphql", server.url()), "nobody", "MLA_REVIEW"]);
    assert!(!audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

#[test]
fn the_explorer_opens_without_a_network_and_runs_a_query() {
    let server = Server::start();
    let token = server.token("UNION", "HELP_CENTRE");
    let driven = node("explorer.mjs", &[&server.url(), &token]);
    let output = String::from_utf8_lossy(&driven.stdout);
    assert!(driven.status.success(), "{output}{}", String::from_utf8_lossy(&driven.stderr));
    let seen: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(seen["elsewhere"], json!([]), "the page asks for something that isn't here");
    assert_eq!(seen["complaints"], json!([]));
    assert!(seen["withoutToken"].as_str().unwrap().starts_with("401"), "{seen}");
    assert!(seen["state"].as_str().unwrap().contains("record"), "{seen}");
    assert!(seen["result"].as_str().unwrap().contains("UNION"), "{seen}");
    let documentation = seen["documentation"].as_str().unwrap();
    assert!(documentation.contains("unionFiles") && !documentation.contains("accessRecords"), "{seen}");
    assert_eq!(seen["kept"], 0, "the browser keeps something");
}
