//! Days and months as the rows write them.

use chrono::{Datelike, Days, Months, NaiveDate};

pub(crate) fn days_before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

pub(crate) fn days_after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

pub(crate) fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

pub(crate) fn months_after(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

pub(crate) fn years_before(day: NaiveDate, years: u32) -> NaiveDate {
    months_before(day, years * 12)
}

pub(crate) fn years_after(day: NaiveDate, years: u32) -> NaiveDate {
    months_after(day, years * 12)
}

/// Whole years of age on a day.
pub(crate) fn age_on(day: NaiveDate, born: NaiveDate) -> i32 {
    day.years_since(born).map_or(0, |years| years.try_into().unwrap_or(0))
}

/// A month as `2026-03`.
pub(crate) fn month(day: NaiveDate) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// So many whole months before the month of a day, the latest first.
pub(crate) fn months_until(day: NaiveDate, count: u32) -> impl Iterator<Item = NaiveDate> {
    let first = day.with_day(1).unwrap_or(day);
    (1..=count).map(move |back| months_before(first, back))
}

/// The year in which the school year of a day begins.
pub(crate) fn school_year(day: NaiveDate) -> i32 {
    if day.month() >= 9 { day.year() } else { day.year() - 1 }
}

/// The first of September of a year.
pub(crate) fn september(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 9, 1).unwrap_or_default()
}

/// The first of July of a year.
pub(crate) fn july(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 7, 1).unwrap_or_default()
}
