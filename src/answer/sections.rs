//! What became of each section that a case asks for (`extensions.sections`): whether it was answered, why
//! not, and on which day the newest of its rows was true.

use chrono::{Days, NaiveDate};
use serde_json::{Value as Json, json};
use yimen_schema::Catalogue;

use crate::catalogue::Terms;
use crate::fetch::{Fetched, Members, Outcome};
use crate::plan::{Fetch, Plan};

/// What statuses are told from.
pub(crate) struct Sections<'a> {
    /// Department and section of each open item of the case.
    pub(crate) items: &'a [(String, String)],
    pub(crate) plan: &'a Plan,
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) members: Option<&'a Members>,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) terms: &'a Terms,
    pub(crate) division: &'a str,
    pub(crate) today: NaiveDate,
    /// Whether a department answers by a database of its own.
    pub(crate) has_source: &'a dyn Fn(&str) -> bool,
}

impl Sections<'_> {
    /// One entry for each item, in the order of the case.
    pub(crate) fn told(&self) -> Vec<Json> {
        let entry = |(department, section): &(String, String)| {
            let (status, as_of) = self.status(department, section);
            json!({ "department": department, "section": section, "status": status, "asOf": as_of })
        };
        self.items.iter().map(entry).collect()
    }

    fn status(&self, department: &str, section: &str) -> (&'static str, Option<String>) {
        let of = |fetch: &Fetch| *fetch.department == *department && self.section(fetch) == Some(section);
        let asked: Vec<(&Fetch, &Outcome)> =
            self.plan.fetches.iter().zip(self.outcomes).filter(|(fetch, _)| of(fetch)).collect();
        if asked.is_empty() {
            return (if self.is_withheld(department, section) { "DENIED" } else { "NOT_REQUESTED" }, None);
        }
        if asked.iter().any(|(_, outcome)| matches!(outcome, Outcome::Unavailable)) {
            // A department without a database answers the item by hand, when it does.
            return (if (self.has_source)(department) { "UNAVAILABLE" } else { "PENDING" }, None);
        }
        let rows = asked.iter().filter_map(|(fetch, outcome)| match outcome {
            Outcome::Rows(fetched) if fetched.own().next().is_some() => Some((*fetch, fetched)),
            _ => None,
        });
        let rows: Vec<(&Fetch, &Fetched)> = rows.collect();
        if rows.is_empty() {
            // Where somebody of the family was left out, that there are no rows says nothing.
            let lacks = |fetch: &Fetch| {
                self.members
                    .zip(fetch.family.as_deref())
                    .is_some_and(|(members, key)| members.lacks_some(key))
            };
            let left_out = asked.iter().any(|(fetch, _)| lacks(fetch));
            return (if left_out { "DENIED" } else { "NO_RECORD" }, None);
        }
        let newest = rows
            .iter()
            .filter_map(|(fetch, fetched)| Some((newest(fetch, fetched)?, *fetch)))
            .max_by(|(one, _), (other, _)| one.cmp(other));
        match newest {
            Some((day, fetch)) if self.is_stale(&day, fetch) => ("STALE", Some(day)),
            Some((day, _)) => ("OK", Some(day)),
            None => ("OK", None),
        }
    }

    fn section(&self, fetch: &Fetch) -> Option<&str> {
        let id = self.catalogue.resource_named(&fetch.resource)?;
        Some(&self.catalogue.resource(id).section)
    }

    fn is_withheld(&self, department: &str, section: &str) -> bool {
        let mut withheld = self.plan.withheld.iter();
        withheld.any(|withheld| {
            let coordinate = self.catalogue.coordinate(withheld.coordinate);
            *coordinate.owner == *department && *coordinate.section == *section
        })
    }

    /// Whether the newest row is older than the cycle by which its source renews it.
    fn is_stale(&self, day: &str, fetch: &Fetch) -> bool {
        let renewed = || {
            let resource = self.catalogue.resource(self.catalogue.resource_named(&fetch.resource)?);
            let item = self.catalogue.coordinate(resource.fields[resource.as_of?].coordinate);
            let term = self.terms.find(item, self.division, self.today)?;
            let day: NaiveDate = day.get(..10)?.parse().ok()?;
            day.checked_add_days(Days::new(days(&term.refresh)))
        };
        renewed().is_some_and(|due| due < self.today)
    }
}

/// The day of the newest row, where the plan reads it.
fn newest(fetch: &Fetch, fetched: &Fetched) -> Option<String> {
    let slot = fetch.as_of_slot?;
    fetched.own().filter_map(|row| fetched.rows().cell(row, slot).to_text()).max()
}

/// The days of a cycle of `RefreshCycle`.
fn days(cycle: &str) -> u64 {
    match cycle {
        "REALTIME" | "DAILY" => 1,
        "MONTHLY" => 31,
        "QUARTERLY" => 92,
        "TERMLY" => 184,
        _ => 366,
    }
}
