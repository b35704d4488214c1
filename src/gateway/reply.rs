//! What becomes of a request.

use crate::gateway::Cost;
use crate::plan::Invalid;

/// An answer, ready to be sent.
#[derive(Debug)]
pub enum Reply {
    /// The operation was run; some of its fields may be withheld.
    Data {
        /// The body.
        body: Vec<u8>,
        /// What the record of the operation is named.
        id: String,
        /// What it cost.
        cost: Cost,
    },
    /// The request can't be run as it is.
    Invalid {
        /// Why.
        invalid: Invalid,
        /// What the record of the refusal is named.
        id: String,
    },
    /// The request's time ended before there was an answer.
    TooLate {
        /// What the record of the refusal is named.
        id: String,
    },
    /// Evidence can't be written, so nothing is answered.
    NoEvidence,
}

impl Reply {
    /// What became of the request, in a word for those who watch.
    pub fn word(&self) -> &'static str {
        match self {
            Reply::Data { .. } => "answered",
            Reply::Invalid { .. } => "refused",
            Reply::TooLate { .. } => "late",
            Reply::NoEvidence => "no_evidence",
        }
    }

    /// What the record is named, where there is one.
    pub fn record(&self) -> Option<&str> {
        match self {
            Reply::Data { id, .. } | Reply::Invalid { id, .. } | Reply::TooLate { id } => Some(id),
            Reply::NoEvidence => None,
        }
    }
}
