//! What a plan touches of decisions.

use yimen_policy::{DecisionTable, Touched};

use crate::plan::{Plan, RootField};

pub(super) fn touched(table: &DecisionTable, plan: &Plan) -> Touched {
    let catalogue = table.catalogue();
    let own = plan.roots.iter().filter_map(|root| match &root.field {
        RootField::Own(own) => Some(own.field.coordinate()),
        _ => None,
    });
    Touched {
        coordinates: plan.outcomes.iter().map(|(id, _)| *id).collect(),
        lookups: plan.lookups.clone(),
        resources: plan
            .fetches
            .iter()
            .filter_map(|fetch| catalogue.resource_named(&fetch.resource))
            .collect(),
        own: own.collect(),
    }
}
