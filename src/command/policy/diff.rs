//! `yimen policy diff`: a table of the cells that two versions decide differently.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use yimen_policy::{Difference, differences};

use crate::command::{ConfigFile, output};
use crate::start;

/// Options of `yimen policy diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    config: ConfigFile,
    /// A folder with policy files and perhaps tables beside them, such as `purposes.csv`; the bundled ones stand
    /// for what it hasn't.
    old: PathBuf,
    /// Another.
    new: PathBuf,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let catalogue = start::catalogue(&self.config.read()?)?;
        let (old, new) = (std::slice::from_ref(&self.old), std::slice::from_ref(&self.new));
        let before = start::earlier_policies_of(old, catalogue.clone())?;
        let mut found = differences(&before, &start::policies_of(new, catalogue)?);
        found.extend(start::dated_differences(old, new)?);
        if self.json {
            output::line(serde_json::Value::Array(found.iter().map(object).collect()));
            return Ok(());
        }
        found.iter().for_each(output::line);
        let wider = found.iter().filter(|difference| difference.widens).count();
        output::line(format!("{wider} cells widen, {} narrow", found.len() - wider));
        Ok(())
    }
}

/// One cell as a JSON object.
pub(super) fn object(difference: &Difference) -> serde_json::Value {
    let Difference { profile, about, from, to, widens } = difference;
    json!({
        "department": profile.department,
        "role": profile.role,
        "purpose": profile.purpose,
        "coordinate": about,
        "from": from,
        "to": to,
        "widens": widens,
    })
}
