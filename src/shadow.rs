//! Policies that are tried beside those in force (`policy.shadow`): each operation that is answered is decided with
//! both, only those in force act, and what the others would have decided otherwise is counted.
//!
//! A request only counts its plan and its decisions, under a lock that nothing slow happens under; decisions are
//! compared afterwards, once for each plan and table. What is compared is what the operation touches under the
//! policies in force, before a stated case narrows it.

mod store;
mod touched;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use yimen_policy::{DecisionTable, Difference};

use crate::calendar::china_day;
use crate::clock::Clock;
use crate::evidence::Hub;
use crate::plan::Plan;
use crate::sharing::InForce;
use crate::telemetry;
pub(crate) use store::{forget, read};
use touched::touched;

/// Plans with their decisions that may wait to be compared; operations beyond are counted as not compared.
const MAX_WAITING: usize = 10_000;

/// Cells that may wait to be written while the hub doesn't answer.
const MAX_CELLS: usize = 10_000;

/// Cells that metrics name; those beyond are counted under one name.
const MAX_NAMED: usize = 1_000;

/// The pause between two comparisons.
const PAUSE: Duration = Duration::from_secs(5);

/// The policies under trial.
#[derive(Debug)]
pub struct Shadow {
    tried: Arc<InForce>,
    in_force: Arc<InForce>,
    hub: Hub,
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
    /// What was compared and isn't in the hub yet.
    tally: tokio::sync::Mutex<Tally>,
    named: Mutex<HashSet<Difference>>,
}

/// Operations that aren't compared yet.
#[derive(Debug, Default)]
struct Waiting {
    /// By the addresses of table and plan, both of which are held here.
    asked: HashMap<(usize, usize), Asked>,
    missed: u64,
}

/// How often a plan ran for some decisions.
#[derive(Debug)]
struct Asked {
    table: Arc<DecisionTable>,
    plan: Arc<Plan>,
    /// That of one of the callers; the same grants apply to all of them.
    division: String,
    operations: u64,
}

/// How often cells were decided differently.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    /// Operations that weren't compared, for there were too many different ones at once.
    pub(crate) missed: u64,
    pub(crate) cells: HashMap<Difference, u64>,
}

impl Shadow {
    /// Policies that are tried beside those in force; both must be told of grants.
    pub fn new(tried: Arc<InForce>, in_force: Arc<InForce>, hub: Hub, clock: Arc<dyn Clock>) -> Self {
        let (waiting, tally, named) = (Mutex::default(), tokio::sync::Mutex::default(), Mutex::default());
        Shadow { tried, in_force, hub, clock, waiting, tally, named }
    }

    /// Counts operations that are answered by a plan and the decisions that it was made from.
    pub(crate) fn count(
        &self,
        table: &Arc<DecisionTable>,
        plan: &Arc<Plan>,
        division: &str,
        operations: u64,
    ) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Arc::as_ptr(table) as usize, Arc::as_ptr(plan) as usize);
        if let Some(asked) = waiting.asked.get_mut(&key) {
            asked.operations += operations;
        } else if waiting.asked.len() < MAX_WAITING && self.in_force.is_fresh() {
            let (table, plan, division) = (table.clone(), plan.clone(), division.to_owned());
            waiting.asked.insert(key, Asked { table, plan, division, operations });
        } else {
            waiting.missed += operations;
        }
    }

    /// Compares what was counted since the last time, and adds it up in the hub. What can't be written stays.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let mut tally = self.tally.lock().await;
        let Waiting { asked, missed } =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let (tried, today) = (self.tried.clone(), china_day(self.clock.now()));
        let compared =
            tokio::task::spawn_blocking(move || compared(&tried, asked.into_values(), today)).await?;
        self.tell(&compared);
        tally.add(compared);
        tally.missed += missed;
        if tally.operations + tally.missed > 0 {
            store::add(&self.hub, &self.versions(), &tally, self.clock.now()).await?;
            *tally = Tally::default();
        }
        Ok(())
    }

    /// The versions of the policies in force and of those that are tried.
    pub(crate) fn versions(&self) -> (String, String) {
        let version = |of: &InForce| of.policies().version().to_owned();
        (version(&self.in_force), version(&self.tried))
    }

    /// Goes on comparing until the process ends, or others have taken the place of these policies.
    pub(crate) async fn keep_settling(self: Arc<Self>) {
        let mut is_failing = false;
        while Arc::strong_count(&self) > 1 {
            tokio::time::sleep(PAUSE).await;
            let settled = self.settle().await;
            if let Err(error) = settled.as_ref().map_err(|error| format!("{error:#}"))
                && !is_failing
            {
                tracing::warn!(error, "what the policies under trial decide isn't written");
            }
            is_failing = settled.is_err();
        }
    }

    /// Counts for operators; the number of names is bounded.
    fn tell(&self, compared: &Tally) {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        for (cell, operations) in &compared.cells {
            let is_named = named.contains(cell) || named.len() < MAX_NAMED && named.insert(cell.clone());
            telemetry::shadow(is_named.then_some(cell), cell.widens, *operations);
        }
    }
}

impl Tally {
    fn add(&mut self, more: Tally) {
        self.operations += more.operations;
        self.missed += more.missed;
        for (cell, operations) in more.cells {
            if self.cells.len() < MAX_CELLS || self.cells.contains_key(&cell) {
                *self.cells.entry(cell).or_default() += operations;
            } else {
                self.missed += operations;
            }
        }
    }
}

fn compared(tried: &InForce, asked: impl Iterator<Item = Asked>, today: NaiveDate) -> Tally {
    let mut tally = Tally::default();
    for Asked { table, plan, division, operations } in asked {
        let other = tried.table(table.profile(), &division, today);
        tally.operations += operations;
        for cell in table.differences(&other, &touched(&table, &plan)) {
            *tally.cells.entry(cell).or_default() += operations;
        }
    }
    tally
}
