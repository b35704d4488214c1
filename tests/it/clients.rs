//! Clients that others wrote, held against the gateway. `scripts/clients` installs them; a test without
//! them fails.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::county::value;

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

/// What a router of a larger graph answers, with what it asked of its subgraphs.
fn routed(
    server: &Server,
    (department, role, purpose): (&str, &str, &str),
    query: &str,
    people: &[&str],
) -> Value {
    let (url, token) = (format!("{}/graphql", server.url()), server.token(department, role));
    let routed = node("federation.mjs", &[&[&url, &token, purpose, query], people].concat());
    let output = String::from_utf8_lossy(&routed.stdout);
    assert!(routed.status.success(), "{output}{}", String::from_utf8_lossy(&routed.stderr));
    serde_json::from_str(output.trim()).unwrap()
}

#[test]
fn a_larger_graph_is_composed_with_the_subgraph_and_asks_it_for_people() {
    let server = Server::start();
    let person = |column: &str| {
        value(
            "household",
            &format!("SELECT {column} FROM person WHERE citizen_id IS NOT NULL ORDER BY citizen_id LIMIT 1"),
        )
    };
    let (number, absent) = (person("citizen_id"), "11010519491231002X");
    let query = "{ selected { note name household { id } } }";
    let asking = ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let told = routed(&server, asking, query, &[&number, absent]);
    let selected = &told["answer"]["data"]["selected"];
    assert_eq!(selected[0]["name"], person("name").as_str(), "{told}");
    assert_eq!(selected[0]["note"], "selected 0", "{told}");
    // Whoever isn't there has what the province knows, and nothing else.
    assert_eq!((&selected[1]["name"], &selected[1]["note"]), (&Value::Null, &json!("selected 1")), "{told}");
    // Both people were asked for at once.
    let county = told["asked"].as_array().unwrap().iter().filter(|asked| asked["subgraph"] == "county");
    assert_eq!(county.count(), 1, "{told}");
    let record = server.records().pop().unwrap();
    let read = json!({ "coordinate": "Person.name", "decision": "CLEAR" });
    assert!(record["coordinates"].as_array().unwrap().contains(&read), "{record}");
}

#[test]
fn the_client_of_graphql_ws_asks_watches_and_is_refused() {
    let server = Server::set(&[("YIMEN__FETCH__HEARTBEAT_MS", "50")]);
    let url = format!("ws://{}/graphql", server.address());
    let token = server.token("CIVIL_AFFAIRS", "REVIEWER");
    let driven = node("websocket.mjs", &[&url, &token, "MLA_REVIEW", &worker()]);
    let output = String::from_utf8_lossy(&driven.stdout);
    assert!(driven.status.success(), "{output}{}", String::from_utf8_lossy(&driven.stderr));
    let seen: Value = serde_json::from_str(&output).unwrap();
    assert!(seen["query"]["data"]["person"]["name"].is_string(), "{seen}");
    assert_eq!(seen["wrong"], json!({ "codes": ["GRAPHQL_VALIDATION_FAILED"] }));
    let viewer = json!({ "viewer": { "department": "CIVIL_AFFAIRS" } });
    let several = seen["several"].as_array().unwrap();
    assert!(several.len() == 8 && several.iter().all(|answer| answer["data"] == viewer), "{seen}");
    let status = json!({ "department": "UNION", "status": "UP" });
    assert_eq!(seen["watched"]["data"], json!({ "departmentStatusChanged": status }));
    // Each answer names its own record.
    let answers = several.iter().chain([&seen["query"], &seen["watched"]]);
    let named: BTreeSet<&str> =
        answers.map(|answer| answer["extensions"]["record"].as_str().unwrap()).collect();
    let known: Vec<Value> = server.records().iter().map(|record| record["id"].clone()).collect();
    assert_eq!(named.len(), 10, "{seen}");
    assert!(named.iter().all(|name| known.contains(&json!(name))), "{seen}");
    // It connects again for each operation after a while without any, and closes what it opened.
    let closed = seen["closed"].as_array().unwrap();
    assert!(!closed.is_empty() && closed.iter().all(|code| code == 1000), "{seen}");
    assert_eq!(seen["stranger"], json!({ "closed": 4403 }));
}

/// Somebody with a union file.
fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

/// The case in which that worker consents.
const CASE: &str = "CHECK-2026-1";

fn open_case(server: &Server) {
    server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK").open_case(CASE, &[&worker()]);
}

/// What both examples tell of a worker whom the help centre may check.
#[track_caller]
fn is_checked(told: &Output) {
    let output = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{output}{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_str(output.trim()).unwrap();
    let file = value(
        "union",
        "SELECT file_no FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1",
    );
    assert_eq!(told["found"], true, "{told}");
    assert!(told["files"].as_array().unwrap().iter().any(|known| known["fileNo"] == file.as_str()), "{told}");
}

/// A copy of the example in TypeScript whose packages are the installed ones.
fn typescript() -> tempfile::TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/typescript");
    let packages = from.join("node_modules");
    assert!(packages.is_dir(), "the examples aren't installed: run scripts/clients, as scripts/test does");
    let copy = tempfile::tempdir().unwrap();
    for file in ["package.json", "codegen.ts", "tsconfig.json", "scripts/schema.mjs", "src/check.ts"] {
        let to = copy.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from.join(file), to).unwrap();
    }
    std::os::unix::fs::symlink(packages, copy.path().join("node_modules")).unwrap();
    copy
}

/// Commands of the example, as the help centre's front end.
struct Npm<'a> {
    folder: &'a Path,
    server: &'a Server,
    token: &'a str,
}

impl Npm<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("npm")
            .args(["--silent", "run"])
            .args(arguments)
            .current_dir(self.folder)
            .env("YIMEN_URL", self.server.url())
            .env("YIMEN_TOKEN", self.token)
            .env("YIMEN_PURPOSE", "UNION_FILE_CHECK")
            .env("YIMEN_CASE", CASE)
            .output()
            .unwrap()
    }
}

#[test]
fn a_front_end_in_typescript_is_typed_by_its_own_token() {
    let server = Server::start();
    open_case(&server);
    let (folder, token) = (typescript(), server.token("UNION", "HELP_CENTRE"));
    let npm = Npm { folder: folder.path(), server: &server, token: &token };
    let schema = npm.run(&["schema"]);
    assert!(schema.status.success(), "{}", String::from_utf8_lossy(&schema.stderr));
    std::fs::write(folder.path().join("schema.graphql"), &schema.stdout).unwrap();
    for step in ["generate", "build"] {
        let done = npm.run(&[step]);
        let told = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{step}: {told:?}");
    }
    is_checked(&npm.run(&["start", "--", &worker()]));
    // A field that the token may not read is no field: the front end doesn't compile.
    let check = folder.path().join("src/check.ts");
    let wider = std::fs::read_to_string(&check)
        .unwrap()
        .replace("hasRentalSubsidy\n", "housingApplications { form }\n");
    std::fs::write(&check, wider).unwrap();
    let refused = npm.run(&["generate"]);
    assert!(!refused.status.success());
    let told =
        format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(told.contains("housingApplications"), "{told}");
}

#[test]
fn a_client_in_python_checks_its_document_and_reads() {
    let server = Server::start();
    open_case(&server);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/python/bin/python");
    assert!(python.is_file(), "the examples aren't installed: run scripts/clients, as scripts/test does");
    let told = Command::new(python)
        .arg(root.join("examples/python/check.py"))
        .arg(worker())
        .env("YIMEN_URL", server.url())
        .env("YIMEN_TOKEN", server.token("UNION", "HELP_CENTRE"))
        .env("YIMEN_PURPOSE", "UNION_FILE_CHECK")
        .env("YIMEN_CASE", CASE)
        .output()
        .unwrap();
    is_checked(&told);
}
