//! What a requester may read already: the least that any of the roles may that would read.

use std::sync::Arc;

use yimen_policy::{Decision, DecisionTable, Profile};
use yimen_schema::CoordinateId;

use crate::own::{Call, Refused};
use crate::plan::code;
use crate::sharing::Asked;

/// A division of nobody, for which only grants without a division hold.
const EVERYWHERE: &str = "000000000000";

/// The decisions for each role that would read.
pub(crate) async fn tables(call: &Call<'_>, asked: &Asked) -> Result<Vec<Arc<DecisionTable>>, Refused> {
    let roles = &call.gateway.sharing().policies.codes().roles;
    let meant = roles.iter().filter(|role| role.code == asked.role || role.group == asked.role);
    // What is asked for everywhere must be authorised everywhere: no division lies below this one.
    let division = if asked.division.is_empty() { EVERYWHERE } else { &asked.division };
    let mut tables = Vec::new();
    for role in meant {
        let profile = Profile {
            department: call.caller.department.clone(),
            role: role.code.clone(),
            purpose: asked.purpose.clone(),
        };
        tables.push(call.gateway.table_of(profile, division).await.map_err(|_| unknown())?);
    }
    Ok(tables)
}

fn unknown() -> Refused {
    Refused::new(code::INTERNAL, "Internal server error")
}

/// The least that all of them may read of a coordinate.
pub(crate) fn least(tables: &[Arc<DecisionTable>], id: CoordinateId) -> Decision {
    let rank = |decision: &Decision| match decision {
        Decision::Deny => 0,
        Decision::Mask(_) => 1,
        Decision::Clear => 2,
    };
    tables.iter().map(|table| table.decision(id)).min_by_key(rank).unwrap_or(Decision::Deny)
}
