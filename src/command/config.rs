//! `yimen config`: what can be set, and whether what is set can be served.

use clap::{Args, Subcommand};

use crate::command::{ConfigFile, output};
use crate::config::reference;
use crate::start;

/// Options of `yimen config`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print every key with its default, its meaning and its environment variable, as Markdown.
    Reference,
    /// Check a configuration and the files that it names, without asking a database; exit 1 with the first
    /// problem.
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    config: ConfigFile,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    match &options.action {
        Action::Reference => output::line(reference().trim_end()),
        Action::Check(check) => check.run()?,
    }
    Ok(())
}

impl Check {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.read()?;
        start::check_files(&config)?;
        for key in start::exposed(&config)? {
            output::line(format!(
                "warning: `{key}`: values cross the network in the clear; add \
                 `sslmode=verify-full&sslrootcert=FILE`"
            ));
        }
        output::line(format!(
            "the configuration can be served; {} departments have a database",
            config.departments.len()
        ));
        Ok(())
    }
}
