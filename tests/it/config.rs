//! `yimen config check`: a configuration that can be served, and what is said of others.

use std::process::Output;

use crate::support::county::{county, yimen};

/// Checks the county's configuration with one more key.
fn check(more: Option<(&str, &str)>) -> Output {
    yimen().args(["config", "check", "--data", county().to_str().unwrap()]).envs(more).output().unwrap()
}

#[test]
fn a_configuration_that_can_be_served_is_said_to_be() {
    let checked = check(None);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success() && said.contains("can be served"), "{checked:?}");
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_by_its_key() {
    for (variable, value, key) in [
        ("YIMEN__SERVER__LISTEN_TO", "127.0.0.1:1", "listen_to"),
        ("YIMEN__LIMITS__TOKENS", "many", "tokens"),
        ("YIMEN__POLICY__FOLDERS", "[\"/nonexistent\"]", "/nonexistent"),
        ("YIMEN__SERVER__TLS__CERTIFICATE", "/nonexistent.pem", "server.tls"),
        ("YIMEN__EVIDENCE__KEY", "/nonexistent.key", "evidence.key"),
        ("YIMEN__SECRET__FILE", "/nonexistent.secret", "secret.file"),
        ("YIMEN__DEPARTMENTS__NOBODY__URL", "sqlite://x.db", "departments.NOBODY"),
        ("YIMEN__DEPARTMENTS__UNION__URL", "mysql://x", "departments.UNION.url"),
        ("YIMEN__REDIS__URL", "http://x:hidden@y", "redis.url"),
        ("YIMEN__DEPARTMENTS__UNION__URL", "postgres://db/x?sslmode=require", "departments.UNION.url"),
        ("YIMEN__HUB__URL", "postgres://db/x?sslmode=verify-full", "hub.url"),
        ("YIMEN__HUB__URL", "mysql://x", "hub.url"),
    ] {
        let checked = check(Some((variable, value)));
        let said = String::from_utf8_lossy(&checked.stderr).to_lowercase();
        assert_eq!(checked.status.code(), Some(1), "{variable}: {checked:?}");
        assert!(said.contains(&key.to_lowercase()), "{variable}: {said}");
        assert!(!said.contains("hidden"), "a password is told: {said}");
    }
}

#[test]
fn a_number_is_taken_within_its_bounds_and_refused_beyond_them() {
    for (variable, within, beyond, said) in [
        (
            "YIMEN__SERVER__UNREAD_TIMEOUT_MS",
            "1000",
            "999",
            "`server.unread_timeout_ms` must be 1000 or more",
        ),
        ("YIMEN__SERVER__REQUESTS", "1", "0", "`server.requests` must be 1 or more"),
        ("YIMEN__FETCH__BULK_CHUNK", "5000", "5001", "`fetch.bulk_chunk` must be from 1 to 5000"),
        ("YIMEN__GRANTS__PAUSE_MS", "10", "9", "`grants.pause_ms` must be from 10 to 1000"),
        ("YIMEN__DEPARTMENTS__UNION__LANES", "1", "0", "`departments.UNION.lanes` must be 1 or more"),
    ] {
        let checked = check(Some((variable, within)));
        assert!(checked.status.success(), "{variable}: {checked:?}");
        let checked = check(Some((variable, beyond)));
        let text = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.code() == Some(1) && text.contains(said), "{variable}: {text}");
    }
}

#[test]
fn a_server_that_would_cut_everybody_off_does_not_start() {
    let mut serve = yimen();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(county().join("yimen.toml"));
    let output = serve.env("YIMEN__SERVER__UNREAD_TIMEOUT_MS", "0").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1), "{output:?}");
    assert!(text.contains("`server.unread_timeout_ms` must be 1000 or more"), "{text}");
}

#[test]
fn values_that_cross_a_network_in_the_clear_are_warned_of() {
    let warned = |url: &str| {
        let checked = check(Some(("YIMEN__DEPARTMENTS__UNION__URL", url)));
        assert!(checked.status.success(), "{checked:?}");
        String::from_utf8_lossy(&checked.stdout).contains("warning: `departments.UNION.url`")
    };
    assert!(warned("postgres://reader@union-front-end/exchange"));
    assert!(warned("postgres://reader@10.0.0.7/exchange?sslmode=disable"));
    assert!(!warned("postgres://reader@127.0.0.1/exchange"));
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, crate::tls::Authority::new("ours").pem()).unwrap();
    let file = file.display();
    assert!(!warned(&format!("postgres://reader@union/exchange?sslmode=verify-full&sslrootcert={file}")));
}
