//! Certificates in PEM files, and authorities whose certificates are believed: one for each purpose, and no public ones.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The certificates of a file; there is one at least.
///
/// # Errors
/// A file that can't be read, or has none.
pub(crate) fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let named = || format!("file `{}`", file.display());
    let found = CertificateDer::pem_file_iter(file).with_context(named)?;
    let found: Vec<_> = found.collect::<Result<_, _>>().with_context(named)?;
    anyhow::ensure!(!found.is_empty(), "no certificate in `{}`", file.display());
    Ok(found)
}

/// The authorities of a file.
///
/// # Errors
/// As for [`certificates`], or one that no authority has.
pub(crate) fn roots(file: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).with_context(|| format!("file `{}`", file.display()))?;
    }
    Ok(roots)
}

/// What connections are secured with to servers whose certificates come from the authorities of a file alone.
///
/// # Errors
/// As for [`roots`].
pub(crate) fn client(file: &Path) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots(file)?).with_no_client_auth())
}
