//! Errors of fields: one for each query path, telling what and why and nothing else.

use serde_json::{Value, json};
use yimen_policy::DecisionTable;

use crate::plan::{Fetch, Invalid, Withheld, code};
use crate::telemetry;

/// The error of a withheld field: the same whether or not the record exists.
pub fn withheld(table: &DecisionTable, field: &Withheld, decision_id: &str) -> Value {
    let coordinate = table.catalogue().coordinate(field.coordinate);
    let reason = field.reason.unwrap_or_else(|| table.reason(field.coordinate)).as_str();
    telemetry::withheld(reason);
    json!({
        "message": "Unauthorized field or type",
        "path": field.path,
        "extensions": {
            "code": code::UNAUTHORIZED_FIELD,
            "reason": reason,
            "coordinate": coordinate.name,
            "department": &*coordinate.owner,
            "decisionId": decision_id,
        },
    })
}

/// The error of a field whose department didn't answer.
pub fn unavailable(fetch: &Fetch) -> Value {
    json!({
        "message": "The department does not answer at the moment",
        "path": fetch.path,
        "extensions": { "code": code::DEPARTMENT_UNAVAILABLE, "department": &*fetch.department },
    })
}

/// The body of a request that isn't run: errors and no data.
pub fn request_error(invalid: &Invalid) -> Vec<u8> {
    serde_json::to_vec(&json!({ "errors": invalid.errors })).unwrap_or_default()
}
