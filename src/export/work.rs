//! Working on exports: a process with the folder takes jobs of the hub, one run each.

mod ahead;
mod run;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, SystemClock};
use crate::export::job::{Job, Jobs};
use crate::export::part;
use crate::export::stop::Stop;
use crate::export::told::told;
use crate::export::{MANIFEST, SUMS, manifest, purge, sums};
use crate::http::{App, Bounds, Live};
use crate::own::moment;

/// How often it is looked for jobs, and whether a job may go on: a decision that was taken back ends it
/// within two seconds of which grants take one (`grants.pause_ms`).
pub(crate) const LOOK: Duration = Duration::from_millis(500);

/// For how long a job is this process's without a word from it.
const LEASE: Duration = Duration::from_secs(10);

/// Looks between two passes over what is past its term.
const PURGE_EVERY: u64 = 4;

/// How long the end of the process waits for jobs to say that they stopped.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Whoever works on exports in this process.
#[derive(Clone, Debug)]
pub struct Worker {
    live: Live,
    /// What was in force when it looked last, or when the job that it runs was begun.
    app: Arc<App>,
    bounds: Bounds,
    jobs: Jobs,
    clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
}

/// Jobs that this process works on.
#[derive(Debug)]
pub struct Working {
    places: Arc<Semaphore>,
    running: usize,
}

impl Working {
    /// Waits until the jobs under way have stopped, once the process is about to end.
    pub async fn ended(&self) {
        let all = self.places.acquire_many(u32::try_from(self.running).unwrap_or(u32::MAX));
        if tokio::time::timeout(LAST_WORD, all).await.is_err() {
            tracing::warn!("exports were cut off at the end");
        }
    }
}

impl Worker {
    /// Begins to work, where there is a folder.
    pub fn begin(live: Live, bounds: Bounds) -> Option<Working> {
        let app = live.app();
        app.gateway.exports().folder()?;
        let running = app.gateway.exports().bounds().running;
        let jobs = Jobs::new(app.log.hub());
        let places = Arc::new(Semaphore::new(running));
        let working = Working { places: places.clone(), running };
        let worker = Worker { live, app, bounds, jobs, clock: SystemClock::shared(), places };
        tokio::spawn(worker.keep_working());
        Some(working)
    }

    async fn keep_working(mut self) {
        let mut looks = 0_u64;
        while !self.bounds.stopping.has_begun() {
            self.app = self.live.app();
            if looks.is_multiple_of(PURGE_EVERY) {
                self.purge().await;
            }
            looks += 1;
            if let Ok(place) = self.places.clone().try_acquire_owned()
                && let Some(job) = self.next().await
            {
                tokio::spawn(self.clone().run(job, place));
            } else {
                let _ = tokio::time::timeout(LOOK, self.app.gateway.exports().begun()).await;
            }
        }
    }

    async fn purge(&self) {
        let Some(folder) = self.app.gateway.exports().folder() else { return };
        let now = self.clock.now();
        let begun_before = moment(now - self.kept());
        if let Err(error) = purge::pass(&self.jobs, folder, &moment(now), &begun_before).await {
            tracing::warn!(%error, "exports past their term can't be deleted");
        }
    }

    async fn next(&self) -> Option<Job> {
        let now = self.clock.now();
        match self.jobs.claim(&moment(now), &until(now)).await {
            Ok(job) => job,
            Err(error) => {
                tracing::warn!(%error, "the hub doesn't tell which exports wait");
                None
            }
        }
    }

    async fn run(self, job: Job, place: OwnedSemaphorePermit) {
        let _place = place;
        let stop = match run::work(&self, &job).await {
            Ok(()) => None,
            Err(Stop::Lost) => return,
            // Chunks wait by themselves.
            Err(stop @ Stop::After(_)) => Some((stop.invalid().code().to_owned(), Vec::new())),
            Err(Stop::Because(code, changed)) => Some((code, changed)),
        };
        let stopped = stop.as_ref().map(|(code, changed)| (code.as_str(), changed.as_slice()));
        let now = self.clock.now();
        let kept_until = moment(now + self.kept());
        // A hub that isn't there now makes a job that stopped, once its lease has ended.
        if let Err(error) = self.jobs.end(&job, stopped, (&moment(now), &kept_until)).await {
            tracing::warn!(%error, export = job.id, "an export's end isn't in the hub");
        }
        match &stop {
            Some((code, _)) => tracing::info!(export = job.id, reason = code, "an export stopped"),
            None => tracing::info!(export = job.id, "an export is whole"),
        }
        if let Err(error) = self.tell(&job).await {
            tracing::warn!(
                export = job.id,
                reason = error.invalid().code(),
                "an export's manifest can't be written"
            );
        }
    }

    fn kept(&self) -> chrono::Duration {
        chrono::Duration::hours(self.app.gateway.exports().bounds().kept_hours)
    }

    /// Writes the manifest and the sums beside the parts.
    async fn tell(&self, job: &Job) -> Result<(), Stop> {
        let gateway = &self.app.gateway;
        let Some(folder) = gateway.exports().folder() else { return Ok(()) };
        let folder = folder.join(&job.id);
        let connection = self.jobs.connection();
        let parts = job.parts(connection).await?;
        let now = job.read_again(connection, &moment(self.clock.now())).await?;
        part::replace(&folder, SUMS, &sums(&parts)).await?;
        let text = manifest(told(connection, &now, gateway.cursors()).await?);
        Ok(part::replace(&folder, MANIFEST, &text).await?)
    }
}

fn until(now: DateTime<Utc>) -> String {
    moment(now + LEASE)
}
