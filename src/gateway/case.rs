//! A read in a case: fewer decisions, and the rows of one family.

use std::sync::Arc;

use yimen_policy::{DecisionTable, Profile, Reason};
use yimen_schema::Coordinate;

use crate::answer::Sections;
use crate::calendar::china_day;
use crate::case::limit::{self, Limit, Reading};
use crate::fetch::{Members, Outcome};
use crate::gateway::{Gateway, Prepared, Request};
use crate::own::Refused;
use crate::plan::{Invalid, code};

/// The most narrowed tables that are kept.
pub(super) const MAX_NARROWED: u64 = 2_000;

/// What names a narrowed table: the table it was made from, and the sections that are left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Narrowed {
    profile: Profile,
    version: Arc<str>,
    fingerprint: u64,
    sections: Option<String>,
}

impl Gateway {
    /// What the stated case lets be read; `None` where none is stated.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND`, the same for a case that is unknown, closed, another's or for another purpose.
    pub(super) async fn limit(
        &self,
        request: &Request,
        table: &DecisionTable,
    ) -> Result<Option<Limit>, Invalid> {
        let Some(case_no) = request.case.as_deref() else { return Ok(None) };
        let day = china_day(self.clock.now()).to_string();
        let reading = Reading {
            case_no,
            department: &request.caller.department,
            division: &request.caller.division,
            purpose: &table.profile().purpose,
            consents_on: table.needs_consents().then_some(day.as_str()),
        };
        let Some(tracker) = &self.tracker else { return Err(no_hub()) };
        match limit::of(tracker.log.hub().connection(), &self.seal, reading).await {
            Ok(Some(limit)) => Ok(Some(limit)),
            Ok(None) => Err(Invalid::new(
                code::CASE_NOT_FOUND,
                "the header `Yimen-Case` names no open case of this caller and purpose",
            )),
            // Says so in the log, without what the hub says.
            Err(error) => Err(Refused::from(error).into()),
        }
    }

    /// The decisions that are left: in a case what its open items ask for and somebody consents to, and
    /// outside any case what needs nobody's consent.
    pub(super) fn narrowed(&self, table: &Arc<DecisionTable>, limit: Option<&Limit>) -> Arc<DecisionTable> {
        if limit.is_none() && !table.needs_cases() {
            return table.clone();
        }
        let sections = limit.map(|limit| {
            let mut sections: Vec<&str> = limit.sections.iter().map(String::as_str).collect();
            // Those that nobody consents to are named once more.
            sections.extend(
                limit.sections.iter().map(String::as_str).filter(|of| limit.consented(of).is_empty()),
            );
            sections.join(" ")
        });
        let name = Narrowed {
            profile: table.profile().clone(),
            version: table.policy_version().clone(),
            fingerprint: table.fingerprint(),
            sections,
        };
        let narrow = || match limit {
            Some(limit) => table.narrowed(true, |coordinate| withheld(table, limit, coordinate)),
            None => table.outside_case(),
        };
        self.narrowed.get_with(name, || Arc::new(narrow()))
    }

    /// What became of the sections that a case asks for.
    pub(super) fn sections(
        &self,
        prepared: &Prepared<'_>,
        limit: &Limit,
        outcomes: &[Outcome],
    ) -> Vec<serde_json::Value> {
        let sections = Sections {
            items: &limit.items,
            plan: &prepared.plan,
            outcomes,
            members: prepared.members.as_deref(),
            catalogue: &self.catalogue,
            terms: &self.terms,
            division: &prepared.request.caller.division,
            today: china_day(self.clock.now()),
            has_source: &|department| self.sources.get(department).is_some(),
        };
        sections.told()
    }

    /// The family of a case, for each section of each department.
    pub(super) fn members(&self, table: &DecisionTable, limit: &Limit) -> Arc<Members> {
        let family = Arc::new(limit.family());
        let mut members = Members::of_family(family.clone());
        for resource in &self.catalogue.resources {
            if resource.subject.is_some() && limit.sections.contains(&*resource.section) {
                let those = match table.needs_consent(&resource.owner, &resource.section) {
                    true => Arc::new(limit.consented(&resource.section)),
                    false => family.clone(),
                };
                members.put(&resource.owner, &resource.section, those);
            }
        }
        Arc::new(members)
    }
}

/// Why a coordinate falls away in a case, if it does.
fn withheld(table: &DecisionTable, limit: &Limit, coordinate: &Coordinate) -> Option<Reason> {
    if !limit.sections.contains(&*coordinate.section) {
        return Some(Reason::NotInCase);
    }
    let needs_consent = table.needs_consent(&coordinate.owner, &coordinate.section);
    (needs_consent && limit.consented(&coordinate.section).is_empty()).then_some(Reason::NoConsent)
}

fn no_hub() -> Invalid {
    Invalid::new(code::HUB_UNAVAILABLE, "the hub doesn't answer at the moment")
}
