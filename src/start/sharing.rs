//! What sharing needs at the start: its tables, the catalogue's history, and the passes that go on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use yimen_policy::{Difference, Policies};
use yimen_schema::Catalogue;

use crate::calendar::{Calendar, Clocks};
use crate::catalogue::{Terms, compare};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::deadline::{Deadlines, Marked, Waiting};
use crate::evidence::act::{self, Act};
use crate::evidence::{Evidence, Kind, Log, People};
use crate::objection::AnyOpen;
use crate::sharing::{Automatic, Sharing, SharingOptions};
use crate::telemetry;

/// The desk for requests for sharing, with the configuration's own tables where it has some.
///
/// # Errors
/// A table that can't be read, or a coordinator that is no department.
pub fn sharing(config: &Config, policies: &Arc<Policies>) -> anyhow::Result<Sharing> {
    let options = SharingOptions {
        coordinator: config.sharing.coordinator.clone(),
        conformity_check: config.sharing.conformity_check,
        longest_days: config.sharing.longest_days,
    };
    let known = policies.catalogue().departments.contains(&options.coordinator);
    anyhow::ensure!(known, "`sharing.coordinator` must be a department of the catalogue");
    Ok(Sharing {
        policies: policies.clone(),
        deadlines: deadlines(config)?,
        automatic: automatic(&config.policy.folders)?,
        options,
    })
}

/// Terms and calendar, with the configuration's own where it has some.
///
/// # Errors
/// A table that can't be read.
pub fn deadlines(config: &Config) -> anyhow::Result<Deadlines> {
    let folders = &config.policy.folders;
    let calendar = own(folders, "calendar.csv")?;
    Ok(Deadlines {
        calendar: calendar.map_or_else(Calendar::bundled, |text| Calendar::parse(&text))?,
        clocks: clocks(folders)?,
    })
}

fn clocks(folders: &[PathBuf]) -> anyhow::Result<Clocks> {
    own(folders, "clocks.csv")?.map_or_else(Clocks::bundled, |text| Clocks::parse(&text))
}

fn automatic(folders: &[PathBuf]) -> anyhow::Result<Automatic> {
    own(folders, "sharing.csv")?.map_or_else(Automatic::bundled, |text| Automatic::parse(&text))
}

/// What the dated tables of some folders say otherwise than those of others: what is granted by rule, and how
/// long steps may take.
///
/// # Errors
/// A table that can't be read.
pub fn dated_differences(old: &[PathBuf], new: &[PathBuf]) -> anyhow::Result<Vec<Difference>> {
    let mut found = automatic(old)?.differences(&automatic(new)?);
    found.extend(clocks(old)?.differences(&clocks(new)?));
    Ok(found)
}

/// The terms of the catalogue's items, with the configuration's own where it has some.
///
/// # Errors
/// A table that can't be read, or that names what the catalogue doesn't have.
pub fn terms(config: &Config, catalogue: &Catalogue) -> anyhow::Result<Terms> {
    let text = own(&config.catalogue.folders, "terms.csv")?;
    let terms = text.map_or_else(Terms::bundled, |text| Terms::parse(&text))?;
    let unknown = terms.unknown(catalogue);
    anyhow::ensure!(
        unknown.is_empty(),
        "terms.csv names what isn't in the catalogue: {}",
        unknown.join(", ")
    );
    Ok(terms)
}

/// A table of this name in the last of the folders that has one; it takes the bundled one's place.
fn own(folders: &[PathBuf], name: &str) -> anyhow::Result<Option<String>> {
    let found = folders.iter().rev().map(|folder| folder.join(name)).find(|file| file.is_file());
    let read =
        |file: &Path| std::fs::read_to_string(file).with_context(|| format!("file `{}`", file.display()));
    found.as_deref().map(read).transpose()
}

/// What the passes work with.
#[derive(Clone, Debug)]
pub struct Passes {
    /// The log, whose hub holds the deadlines.
    pub log: Arc<Log>,
    /// Where the record of a pass goes that marked something.
    pub evidence: Arc<dyn Evidence>,
    /// Terms and calendar.
    pub deadlines: Deadlines,
    /// The catalogue in force.
    pub catalogue: Arc<Catalogue>,
    /// The versions of catalogue and policies in force.
    pub versions: (String, String),
}

impl Passes {
    /// One pass over open steps: who is reminded, what is escalated. It leaves a record where it marked
    /// something.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn remind(&self, officer: &str) -> anyhow::Result<Marked> {
        let hub = self.log.hub();
        let marked = {
            let _turn = hub.turn().lock().await;
            self.deadlines.remind(hub.connection(), SystemClock.now()).await?
        };
        let Marked { dated, reminded, escalated } = marked;
        if reminded + escalated > 0 {
            let versions = (self.versions.0.as_str(), self.versions.1.as_str());
            let note = format!("reminded {reminded}, escalated {escalated}, dated {dated}");
            let people = People::default();
            let act = Act { kind: Kind::Reminders, officer, note, people, versions };
            act::record(&*self.evidence, act, &self.log).await?;
        }
        self.tell_waiting(reminded + escalated > 0).await?;
        Ok(marked)
    }

    /// Tells for each department what waits for it: to metrics always, and to the log where something was marked.
    async fn tell_waiting(&self, is_new: bool) -> anyhow::Result<()> {
        let waiting = self.deadlines.waiting(self.log.hub().connection()).await?;
        telemetry::waiting(&waiting);
        for Waiting { department, steps, overdue } in waiting.iter().filter(|_| is_new) {
            tracing::warn!(department, steps, overdue, "steps wait for this department (`sharingReminders`)");
        }
        Ok(())
    }

    /// Goes on reminding until the process ends, by the terms that are in force at each pass.
    async fn keep_reminding(now: watch::Receiver<Passes>, pause: Duration) {
        loop {
            let passes = now.borrow().clone();
            match passes.remind("yimen serve").await {
                Ok(Marked { reminded: 0, escalated: 0, .. }) => {}
                Ok(marked) => {
                    tracing::info!(reminded = marked.reminded, escalated = marked.escalated, "deadlines")
                }
                Err(error) => tracing::warn!(%error, "deadlines weren't looked at"),
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// Goes on looking whether an objection is open until the process ends.
async fn keep_looking(log: Arc<Log>, any_open: Arc<AnyOpen>, pause: Duration) {
    loop {
        any_open.look(log.hub().connection()).await;
        tokio::time::sleep(pause).await;
    }
}

/// Writes what changed in the catalogue and in the classes of its items.
///
/// # Errors
/// A hub that doesn't answer.
pub(super) async fn tell_changes(log: &Log, policies: &Policies) -> anyhow::Result<()> {
    let changed = compare(log.hub(), policies, SystemClock.now()).await?;
    if changed.items > 0 {
        tracing::info!(items = changed.items, "the catalogue changed");
    }
    Ok(())
}

/// Begins the passes that go on.
pub(super) fn begin(config: &Config, any_open: Arc<AnyOpen>, passes: &watch::Sender<Passes>) {
    let look = Duration::from_millis(config.sharing.look_ms);
    tokio::spawn(keep_looking(passes.borrow().log.clone(), any_open, look));
    let remind = Duration::from_millis(config.sharing.remind_ms);
    tokio::spawn(Passes::keep_reminding(passes.subscribe(), remind));
}
