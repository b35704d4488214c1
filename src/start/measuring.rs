//! Counting how complete departments' items are: by a command, or by a server from time to time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use yimen_schema::{Catalogue, Resource};

use crate::catalogue::{Measured, measurable, measure, take_turn};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::evidence::act::{self, Act};
use crate::evidence::{Kind, People};
use crate::fetch::Sources;
use crate::start::Passes;

/// How often a server looks whether a count is due: the hub is asked for one row of each department.
const LOOK: Duration = Duration::from_secs(60);

/// How departments are counted.
#[derive(Clone, Debug)]
pub(crate) struct Measuring {
    config: Config,
}

impl Measuring {
    /// A count has connections of its own, one for each database, and time to read whole tables.
    pub(crate) fn new(config: &Config) -> Self {
        let deadline = config.catalogue.measure_deadline_ms;
        let mut config = config.clone();
        for department in config.departments.values_mut() {
            department.deadline_ms = Some(deadline);
            department.lanes = Some(1);
            department.bulk_lanes = Some(1);
        }
        Measuring { config }
    }

    /// The departments' databases.
    ///
    /// # Errors
    /// A department that doesn't exist, or a connection string of no known kind.
    pub(crate) fn sources(&self, catalogue: &Catalogue) -> anyhow::Result<Sources> {
        super::sources(&self.config, catalogue)
    }

    /// The departments whose tables are counted, with these; nothing is opened for that.
    pub(crate) fn measurable<'a>(&self, catalogue: &'a Catalogue) -> Vec<(&'a str, Vec<&'a Resource>)> {
        measurable(catalogue, |owner| self.config.departments.contains_key(owner))
    }

    /// Counts from time to time until the process ends, where the configuration says so.
    pub(super) fn begin(self, passes: watch::Receiver<Passes>) {
        if self.config.catalogue.measure_hours > 0 {
            tokio::spawn(self.keep_counting(passes));
        }
    }

    async fn keep_counting(self, passes: watch::Receiver<Passes>) {
        loop {
            let now = passes.borrow().clone();
            if let Err(error) = self.count_due(&now).await {
                tracing::warn!(%error, "the catalogue's items weren't counted");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn count_due(&self, passes: &Passes) -> anyhow::Result<()> {
        let mut sources = None;
        let hours = i64::from(self.config.catalogue.measure_hours);
        for (owner, tables) in self.measurable(&passes.catalogue) {
            let now: DateTime<Utc> = SystemClock.now();
            let due = now - chrono::Duration::hours(hours);
            if take_turn(passes.log.hub(), owner, (now, due)).await? {
                // Connections are made when somebody is due, not at each look.
                let sources = match &mut sources {
                    Some(sources) => sources,
                    none => none.insert(self.sources(&passes.catalogue)?),
                };
                let measured = passes.count("yimen serve", (owner, &tables), sources, |_| {}).await?;
                tracing::info!(department = owner, tables = measured.tables, "items were counted");
            }
        }
        Ok(())
    }
}

impl Passes {
    /// Counts a department's tables, with a record of that before. `progress` is told of each.
    ///
    /// # Errors
    /// A hub that doesn't answer; then nothing was counted without its record.
    pub(crate) async fn count(
        &self,
        officer: &str,
        (owner, tables): (&str, &[&Resource]),
        sources: &Sources,
        progress: impl FnMut(&Resource),
    ) -> anyhow::Result<Measured> {
        let Some(source) = sources.get(owner) else { return Ok(Measured::default()) };
        let versions = (self.versions.0.as_str(), self.versions.1.as_str());
        let note = format!("counts the items of {owner}, {} tables", tables.len());
        let act = Act { kind: Kind::Measurement, officer, note, people: People::default(), versions };
        act::record(&*self.evidence, act, &self.log).await?;
        let reading = (&*self.catalogue, &**source);
        let measured =
            measure(self.log.hub(), reading, (owner, tables), || SystemClock.now(), progress).await?;
        for (table, reason) in &measured.failed {
            tracing::warn!(department = owner, table, reason, "a table couldn't be counted");
        }
        Ok(measured)
    }
}
