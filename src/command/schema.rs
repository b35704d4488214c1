//! `yimen schema`.

use clap::Args;

use crate::command::{ConfigFile, output};
use crate::start;

/// Options of `yimen schema`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let catalogue = start::catalogue(&options.config.read()?)?;
    output::line(catalogue.public_sdl.trim_end());
    Ok(())
}
