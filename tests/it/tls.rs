//! TLS on the listener: whose certificate is shown, who must show one, and how both are replaced.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Identity};
use tempfile::TempDir;

use crate::support::{Server, county, yimen};

/// An authority of the test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key.
    fn issue(&self) -> (String, String) {
        self.issue_for("127.0.0.1")
    }

    /// The same for a host of this name.
    pub(crate) fn issue_for(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    pub(crate) fn issue_into(&self, folder: &Path) {
        let (certificate, key) = self.issue();
        std::fs::write(folder.join("server.pem"), certificate).unwrap();
        std::fs::write(folder.join("server.key"), key).unwrap();
    }

    /// A client that trusts this authority alone.
    fn trusted(&self) -> ClientBuilder {
        let own = Certificate::from_pem(self.pem().as_bytes()).unwrap();
        Client::builder().tls_certs_only([own]).timeout(Duration::from_secs(20))
    }
}

/// A server with a certificate of an authority; clients need one where `clients` is told.
fn server(folder: &TempDir, authority: &Authority, clients: Option<&Authority>) -> Server {
    let path = |name: &str| folder.path().join(name).display().to_string();
    authority.issue_into(folder.path());
    let client_authority = clients.map_or_else(String::new, |clients| {
        std::fs::write(folder.path().join("clients.pem"), clients.pem()).unwrap();
        path("clients.pem")
    });
    Server::set(&[
        ("YIMEN__SERVER__TLS__CERTIFICATE", &path("server.pem")),
        ("YIMEN__SERVER__TLS__KEY", &path("server.key")),
        ("YIMEN__SERVER__TLS__CLIENT_AUTHORITY", &client_authority),
    ])
}

fn live(server: &Server, client: ClientBuilder) -> bool {
    let url = format!("https://{}/health/live", server.address());
    client.build().unwrap().get(url).send().is_ok_and(|answer| answer.status() == 200)
}

#[test]
fn a_listener_with_a_certificate_speaks_tls_and_nothing_else() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("ours"));
    let server = server(&folder, &authority, None);
    assert!(live(&server, authority.trusted()));
    assert!(!live(&server, Authority::new("another").trusted()), "a stranger's certificate is believed");
    let plain = reqwest::blocking::get(format!("http://{}/health/live", server.address()));
    assert!(plain.is_err(), "plain HTTP is answered beside TLS");
}

#[test]
fn where_clients_need_a_certificate_none_and_a_strangers_are_refused() {
    let (folder, authority, clients) =
        (TempDir::new().unwrap(), Authority::new("ours"), Authority::new("clients"));
    let server = server(&folder, &authority, Some(&clients));
    let with = |issuer: &Authority| {
        let (certificate, key) = issuer.issue();
        authority.trusted().identity(Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap())
    };
    assert!(live(&server, with(&clients)));
    assert!(!live(&server, authority.trusted()), "no certificate is enough");
    assert!(!live(&server, with(&Authority::new("clients"))), "a namesake's certificate is enough");
    // A certificate is no token.
    let url = format!("https://{}/graphql", server.address());
    assert_eq!(with(&clients).build().unwrap().get(url).send().unwrap().status(), 401);
}

#[test]
fn a_certificate_is_replaced_without_an_end_and_a_wrong_one_is_not() {
    let (folder, old, new) = (TempDir::new().unwrap(), Authority::new("old"), Authority::new("new"));
    let server = server(&folder, &old, None);
    let kept = old.trusted().build().unwrap();
    let url = format!("https://{}/health/live", server.address());
    assert_eq!(kept.get(&url).send().unwrap().status(), 200);
    new.issue_into(folder.path());
    hang_up(&server);
    assert!(soon(|| live(&server, new.trusted())), "the new certificate isn't shown");
    assert_eq!(kept.get(&url).send().unwrap().status(), 200, "an open connection was cut");
    std::fs::write(folder.path().join("server.key"), "no key").unwrap();
    hang_up(&server);
    assert!(soon(|| server.log().iter().any(|line| line.contains("certificates stay as they are"))));
    assert!(live(&server, new.trusted()), "a wrong key took the certificate away");
}

#[test]
fn half_of_a_certificate_is_refused_at_start() {
    let folder = TempDir::new().unwrap();
    Authority::new("ours").issue_into(folder.path());
    let certificate = folder.path().join("server.pem").display().to_string();
    for (key, value) in [("CERTIFICATE", certificate.as_str()), ("KEY", &certificate)] {
        let output = yimen()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(county())
            .env(format!("YIMEN__SERVER__TLS__{key}"), value)
            .output()
            .unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("needs `certificate` and `key`"));
    }
}

fn hang_up(server: &Server) {
    assert!(Command::new("kill").args(["-HUP", &server.pid()]).status().unwrap().success());
}

fn soon(holds: impl Fn() -> bool) -> bool {
    (0..200).any(|_| {
        holds() || {
            std::thread::sleep(Duration::from_millis(50));
            false
        }
    })
}
