//! How the log stands, for whoever watches the process: whether it grows, and what was set aside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Serialize;

use crate::evidence::log::Log;
use crate::evidence::store;

/// How the log stands, as this process last saw it.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    set_aside: AtomicU64,
    is_stuck: AtomicBool,
}

/// What is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Whether waiting records get their places.
    pub grows: bool,
    /// Records that were set aside and have no place in the log.
    pub set_aside: u64,
}

impl Standing {
    pub(crate) fn add_set_aside(&self, records: u64) {
        self.set_aside.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn grows(&self, grows: bool) {
        self.is_stuck.store(!grows, Ordering::Relaxed);
    }
}

impl Log {
    /// How the log stands. Asks nobody.
    pub fn told(&self) -> Told {
        let Standing { set_aside, is_stuck } = self.standing();
        Told { grows: !is_stuck.load(Ordering::Relaxed), set_aside: set_aside.load(Ordering::Relaxed) }
    }

    /// Counts what was set aside, by whichever replica and whenever.
    pub(crate) async fn count_set_aside(&self) {
        if let Ok(rejected) = store::rejected(self.hub().connection()).await {
            let records = rejected.map_or(0, |(records, _)| records);
            self.standing().set_aside.store(records, Ordering::Relaxed);
        }
    }
}
