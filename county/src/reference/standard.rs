//! Sample standards. No figure here is official; the rows that publish them say so.

use chrono::{Datelike, NaiveDate};

/// The words that every sample figure gives as its basis.
pub(crate) const LEGAL_BASIS: &str = "示例数据，非官方标准 (sample figure, not official)";

/// The first year with sample standards.
pub(crate) const FIRST_YEAR: i32 = 2018;

/// The sample allowance standard of a day in yuan a month; a new one begins every July.
pub(crate) fn mla_monthly(is_urban: bool, day: NaiveDate) -> i64 {
    let year = if day.month() >= 7 { day.year() } else { day.year() - 1 };
    mla_monthly_of(is_urban, year)
}

/// The sample allowance standard that began in July of a year.
pub(crate) fn mla_monthly_of(is_urban: bool, year: i32) -> i64 {
    let years = i64::from((year - FIRST_YEAR).clamp(0, 40));
    if is_urban { 480 + 20 * years } else { 320 + 20 * years }
}

/// The sample limit above which a bank answers “above the limit”, in yuan.
pub(crate) const FINANCIAL_LIMIT: i64 = 50_000;
