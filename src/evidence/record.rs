//! What a record says. No values of rows, and of people only a commitment.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::evidence::coordinates::Coordinates;
use crate::evidence::people::People;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// An operation was answered, though perhaps with nothing but refusals.
    Query,
    /// A mutation was run, though perhaps refused.
    Mutation,
    /// A request of a known caller wasn't run.
    Refused,
    /// Somebody looked into evidence itself.
    Search,
    /// Records left as files.
    Export,
    /// What opens commitments was erased.
    Erasure,
    /// Whether the person concerned is told of an access was decided.
    Withholding,
    /// Entries were deleted after their term.
    Purge,
    /// Departments were reminded of deadlines, or delays went to supervision.
    Reminders,
    /// Policies or a catalogue of another version came into force.
    Policies,
    /// A supervision task was opened or closed.
    Task,
    /// The log goes on from an earlier head than the one that was signed last.
    Adoption,
    /// What the hub keeps of sharing, objections and changes of the catalogue was deleted after its term.
    Retention,
    /// How complete departments' data items are was counted.
    Measurement,
}

impl Kind {
    /// The word in entries and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Query => "QUERY",
            Kind::Mutation => "MUTATION",
            Kind::Refused => "REFUSED",
            Kind::Search => "SEARCH",
            Kind::Export => "EXPORT",
            Kind::Erasure => "ERASURE",
            Kind::Withholding => "WITHHOLDING",
            Kind::Purge => "PURGE",
            Kind::Reminders => "REMINDERS",
            Kind::Policies => "POLICIES",
            Kind::Task => "TASK",
            Kind::Adoption => "ADOPTION",
            Kind::Retention => "RETENTION",
            Kind::Measurement => "MEASUREMENT",
        }
    }
}

/// One operation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What happened.
    pub kind: Kind,
    /// The name that errors give the decision by.
    pub id: String,
    /// When the operation began (GB/T 7408.1).
    pub started_at: String,
    /// When its answer was ready.
    pub ended_at: String,
    /// The token's subject.
    pub subject: String,
    /// Who issued the token, within which alone subjects are told apart; empty where there was none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuer: String,
    /// The caller's department.
    pub department: String,
    /// The caller's role.
    pub role: String,
    /// The caller's division.
    pub division: String,
    /// The stated purpose; empty where it isn't catalogued.
    pub purpose: String,
    /// The legal basis that the catalogue names for the purpose.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub basis: Arc<str>,
    /// The stated case, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Headers of the exchange layer, as they were given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub exchange: Vec<(String, String)>,
    /// SHA-256 of the document without its values; empty where there is none that could be read.
    pub document: Arc<str>,
    /// The operation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Why the request wasn't run: the code of its first error, or what else was done and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Every coordinate that the operation touches, with its outcome. The entry names the list, which is an
    /// entry of its own: many records have the same.
    #[serde(skip)]
    pub coordinates: Option<Arc<Coordinates>>,
    /// Every statement, with what became of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<DepartmentOutcome>,
    /// The people whose rows were read or who were asked for.
    pub people: People,
    /// The catalogue's version.
    pub catalogue: Arc<str>,
    /// The policies' version.
    pub policies: Arc<str>,
}

/// What became of one statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentOutcome {
    /// Who was asked.
    pub department: Arc<str>,
    /// For which type.
    pub resource: Arc<str>,
    /// `OK`, `UNAVAILABLE` or `NOT_ASKED`; `ASKED` in a refusal, of a statement whose answer went nowhere.
    pub state: Cow<'static, str>,
    /// How many rows came.
    pub rows: usize,
    /// How many of them are of divisions outside the caller's own, which a policy must have opened.
    #[serde(skip_serializing_if = "is_none", default)]
    pub outside: usize,
    /// The levels of divisions that lie between the caller's own and the farthest of these: 1 is the county
    /// beside the caller's county.
    #[serde(skip_serializing_if = "is_near", default)]
    pub distance: u32,
}

fn is_none(rows: &usize) -> bool {
    *rows == 0
}

fn is_near(distance: &u32) -> bool {
    *distance == 0
}
