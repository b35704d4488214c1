//! Days and months as China counts them: it has one time, eight hours ahead of UTC, and no summer time.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

/// Seconds by which China is ahead of UTC.
const AHEAD_S: i32 = 8 * 3_600;

fn zone() -> Option<FixedOffset> {
    FixedOffset::east_opt(AHEAD_S)
}

/// The month of a moment, as `2026-11`; empty where the text is no moment.
pub(crate) fn month(at: &str) -> String {
    let at = DateTime::parse_from_rfc3339(at).ok().zip(zone());
    at.map_or_else(String::new, |(at, zone)| at.with_timezone(&zone).format("%Y-%m").to_string())
}

/// The first moment of a day, as entries write times; `None` at the ends of the calendar.
pub(crate) fn midnight(day: NaiveDate) -> Option<String> {
    let local = day.and_hms_opt(0, 0, 0)?.and_local_timezone(zone()?).single()?;
    Some(moment(local.to_utc()))
}

/// A time as entries write it.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_eight_hours_before_that_of_utc() {
        assert_eq!(month("2026-10-31T15:59:59.999Z"), "2026-10");
        assert_eq!(month("2026-10-31T16:00:00.000Z"), "2026-11");
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        assert_eq!(midnight(first).unwrap(), "2026-10-31T16:00:00.000Z");
        assert_eq!(month("no time"), "");
    }
}
