//! Cells of two tables for one caller, of what one operation touches.

use yimen_schema::{CoordinateId, FieldDef, ResourceId};

use crate::commands::Reach;
use crate::difference::{Difference, looked_up, ranked, scoped};
use crate::table::DecisionTable;

/// What an operation touches of decisions.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// What it answers, compares and orders by, or would.
    pub coordinates: Vec<CoordinateId>,
    /// What roots look rows up by.
    pub lookups: Vec<CoordinateId>,
    /// Whose rows it reads.
    pub resources: Vec<ResourceId>,
    /// The own root fields, as `Query.case`.
    pub own: Vec<String>,
}

impl DecisionTable {
    /// The cells, of those that an operation touches, that another table decides differently for the same profile.
    /// Links aren't among them, as in [`crate::differences`].
    pub fn differences(&self, other: &DecisionTable, touched: &Touched) -> Vec<Difference> {
        let (profile, catalogue) = (self.profile(), self.catalogue());
        let tells = |id: &&CoordinateId| {
            let coordinate = catalogue.coordinate(**id);
            let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
            !matches!(def, FieldDef::Link(_))
        };
        let of_coordinate = |id: &CoordinateId| {
            let said = |table: &DecisionTable| ranked(table.decision(*id));
            Difference::between(profile, &catalogue.coordinate(*id).name, said(self), said(other))
        };
        let of_lookup = |id: &CoordinateId| {
            let said = |table: &DecisionTable| looked_up(table.lookup(*id).is_ok());
            Difference::between(profile, &catalogue.coordinate(*id).name, said(self), said(other))
        };
        let of_resource = |id: &ResourceId| {
            let said = |table: &DecisionTable| scoped(table.rows(*id));
            Difference::between(profile, &catalogue.resource(*id).name, said(self), said(other))
        };
        let of_own = |name: &String| {
            let reach = |table: &DecisionTable| table.may(name).ok().map(|allowed| allowed.reach());
            let said = |table: &DecisionTable| (reach(table).map_or("NONE", Reach::as_str), reach(table));
            Difference::between(profile, name, said(self), said(other))
        };
        let Touched { coordinates, lookups, resources, own } = touched;
        let mut found: Vec<Difference> = coordinates.iter().filter(tells).filter_map(of_coordinate).collect();
        found.extend(lookups.iter().filter_map(of_lookup));
        found.extend(resources.iter().filter_map(of_resource));
        found.extend(own.iter().filter_map(of_own));
        found.sort();
        found.dedup();
        found
    }
}
