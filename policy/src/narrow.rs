//! Decisions narrowed by a case: never more than the policies allow, and less where the case doesn't need it.

use std::sync::OnceLock;

use yimen_schema::{Coordinate, FieldDef, Resource};

use crate::codes::CaseRule;
use crate::permit::RowScope;
use crate::table::{Decided, Decision, DecisionTable, Reason};

/// The section of published standards and figures, which are about nobody.
const PUBLIC_SECTION: &str = "PARAMETER";

/// The group of purposes for which other departments' data is read within a supervision task alone.
const SUPERVISION: &str = "SUPERVISION";

/// Whether the rows of a resource are public figures, which no case limits.
pub fn is_public(resource: &Resource) -> bool {
    *resource.section == *PUBLIC_SECTION || (resource.subject.is_none() && resource.division.is_none())
}

impl DecisionTable {
    /// Whether reads for the profile's purpose state a case.
    pub fn case_rule(&self) -> CaseRule {
        let mut purposes = self.codes().purposes.iter();
        let purpose = purposes.find(|purpose| purpose.code == self.profile().purpose);
        purpose.map_or(CaseRule::Required, |purpose| purpose.case)
    }

    /// The decisions outside any case: what rests on somebody's consent is withheld, for nobody's can be known.
    pub fn outside_case(&self) -> DecisionTable {
        self.narrowed(false, |coordinate| self.needs_case(coordinate).then_some(Reason::NoConsent))
    }

    /// Whether the profile reads other departments' data within a supervision task (督查任务) alone.
    pub fn needs_task(&self) -> bool {
        let mut purposes = self.codes().purposes.iter();
        purposes.any(|purpose| purpose.code == self.profile().purpose && &*purpose.group == SUPERVISION)
    }

    /// The decisions of supervision outside any task: nothing of other departments is left.
    pub fn outside_task(&self) -> DecisionTable {
        self.narrowed(false, |coordinate| self.is_inspected(coordinate).then_some(Reason::NoTask))
    }

    /// The decisions of supervision within a task: what it asks for, and rows of its division alone; of the people
    /// alone whom it names, if it names any.
    pub fn within_task(&self, names_people: bool, asks_for: impl Fn(&Coordinate) -> bool) -> DecisionTable {
        let of_division = |resource: &Resource| match resource.division {
            Some(_) => RowScope::OwnDivision,
            None => RowScope::Everywhere,
        };
        let rows = self.catalogue().resources.iter().map(of_division).collect();
        self.narrowed_to(names_people, rows, |coordinate| {
            (self.is_inspected(coordinate) && !asks_for(coordinate)).then_some(Reason::NotInTask)
        })
    }

    fn is_inspected(&self, coordinate: &Coordinate) -> bool {
        *coordinate.owner != *self.profile().department
    }

    /// The same decisions, of which those that `withheld` names a reason for are withheld for it. Where that
    /// are the rows of a resource, so is all that hangs on them, whoever owns it, and the way in by a value:
    /// either would tell that there is a row. Public figures stay. What was withheld stays withheld for its
    /// own reason.
    pub fn narrowed(&self, in_case: bool, withheld: impl Fn(&Coordinate) -> Option<Reason>) -> DecisionTable {
        self.narrowed_to(in_case, self.rows.clone(), withheld)
    }

    fn narrowed_to(
        &self,
        in_case: bool,
        rows: Vec<RowScope>,
        withheld: impl Fn(&Coordinate) -> Option<Reason>,
    ) -> DecisionTable {
        let catalogue = self.catalogue();
        let Decided { mut decisions, mut lookups, .. } = self.decided();
        let mut told = Vec::new();
        for id in catalogue.coordinate_ids() {
            let at = id.0 as usize;
            let coordinate = catalogue.coordinate(id);
            let resource = catalogue.resource(coordinate.resource);
            let reached = match &resource.fields[coordinate.field].def {
                FieldDef::Item(_) => resource,
                FieldDef::Summary(summary) => catalogue.resource(summary.of),
                // Decided again by what it leads to.
                FieldDef::Link(_) => continue,
            };
            let key = catalogue.coordinate(resource.fields[resource.key].coordinate);
            let of_row = (!is_public(resource)).then(|| withheld(key)).flatten();
            let of_value = || (!is_public(reached)).then(|| withheld(coordinate)).flatten();
            let Some(reason) = of_row.or_else(of_value) else { continue };
            lookups[at] = false;
            if decisions[at] != Decision::Deny {
                decisions[at] = Decision::Deny;
                told.push((at, reason));
            }
        }
        let mut narrowed = self.with(Decided { decisions, lookups, rows }, in_case);
        for (at, reason) in told {
            narrowed.reasons[at] = OnceLock::from(reason);
        }
        narrowed
    }
}
