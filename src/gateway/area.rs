//! Which rows the callers of a division read today.

use std::sync::Arc;

use yimen_policy::{Area, Divisions, NotInForce};

use crate::calendar::china_day;
use crate::gateway::Gateway;
use crate::plan::{Invalid, Widths, code};

impl Gateway {
    /// The divisions, with their history.
    pub(crate) fn divisions(&self) -> &Arc<Divisions> {
        self.policies.codes().divisions()
    }

    /// The rows that callers of a division read today.
    ///
    /// # Errors
    /// `DIVISION_NOT_IN_FORCE` where nobody serves it.
    pub(crate) fn area(&self, division: &str) -> Result<Area, Invalid> {
        let area = self.divisions().area(division, china_day(self.clock.now()));
        area.map_err(|why| Invalid::new(code::DIVISION_NOT_IN_FORCE, not_in_force(&why)))
    }

    /// For how many ranges of codes the statements of a request need room.
    pub(super) fn widths(&self, own: &Area) -> Widths {
        let within = self.divisions().most_ranges(china_day(self.clock.now()));
        Widths::of(own.ranges().len(), within)
    }
}

/// Why nobody serves a division. Codes of divisions name nobody.
fn not_in_force(why: &NotInForce) -> String {
    match why {
        NotInForce::Ended(successors) if !successors.is_empty() => {
            let successors = successors.join(", ");
            format!("the division that the token names has ended; its place took {successors}")
        }
        NotInForce::Ended(_) => String::from("the division that the token names has ended"),
        NotInForce::NotBegun => String::from("the division that the token names hasn't begun"),
    }
}
