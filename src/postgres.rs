//! Addresses of PostgreSQL servers, and whether connections to them are secured.
//!
//! Two ways are known: plain, and TLS with a server whose certificate was issued by the authority that the address
//! names and for the host that it names (`sslmode=verify-full&sslrootcert=FILE`). What lies between proves nothing
//! of who answers, and is refused where the address is read. An address that demands TLS never gets a plain
//! connection.

use std::path::Path;

use anyhow::Context;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::authority;

/// What moves a connection's bytes, and ends with it.
pub(crate) type Link = BoxFuture<'static, Result<(), tokio_postgres::Error>>;

/// An address of a PostgreSQL server, read and checked.
#[derive(Clone)]
pub struct Address {
    /// What connections are made with, TLS apart.
    pub(crate) config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("config", &self.config).field("tls", &self.tls.is_some()).finish()
    }
}

impl Address {
    /// Reads `postgres://…`, and the authority's certificate where it names one.
    ///
    /// # Errors
    /// What is wrong with it, never the address itself, which may hold a password.
    pub fn read(url: &str) -> anyhow::Result<Self> {
        let Parts { address, mode, authority } = parts(url)?;
        let mut config: Config = address.parse()?;
        let tls = match (mode.as_deref(), authority) {
            (Some("verify-full"), Some(file)) => {
                Some(MakeRustlsConnect::new(authority::client(Path::new(&file)).context("`sslrootcert`")?))
            }
            (Some("verify-full"), None) => {
                anyhow::bail!("`sslmode=verify-full` needs `sslrootcert`, the file of the authority")
            }
            (None | Some("disable"), Some(_)) => {
                anyhow::bail!("`sslrootcert` is of use with `sslmode=verify-full` alone")
            }
            (None | Some("disable"), None) => None,
            (Some(_), _) => {
                anyhow::bail!("`sslmode` is `verify-full` or `disable`: nothing between looks who answers")
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Address { config, tls })
    }

    /// Makes a connection, and a task that drives it; `ended` is told if it ends by a fault.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn connect(
        &self,
        ended: impl FnOnce(tokio_postgres::Error) + Send + 'static,
    ) -> Result<Client, tokio_postgres::Error> {
        let (client, link) = self.open().await?;
        tokio::spawn(async move {
            if let Err(error) = link.await {
                ended(error);
            }
        });
        Ok(client)
    }

    /// Makes a connection whose link its owner drives: nothing is sent or received while the link isn't polled.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn open(&self) -> Result<(Client, Link), tokio_postgres::Error> {
        match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                Ok((client, connection.boxed()))
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                Ok((client, connection.boxed()))
            }
        }
    }

    /// Whether values cross a network in the clear: a plain connection to a host that isn't this one.
    pub fn is_exposed(&self) -> bool {
        self.tls.is_none() && !self.config.get_hosts().iter().all(is_local)
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) if name == "localhost" => true,
        Host::Tcp(name) => name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
        Host::Unix(_) => true,
    }
}

/// An address taken apart: the driver knows neither `verify-full` nor files of authorities.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    address: String,
    mode: Option<String>,
    authority: Option<String>,
}

fn parts(url: &str) -> anyhow::Result<Parts> {
    let Some((before, query)) = url.split_once('?') else {
        return Ok(Parts { address: url.to_owned(), ..Parts::default() });
    };
    let (mut mode, mut authority, mut rest) = (None, None, Vec::new());
    for pair in query.split('&') {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
        let place = match &*name {
            "sslmode" => &mut mode,
            "sslrootcert" => &mut authority,
            _ => {
                rest.push(pair);
                continue;
            }
        };
        anyhow::ensure!(place.replace(value.into_owned()).is_none(), "`{name}` stands there twice");
    }
    let address = if rest.is_empty() { before.to_owned() } else { format!("{before}?{}", rest.join("&")) };
    Ok(Parts { address, mode, authority })
}

/// The address with the file of its authority as seen from a folder. An address that can't be read stays as it is.
pub(crate) fn within(url: &str, folder: &Path) -> String {
    let Ok(Parts { address, mode, authority: Some(file) }) = parts(url) else { return url.to_owned() };
    let mut secured = form_urlencoded::Serializer::new(String::new());
    if let Some(mode) = mode {
        secured.append_pair("sslmode", &mode);
    }
    secured.append_pair("sslrootcert", &folder.join(file).to_string_lossy());
    let joiner = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joiner}{}", secured.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(url: &str) -> (String, Option<String>, Option<String>) {
        let Parts { address, mode, authority } = parts(url).unwrap();
        (address, mode, authority)
    }

    fn refused(url: &str) -> String {
        Address::read(url).unwrap_err().to_string()
    }

    #[test]
    fn what_secures_an_address_is_taken_out_and_the_rest_stays() {
        let plain = "postgres://reader:p%3Fw@hub:5433/yimen";
        assert_eq!(taken(plain), (plain.to_owned(), None, None));
        let url =
            format!("{plain}?sslmode=verify-full&options=-c%20a%3Db&sslrootcert=%2Fetc%2Fca%20of%20ours.pem");
        let expected = (
            format!("{plain}?options=-c%20a%3Db"),
            Some(String::from("verify-full")),
            Some(String::from("/etc/ca of ours.pem")),
        );
        assert_eq!(taken(&url), expected);
        let disguised = format!("{plain}?ssl%6Dode=disable");
        assert_eq!(taken(&disguised), (plain.to_owned(), Some(String::from("disable")), None));
    }

    #[test]
    fn a_file_of_an_authority_is_found_from_the_folder_of_the_configuration() {
        let within = |url: &str| taken(&super::within(url, Path::new("/etc/yi men")));
        let (address, mode) = (String::from("postgres://hub/y"), Some(String::from("verify-full")));
        let own = Some(String::from("/etc/yi men/ca+1.pem"));
        assert_eq!(
            within("postgres://hub/y?sslrootcert=ca%2B1.pem&sslmode=verify-full"),
            (address.clone(), mode.clone(), own)
        );
        let absolute = Some(String::from("/ca.pem"));
        assert_eq!(
            within("postgres://hub/y?sslmode=verify-full&sslrootcert=/ca.pem"),
            (address, mode, absolute)
        );
        assert_eq!(
            within("postgres://hub/y?options=a"),
            (String::from("postgres://hub/y?options=a"), None, None)
        );
    }

    #[test]
    fn what_proves_nothing_is_refused() {
        for mode in ["allow", "prefer", "require", "verify-ca", "", "VERIFY-FULL"] {
            assert!(
                refused(&format!("postgres://hub/y?sslmode={mode}")).contains("`verify-full` or `disable`"),
                "{mode}"
            );
        }
        assert!(refused("postgres://hub/y?sslmode=verify-full").contains("needs `sslrootcert`"));
        assert!(refused("postgres://hub/y?sslrootcert=/etc/ca.pem").contains("`sslmode=verify-full` alone"));
        assert!(refused("postgres://hub/y?sslmode=disable&sslmode=verify-full").contains("twice"));
        let missing = refused("postgres://u:secret@hub/y?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
        assert!(missing.contains("sslrootcert") && !missing.contains("secret"), "{missing}");
        assert!(Address::read("postgres://hub/y?sslmode=disable").is_ok());
    }

    #[test]
    fn what_crosses_a_network_in_the_clear_is_told() {
        let exposed = |url: &str| Address::read(url).unwrap().is_exposed();
        assert!(exposed("postgres://hub/y"));
        assert!(exposed("postgres://10.0.0.7:5432/y?sslmode=disable"));
        assert!(exposed("postgres://127.0.0.1,hub/y"));
        for local in ["127.0.0.1", "127.9.9.9", "localhost", "[::1]", "%2Frun%2Fpostgresql"] {
            assert!(!exposed(&format!("postgres://{local}/y")), "{local}");
        }
    }
}
