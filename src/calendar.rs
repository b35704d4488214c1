//! Working days and natural days, and when a period ends (民法典 201–203; 行政许可法 82).
//!
//! Which days are holidays, and which weekends are worked, is fixed by a notice for each year
//! (`policy/calendar.csv`). A year without its notice is unknown: whoever asks is told so, and never
//! gets a date that only weekends were taken out of.

mod clocks;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

pub use clocks::{Certainty, Clock, Clocks, Unit};

/// The days of some years.
#[derive(Clone, Debug)]
pub struct Calendar {
    years: BTreeSet<i32>,
    /// Days that aren't what their weekday says; whether they are worked.
    exceptions: BTreeMap<NaiveDate, bool>,
}

/// The notice of a year isn't known, so that nobody can tell which of its days are worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the calendar of {0} isn't known: add its notice to `calendar.csv`")]
pub struct UnknownYear(pub i32);

/// Hours by which China is ahead of UTC; it has one time and no summer time.
const CHINA: i64 = 8;

/// The day that it is in China at a moment.
pub fn china_day(at: DateTime<Utc>) -> NaiveDate {
    (at + Duration::hours(CHINA)).date_naive()
}

impl Calendar {
    /// The calendar that is built into the program.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn bundled() -> anyhow::Result<Calendar> {
        Calendar::parse(include_str!("../policy/calendar.csv"))
    }

    /// Reads lines of `from,to,kind,name,notice`; kind is YEAR for a year whose notice is known, HOLIDAY or
    /// WORKDAY. No field is quoted, as in the other tables beside the policies.
    ///
    /// # Errors
    /// A line that can't be read, or one of a year that isn't there.
    pub fn parse(text: &str) -> anyhow::Result<Calendar> {
        let mut calendar = Calendar { years: BTreeSet::new(), exceptions: BTreeMap::new() };
        for (number, line) in text.lines().enumerate().skip(1) {
            calendar.add(line).with_context(|| format!("calendar.csv, line {}", number + 1))?;
        }
        let strange = calendar.exceptions.keys().find(|day| !calendar.years.contains(&day.year()));
        anyhow::ensure!(strange.is_none(), "calendar.csv has days of a year that has no line YEAR");
        Ok(calendar)
    }

    fn add(&mut self, line: &str) -> anyhow::Result<()> {
        let fields: Vec<&str> = line.split(',').collect();
        let [from, to, kind, _name, _notice] = fields.as_slice() else {
            anyhow::bail!("needs from, to, kind, name and notice");
        };
        let (from, to): (NaiveDate, NaiveDate) = (from.parse()?, to.parse()?);
        anyhow::ensure!(from <= to && from.year() == to.year(), "ends before it begins, or in another year");
        let worked = match *kind {
            "YEAR" => {
                self.years.insert(from.year());
                return Ok(());
            }
            "WORKDAY" => true,
            "HOLIDAY" => false,
            other => anyhow::bail!("`{other}` is none of YEAR, HOLIDAY, WORKDAY"),
        };
        for day in from.iter_days().take_while(|day| *day <= to) {
            let before = self.exceptions.insert(day, worked);
            anyhow::ensure!(before.is_none(), "{day} stands there twice");
        }
        Ok(())
    }

    /// Whether a day is worked.
    ///
    /// # Errors
    /// A year whose notice isn't known.
    pub fn is_workday(&self, day: NaiveDate) -> Result<bool, UnknownYear> {
        if !self.years.contains(&day.year()) {
            return Err(UnknownYear(day.year()));
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.exceptions.get(&day).copied().unwrap_or(!weekend))
    }

    /// The last day of a period. It starts on the day after `start`; a period of natural days that would
    /// end on a day off ends on the next that is worked.
    ///
    /// # Errors
    /// A year whose notice isn't known.
    pub fn end(&self, start: NaiveDate, days: u32, unit: Unit) -> Result<NaiveDate, UnknownYear> {
        match unit {
            Unit::Working => self.working(start, i64::from(days)),
            Unit::Natural => {
                let last = start + Duration::days(i64::from(days));
                if self.is_workday(last)? { Ok(last) } else { self.working(last, 1) }
            }
        }
    }

    /// The day that lies some working days after another, or before it.
    ///
    /// # Errors
    /// A year whose notice isn't known.
    pub fn working(&self, start: NaiveDate, days: i64) -> Result<NaiveDate, UnknownYear> {
        let (step, mut left) = (Duration::days(days.signum()), days.abs());
        let mut day = start;
        while left > 0 {
            day += step;
            left -= i64::from(self.is_workday(day)?);
        }
        Ok(day)
    }

    /// Working days from one day to another, the first not counted; less than 0 where the other is earlier.
    ///
    /// # Errors
    /// A year whose notice isn't known.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, UnknownYear> {
        let (low, high, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut worked = 0;
        for day in low.iter_days().skip(1).take_while(|day| *day <= high) {
            worked += i64::from(self.is_workday(day)?);
        }
        Ok(sign * worked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn years_have_the_days_of_their_notices() {
        let calendar = Calendar::bundled().unwrap();
        let worked = |year: i32| {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days = first.iter_days().take_while(|day| day.year() == year);
            days.filter(|day| calendar.is_workday(*day).unwrap()).count()
        };
        // Days that the Python package chinesecalendar 1.11.0 counts too.
        assert_eq!((worked(2025), worked(2026)), (248, 248));
        assert!(!calendar.is_workday(day("2026-02-16")).unwrap());
        assert!(calendar.is_workday(day("2026-02-14")).unwrap(), "a Saturday that is worked");
        assert!(!calendar.is_workday(day("2026-03-07")).unwrap(), "a Saturday that isn't");
    }

    #[test]
    fn a_period_starts_the_next_day_and_skips_what_isnt_worked() {
        let calendar = Calendar::bundled().unwrap();
        let end = |start: &str, days, unit| calendar.end(day(start), days, unit).unwrap().to_string();
        // 2026-09-30 is the last day before the National Day; the 10th, a Saturday, is worked.
        assert_eq!(end("2026-09-30", 1, Unit::Working), "2026-10-08");
        assert_eq!(end("2026-09-30", 3, Unit::Working), "2026-10-10");
        assert_eq!(end("2026-09-30", 4, Unit::Working), "2026-10-12");
        assert_eq!(end("2026-09-28", 7, Unit::Natural), "2026-10-08", "the 5th is a holiday");
        assert_eq!(end("2026-09-28", 1, Unit::Natural), "2026-09-29");
        assert_eq!(end("2026-10-09", 1, Unit::Natural), "2026-10-10", "a Saturday that is worked");
    }

    #[test]
    fn what_lies_between_is_counted_both_ways() {
        let calendar = Calendar::bundled().unwrap();
        let between = |from: &str, to: &str| calendar.between(day(from), day(to)).unwrap();
        assert_eq!(between("2026-09-30", "2026-10-10"), 3);
        assert_eq!(between("2026-10-10", "2026-09-30"), -3);
        assert_eq!(between("2026-09-30", "2026-09-30"), 0);
        assert_eq!(calendar.working(day("2026-10-12"), -1), Ok(day("2026-10-10")));
    }

    #[test]
    fn a_year_beyond_the_notices_is_unknown() {
        let calendar = Calendar::bundled().unwrap();
        assert_eq!(calendar.end(day("2026-12-30"), 1, Unit::Working), Ok(day("2026-12-31")));
        assert_eq!(calendar.end(day("2026-12-30"), 2, Unit::Working), Err(UnknownYear(2027)));
        assert_eq!(calendar.end(day("2026-12-30"), 2, Unit::Natural), Err(UnknownYear(2027)));
        assert_eq!(calendar.working(day("2025-01-02"), -2), Err(UnknownYear(2024)));
    }

    #[test]
    fn a_table_that_cant_be_right_is_refused() {
        let lines = |lines: &str| Calendar::parse(&format!("from,to,kind,name,notice\n{lines}"));
        assert!(lines("2025-01-01,2025-12-31,YEAR,2025,n\n2025-01-01,2025-01-01,HOLIDAY,元旦,n").is_ok());
        for wrong in [
            "2025-01-01,2025-01-01,HOLIDAY,元旦,n",
            "2025-01-02,2025-01-01,YEAR,2025,n",
            "2025-01-01,2025-12-31,YEARS,2025,n",
            "2025-01-01,2025-12-31,YEAR,2025",
            "2025-01-01,2025-12-31,YEAR,2025,n\n2025-01-01,2025-01-01,HOLIDAY,a,n\n2025-01-01,2025-01-01,WORKDAY,b,n",
        ] {
            assert!(lines(wrong).is_err(), "{wrong}");
        }
    }
}
