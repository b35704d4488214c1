//! `yimen catalogue`.

use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::catalogue::take_turn;
use crate::clock::{Clock, SystemClock};
use crate::command::{ConfigFile, output};
use crate::start::{self, Measuring, Passes};

/// Options of `yimen catalogue`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Counts in departments' databases how complete items are, and as of when; each department's count leaves a
    /// record. Percents alone are kept.
    Measure(Measure),
}

/// Options of `yimen catalogue measure`.
#[derive(Debug, Args)]
struct Measure {
    #[command(flatten)]
    config: ConfigFile,
    /// Who lets it run; recorded.
    #[arg(long)]
    officer: String,
    /// One department; all that have a database without it.
    #[arg(long)]
    department: Option<String>,
    /// Do it; without this, only tell what would be counted.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.command {
        Command::Measure(options) => measure(options).await,
    }
}

async fn measure(Measure { config, officer, department, yes }: &Measure) -> anyhow::Result<()> {
    anyhow::ensure!(!officer.trim().is_empty(), "`--officer` must name somebody");
    let config = config.read()?;
    let catalogue = start::catalogue(&config)?;
    let measuring = Measuring::new(&config);
    let sources = measuring.sources(&catalogue)?;
    let mut asked = measuring.measurable(&catalogue);
    if let Some(department) = department {
        anyhow::ensure!(catalogue.departments.contains(department), "no department `{department}`");
        asked.retain(|(owner, _)| owner == department);
        anyhow::ensure!(!asked.is_empty(), "`{department}` has no database here, or no items");
    }
    if !yes {
        for (owner, tables) in &asked {
            output::line(format!("{owner}: {} tables would be counted", tables.len()));
        }
        output::line("`--yes` counts them");
        return Ok(());
    }
    let policies = start::policies(&config, catalogue.clone())?;
    let log = Arc::new(start::log(&config).await?);
    let passes = Passes {
        evidence: Arc::new(start::ledger_alone(&config, &log)?),
        log,
        deadlines: start::deadlines(&config)?,
        catalogue: catalogue.clone(),
        versions: (catalogue.version.clone(), policies.version().to_owned()),
    };
    let mut failed = Vec::new();
    for (owner, tables) in &asked {
        // A server that counts by itself begins its hours anew.
        let now = SystemClock.now();
        take_turn(passes.log.hub(), owner, (now, now)).await?;
        let progress = |table: &yimen_schema::Resource| output::progress(format!("{owner} {}", table.name));
        let measured = passes.count(officer, (owner, tables), &sources, progress).await?;
        output::line(format!("{owner}: {} tables counted, {} not", measured.tables, measured.failed.len()));
        failed.extend(measured.failed.into_iter().map(|(table, why)| format!("{owner} {table}: {why}")));
    }
    anyhow::ensure!(failed.is_empty(), "these tables couldn't be counted:\n  {}", failed.join("\n  "));
    Ok(())
}
