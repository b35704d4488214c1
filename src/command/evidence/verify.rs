//! `yimen evidence verify`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chrono::Duration;
use clap::Args;

use crate::clock::{Clock, SystemClock};
use crate::command::{ConfigFile, output};
use crate::config::Config;
use crate::evidence::note::{Checkpoint, Note, SigningKey, VerifyingKey};
use crate::evidence::prove::Proof;
use crate::evidence::source::{FolderSource, HubSource, UrlSource};
use crate::evidence::verify::{MAX_PROBLEMS, Report, verify};
use crate::evidence::{Hub, index_check};

/// Options of `yimen evidence verify`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// Read the log from this address, such as `http://127.0.0.1:8080/evidence`.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "folder")]
    url: Option<String>,
    /// The token of an auditor, for entries behind an address.
    #[arg(long, requires = "url")]
    token: Option<String>,
    /// Read the log from files.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Check the proofs of an export, or the one that `prove` printed, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "folder", "checkpoint"])]
    proofs: Option<PathBuf>,
    /// The log's public key; without it, that of the configuration's key.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A head that was seen earlier, which the log must still begin with.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let key = public_key(options)?;
    if let Some(file) = &options.proofs {
        return proofs(file, &key);
    }
    let earlier = options.checkpoint.as_deref().map(|file| earlier(file, &key)).transpose()?;
    if let Some(url) = &options.url {
        let source = UrlSource::new(url, options.token.clone())?;
        return tell(&verify(Arc::new(source), &key, earlier.as_ref()).await?);
    }
    if let Some(folder) = &options.folder {
        let source = FolderSource::new(folder.clone())?;
        return tell(&verify(Arc::new(source), &key, earlier.as_ref()).await?);
    }
    let source = hub(options).await?;
    let hub = source.hub.clone();
    let mut report = verify(Arc::new(source), &key, earlier.as_ref()).await?;
    // Nobody but the hub has what it is searched by.
    report.problems.extend(index_check::check(&hub, report.size).await?);
    report.problems.truncate(MAX_PROBLEMS);
    tell(&report)
}

async fn hub(options: &Options) -> anyhow::Result<HubSource> {
    let config = options.config.read()?;
    let hub = Hub::open(&config.hub.url).await?;
    hub.is_migrated().await?;
    let grace = i64::try_from(config.evidence.grace_ms).unwrap_or(i64::MAX / 2);
    Ok(HubSource { hub, waiting_since: SystemClock.now() - Duration::milliseconds(grace) })
}

fn public_key(options: &Options) -> anyhow::Result<VerifyingKey> {
    let read =
        |file: &Path| std::fs::read_to_string(file).with_context(|| format!("key `{}`", file.display()));
    if let Some(file) = &options.key {
        return Ok(VerifyingKey::parse(&read(file)?)?);
    }
    anyhow::ensure!(
        options.url.is_none() && options.folder.is_none(),
        "name the log's public key with `--key`"
    );
    own_key(&options.config.read()?)
}

/// The public half of the configuration's own key.
fn own_key(config: &Config) -> anyhow::Result<VerifyingKey> {
    let file = &config.evidence.key;
    let text =
        std::fs::read_to_string(file).with_context(|| format!("`evidence.key` `{}`", file.display()))?;
    Ok(SigningKey::parse(&text)?.public().clone())
}

fn earlier(file: &Path, key: &VerifyingKey) -> anyhow::Result<Checkpoint> {
    let named = || format!("checkpoint `{}`", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    Note::parse(&text).with_context(named)?;
    Checkpoint::verified(&text, key).with_context(named)
}

/// Checks a file of proofs, one a line.
fn proofs(file: &Path, key: &VerifyingKey) -> anyhow::Result<()> {
    let named = || format!("`{}`", file.display());
    let lines = BufReader::new(std::fs::File::open(file).with_context(named)?).lines();
    let mut count = 0;
    for line in lines {
        let line = line.with_context(named)?;
        count += 1;
        let proof: Proof =
            serde_json::from_str(&line).with_context(|| format!("line {count} is no proof"))?;
        proof.check(key).with_context(|| format!("line {count}"))?;
    }
    output::line(format!("{count} proofs lead to signed heads of `{}`", key.name));
    Ok(())
}

fn tell(report: &Report) -> anyhow::Result<()> {
    for problem in &report.problems {
        output::line(problem);
    }
    if report.problems.len() == MAX_PROBLEMS {
        output::line("… and perhaps more");
    }
    anyhow::ensure!(report.problems.is_empty(), "the log doesn't verify");
    let purged = match report.purged {
        0 => String::new(),
        purged => format!(", entries below {purged} purged after their term"),
    };
    output::line(format!("{} records verified, {} entries read{purged}", report.size, report.checked));
    Ok(())
}
