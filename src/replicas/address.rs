//! Where Redis is, and a connection to it, with TLS where the address says so.

use std::sync::Arc;

use anyhow::Context;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo, RedisConnectionInfo,
};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::authority;
use crate::config::Redis;
use crate::replicas::bounded::Bounded;

/// Where Redis is, and who we are there.
pub(super) struct Address {
    host: String,
    port: u16,
    login: RedisConnectionInfo,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Address {
    /// Without the login.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({}:{}, TLS: {})", self.host, self.port, self.tls.is_some())
    }
}

const PLAIN: &str = "redis://";
const SECURED: &str = "rediss://";

impl Address {
    /// Reads an address; `None` where there is none. Messages never repeat it: a password may be in it.
    ///
    /// # Errors
    /// What is wrong with it, by its key.
    pub(super) fn read(settings: &Redis) -> anyhow::Result<Option<Self>> {
        let Redis { url, authority, .. } = settings;
        let (rest, is_secured) = match (url.strip_prefix(SECURED), url.strip_prefix(PLAIN)) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => (url.as_str(), false),
        };
        let has_authority = !authority.as_os_str().is_empty();
        anyhow::ensure!(is_secured == has_authority, "`redis.authority` is for `{SECURED}`, which needs it");
        if url.is_empty() {
            return Ok(None);
        }
        anyhow::ensure!(rest != url, "`redis.url` must begin with `{PLAIN}` or `{SECURED}`");
        let is_plain = !rest.contains(['?', '#']);
        anyhow::ensure!(is_plain, "`redis.url` has no `?` and no `#`; a password writes them as %3F and %23");
        let info = format!("{PLAIN}{rest}").into_connection_info();
        let info = info.map_err(|error| anyhow::anyhow!("`redis.url`: {}", error.category()))?;
        let ConnectionAddr::Tcp(host, port) = info.addr().clone() else {
            anyhow::bail!("`redis.url` must name a host")
        };
        // The library's name says nothing to anybody, and takes a right more.
        let login =
            info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
        let tls = is_secured.then(|| tls(settings, &host)).transpose()?;
        Ok(Some(Address { host, port, login, tls }))
    }

    /// Connects and logs in. The connection works as long as the future is polled that comes with it.
    ///
    /// # Errors
    /// Why it couldn't be.
    pub(super) async fn connect(
        &self,
        pushed: impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static,
    ) -> anyhow::Result<(MultiplexedConnection, Driver)> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        // Who asks has a time of its own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_push_sender(pushed);
        match &self.tls {
            None => {
                let stream = Bounded::new(stream);
                let connected = MultiplexedConnection::new_with_config(&self.login, stream, config).await?;
                Ok((connected.0, Box::pin(connected.1)))
            }
            Some((connector, name)) => {
                let stream = Bounded::new(connector.connect(name.clone(), stream).await?);
                let connected = MultiplexedConnection::new_with_config(&self.login, stream, config).await?;
                Ok((connected.0, Box::pin(connected.1)))
            }
        }
    }
}

/// What reads and writes for a connection, until that ends.
pub(super) type Driver = futures::future::BoxFuture<'static, ()>;

fn tls(settings: &Redis, host: &str) -> anyhow::Result<(TlsConnector, ServerName<'static>)> {
    let config = authority::client(&settings.authority).context("`redis.authority`")?;
    let name = ServerName::try_from(host.to_owned()).context("`redis.url`: the host")?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: impl FnOnce(&mut Redis)) -> Result<Option<Address>, String> {
        let mut settings = Redis::default();
        change(&mut settings);
        Address::read(&settings).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_address_is_read_with_its_login() {
        let read = |url: &str| read(|settings| settings.url = url.to_owned()).unwrap();
        assert!(read("").is_none());
        let address = read("redis://gateway:p%23ss@redis.example:6380/3").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("redis.example", 6380));
        let login = (address.login.username(), address.login.password(), address.login.db());
        assert_eq!(login, (Some("gateway"), Some("p#ss"), 3));
        assert_eq!(format!("{address:?}"), "Address(redis.example:6380, TLS: false)");
        assert_eq!(read("redis://redis.example").unwrap().port, 6379);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_key_and_without_the_password() {
        for (url, key) in [
            ("http://x:hidden@y", "`redis.url`"),
            ("redis://x:hidden@", "`redis.url`"),
            ("redis://x:hidden@y/one", "`redis.url`"),
            ("redis://x:hidden@y:port", "`redis.url`"),
            ("redis://x:hidden@y?protocol=2", "`redis.url`"),
            ("redis://x:hidden@y#insecure", "`redis.url`"),
            ("rediss://x:hidden@y", "`redis.authority`"),
        ] {
            let told = read(|settings| settings.url = url.to_owned()).unwrap_err();
            assert!(told.contains(key) && !told.contains("hidden"), "{url}: {told}");
        }
        for url in ["", "redis://y", "rediss://y"] {
            let set = |settings: &mut Redis| {
                settings.url = url.to_owned();
                settings.authority = "/nonexistent.pem".into();
            };
            assert!(read(set).unwrap_err().contains("`redis.authority`"), "{url}");
        }
    }
}
