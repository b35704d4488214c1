//! What an export asks, of whom and for whom: kept sealed with its job.

use std::sync::Arc;

use apollo_compiler::response::JsonMap;
use serde::{Deserialize, Serialize};

use crate::auth::Caller;
use crate::gateway::{Exporting, Request};
use crate::own::Seal;

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The document.
    pub(crate) query: String,
    /// Which of its operations.
    pub(crate) operation: Option<String>,
    /// The variables that every row has in common.
    pub(crate) variables: JsonMap,
    /// The people, in the order of the rows; none for pages.
    pub(crate) people: Vec<String>,
    /// The stated purpose.
    pub(crate) purpose: String,
    /// Headers of the exchange layer, as they came with the start.
    pub(crate) exchange: Vec<(String, String)>,
    issuer: String,
    subject: String,
    department: String,
    role: String,
    division: String,
}

impl Asked {
    /// What a request asks, with the caller's rows held to a division within their own.
    pub(crate) fn of(request: &Request, people: Vec<String>, division: String) -> Self {
        let caller = &request.caller;
        Asked {
            query: request.query.clone(),
            operation: request.operation.clone(),
            variables: request.variables.clone(),
            people,
            purpose: request.purpose.clone().unwrap_or_default(),
            exchange: request.exchange.clone(),
            issuer: caller.issuer.clone(),
            subject: caller.subject.clone(),
            department: caller.department.clone(),
            role: caller.role.clone(),
            division,
        }
    }

    /// The request for its rows, as the caller who started it.
    pub(crate) fn request(&self, export: Option<Arc<Exporting>>) -> Request {
        let caller = Caller {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            department: self.department.clone(),
            role: self.role.clone(),
            division: self.division.clone(),
            token_id: None,
            person: None,
        };
        Request {
            query: self.query.clone(),
            operation: self.operation.clone(),
            variables: self.variables.clone(),
            caller: Arc::new(caller),
            purpose: Some(self.purpose.clone()),
            case: None,
            exchange: self.exchange.clone(),
            trace: None,
            idempotency: None,
            may_change: false,
            event: None,
            names_record: false,
            export,
        }
    }

    /// Seals it for the job of this name.
    pub(crate) fn seal(&self, id: &str, seal: &Seal) -> Vec<u8> {
        seal.close(&place(id), &serde_json::to_string(self).unwrap_or_default())
    }

    /// Opens what was sealed for the job of this name.
    pub(crate) fn open(id: &str, sealed: &[u8], seal: &Seal) -> Option<Self> {
        serde_json::from_str(&seal.open(&place(id), sealed)?).ok()
    }
}

fn place(id: &str) -> String {
    format!("export {id}")
}
