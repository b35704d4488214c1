//! Days beside today's, for what holds for a time.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Days, Months, NaiveDate};

/// How far China's clock is ahead of UTC, in seconds.
const AHEAD: u64 = 8 * 3_600;

/// Today in China, by whose days everything holds, whatever the machine's own clock says.
fn today() -> NaiveDate {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + AHEAD;
    DateTime::from_timestamp(seconds.try_into().unwrap(), 0).unwrap().date_naive()
}

/// A day so many days ago.
pub(crate) fn days_ago(days: u64) -> NaiveDate {
    today().checked_sub_days(Days::new(days)).unwrap()
}

/// A day so many months after another.
pub(crate) fn months_after(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap()
}

/// Whether somebody is under eighteen by their citizen number, give or take a week.
pub(crate) fn is_minor(number: &str) -> bool {
    let eighteen = today().checked_sub_months(Months::new(18 * 12)).unwrap();
    number[6..14] > *eighteen.format("%Y%m%d").to_string()
}
