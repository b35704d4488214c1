//! `yimen migrate`.

use clap::Args;

use crate::command::{ConfigFile, output};
use crate::evidence::Hub;

/// Options of `yimen migrate`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let config = options.config.read()?;
    Hub::migrate(&config.hub.url).await?.close().await?;
    output::line("The hub has the newest tables.");
    Ok(())
}
