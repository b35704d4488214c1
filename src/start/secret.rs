//! The secret of an installation, and the days of the keys that pseudonyms are made by.

use std::path::Path;

use anyhow::Context;

use crate::answer::PseudonymKeys;
use crate::config::Config;

/// The most keys of pseudonyms: more than a key each month for eight years.
const MAX_PSEUDONYM_KEYS: usize = 100;

pub(super) fn pseudonym_keys(config: &Config, secret: &[u8]) -> anyhow::Result<PseudonymKeys> {
    let days = &config.secret.pseudonym_keys;
    let fits = (1..=MAX_PSEUDONYM_KEYS).contains(&days.len()) && days.is_sorted_by(|one, next| one < next);
    anyhow::ensure!(
        fits,
        "`secret.pseudonym_keys` must have 1 to {MAX_PSEUDONYM_KEYS} days, each later than the one before"
    );
    Ok(PseudonymKeys::new(secret, days.clone()))
}

/// The least bytes of a secret.
const LEAST_SECRET: usize = 32;

pub(crate) fn secret(file: &Path) -> anyhow::Result<Vec<u8>> {
    anyhow::ensure!(
        !file.as_os_str().is_empty(),
        "`secret.file` must name a file of at least {LEAST_SECRET} bytes"
    );
    let secret = std::fs::read(file).with_context(|| format!("`secret.file` `{}`", file.display()))?;
    anyhow::ensure!(secret.len() >= LEAST_SECRET, "`secret.file` must have at least {LEAST_SECRET} bytes");
    Ok(secret)
}
