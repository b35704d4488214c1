//! `yimen sharing`.

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::command::{ConfigFile, output};
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
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let Command::Remind { config, officer } = &options.command;
    anyhow::ensure!(!officer.trim().is_empty(), "`--officer` must name somebody");
    let config = config.read()?;
    let catalogue = start::catalogue(&config)?;
    let policies = start::policies(&config, catalogue.clone())?;
    let log = Arc::new(start::log(&config).await?);
    let passes = Passes {
        evidence: Arc::new(start::ledger_alone(&config, &log)?),
        log,
        deadlines: start::deadlines(&config)?,
        versions: (catalogue.version.clone(), policies.version().to_owned()),
    };
    let marked = passes.remind(officer).await?;
    output::line(format!(
        "{} reminded, {} escalated, {} dated",
        marked.reminded, marked.escalated, marked.dated
    ));
    Ok(())
}
