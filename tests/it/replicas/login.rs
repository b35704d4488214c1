//! Who we are for Redis, and who it must be: passwords and TLS.

use crate::replicas::{health, replica, until};
use crate::support::redis::{Redis, prefix};
use crate::tls::Authority;

#[test]
fn a_password_is_given_and_never_told() {
    let redis = Redis::with(&["--requirepass", "hidden-word"]);
    let at = format!("@127.0.0.1:{}", redis.port());
    let server = replica(&format!("redis://:hidden-word{at}/2"), &prefix("password"), &[]);
    assert_eq!(health(&server)["redis"]["status"], "UP");
    for login in ["redis://:hidden-wrong", "redis://somebody:hidden-word"] {
        let server = replica(&format!("{login}{at}"), &prefix("password"), &[]);
        assert_eq!(health(&server)["redis"]["status"], "DOWN");
        let told = format!("{:?} {}", server.log(), health(&server));
        assert!(!told.contains("hidden"), "{told}");
    }
}

#[test]
fn over_tls_redis_must_have_a_certificate_of_the_named_authority() {
    let folder = tempfile::TempDir::new().unwrap();
    let (own, other) = (Authority::new("own"), Authority::new("other"));
    own.issue_into(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("own.pem"), own.pem()).unwrap();
    std::fs::write(path("other.pem"), other.pem()).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (certificate, key, authority) = (path("server.pem"), path("server.key"), path("own.pem"));
    let tls_port = port.to_string();
    let _redis = Redis::with(&[
        "--tls-port",
        &tls_port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
    ]);
    let at = |name: &str, authority: &str| {
        let url = format!("rediss://{name}:{port}");
        replica(&url, &prefix("tls"), &[("YIMEN__REDIS__AUTHORITY", authority)])
    };
    until(&at("127.0.0.1", &path("own.pem")), "UP");
    assert_eq!(health(&at("127.0.0.1", &path("other.pem")))["redis"]["status"], "DOWN");
    assert_eq!(health(&at("localhost", &path("own.pem")))["redis"]["status"], "DOWN", "it is 127.0.0.1's");
}
