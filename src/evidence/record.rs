//! What a record says. No values of rows, and of people only keyed digests.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The name that errors give the decision by.
    pub id: String,
    /// When the operation began (GB/T 7408.1).
    pub started_at: String,
    /// When its answer was ready.
    pub ended_at: String,
    /// The token's subject.
    pub subject: String,
    /// The caller's department.
    pub department: String,
    /// The caller's role.
    pub role: String,
    /// The caller's division.
    pub division: String,
    /// The stated purpose.
    pub purpose: String,
    /// The stated case, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Headers of the exchange layer, as they were given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub exchange: Vec<(String, String)>,
    /// SHA-256 of the document.
    pub document: Arc<str>,
    /// The operation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Every coordinate that the operation touches, with its outcome: a list of
    /// [`CoordinateOutcome`], of which the plan keeps the most part written out.
    pub coordinates: Box<RawValue>,
    /// Every statement, with what became of it.
    pub departments: Vec<DepartmentOutcome>,
    /// Keyed digests of the people whose rows were read.
    pub people: Vec<String>,
    /// The catalogue's version.
    pub catalogue: Arc<str>,
    /// The policies' version.
    pub policies: Arc<str>,
}

/// The outcome of one coordinate: `CLEAR`, `MASK` or `DENY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoordinateOutcome {
    /// `Type.field`.
    pub coordinate: String,
    /// What was decided.
    pub decision: String,
    /// Why, where it was withheld.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What became of one statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentOutcome {
    /// Who was asked.
    pub department: Arc<str>,
    /// For which type.
    pub resource: Arc<str>,
    /// `OK`, `UNAVAILABLE` or `NOT_ASKED`.
    pub state: Cow<'static, str>,
    /// How many rows came.
    pub rows: usize,
}
