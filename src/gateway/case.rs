//! A read in a case: fewer decisions, and the rows of one family.

use std::collections::HashMap;
use std::sync::Arc;

use yimen_policy::{DecisionTable, Profile, Reason};

use crate::case::limit::{self, Limit, Reading};
use crate::fetch::{Members, Texts};
use crate::gateway::{Gateway, Request};
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
    sections: String,
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
        let reading = Reading {
            case_no,
            department: &request.caller.department,
            division: &request.caller.division,
            purpose: &table.profile().purpose,
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

    /// The decisions that are left in a case.
    pub(super) fn narrowed(&self, table: &Arc<DecisionTable>, limit: &Limit) -> Arc<DecisionTable> {
        let sections: Vec<&str> = limit.sections.iter().map(String::as_str).collect();
        let name = Narrowed {
            profile: table.profile().clone(),
            version: table.policy_version().clone(),
            fingerprint: table.fingerprint(),
            sections: sections.join(" "),
        };
        let narrow = || {
            let withheld = |coordinate: &yimen_schema::Coordinate| {
                (!limit.sections.contains(&*coordinate.section)).then_some(Reason::NotInCase)
            };
            Arc::new(table.narrowed(true, withheld))
        };
        self.narrowed.get_with(name, narrow)
    }
}

/// The family by section.
pub(super) fn members(limit: &Limit) -> Arc<Members> {
    let family: Arc<Texts> = Arc::new(limit.members.iter().collect());
    let of = |section: &String| (section.clone(), family.clone());
    Arc::new(Members::new(limit.sections.iter().map(of).collect::<HashMap<_, _>>()))
}

fn no_hub() -> Invalid {
    Invalid::new(code::HUB_UNAVAILABLE, "the hub doesn't answer at the moment")
}
