//! Who we are for Redis, and who it must be: passwords and TLS.

use redis::Commands;

use crate::replicas::{documents, health, replica, until};
use crate::support::redis::{Redis, connect, prefix};
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

/// The rights that `docs/operations.md` names.
#[test]
fn a_user_with_the_documented_rights_is_enough() {
    let operations = include_str!("../../../docs/operations.md");
    let (_, rights) =
        operations.split_once("`ACL SETUSER gateway on >… ").expect("the rights are documented");
    let rights = rights.split('`').next().unwrap().replace("yimen:*", "yimen-it:*");
    let (redis, prefix) = (Redis::start(), prefix("rights"));
    let mut connection = connect(&redis.url());
    let mut command = redis::cmd("ACL");
    command.arg("SETUSER").arg("gateway").arg("on").arg(">pass");
    rights.split_whitespace().for_each(|right| {
        command.arg(right);
    });
    let () = command.query(&mut connection).unwrap();
    let url = format!("redis://gateway:pass@127.0.0.1:{}", redis.port());
    let [one, other] =
        [(); 2].map(|()| replica(&url, &prefix, &[("YIMEN__OPERATIONS__LISTEN", "127.0.0.1:0")]));
    [&one, &other].iter().for_each(|server| until(server, "UP"));
    documents::register(&one, documents::ROLE);
    documents::is_known(&other, documents::ROLE);
    let heard: u32 = connection.publish(format!("{prefix}departments"), "nothing").unwrap();
    assert_eq!(heard, 2);
    let metrics = reqwest::blocking::get(format!("{}/metrics", one.operations())).unwrap().text().unwrap();
    assert!(!metrics.contains("yimen_redis_failed_total"), "{metrics}");
    assert!(metrics.contains("yimen_redis_seconds_count{use=\"QUOTA\"}"), "{metrics}");
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
