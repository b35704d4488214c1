//! What widens comes into force with an approval only: cells that are read again, and classes at every start.

use std::path::Path;

use yimen_policy::{Difference, Policies};

use crate::calendar::china_day;
use crate::clock::{Clock, SystemClock};
use crate::start::approval::{approvals, lacking};

/// The key that names the file of approvals.
const KEY: &str = "`policy.approved`";

/// Whether every cell that widens has an approval that names it and holds today.
pub(super) fn approved(file: &Path, wider: &[Difference]) -> anyhow::Result<()> {
    let approvals = approvals(file, KEY)?;
    let today = china_day(SystemClock.now());
    let lacking: Vec<String> = wider.iter().filter_map(|cell| lacking(cell, &approvals, today)).collect();
    anyhow::ensure!(
        lacking.is_empty(),
        "{} cells widen without an approval in `policy.approved` that names them, such as: {}",
        lacking.len(),
        lacking.iter().take(3).cloned().collect::<Vec<_>>().join("; ")
    );
    Ok(())
}

/// Refuses classes (`classes.csv`) that are wider than the catalogue's own, unless an approval names each, which holds
/// on the day from which it is.
pub(crate) fn check_classes(policies: &Policies, approved: &Path) -> anyhow::Result<()> {
    let wider = policies.wider_classes();
    if wider.is_empty() {
        return Ok(());
    }
    let approvals = approvals(approved, KEY)?;
    let lacking = wider.iter().filter_map(|(cell, day)| lacking(cell, &approvals, *day));
    let lacking: Vec<String> = lacking.collect();
    anyhow::ensure!(
        lacking.is_empty(),
        "classes.csv: {} classes are wider than the catalogue's without an approval in `policy.approved` that names \
         them and holds on their day:\n  {}",
        lacking.len(),
        lacking.join("\n  ")
    );
    Ok(())
}
