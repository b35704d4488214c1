//! Exports (批量导出): jobs that write what a caller may read, of many people or of a division, into files.
//!
//! A job is a row of the hub, worked on by a process that has the folder. It reads by the gateway's own way of a
//! read, chunk by chunk: each is decided anew and has a record of evidence, durable before the part that it
//! goes into can be read. A part that is whole is named in the hub with its SHA-256; whatever ends the work,
//! it goes on behind the last such part (decision 19).

mod asked;
mod csv;
mod job;
mod manifest;
mod own;
mod part;
mod purge;
mod resume;
mod start;
mod stop;
mod told;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::config::Export;
use crate::trusted::Trusted;

pub(crate) use asked::Asked;
pub(crate) use job::{Job, Part};
pub(crate) use manifest::{MANIFEST, SUMS, manifest, sums};
pub(crate) use own::HANDLERS;
pub(crate) use own::owner;
pub(crate) use told::told;
pub use work::Worker;

/// The root field by which exports are started: who may not ask it any more has no export that goes on.
pub(crate) const START: &str = "Mutation.startExport";

/// Root fields behind which a job waits for a process.
const BEGINNING: [&str; 2] = [START, "Mutation.resumeExport"];

/// Where exports are kept, and their bounds.
#[derive(Debug)]
pub struct Exports {
    folder: Option<PathBuf>,
    bounds: Export,
    trusted: Option<Arc<Trusted>>,
    /// Told where a job waits that this process committed.
    waits: Notify,
}

impl Exports {
    /// No exports.
    pub fn none() -> Self {
        Exports { folder: None, bounds: Export::default(), trusted: None, waits: Notify::new() }
    }

    /// Exports in the configured folder, where there is one.
    ///
    /// # Errors
    /// A folder that can't be made.
    pub fn open(bounds: &Export, trusted: Arc<Trusted>) -> anyhow::Result<Self> {
        let folder = (!bounds.folder.as_os_str().is_empty()).then(|| bounds.folder.clone());
        if let Some(folder) = &folder {
            part::make_folder(folder)?;
        }
        Ok(Exports { folder, bounds: bounds.clone(), trusted: Some(trusted), waits: Notify::new() })
    }

    /// A change by this root field was committed: where it began a job, whoever works on jobs looks at once.
    pub(crate) fn committed(&self, coordinate: &str) {
        if BEGINNING.contains(&coordinate) {
            self.waits.notify_one();
        }
    }

    /// Ready once a job was begun by this process. Those of others are found by looking.
    pub(crate) async fn begun(&self) {
        self.waits.notified().await;
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    pub(crate) fn bounds(&self) -> &Export {
        &self.bounds
    }

    pub(crate) fn trusted(&self) -> Option<&Trusted> {
        self.trusted.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_job_that_is_begun_here_is_looked_for_at_once() {
        let exports = Exports::none();
        exports.committed("Mutation.cancelExport");
        assert!(exports.begun().now_or_never().is_none());
        for coordinate in [START, "Mutation.resumeExport"] {
            exports.committed(coordinate);
            assert!(exports.begun().now_or_never().is_some(), "{coordinate}");
            assert!(exports.begun().now_or_never().is_none(), "{coordinate}");
        }
    }
}
