//! `yimen evidence adopt`.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use crate::command::evidence::act::{Officer, leave_record, recorded};
use crate::command::{ConfigFile, output};
use crate::evidence::{IntegrateError as Error, Kept, Kind, Log, store};
use crate::start;

/// Options of `yimen evidence adopt`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// Why the hub is older than what was signed here, or why the secret was changed.
    #[arg(long, value_name = "TEXT", value_parser = recorded)]
    reason: String,
    /// Do it; without this, only tell what was lost.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let config = options.config.read()?;
    let kept = start::kept(&config)?;
    let log = start::log_with(&config, Kept::default()).await?;
    let changes = Changes::of(&log, &kept).await?;
    if changes.texts.is_empty() {
        output::line(
            "The hub goes on from what was signed here, under this secret: there is nothing to adopt.",
        );
        return Ok(());
    }
    changes.texts.iter().for_each(output::line);
    if !options.yes {
        output::line("`--yes` goes on from the hub's log, and records that it was done.");
        return Ok(());
    }
    if changes.is_of_secret {
        // They would be set aside: nobody can tell them from forged ones any more.
        let waits = store::waiting(log.hub().connection()).await?.is_some();
        anyhow::ensure!(
            !waits,
            "records wait that are sealed under the former secret: start with it once more"
        );
    }
    let note = format!("{}; {}", changes.texts.join("; "), options.reason);
    leave_record(&config, &log, &options.officer, Kind::Adoption, note).await?;
    if changes.is_of_secret {
        log.adopt_secret().await?;
    }
    kept.adopt(&log.checkpoint().await?.context("the log is empty")?)?;
    output::line("The log goes on from here. Heads that others keep tell them where it went back.");
    Ok(())
}

/// What is otherwise than it was left here.
struct Changes {
    texts: Vec<String>,
    is_of_secret: bool,
}

impl Changes {
    async fn of(log: &Log, kept: &Kept) -> anyhow::Result<Changes> {
        let mut texts = Vec::new();
        if let Some(lost) = kept.newest()
            && !log.goes_on_from(&lost).await?
        {
            let size = log.signed_head().await?.map_or(0, |head| head.size);
            let root = STANDARD.encode(lost.root);
            texts.push(format!("log of {size} records instead of {} with root {root}", lost.size));
        }
        let is_of_secret = match log.has_the_secret().await {
            Ok(()) => false,
            Err(Error::OtherSecret) => true,
            Err(error) => return Err(error.into()),
        };
        if is_of_secret {
            texts.push(String::from("records sealed under another secret than before"));
        }
        Ok(Changes { texts, is_of_secret })
    }
}
