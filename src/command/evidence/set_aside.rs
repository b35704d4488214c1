//! `yimen evidence set-aside`: what couldn't have a place in the log.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::command::evidence::act::{Officer, leave_record, open};
use crate::command::{ConfigFile, output};
use crate::evidence::Kind;

/// Options of `yimen evidence set-aside`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The file that the rows are written into, one a line.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Take them out of the hub afterwards, once their cause was dealt with: the hub verifies again.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let (config, log) = open(&options.config).await?;
    let named = || format!("`{}`", options.out.display());
    let file = std::fs::File::create_new(&options.out).with_context(named)?;
    let mut writer = BufWriter::new(file);
    let (mut last, mut count) = (0, 0u64);
    loop {
        let rows = log.set_aside(last).await?;
        let Some(newest) = rows.last() else { break };
        last = newest.place;
        for row in &rows {
            serde_json::to_writer(&mut writer, row)?;
            writer.write_all(b"\n")?;
            output::line(format!("{}  {}", row.at, row.reason));
            count += 1;
        }
    }
    // What is taken out of the hub must stand in the file first.
    writer.into_inner().context("the file can't be written")?.sync_all()?;
    let done = if options.yes { "taken out" } else { "written out" };
    let note = format!("{count} rows that were set aside, {done}");
    let id = leave_record(&config, &log, &options.officer, Kind::Export, note).await?;
    if options.yes {
        let turn = log.turn_after(&id).await?;
        log.take_out(turn, last).await?;
        output::line(format!("{count} rows are in {} and out of the hub", named()));
    } else {
        output::line(format!("{count} rows are in {}; `--yes` takes them out of the hub too", named()));
    }
    Ok(())
}
