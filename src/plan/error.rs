//! What is wrong with a request, in the codes that clients already know.

use serde_json::{Value, json};

/// The stable values of `errors[].extensions.code`.
pub mod code {
    /// The document can't be parsed.
    pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The document doesn't fit the schema.
    pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// The document has no operation of that name, or several and no name was given.
    pub const UNKNOWN_OPERATION: &str = "GRAPHQL_UNKNOWN_OPERATION_NAME";
    /// A value doesn't fit its type.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// The caller may not read the field.
    pub const UNAUTHORIZED_FIELD: &str = "UNAUTHORIZED_FIELD_OR_TYPE";
    /// The document is nested too deep.
    pub const MAX_DEPTH: &str = "MAX_DEPTH_LIMIT";
    /// Too many aliases.
    pub const MAX_ALIASES: &str = "MAX_ALIASES_LIMIT";
    /// Too many root fields.
    pub const MAX_ROOT_FIELDS: &str = "MAX_ROOT_FIELDS_LIMIT";
    /// Too many tokens.
    pub const MAX_TOKENS: &str = "MAX_TOKENS_LIMIT";
    /// The operation would read too many rows.
    pub const TOO_EXPENSIVE: &str = "COST_ESTIMATED_TOO_EXPENSIVE";
    /// `first` is out of bounds.
    pub const SLICING: &str = "COST_INVALID_SLICING_ARGUMENTS";
    /// A department's database doesn't answer.
    pub const DEPARTMENT_UNAVAILABLE: &str = "DEPARTMENT_UNAVAILABLE";
    /// The request's purpose is one of other departments.
    pub const PURPOSE_FORBIDDEN: &str = "PURPOSE_FORBIDDEN";
    /// The request's purpose is missing or unknown.
    pub const PURPOSE_REQUIRED: &str = "PURPOSE_REQUIRED";
    /// Evidence can't be written, so nothing is answered.
    pub const EVIDENCE_UNAVAILABLE: &str = "EVIDENCE_UNAVAILABLE";
    /// The operation touches more than a record can name.
    pub const RECORD_TOO_LARGE: &str = "RECORD_TOO_LARGE";
    /// The token is missing or isn't good.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The request took too long.
    pub const TIMEOUT: &str = "GATEWAY_TIMEOUT";
    /// The caller's role doesn't reach this.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// No document has that name.
    pub const PERSISTED_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// Documents can't be registered.
    pub const PERSISTED_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";
    /// A hash isn't its document's.
    pub const PERSISTED_MISMATCH: &str = "PERSISTED_QUERY_HASH_MISMATCH";
    /// Documents must be named.
    pub const PERSISTED_ID_REQUIRED: &str = "PERSISTED_QUERY_ID_REQUIRED";
    /// The document is in no manifest.
    pub const NOT_IN_SAFELIST: &str = "QUERY_NOT_IN_SAFELIST";
    /// A mutation came by a method that must change nothing.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The purpose is read for in a case only.
    pub const CASE_REQUIRED: &str = "CASE_REQUIRED";
    /// The division that the token names has ended or hasn't begun: nobody serves it.
    pub const DIVISION_NOT_IN_FORCE: &str = "DIVISION_NOT_IN_FORCE";
    /// There is no such case for this caller: unknown, foreign and closed ones are refused alike.
    pub const CASE_NOT_FOUND: &str = "CASE_NOT_FOUND";
    /// There is no such supervision task for this caller.
    pub const TASK_NOT_FOUND: &str = "TASK_NOT_FOUND";
    /// The hub doesn't answer.
    pub const HUB_UNAVAILABLE: &str = "HUB_UNAVAILABLE";
    /// An idempotency key stands for another request.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";
    /// Several requests came as one where they aren't taken.
    pub const BATCHING_NOT_ENABLED: &str = "BATCHING_NOT_ENABLED";
    /// A batch has too many entries.
    pub const BATCH_LIMIT: &str = "BATCH_LIMIT_EXCEEDED";
    /// What the caller may read changed while a batch was under way.
    pub const DECISIONS_CHANGED: &str = "DECISIONS_CHANGED";
    /// Too much is worked on at once.
    pub const CONCURRENCY: &str = "REQUEST_CONCURRENCY_LIMITED";
    /// The caller has as many subscriptions as one caller may have.
    pub const SUBSCRIPTIONS: &str = "SUBSCRIPTION_LIMIT_EXCEEDED";
    /// The process is about to end.
    pub const STOPPING: &str = "SERVER_STOPPING";
    /// The caller has asked for more than its quota gives at the moment.
    pub const RATE_LIMITED: &str = "REQUEST_RATE_LIMITED";
    /// The document has another shape than exports have.
    pub const NOT_EXPORTABLE: &str = "NOT_EXPORTABLE";
    /// Exports have no folder here.
    pub const EXPORT_NOT_ENABLED: &str = "EXPORT_NOT_ENABLED";
    /// An export is larger than one may be, or there is no room for it.
    pub const EXPORT_LIMIT: &str = "EXPORT_LIMIT_EXCEEDED";
    /// The process that worked on an export is gone.
    pub const PROCESS_ENDED: &str = "PROCESS_ENDED";
    /// An export was ended by its owner.
    pub const EXPORT_CANCELLED: &str = "EXPORT_CANCELLED";
    /// Something broke here; the log knows more.
    pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
}

/// A request that isn't run: one or more errors and no data.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// At least one error, at most [`MAX_ERRORS`].
    pub errors: Vec<Value>,
}

/// The most characters of a message: names of a document may be as long as the document.
const MAX_MESSAGE: usize = 1_000;

/// A message up to its bound.
pub(crate) fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// More errors than this help nobody and fill the answer.
pub(crate) const MAX_ERRORS: usize = 10;

impl Invalid {
    /// The same, each error with the name of the record of the refusal.
    pub(crate) fn with_record(mut self, record: &str) -> Self {
        for error in &mut self.errors {
            error["extensions"]["record"] = record.into();
        }
        self
    }

    /// A request with one error.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let message = shortened(message.into());
        Invalid { errors: vec![json!({ "message": message, "extensions": { "code": code } })] }
    }

    /// An operation that costs more than one may.
    pub fn too_expensive(cost: u64, limit: u64) -> Self {
        let message = format!("the operation would read about {cost} rows, more than {limit}");
        let extensions = json!({ "code": code::TOO_EXPENSIVE, "cost": cost, "limit": limit });
        Invalid { errors: vec![json!({ "message": message, "extensions": extensions })] }
    }

    /// An operation for which the caller's quota has too few units: `after_s` seconds from now there will be
    /// enough, or never at once.
    pub fn rate_limited(cost: u64, after_s: Option<u64>) -> Self {
        let message = match after_s {
            Some(after_s) => format!("the caller's quota has enough units in {after_s} s"),
            None => String::from("the operation costs more than the caller's quota ever gives at once"),
        };
        let extensions = json!({ "code": code::RATE_LIMITED, "cost": cost, "retryAfter": after_s });
        Invalid { errors: vec![json!({ "message": message, "extensions": extensions })] }
    }

    /// A number that the first error tells.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.errors.first()?["extensions"][name].as_u64()
    }

    /// Several errors, cut to [`MAX_ERRORS`].
    pub fn many(mut errors: Vec<Value>) -> Self {
        errors.truncate(MAX_ERRORS);
        Invalid { errors }
    }

    /// The code of the first error.
    pub fn code(&self) -> &str {
        self.errors.first().and_then(|e| e["extensions"]["code"].as_str()).unwrap_or(code::INTERNAL)
    }
}
