//! Quotas: how much one caller may ask for in a time, in units of cost, by department, purpose and kind of client.
//!
//! A unit is a row that an operation reads as a rule (`Plan::cost`). Rules are dated and stand in the
//! configuration; the first that fits decides. Replicas count together where they share a Redis (decision 27); without
//! one, and while it is away, each counts for itself, from what it knows.

mod buckets;
mod rate;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::auth::Caller;
use crate::replicas::{Away, Charge, Tally};
use crate::telemetry;
use buckets::{Bucket, Buckets};
use rate::Rate;

/// How much is counted of a caller who comes this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Client {
    /// Queries, mutations and subscriptions, each for itself.
    Interactive,
    /// A list of variables, answered as JSON lines.
    Batch,
    /// A job that writes into files.
    Export,
}

impl Client {
    fn as_str(self) -> &'static str {
        match self {
            Client::Interactive => "INTERACTIVE",
            Client::Batch => "BATCH",
            Client::Export => "EXPORT",
        }
    }
}

/// One rule, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The caller's department, or `*`.
    pub department: String,
    /// The stated purpose, or `*`.
    pub purpose: String,
    /// The way in.
    pub client: Client,
    /// Units that come back in a minute.
    pub units_per_minute: NonZeroU32,
    /// Units that may be asked for at once.
    pub burst: NonZeroU32,
    /// The first day on which it holds.
    pub from: NaiveDate,
    /// The last day; none where it has no end yet.
    pub until: Option<NaiveDate>,
    /// What it rests on.
    pub basis: String,
}

/// The rules of an installation, as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// In their order.
    pub rules: Vec<Rule>,
}

/// What callers may still ask for.
#[derive(Debug, Default)]
pub struct Quotas {
    counted: Vec<Counted>,
    /// Where replicas count together.
    tally: Option<Tally>,
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    rate: Rate,
    buckets: Buckets,
}

/// Why there are no units for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// There will be after so long.
    For(Duration),
    /// It costs more than the rule ever gives at once.
    Ever(u32),
}

impl Quotas {
    /// The quotas of some rules.
    ///
    /// # Errors
    /// A rule without its basis, or that ends before it begins.
    pub fn new(rules: &Rules) -> anyhow::Result<Self> {
        let counted = rules.rules.iter().enumerate().map(|(at, rule)| {
            Counted::new(rule).with_context(|| format!("`quota.rules`, the {}. one", at + 1))
        });
        Ok(Quotas { counted: counted.collect::<anyhow::Result<_>>()?, tally: None })
    }

    /// The same quotas, counted together with other replicas.
    pub(crate) fn with_tally(mut self, tally: Option<Tally>) -> Self {
        self.tally = tally;
        self
    }

    /// Takes units of a caller, and says how many are left; `None` where no rule fits.
    ///
    /// # Errors
    /// For how long there are too few.
    pub async fn take(
        &self,
        caller: &Caller,
        purpose: &str,
        client: Client,
        cost: u64,
        today: NaiveDate,
    ) -> Result<Option<u32>, Exceeded> {
        let fits = |counted: &&Counted| counted.rule.fits(caller, purpose, client, today);
        let Some(counted) = self.counted.iter().find(fits) else { return Ok(None) };
        let left = counted.take(caller, cost.max(1), self.tally.as_ref()).await;
        telemetry::quota(client.as_str(), left.is_ok());
        left.map(Some)
    }
}

impl Rule {
    fn fits(&self, caller: &Caller, purpose: &str, client: Client, today: NaiveDate) -> bool {
        let is = |wanted: &str, given: &str| wanted == "*" || wanted == given;
        is(&self.department, &caller.department)
            && is(&self.purpose, purpose)
            && self.client == client
            && self.from <= today
            && self.until.is_none_or(|until| today <= until)
    }
}

impl Counted {
    fn new(rule: &Rule) -> anyhow::Result<Self> {
        anyhow::ensure!(!rule.basis.trim().is_empty(), "a rule names its basis");
        anyhow::ensure!(rule.until.is_none_or(|until| rule.from <= until), "a rule ends after it begins");
        let rate = Rate::new(rule.units_per_minute, rule.burst);
        Ok(Counted { rule: rule.clone(), rate, buckets: Buckets::default() })
    }

    async fn take(&self, caller: &Caller, units: u64, tally: Option<&Tally>) -> Result<u32, Exceeded> {
        let caller = format!("{}\0{}", caller.issuer, caller.subject);
        let cost = self.rate.cost(units)?;
        if let Some(tally) = tally
            && let Ok(taken) = self.take_together(tally, &caller, cost).await
        {
            return taken;
        }
        self.take_alone(caller, cost)
    }

    fn take_alone(&self, caller: String, cost: u64) -> Result<u32, Exceeded> {
        let take = |before: Bucket| {
            let level = self.rate.take(before.level, cost)?;
            Ok(Bucket { level, own: before.own.saturating_add(cost), said: 0, ..before })
        };
        self.buckets.change(caller, Instant::now(), take).map(|bucket| self.rate.left(bucket.level))
    }

    /// Takes from the bucket that replicas share. What is in it is remembered, so that nobody begins anew where Redis
    /// goes away; and what was counted without Redis, or before it may have forgotten, goes with the next question,
    /// as the least that is in the bucket. More than it would give alone this process doesn't give, whatever Redis says.
    async fn take_together(
        &self,
        tally: &Tally,
        caller: &str,
        cost: u64,
    ) -> Result<Result<u32, Exceeded>, Away> {
        let asked = Instant::now();
        let known = self.buckets.look(caller, asked);
        // Where this process has given all that it would alone, Redis is looked at and nothing is taken.
        let gives = self.rate.take(known.own, cost).is_ok();
        let charge = Charge {
            cost: if gives { cost } else { u64::MAX },
            holds: self.rate.holds(),
            known: (known.level, known.said),
        };
        let charged = tally.take(&self.whose(caller), charge).await?;
        let remember = |before: Bucket| {
            // Answers may overtake each other: the fuller bucket is the later one.
            let level = before.level.max(charged.level);
            let own = if charged.is_taken { before.own.saturating_add(cost) } else { before.own };
            Ok::<_, Away>(Bucket { level, own, said: charged.connection, ..before })
        };
        let level = self.buckets.change(caller.to_owned(), asked, remember)?.own.max(charged.level);
        Ok(if charged.is_taken { Ok(self.rate.left(level)) } else { Err(self.rate.exceeded(level, cost)) })
    }

    /// Whose bucket it is among replicas: a caller's by this rule. Where replicas have other rules, they count apart.
    fn whose(&self, caller: &str) -> String {
        let Rule { department, purpose, client, units_per_minute, burst, from, until, basis: _ } = &self.rule;
        let until = until.map(|until| until.to_string()).unwrap_or_default();
        let client = client.as_str();
        format!("{department}\0{purpose}\0{client}\0{units_per_minute}\0{burst}\0{from}\0{until}\0{caller}")
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn caller(department: &str, subject: &str) -> Caller {
        Caller {
            issuer: String::from("i"),
            subject: subject.to_owned(),
            department: department.to_owned(),
            role: String::from("REVIEWER"),
            division: String::from("410727000000"),
            token_id: None,
            person: None,
        }
    }

    fn rule(department: &str, burst: u32) -> Rule {
        Rule {
            department: department.to_owned(),
            purpose: String::from("*"),
            client: Client::Interactive,
            units_per_minute: NonZeroU32::new(60).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
            from: day(1),
            until: Some(day(2)),
            basis: String::from("a test"),
        }
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn take(quotas: &Quotas, caller: &Caller, cost: u64, on: u32) -> Result<Option<u32>, Exceeded> {
        block_on(quotas.take(caller, "MLA_REVIEW", Client::Interactive, cost, day(on)))
    }

    #[test]
    fn the_bound_itself_passes_and_one_more_waits() {
        let quotas = Quotas::new(&Rules { rules: vec![rule("*", 100)] }).unwrap();
        let one = caller("UNION", "one");
        assert_eq!(take(&quotas, &one, 99, 1), Ok(Some(1)));
        assert_eq!(take(&quotas, &one, 1, 1), Ok(Some(0)));
        let Err(Exceeded::For(wait)) = take(&quotas, &one, 1, 1) else { panic!("nothing was left") };
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(take(&quotas, &one, 101, 1), Err(Exceeded::Ever(100)));
        assert_eq!(take(&quotas, &caller("UNION", "two"), 100, 1), Ok(Some(0)), "each caller for itself");
    }

    #[test]
    fn the_first_rule_that_fits_on_the_day_decides() {
        let quotas = Quotas::new(&Rules { rules: vec![rule("UNION", 5), rule("*", 50)] }).unwrap();
        assert_eq!(take(&quotas, &caller("UNION", "a"), 1, 1), Ok(Some(4)));
        assert_eq!(take(&quotas, &caller("HRSS", "a"), 1, 2), Ok(Some(49)));
        assert_eq!(take(&quotas, &caller("HRSS", "a"), 1, 3), Ok(None), "no rule holds on that day");
        let batch = block_on(quotas.take(&caller("UNION", "a"), "MLA_REVIEW", Client::Batch, 1, day(1)));
        assert_eq!(batch, Ok(None));
    }

    #[test]
    fn a_rule_without_its_basis_is_refused() {
        let mut bad = rule("*", 1);
        bad.basis = String::from(" ");
        assert!(Quotas::new(&Rules { rules: vec![bad] }).is_err());
        let mut bad = rule("*", 1);
        bad.until = Some(day(1).pred_opt().unwrap());
        assert!(Quotas::new(&Rules { rules: vec![bad] }).is_err());
    }
}
