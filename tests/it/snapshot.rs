//! The schema that clients see, beside the code: its diff is the review of the interface.

use crate::support::yimen;

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let output = yimen().args(["schema", "--data", "/nonexistent"]).output().unwrap();
    assert!(output.status.success());
    let served = String::from_utf8(output.stdout).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema.graphql");
    if std::env::var_os("YIMEN_BLESS").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == served,
        "docs/schema.graphql is out of date: run the tests once with YIMEN_BLESS=1 and review the diff"
    );
}
