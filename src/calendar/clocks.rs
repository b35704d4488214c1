//! How long a step may take: dated data for each region, never a constant in code.

use anyhow::Context;
use chrono::NaiveDate;
use yimen_policy::Difference;

use yimen_policy::dated::{self, Place};

/// What days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 工作日.
    Working,
    /// 自然日.
    Natural,
}

/// How sure it is that a term is the law's. None of them is official: a legal office checks the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Read in a copy of the text.
    CopyRead,
    /// Not read anywhere, or a sample.
    Unverified,
}

impl Certainty {
    /// The word in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Certainty::CopyRead => "COPY_READ",
            Certainty::Unverified => "UNVERIFIED",
        }
    }
}

/// The term of one rule in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What the term is of, such as `SHARING_ANSWER`.
    pub rule: String,
    /// The divisions whose codes begin so; empty for all.
    pub region: String,
    /// How many days.
    pub days: u32,
    /// Which days.
    pub unit: Unit,
    /// Working days before the end on which somebody is reminded.
    pub remind_days: u32,
    /// Where the term stands.
    pub article: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// The first day of the term's own validity.
    pub valid_from: NaiveDate,
}

/// Every rule's terms.
#[derive(Clone, Debug)]
pub struct Clocks(Vec<Clock>);

impl Clocks {
    /// The terms that are built into the program.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn bundled() -> anyhow::Result<Clocks> {
        Clocks::parse(include_str!("../../policy/clocks.csv"))
    }

    /// Reads lines of `rule,region,days,unit,remind_days,article,certainty,valid_from`.
    ///
    /// # Errors
    /// A line that can't be read, or two for the same rule, region and day.
    pub fn parse(text: &str) -> anyhow::Result<Clocks> {
        let mut clocks: Vec<Clock> = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1) {
            let clock = parsed(line).with_context(|| format!("clocks.csv, line {}", number + 1))?;
            let twice = clocks.iter().any(|known| {
                (&known.rule, &known.region, known.valid_from)
                    == (&clock.rule, &clock.region, clock.valid_from)
            });
            anyhow::ensure!(!twice, "clocks.csv, line {}: a second term for the same", number + 1);
            clocks.push(clock);
        }
        Ok(Clocks(clocks))
    }

    /// The term of a rule for a division on a day: of the nearest region, and there the newest.
    pub fn find(&self, rule: &str, division: &str, on: NaiveDate) -> Option<&Clock> {
        let fits = |clock: &&Clock| {
            clock.rule == rule && division.starts_with(&clock.region) && clock.valid_from <= on
        };
        self.0.iter().filter(fits).max_by_key(|clock| (clock.region.len(), clock.valid_from))
    }

    /// Where other terms let somebody take longer, or less long.
    pub fn differences(&self, new: &Clocks) -> Vec<Difference> {
        let place = |clock: &Clock| -> Place { (clock.rule.clone(), clock.region.clone(), clock.valid_from) };
        let places: Vec<Place> = self.0.iter().chain(&new.0).map(place).collect();
        let said = |clocks: &Clocks, rule: &str, region: &str, on| match clocks.find(rule, region, on) {
            None => (String::from("NO_TERM"), u32::MAX),
            Some(clock) => clock.said(),
        };
        let before = |rule: &str, region: &str, on| said(self, rule, region, on);
        let after = |rule: &str, region: &str, on| said(new, rule, region, on);
        let found = dated::differences("clocks.csv", &places, before, after);
        found.into_iter().map(|(cell, _)| cell).collect()
    }
}

impl Clock {
    /// The term in words, and how long it is: a working day counts as seven fifths of a natural one.
    fn said(&self) -> (String, u32) {
        match self.unit {
            Unit::Working => (format!("{} WORKING", self.days), self.days * 7),
            Unit::Natural => (format!("{} NATURAL", self.days), self.days * 5),
        }
    }
}

fn parsed(line: &str) -> anyhow::Result<Clock> {
    let fields: Vec<&str> = line.split(',').collect();
    let [rule, region, days, unit, remind_days, article, certainty, valid_from] = fields.as_slice() else {
        anyhow::bail!("needs rule, region, days, unit, remind_days, article, certainty and valid_from");
    };
    anyhow::ensure!(!rule.is_empty() && !article.is_empty(), "needs a rule and an article");
    let is_region = region.len() <= 12 && region.bytes().all(|byte| byte.is_ascii_digit());
    anyhow::ensure!(is_region, "`{region}` doesn't begin a division's code");
    let (days, remind_days): (u32, u32) = (days.parse()?, remind_days.parse()?);
    anyhow::ensure!((1..=3_660).contains(&days) && remind_days <= days, "the days are out of bounds");
    Ok(Clock {
        rule: (*rule).to_owned(),
        region: (*region).to_owned(),
        days,
        unit: match *unit {
            "WORKING" => Unit::Working,
            "NATURAL" => Unit::Natural,
            other => anyhow::bail!("`{other}` is none of WORKING, NATURAL"),
        },
        remind_days,
        article: (*article).to_owned(),
        certainty: match *certainty {
            "COPY_READ" => Certainty::CopyRead,
            "UNVERIFIED" => Certainty::Unverified,
            other => anyhow::bail!("`{other}` is none of COPY_READ, UNVERIFIED"),
        },
        valid_from: valid_from.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_region_and_the_newest_day_decide() {
        let head = "rule,region,days,unit,remind_days,article,certainty,valid_from\n";
        let lines = "A,,10,WORKING,2,n,UNVERIFIED,2025-01-01\nA,,8,WORKING,2,n,UNVERIFIED,2026-01-01\n\
                     A,41,6,NATURAL,2,n,COPY_READ,2025-01-01\nB,,1,WORKING,1,n,UNVERIFIED,2025-01-01";
        let clocks = Clocks::parse(&format!("{head}{lines}")).unwrap();
        let days = |rule: &str, division: &str, on: &str| {
            clocks.find(rule, division, on.parse().unwrap()).map(|clock| clock.days)
        };
        assert_eq!(days("A", "110000000000", "2025-06-01"), Some(10));
        assert_eq!(days("A", "110000000000", "2026-06-01"), Some(8));
        assert_eq!(days("A", "410727000000", "2026-06-01"), Some(6));
        assert_eq!(days("A", "410727000000", "2024-06-01"), None);
        assert_eq!(days("C", "410727000000", "2026-06-01"), None);
    }

    #[test]
    fn a_table_that_cant_be_right_is_refused() {
        assert!(Clocks::bundled().is_ok());
        let head = "rule,region,days,unit,remind_days,article,certainty,valid_from\n";
        for wrong in [
            "A,,0,WORKING,0,n,UNVERIFIED,2025-01-01",
            "A,,1,WORKING,2,n,UNVERIFIED,2025-01-01",
            "A,henan,1,WORKING,1,n,UNVERIFIED,2025-01-01",
            "A,,1,BUSINESS,1,n,UNVERIFIED,2025-01-01",
            "A,,1,WORKING,1,n,OFFICIAL,2025-01-01",
            "A,,1,WORKING,1,,UNVERIFIED,2025-01-01",
            "A,,1,WORKING,1,n,UNVERIFIED,2025-01-01\nA,,2,WORKING,1,n,UNVERIFIED,2025-01-01",
        ] {
            assert!(Clocks::parse(&format!("{head}{wrong}")).is_err(), "{wrong}");
        }
    }
}
