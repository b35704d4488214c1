//! `yimen policy check`: can the policies come into force, and does anything widen that nobody approved?

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use yimen_policy::differences;

use crate::calendar::china_day;
use crate::clock::{Clock, SystemClock};
use crate::command::{ConfigFile, output};
use crate::start;

/// Options of `yimen policy check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// A folder with the policies in force until now: cells that are wider than there need an approval.
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// A file of approvals: `department,role,purpose,coordinate,from,to,approved_by,on,until,basis`.
    #[arg(long, value_name = "FILE", requires = "against")]
    approved: Option<PathBuf>,
    /// The day on which approvals must hold; today without it.
    #[arg(long, value_name = "DATE", requires = "approved")]
    on: Option<NaiveDate>,
}

impl Check {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let config = self.config.read()?;
        let catalogue = start::catalogue(&config)?;
        let policies = start::policies_of(&config.policy.folders, catalogue.clone())?;
        start::check_classes(&policies, self.approved.as_deref().unwrap_or(&config.policy.approved))?;
        for problem in policies.without_effect() {
            output::line(format!("without effect: {problem}"));
        }
        output::line(format!(
            "{} coordinates of {} types are covered; catalogue {} policies {}",
            catalogue.coordinates.len(),
            catalogue.resources.len(),
            &catalogue.version[..12],
            &policies.version()[..12],
        ));
        let Some(old) = &self.against else { return Ok(()) };
        let old = std::slice::from_ref(old);
        let mut wider = differences(&start::earlier_policies_of(old, catalogue)?, &policies);
        wider.extend(start::dated_differences(old, &config.policy.folders)?);
        wider.retain(|cell| cell.widens);
        let approved = start::approvals(self.approved.as_deref().unwrap_or(Path::new("")), "approvals")?;
        let on = self.on.unwrap_or_else(|| china_day(SystemClock.now()));
        let unapproved = wider.iter().filter_map(|cell| start::lacking(cell, &approved, on));
        let unapproved: Vec<String> = unapproved.collect();
        output::line(format!(
            "{} cells widen, {} of them approved",
            wider.len(),
            wider.len() - unapproved.len()
        ));
        anyhow::ensure!(
            unapproved.is_empty(),
            "{} cells widen without an approval that names them:\n  {}",
            unapproved.len(),
            unapproved.join("\n  ")
        );
        Ok(())
    }
}
