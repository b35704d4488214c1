//! `yimen evidence`: verify, prove and take out what the log says.

mod key;
mod verify;

use clap::{Args, Subcommand};

/// Options of `yimen evidence`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recompute the whole log; exit 0 and the number of records, or what is wrong and where.
    Verify(verify::Options),
    /// Make a key that a log is signed with.
    NewKey(key::Options),
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.command {
        Command::Verify(options) => verify::run(options).await,
        Command::NewKey(options) => key::run(options),
    }
}
