//! `yimen evidence`: verify, prove and take out what the log says.

mod act;
mod adopt;
mod key;
mod search;
mod set_aside;
mod verify;

pub(crate) use act::{Officer, after, leave_record, midnight};

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
    /// Print a record with the proof that it is in the log.
    Prove(act::Prove),
    /// Print the proof that the log begins with the records of an earlier head.
    Consistency(act::Consistency),
    /// Write a department's records of some days, each with its proof, into a file.
    Export(act::Export),
    /// Write a month of the log into files that verify by themselves.
    Archive(act::Archive),
    /// Make a person's commitments impossible to open; every proof goes on holding.
    Erase(act::Erase),
    /// Delete entries after their term; hashes and heads stay.
    Purge(act::Purge),
    /// Go on from a hub that was restored to an earlier state, or under another secret; it leaves a record.
    Adopt(adopt::Options),
    /// Write what couldn't have a place in the log into a file, and take it out of the hub.
    SetAside(set_aside::Options),
    /// Find records by person, officer, department, purpose, case, field and time.
    Search(search::Search),
    /// Tell what stands out: people read outside any case, at night, in bulk.
    Anomalies(search::Anomalies),
    /// Keep the accesses of a case from the person concerned for a time, by a rule.
    Withhold(search::Withhold),
    /// Make a key that a log is signed with.
    NewKey(key::Options),
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.command {
        Command::Verify(options) => verify::run(options).await,
        Command::Prove(options) => act::prove(options).await,
        Command::Consistency(options) => act::consistency(options).await,
        Command::Export(options) => act::export(options).await,
        Command::Archive(options) => act::archive_month(options).await,
        Command::Erase(options) => act::erase(options).await,
        Command::Purge(options) => act::purge(options).await,
        Command::Adopt(options) => adopt::run(options).await,
        Command::SetAside(options) => set_aside::run(options).await,
        Command::Search(options) => search::search(options).await,
        Command::Anomalies(options) => search::anomalies(options).await,
        Command::Withhold(options) => search::withhold(options).await,
        Command::NewKey(options) => key::run(options),
    }
}
