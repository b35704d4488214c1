//! `yimen policy replay`: what another version of the policies would have answered to operations that were asked.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use serde_json::json;
use yimen_policy::{Classed, ClassedName, DecisionTable, Difference, Policies, Profile};

use crate::calendar::china_day;
use crate::command::evidence::{Officer, after, leave_record, midnight};
use crate::command::policy::diff::object;
use crate::command::{ConfigFile, output};
use crate::evidence::entry::Stored;
use crate::evidence::search::Filter;
use crate::evidence::{Kind, Log, Outcomes};
use crate::start;

/// Options of `yimen policy replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// A folder with the policies that are tried; the bundled ones stand for what it hasn't.
    #[arg(long, value_name = "FOLDER")]
    policy: PathBuf,
    /// The first day, in China's time.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

/// Reasons that policies give; the others depend on the case, the consent or the moment, and aren't replayed.
const POLICY_REASONS: [&str; 3] = ["NOT_GRANTED", "PURPOSE", "NOT_SHARED"];

/// Records of one statement.
const PAGE: u64 = 1_000;

/// Records after which it is told how far the replay has come: a year has millions.
const PROGRESS: usize = 20 * PAGE as usize;

/// Who asked, where and on which day: what a decision of the policies depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seat {
    profile: Profile,
    division: String,
    on: NaiveDate,
}

#[derive(Default)]
struct Replayed {
    operations: u64,
    /// Operations of codes that the policies under trial don't know.
    unknown: u64,
    /// Cells with the number of operations that touched them.
    cells: BTreeMap<Difference, u64>,
}

impl Replay {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.from <= self.to, "`--from` must not be after `--to`");
        let config = self.config.read()?;
        let policies = start::policies_of(std::slice::from_ref(&self.policy), start::catalogue(&config)?)?;
        let log = start::log(&config).await?;
        let note = format!("replay of {} to {} against policies {}", self.from, self.to, policies.version());
        leave_record(&config, &log, &self.officer, Kind::Search, note).await?;
        let span = (midnight(self.from)?, midnight(after(self.to)?)?);
        let asked = asked(&log, &span).await?;
        self.tell(&replayed(&log, &policies, asked).await?);
        Ok(())
    }

    fn tell(&self, replayed: &Replayed) {
        let Replayed { operations, unknown, cells } = replayed;
        if self.json {
            let cell = |(cell, operations): (&Difference, &u64)| {
                let mut object = object(cell);
                object["operations"] = json!(operations);
                object
            };
            let cells: Vec<_> = cells.iter().map(cell).collect();
            output::line(json!({ "operations": operations, "unknown": unknown, "cells": cells }));
            return;
        }
        for (cell, operations) in cells {
            output::line(format!("{cell} ({operations} operations)"));
        }
        let wider = cells.keys().filter(|cell| cell.widens).count();
        output::line(format!(
            "{operations} operations replayed, {unknown} of unknown codes left out: {wider} cells widen, {} narrow",
            cells.len() - wider
        ));
    }
}

/// How often each caller, on each day, touched each list of coordinates.
async fn asked(log: &Log, (from, to): &(String, String)) -> anyhow::Result<HashMap<(Seat, String), u64>> {
    let mut asked: HashMap<(Seat, String), u64> = HashMap::new();
    let (mut before, mut read) = (None, 0);
    loop {
        let filter = Filter { from: Some(from.clone()), to: Some(to.clone()), before, ..Filter::default() };
        let found = log.search(filter, PAGE).await?;
        let Some(last) = found.last() else { return Ok(asked) };
        before = Some(last.index);
        read += found.len();
        if read.is_multiple_of(PROGRESS) {
            // The newest come first.
            let stored = Stored::read(&last.entry)?;
            output::progress(format!("{read} records read, back to {}", stored.ended_at));
        }
        for found in &found {
            let stored = Stored::read(&found.entry)?;
            let Some(list) = stored.coordinates.as_deref().filter(|_| stored.is(Kind::Query)) else {
                continue;
            };
            let profile = Profile {
                department: stored.department.to_string(),
                role: stored.role.to_string(),
                purpose: stored.purpose.to_string(),
            };
            let seat = Seat { profile, division: stored.division.to_string(), on: day(&stored.ended_at)? };
            *asked.entry((seat, list.to_owned())).or_default() += 1;
        }
    }
}

async fn replayed(
    log: &Log,
    policies: &Arc<Policies>,
    asked: HashMap<(Seat, String), u64>,
) -> anyhow::Result<Replayed> {
    let lists = log.outcomes(asked.keys().map(|(_, list)| list.clone()).collect()).await?;
    let mut tables: HashMap<(Profile, ClassedName), Option<DecisionTable>> = HashMap::new();
    let mut replayed = Replayed::default();
    for ((Seat { profile, division, on }, list), operations) in asked {
        replayed.operations += operations;
        let classed = policies.classed(&division, on);
        let key = (profile.clone(), classed.name());
        let table = tables.entry(key).or_insert_with(|| table(policies, &profile, &classed));
        let Some(table) = table else {
            replayed.unknown += operations;
            continue;
        };
        for cell in lists.get(&list).map(|list| differing(table, list)).unwrap_or_default() {
            *replayed.cells.entry(cell).or_default() += operations;
        }
    }
    Ok(replayed)
}

/// The day of a record in China's time.
fn day(ended_at: &str) -> anyhow::Result<NaiveDate> {
    Ok(china_day(ended_at.parse::<DateTime<Utc>>().context("a record's time can't be read")?))
}

/// The decisions for a profile, where the policies know its codes.
fn table(policies: &Arc<Policies>, profile: &Profile, classed: &Arc<Classed>) -> Option<DecisionTable> {
    let codes = policies.codes();
    let is_known = policies.catalogue().departments.contains(&profile.department)
        && codes.has_role(&profile.role)
        && codes.has_purpose(&profile.purpose);
    is_known.then(|| policies.table_by(profile, classed))
}

/// The coordinates of a list that a table decides otherwise. Those that aren't in the catalogue, such as own root
/// fields, no policy speaks of.
fn differing(table: &DecisionTable, list: &Outcomes) -> Vec<Difference> {
    let denied = list.denied.iter().filter(|(reason, _)| POLICY_REASONS.contains(&reason.as_str()));
    let denied = denied.flat_map(|(_, names)| names).map(|name| (name, "DENY"));
    let clear = list.clear.iter().map(|name| (name, "CLEAR"));
    let masked = list.masked.iter().map(|name| (name, "MASK"));
    let decided = clear.chain(masked).chain(denied);
    let other = decided.filter_map(|(name, from)| {
        let to = table.decision(table.catalogue().coordinate_named(name)?).as_str();
        Difference::between(table.profile(), name, (from, opens(from)), (to, opens(to)))
    });
    other.collect()
}

/// How much a decision opens.
fn opens(decision: &str) -> Option<usize> {
    ["DENY", "MASK", "CLEAR"].iter().position(|known| *known == decision)
}
