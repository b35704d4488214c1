//! Texts that are made from the code and committed beside it: the diff of the schema is the review of the
//! interface, and the reference of the configuration is never older than its keys.

use crate::support::yimen;

/// Compares a committed text with what a command prints, and writes it where that is asked for.
#[track_caller]
fn is_committed(file: &str, command: &[&str]) {
    let output = yimen().args(command).output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("YIMEN_BLESS").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == printed,
        "{file} is out of date: run the tests once with YIMEN_BLESS=1 and review the diff"
    );
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    is_committed("docs/schema.graphql", &["schema", "--data", "/nonexistent"]);
}

#[test]
fn the_reference_of_the_configuration_is_that_of_the_defaults() {
    is_committed("docs/configuration.md", &["config", "reference"]);
}
