//! The command line: `yimen <command>`.

mod catalogue;
mod config;
mod demo;
mod evidence;
mod explain;
mod health;
mod migrate;
mod output;
mod policy;
mod schema;
mod serve;
mod sharing;
mod task;
mod token;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// One door for the family, every department behind it.
#[derive(Debug, Parser)]
#[command(name = "yimen", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an invented county in a folder and serve it.
    Demo(demo::Options),
    /// Answer requests until SIGTERM.
    Serve(serve::Options),
    /// Verify the log of evidence, and take out what it says.
    Evidence(evidence::Options),
    /// Make the hub's tables, or bring them to the newest form.
    Migrate(migrate::Options),
    /// Mint a demonstration token; the last line printed is the token alone.
    Token(token::Options),
    /// Check, explain and compare policies.
    Policy(policy::Options),
    /// Look after the deadlines of requests for sharing and of objections.
    Sharing(sharing::Options),
    /// Count how complete the catalogue's items are, and as of when.
    Catalogue(catalogue::Options),
    /// Print what can be configured, and check a configuration.
    Config(config::Options),
    /// Open and close supervision tasks, within which alone supervision reads.
    Task(task::Options),
    /// Print the GraphQL schema that clients see.
    Schema(schema::Options),
    /// Print the plan and the statements of a document.
    Explain(explain::Options),
    /// Ask a running server whether it is ready; exit 1 if not.
    Health(health::Options),
}

/// Where the configuration is.
#[derive(Clone, Debug, Args)]
pub struct ConfigFile {
    /// The configuration file; without it, `yimen.toml` of the data folder where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder of a demonstration.
    #[arg(long, value_name = "DIR", default_value = "yimen-data")]
    data: PathBuf,
}

impl ConfigFile {
    fn read(&self) -> anyhow::Result<Config> {
        let demo = self.data.join("yimen.toml");
        match &self.config {
            Some(file) => Config::read(Some(file)),
            None if demo.is_file() => Config::read(Some(&demo)),
            None => Config::read(None),
        }
    }
}

/// Runs one command.
///
/// # Errors
/// What went wrong, for people.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Demo(options) => demo::run(&options).await,
            Command::Serve(options) => serve::run(&options).await,
            Command::Evidence(options) => evidence::run(&options).await,
            Command::Migrate(options) => migrate::run(&options).await,
            Command::Token(options) => token::run(&options),
            Command::Policy(options) => policy::run(&options).await,
            Command::Sharing(options) => sharing::run(&options).await,
            Command::Catalogue(options) => catalogue::run(&options).await,
            Command::Config(options) => config::run(&options),
            Command::Task(options) => task::run(&options).await,
            Command::Schema(options) => schema::run(&options),
            Command::Explain(options) => explain::run(&options).await,
            Command::Health(options) => health::run(&options).await,
        }
    })
}
