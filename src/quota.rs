//! Quotas: how much one caller may ask for in a time, in units of cost, by department, purpose and kind of client.
//!
//! A unit is a row that an operation reads as a rule (`Plan::cost`). Rules are dated and stand in the
//! configuration; the first that fits decides. Each process counts for itself.

use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Context;
use chrono::NaiveDate;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{InsufficientCapacity, Quota, RateLimiter};
use serde::Deserialize;

use crate::auth::Caller;
use crate::telemetry;

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

/// The most callers that a rule remembers: those who have all their units back are forgotten then.
const MAX_CALLERS: usize = 10_000;

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What callers may still ask for.
#[derive(Debug, Default)]
pub struct Quotas {
    counted: Vec<Counted>,
}

struct Counted {
    rule: Rule,
    limiter: Limiter,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Counted").field(&self.rule).finish()
    }
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
        Ok(Quotas { counted: counted.collect::<anyhow::Result<_>>()? })
    }

    /// Takes units of a caller, and says how many are left; `None` where no rule fits.
    ///
    /// # Errors
    /// For how long there are too few.
    pub fn take(
        &self,
        caller: &Caller,
        purpose: &str,
        client: Client,
        cost: u64,
        today: NaiveDate,
    ) -> Result<Option<u32>, Exceeded> {
        let fits = |counted: &&Counted| counted.rule.fits(caller, purpose, client, today);
        let Some(counted) = self.counted.iter().find(fits) else { return Ok(None) };
        let units = NonZeroU32::new(u32::try_from(cost).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        let left = counted.take(format!("{}\0{}", caller.issuer, caller.subject), units);
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
        let quota = Quota::per_minute(rule.units_per_minute).allow_burst(rule.burst);
        let limiter = RateLimiter::dashmap(quota).with_middleware();
        Ok(Counted { rule: rule.clone(), limiter })
    }

    fn take(&self, caller: String, units: NonZeroU32) -> Result<u32, Exceeded> {
        if self.limiter.len() >= MAX_CALLERS {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key_n(&caller, units) {
            Ok(Ok(state)) => Ok(state.remaining_burst_capacity()),
            Ok(Err(until)) => Err(Exceeded::For(until.wait_time_from(DefaultClock::default().now()))),
            Err(InsufficientCapacity(most)) => Err(Exceeded::Ever(most)),
        }
    }
}

#[cfg(test)]
mod tests {
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
        quotas.take(caller, "MLA_REVIEW", Client::Interactive, cost, day(on))
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
        let batch = quotas.take(&caller("UNION", "a"), "MLA_REVIEW", Client::Batch, 1, day(1));
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
