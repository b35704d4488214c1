//! `yimen policy shadow`: what the policies under trial would have decided otherwise, and how often.

use clap::Args;
use serde_json::json;
use yimen_policy::Difference;

use crate::command::policy::diff::object;
use crate::command::{ConfigFile, output};
use crate::evidence::Hub;
use crate::shadow::{Tally, forget, read};
use crate::start;

/// Options of `yimen policy shadow`.
#[derive(Debug, Args)]
pub(crate) struct Shadow {
    #[command(flatten)]
    config: ConfigFile,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    /// Delete what was counted, of these and of all other versions, instead.
    #[arg(long, conflicts_with = "json")]
    forget: bool,
}

impl Shadow {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let config = self.config.read()?;
        let hub = Hub::open(&config.hub.url).await?;
        hub.is_migrated().await?;
        if self.forget {
            output::line(format!("{} trials forgotten", forget(&hub).await?));
            return Ok(());
        }
        let catalogue = start::catalogue(&config)?;
        let tried = start::shadow_policies(&config, catalogue.clone())?;
        let tried = tried.ok_or_else(|| anyhow::anyhow!("`policy.shadow` names no folder"))?;
        let in_force = start::policies(&config, catalogue)?;
        self.tell(&read(&hub, in_force.version(), tried.version()).await?);
        Ok(())
    }

    fn tell(&self, tally: &Tally) {
        let Tally { operations, missed, cells } = tally;
        let mut cells: Vec<_> = cells.iter().collect();
        cells.sort();
        if self.json {
            let cell = |(cell, operations): (&Difference, &u64)| {
                let mut object = object(cell);
                object["operations"] = json!(operations);
                object
            };
            let cells: Vec<_> = cells.into_iter().map(cell).collect();
            output::line(json!({ "operations": operations, "missed": missed, "cells": cells }));
            return;
        }
        let wider = cells.iter().filter(|(cell, _)| cell.widens).count();
        for (cell, operations) in &cells {
            output::line(format!("{cell} ({operations} operations)"));
        }
        output::line(format!(
            "{operations} operations decided by both, {missed} not compared: {wider} cells widen, {} narrow",
            cells.len() - wider
        ));
    }
}
