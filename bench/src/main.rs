//! `yimen-bench`: how fast the gateway answers, beside floors measured in the same minutes.
//!
//! Floors are what any gateway must stay near: the same statements run by `pgbench`, and a handler
//! that always answers the same body. Nothing here is asserted by a test; figures are for reading.

mod bulk;
mod check;
mod client;
mod county;
mod database;
mod decide;
mod door;
mod drive;
mod evidence;
mod expected;
mod floor;
mod gateway;
mod hub;
mod load;
mod machine;
mod measure;
mod micro;
mod mirror;
mod one;
mod output;
mod peers;
mod picks;
mod place;
mod presence;
mod process;
mod query;
mod report;
mod run;
mod script;
mod serve;
mod served;
mod setup;
mod statistics;
mod walk;
mod warm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure the gateway beside its floors.
#[derive(Debug, Parser)]
#[command(name = "yimen-bench", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the invented county in PostgreSQL and SQLite, unless it is there.
    Load(place::Place),
    /// Measure, and write a report.
    Run(run::Options),
    /// Take one measurement and print it.
    One(one::Options),
    /// Measure the gateway beside another GraphQL server, and write a report.
    Peers(peers::Options),
    /// Measure evidence by itself: appending, verifying, and what it costs answers.
    Evidence(evidence::Options),
    /// Measure what Q1 costs a request besides departments, part by part.
    Door(door::Options),
    /// Measure many people's fields through batches and exports beside `COPY`.
    Bulk(bulk::Options),
    /// Compare how long somebody out of scope takes with how long nobody takes.
    Presence(presence::Options),
    /// Measure deciding by itself: one operation, others while grants change, and what authorisation costs answers.
    Decide(decide::Options),
    /// Drop what `load` has made.
    Drop(place::Place),
    /// Serve one side of a comparison until standard input ends.
    #[command(hide = true)]
    Serve(serve::Options),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(LEVEL).with_target(false).init();
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::problem(format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What the gateway logs at this level would spoil a measurement anyway, so it is shown.
const LEVEL: tracing_subscriber::filter::LevelFilter = tracing_subscriber::filter::LevelFilter::WARN;

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Load(place) => many_threads()?.block_on(load::load(&place)),
        Command::Drop(place) => many_threads()?.block_on(load::drop_all(&place)),
        Command::Serve(options) => many_threads()?.block_on(serve::serve(&options)),
        Command::One(options) => one_thread()?.block_on(one::one(&options)),
        Command::Evidence(options) => evidence::run(&options),
        Command::Presence(options) => one_thread()?.block_on(presence::presence(&options)),
        Command::Decide(options) => decide::run(&options),
        Command::Run(options) => {
            many_threads()?.block_on(load::load(&options.place))?;
            one_thread()?.block_on(run::run(&options))
        }
        Command::Door(options) => {
            many_threads()?.block_on(load::databases(&options.place))?;
            one_thread()?.block_on(door::door(&options))
        }
        Command::Bulk(options) => {
            many_threads()?.block_on(load::databases(&options.place))?;
            one_thread()?.block_on(bulk::bulk(&options))
        }
        Command::Peers(options) => {
            many_threads()?.block_on(load::databases(&options.place))?;
            one_thread()?.block_on(peers::peers(&options))
        }
    }
}

/// As the product runs.
pub(crate) fn many_threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

/// Clients share one thread, which leaves the machine to what is measured.
pub(crate) fn one_thread() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
