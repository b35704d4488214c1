//! A read in a case: fewer decisions, and the rows of one family.

use std::sync::Arc;

use yimen_policy::{Area, DecisionTable, Profile, Reason};
use yimen_schema::Coordinate;

use crate::answer::Sections;
use crate::calendar::china_day;
use crate::case::limit::{self, Limit, Reading};
use crate::fetch::{Members, Outcome};
use crate::gateway::{Gateway, Prepared, Request};
use crate::own::Refused;
use crate::plan::{Invalid, code};
use crate::task::{self, Task};

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

/// What a request states that its reads lie within.
#[derive(Debug)]
pub(super) enum Within {
    /// Neither a case nor a task.
    Nothing,
    Case(Limit),
    /// A task, and the rows of its division.
    Task(Task, Area),
}

impl Gateway {
    /// The case that a request states, or, where it supervises, the task.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND` or `TASK_NOT_FOUND`, whatever it is that is missing.
    pub(super) async fn within(
        &self,
        (request, area): (&Request, &Area),
        table: &DecisionTable,
    ) -> Result<Within, Invalid> {
        if table.needs_task() {
            let task = self.task(request, area).await?;
            return Ok(task.map_or(Within::Nothing, |(task, area)| Within::Task(task, area)));
        }
        let limit = self.limit((request, area), table).await?;
        Ok(limit.map_or(Within::Nothing, Within::Case))
    }

    /// The task that a supervisor states by its number in `Yimen-Case`; `None` where none is stated.
    async fn task(&self, request: &Request, area: &Area) -> Result<Option<(Task, Area)>, Invalid> {
        let Some(task_no) = request.case.as_deref() else { return Ok(None) };
        let Some(tracker) = &self.tracker else { return Err(no_hub()) };
        let day = china_day(self.clock.now()).to_string();
        let reading = task::Reading {
            task_no,
            department: &request.caller.department,
            area,
            officer: &request.caller.subject,
            day: &day,
        };
        let found = task::of(tracker.log.hub().connection(), &self.seal, reading).await;
        let task = found.map_err(|error| Invalid::from(Refused::from(error)))?;
        // Nobody inspects a division that has ended.
        let within = task.and_then(|task| Some((self.area(&task.division).ok()?, task)));
        within.map(|(area, task)| Some((task, area))).ok_or_else(|| {
            let message =
                "the header `Yimen-Case` names no supervision task of this caller that is open today";
            Invalid::new(code::TASK_NOT_FOUND, message)
        })
    }

    /// What the stated case lets be read; `None` where none is stated.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND`, the same for a case that is unknown, closed, another's or for another purpose.
    async fn limit(
        &self,
        (request, area): (&Request, &Area),
        table: &DecisionTable,
    ) -> Result<Option<Limit>, Invalid> {
        let Some(case_no) = request.case.as_deref() else { return Ok(None) };
        let day = china_day(self.clock.now()).to_string();
        let reading = Reading {
            case_no,
            department: &request.caller.department,
            area,
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

    /// The decisions that are left: in a case what its open items ask for and somebody consents to, outside any
    /// case what needs nobody's consent, and of supervision what its task asks for.
    pub(super) fn narrowed(&self, table: &Arc<DecisionTable>, within: &Within) -> Arc<DecisionTable> {
        let sections = match within {
            Within::Nothing if !table.needs_cases() && !table.needs_task() => return table.clone(),
            Within::Nothing => None,
            Within::Case(limit) => Some(named(limit)),
            Within::Task(task, _) => Some(format!("task {} {:?}", task.people.is_empty(), task.items)),
        };
        let name = Narrowed {
            profile: table.profile().clone(),
            version: table.policy_version().clone(),
            fingerprint: table.fingerprint(),
            sections,
        };
        let narrow = || match within {
            Within::Case(limit) => table.narrowed(true, |coordinate| withheld(table, limit, coordinate)),
            Within::Task(task, _) => table.within_task(!task.people.is_empty(), |coordinate| {
                task.asks_for(&coordinate.owner, &coordinate.section)
            }),
            Within::Nothing if table.needs_task() => table.outside_task(),
            Within::Nothing => table.outside_case(),
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

    /// The people about whom rows may be read: the family of a case, or whom a task names. `None` where that isn't
    /// limited.
    pub(super) fn people_within(&self, table: &DecisionTable, within: &Within) -> Option<Arc<Members>> {
        match within {
            Within::Nothing => None,
            Within::Case(limit) => Some(self.members(table, limit)),
            Within::Task(task, _) if task.people.is_empty() => None,
            Within::Task(task, _) => Some(self.named(task)),
        }
    }

    /// The people whom a task names, for each section of each department.
    fn named(&self, task: &Task) -> Arc<Members> {
        let people = Arc::new(task.people.clone());
        let mut members = Members::of_family(people.clone());
        for resource in self.catalogue.resources.iter().filter(|resource| resource.subject.is_some()) {
            members.put(&resource.owner, &resource.section, people.clone());
        }
        Arc::new(members)
    }

    /// The family of a case, for each section of each department.
    fn members(&self, table: &DecisionTable, limit: &Limit) -> Arc<Members> {
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

/// The sections that a case asks for; those that nobody consents to are named once more.
fn named(limit: &Limit) -> String {
    let mut sections: Vec<&str> = limit.sections.iter().map(String::as_str).collect();
    sections.extend(limit.sections.iter().map(String::as_str).filter(|of| limit.consented(of).is_empty()));
    sections.join(" ")
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
