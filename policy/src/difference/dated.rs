//! Dated data for each region: where two versions of a table say different things.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::difference::{ANY, Difference};
use crate::table::Profile;

/// What a line of a dated table is about, the divisions whose codes begin so, and its first day.
pub type Place = (String, String, NaiveDate);

/// What a version says of a place: a word, and how much that opens.
pub type Said<W> = (String, W);

/// The places at which two versions of a table say different things, each with its day. Between the days and the
/// regions that lines name nothing changes, so that these are looked at, each with each.
pub fn differences<W: Ord>(
    table: &str,
    places: &[Place],
    before: impl Fn(&str, &str, NaiveDate) -> Said<W>,
    after: impl Fn(&str, &str, NaiveDate) -> Said<W>,
) -> Vec<(Difference, NaiveDate)> {
    let profile = Profile { department: ANY.into(), role: ANY.into(), purpose: ANY.into() };
    let mut found = Vec::new();
    for scope in places.iter().map(|(scope, ..)| scope).collect::<BTreeSet<_>>() {
        let own = || places.iter().filter(|(of, ..)| of == scope);
        for region in own().map(|(_, region, _)| region).collect::<BTreeSet<_>>() {
            for day in own().map(|(_, _, day)| *day).collect::<BTreeSet<_>>() {
                let (from, to) = (before(scope, region, day), after(scope, region, day));
                let named = if region.is_empty() { ANY } else { region };
                let about = format!("{table} {scope} {named} {day}");
                let cell = Difference::between(&profile, &about, (&from.0, from.1), (&to.0, to.1));
                found.extend(cell.map(|cell| (cell, day)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_goes_is_noticed_where_a_wider_one_takes_its_place() {
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let places = [
            (String::from("A"), String::new(), day(2026)),
            (String::from("A"), String::from("41"), day(2025)),
        ];
        // Before, the region has a line of its own from 2025; after, only the line for all from 2026.
        let before = |_: &str, region: &str, _: NaiveDate| match region {
            "41" => (String::from("ASK"), 1),
            _ => (String::from("NONE"), 0),
        };
        let after = |_: &str, _: &str, on: NaiveDate| match on >= day(2026) {
            true => (String::from("GRANT"), 2),
            false => (String::from("NONE"), 0),
        };
        let found = differences("sharing.csv", &places, before, after);
        let told: Vec<String> = found
            .iter()
            .map(|(cell, _)| format!("{} {} {} {}", cell.about, cell.from, cell.to, cell.widens))
            .collect();
        assert_eq!(
            told,
            [
                "sharing.csv A - 2026-01-01 NONE GRANT true",
                "sharing.csv A 41 2025-01-01 ASK NONE false",
                "sharing.csv A 41 2026-01-01 ASK GRANT true",
            ]
        );
    }
}
