//! Errors of fields: one for each query path, telling what and why and nothing else.

use serde_json::{Value, json};
use yimen_policy::{DecisionTable, Reason};

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

/// The error where rows about some of a case's family are left out: their authorisation is missing. It
/// says nothing of rows, and comes whether or not there are any.
pub(crate) fn without_consent(fetch: &Fetch, decision_id: &str) -> Value {
    let reason = Reason::NoConsent.as_str();
    telemetry::withheld(reason);
    json!({
        "message": "Some of the family haven't authorised this",
        "path": fetch.path,
        "extensions": {
            "code": code::UNAUTHORIZED_FIELD,
            "reason": reason,
            "coordinate": &*fetch.resource,
            "department": &*fetch.department,
            "decisionId": decision_id,
        },
    })
}

/// The body of a request that isn't run: errors and no data.
pub fn request_error(invalid: &Invalid) -> Vec<u8> {
    serde_json::to_vec(&json!({ "errors": invalid.errors })).unwrap_or_default()
}
