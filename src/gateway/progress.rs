//! How far a request has come: what is recorded of one that gets no answer.

use std::sync::{Arc, OnceLock};

use yimen_policy::DecisionTable;

use crate::fetch::Sent;
use crate::plan::{Document, Plan};

/// How far a request has come. It outlives the work, whose time may end at any moment.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    document: OnceLock<Arc<str>>,
    begun: OnceLock<Begun>,
}

/// An operation from when departments may be asked.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) plan: Arc<Plan>,
    pub(crate) table: Arc<DecisionTable>,
    /// The citizen numbers that the request itself asks for.
    pub(crate) people: Vec<String>,
    pub(crate) sent: Sent,
}

impl Progress {
    /// The document could be read.
    pub(crate) fn read(&self, document: &Document) {
        let _ = self.document.set(document.hash.clone());
    }

    /// Departments may be asked from now on.
    pub(crate) fn begin(&self, begun: Begun) -> &Begun {
        self.begun.get_or_init(|| begun)
    }

    /// What the document is named by; empty where it couldn't be read.
    pub(crate) fn document(&self) -> Arc<str> {
        self.document.get().cloned().unwrap_or_default()
    }

    /// The operation, where it came so far.
    pub(crate) fn begun(&self) -> Option<&Begun> {
        self.begun.get()
    }
}
