//! The log of a hub: who signs it, what was last seen of it, and the loop that lets it grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::SecondsFormat;
use sea_orm::DbErr;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::evidence::hub::Hub;
use crate::evidence::integrate::Round;
use crate::evidence::kept::Kept;
use crate::evidence::note::{SigningKey, VerifyingKey};
use crate::evidence::seal::SealKey;
use crate::evidence::standing::Standing;
use crate::evidence::store;
use crate::evidence::tile::Tile;
use crate::evidence::waiting::ROUND;

/// How long one round may take before it is given up and tried anew.
const ROUND_PATIENCE: Duration = Duration::from_secs(90);

/// What a log is made of.
#[derive(Debug)]
pub struct LogOptions {
    /// Where it stands.
    pub hub: Hub,
    /// Who signs it.
    pub key: SigningKey,
    /// What records must be sealed with.
    pub seal: SealKey,
    /// The newest head that was signed here.
    pub kept: Kept,
    /// Whose cosignatures are taken.
    pub witnesses: Vec<VerifyingKey>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long whoever has a turn may do nothing, or one of their statements may take, before PostgreSQL
    /// ends it.
    pub patience: Duration,
    /// How long a turn is waited for.
    pub wait: Duration,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    options: LogOptions,
    /// Records that a round may take at the moment.
    most: AtomicU64,
    standing: Standing,
}

impl Log {
    /// The log of a hub.
    pub fn new(options: LogOptions) -> Self {
        Log { options, most: AtomicU64::new(ROUND), standing: Standing::default() }
    }

    pub(crate) fn options(&self) -> &LogOptions {
        &self.options
    }

    /// The newest head that was signed here.
    pub fn kept(&self) -> &Kept {
        &self.options.kept
    }

    /// Where it stands.
    pub fn hub(&self) -> &Hub {
        &self.options.hub
    }

    /// Who signs it.
    pub fn key(&self) -> &SigningKey {
        &self.options.key
    }

    /// Whose cosignatures are taken.
    pub fn witnesses(&self) -> &[VerifyingKey] {
        &self.options.witnesses
    }

    /// Its name, which is its key's.
    pub fn origin(&self) -> &str {
        &self.options.key.public().name
    }

    /// Now, as entries write it.
    pub fn now(&self) -> String {
        self.options.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The newest signed head; `None` before the first record.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn checkpoint(&self) -> Result<Option<String>, DbErr> {
        store::checkpoint(self.hub().connection()).await
    }

    /// A tile of hashes or a bundle of entries; `None` where the log has no such.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, DbErr> {
        store::tile(self.hub().connection(), tile).await
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(crate) fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// The next round takes so many at most.
    pub(crate) fn narrow(&self, most: u64) {
        self.most.store(most.max(1), Ordering::Relaxed);
    }

    /// The next round takes more again.
    pub(crate) fn widen(&self) {
        self.most.store((self.most() * 2).min(ROUND), Ordering::Relaxed);
    }

    /// Integrates for as long as the process lives: soon after records were committed, and from time
    /// to time for those of a replica that has gone.
    pub async fn keep_integrating(self: Arc<Self>, committed: Arc<Notify>, pause: Duration) {
        let mut busy = Busy::default();
        let mut counted_at: Option<Instant> = None;
        loop {
            if counted_at.is_none_or(|at| at.elapsed() > TELL_EVERY) {
                counted_at = Some(Instant::now());
                self.count_set_aside().await;
            }
            if self.grow(&mut busy).await {
                continue;
            }
            tokio::time::sleep(pause).await;
            let _ = tokio::time::timeout(pause * 10, committed.notified()).await;
        }
    }

    /// One round. Says whether the next should begin at once.
    async fn grow(&self, busy: &mut Busy) -> bool {
        match tokio::time::timeout(ROUND_PATIENCE, self.integrate()).await {
            Ok(Ok(Round::Busy)) => busy.told(self).await,
            Ok(Ok(Round::Done(done))) => {
                *busy = Busy::default();
                self.standing.grows(true);
                return done.is_full;
            }
            Ok(Err(error)) => self.is_stuck(&error.to_string()),
            Err(_) => self.is_stuck("the hub took too long"),
        }
        false
    }

    fn is_stuck(&self, why: &str) {
        self.standing.grows(false);
        tracing::error!(error = why, "records stay without a place in the log");
    }
}

/// Since when somebody else has had their turn whenever it was tried.
#[derive(Default)]
struct Busy {
    since: Option<Instant>,
    told_at: Option<Instant>,
}

impl Busy {
    /// Tells of it once a minute, where it has lasted long and records wait meanwhile.
    async fn told(&mut self, log: &Log) {
        let now = Instant::now();
        let lasts = now - *self.since.get_or_insert(now);
        let is_due = self.told_at.is_none_or(|at| now - at > TELL_EVERY);
        if lasts < log.options.patience || !is_due {
            return;
        }
        if let Ok(Some((records, _))) = store::waiting(log.hub().connection()).await {
            self.told_at = Some(now);
            log.standing.grows(false);
            let seconds = lasts.as_secs();
            tracing::warn!(
                records,
                seconds,
                "records wait, and another process always has its turn at the log"
            );
        }
    }
}

/// How often a state that lasts is told of.
const TELL_EVERY: Duration = Duration::from_secs(60);
