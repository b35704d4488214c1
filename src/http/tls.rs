//! TLS for the listener: a certificate, and the authority of clients' certificates where they must have one.

use std::sync::{Arc, RwLock};

use anyhow::Context;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::authority;
use crate::config::Tls as Settings;

/// What connections are secured with; certificates can be replaced while the process serves.
#[derive(Debug)]
pub struct Tls {
    settings: Settings,
    now: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads certificate and key; `None` where the configuration names none.
    ///
    /// # Errors
    /// A file that can't be read or holds no such thing, by its key in the configuration.
    pub fn open(settings: &Settings) -> anyhow::Result<Option<Arc<Tls>>> {
        let Settings { certificate, key, client_authority } = settings;
        let empty = [certificate, key, client_authority].map(|path| path.as_os_str().is_empty());
        match empty {
            [true, true, true] => return Ok(None),
            [true, ..] | [_, true, _] => {
                anyhow::bail!("`server.tls` needs `certificate` and `key`")
            }
            _ => {}
        }
        let now = RwLock::new(Arc::new(read(settings)?));
        Ok(Some(Arc::new(Tls { settings: settings.clone(), now })))
    }

    /// Reads the files again, for connections from now on. Where they aren't right, nothing changes.
    ///
    /// # Errors
    /// As [`Tls::open`].
    pub fn reload(&self) -> anyhow::Result<()> {
        let fresh = Arc::new(read(&self.settings)?);
        if let Ok(mut now) = self.now.write() {
            *now = fresh;
        }
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let now = self.now.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        TlsAcceptor::from(now.clone())
    }
}

fn read(settings: &Settings) -> anyhow::Result<ServerConfig> {
    let certificates = authority::certificates(&settings.certificate).context("`server.tls.certificate`")?;
    let key = PrivateKeyDer::from_pem_file(&settings.key).context("`server.tls.key`")?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let builder = if settings.client_authority.as_os_str().is_empty() {
        builder.with_no_client_auth()
    } else {
        let roots = authority::roots(&settings.client_authority).context("`server.tls.client_authority`")?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        builder.with_client_cert_verifier(verifier)
    };
    let mut config =
        builder.with_single_cert(certificates, key).context("`server.tls`: certificate and key don't fit")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
