//! `yimen sharing`.

use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::clock::{Clock, SystemClock};
use crate::command::evidence::{Officer, leave_record};
use crate::command::{ConfigFile, output};
use crate::evidence::Kind;
use crate::retention::{self, Before, Past};
use crate::start::{self, Passes};

/// Options of `yimen sharing`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Marks steps that are near their last day or past it, as `yimen serve` does all the time.
    Remind {
        #[command(flatten)]
        config: ConfigFile,
        /// Who lets it run; recorded where something is marked.
        #[arg(long)]
        officer: String,
    },
    /// Deletes closed requests for sharing, answered objections and changes of the catalogue after their term; it
    /// leaves a record.
    Purge(Purge),
}

/// Options of `yimen sharing purge`.
#[derive(Debug, Args)]
struct Purge {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// Do it; without this, only tell what would be done.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.command {
        Command::Remind { config, officer } => remind(config, officer).await,
        Command::Purge(options) => purge(options).await,
    }
}

async fn purge(Purge { config, officer, yes }: &Purge) -> anyhow::Result<()> {
    let config = config.read()?;
    let years = config.sharing.retention_years;
    let log = start::log(&config).await?;
    let before = Before::years(years, SystemClock.now()).context("the term is out of range")?;
    let past = retention::past(log.hub(), &before).await?;
    let said = format!("{} before {}", told(&past), before.day());
    if past == Past::default() || !yes {
        let how = if past == Past::default() { "" } else { "; `--yes` deletes them" };
        output::line(format!("{said}{how}"));
        return Ok(());
    }
    // The log says so before it is done.
    leave_record(&config, &log, officer, Kind::Retention, said).await?;
    let progress =
        |done: &Past| tracing::info!(requests = done.requests, objections = done.objections, "deleted");
    let done = retention::delete(log.hub(), &before, progress).await?;
    output::line(format!("{} deleted", told(&done)));
    Ok(())
}

fn told(past: &Past) -> String {
    let Past { requests, objections, changes } = past;
    format!("{requests} requests for sharing, {objections} objections, {changes} changes of the catalogue")
}

async fn remind(config: &ConfigFile, officer: &str) -> anyhow::Result<()> {
    anyhow::ensure!(!officer.trim().is_empty(), "`--officer` must name somebody");
    let config = config.read()?;
    let catalogue = start::catalogue(&config)?;
    let policies = start::policies(&config, catalogue.clone())?;
    let log = Arc::new(start::log(&config).await?);
    let passes = Passes {
        evidence: Arc::new(start::ledger_alone(&config, &log)?),
        log,
        deadlines: start::deadlines(&config)?,
        catalogue: catalogue.clone(),
        versions: (catalogue.version.clone(), policies.version().to_owned()),
    };
    let marked = passes.remind(officer).await?;
    output::line(format!(
        "{} reminded, {} escalated, {} dated",
        marked.reminded, marked.escalated, marked.dated
    ));
    Ok(())
}
