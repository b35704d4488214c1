//! What ends the work on an export before its end.

use std::time::Duration;

use crate::plan::{Invalid, code};

/// Why the work ends.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// It stops, and says why: a code, and the decisions that changed.
    Because(String, Vec<String>),
    /// It doesn't, but waits so long for the owner's quota.
    After(Duration),
    /// It isn't this run's any more: cancelled, or taken over by a later run.
    Lost,
}

impl Stop {
    pub(crate) fn because(code: &str) -> Self {
        Stop::Because(code.to_owned(), Vec::new())
    }

    /// The refusal of the chunk that was under way.
    pub(crate) fn invalid(&self) -> Invalid {
        match self {
            Stop::Because(code, _) => Invalid::new(code, "the export stopped"),
            Stop::After(_) => Invalid::new(code::RATE_LIMITED, "the export waits for its owner's quota"),
            Stop::Lost => Invalid::new(code::EXPORT_CANCELLED, "the export was ended"),
        }
    }
}

impl From<Invalid> for Stop {
    fn from(invalid: Invalid) -> Self {
        match invalid.number("retryAfter") {
            Some(after_s) => Stop::After(Duration::from_secs(after_s)),
            None => Stop::because(invalid.code()),
        }
    }
}

impl From<sea_orm::DbErr> for Stop {
    fn from(error: sea_orm::DbErr) -> Self {
        tracing::warn!(%error, "an export can't be kept in the hub");
        Stop::because(code::HUB_UNAVAILABLE)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "a part of an export can't be written");
        Stop::because(code::EXPORT_LIMIT)
    }
}
