//! `yimen evidence adopt`.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use crate::command::evidence::act::{Officer, leave_record, recorded};
use crate::command::{ConfigFile, output};
use crate::evidence::{Kept, Kind};
use crate::start;

/// Options of `yimen evidence adopt`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// Why the hub is older than what was signed here, such as the number of the incident.
    #[arg(long, value_name = "TEXT", value_parser = recorded)]
    reason: String,
    /// Do it; without this, only tell what was lost.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let config = options.config.read()?;
    let kept = start::kept(&config)?;
    let lost = kept.newest().context("nothing was signed here yet, so any hub will do")?;
    let log = start::log_with(&config, Kept::default()).await?;
    let found = log.signed_head().await?;
    if log.goes_on_from(&lost).await? {
        output::line("The hub goes on from what was signed here: there is nothing to adopt.");
        return Ok(());
    }
    let size = found.map_or(0, |head| head.size);
    let root = STANDARD.encode(lost.root);
    let note = format!("log of {size} records instead of {} with root {root}: {}", lost.size, options.reason);
    output::line(format!("{} records were signed here, with root {root}; the hub has {size}.", lost.size));
    if !options.yes {
        output::line("`--yes` goes on from the hub's log, and records that it was done.");
        return Ok(());
    }
    leave_record(&config, &log, &options.officer, Kind::Adoption, note).await?;
    kept.adopt(&log.checkpoint().await?.context("the log is empty")?)?;
    output::line("The log goes on from here. Heads that others keep tell them that it went back.");
    Ok(())
}
