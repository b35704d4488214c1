//! The log of a hub: who signs it, what was last seen of it, and the loop that lets it grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::SecondsFormat;
use sea_orm::{DbBackend, DbErr};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::evidence::hub::Hub;
use crate::evidence::integrate::{ROUND, Round};
use crate::evidence::note::{Note, SigningKey, VerifyingKey};
use crate::evidence::store;
use crate::evidence::tile::Tile;

/// How long one round may take before it is given up and tried anew.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a log is made of.
#[derive(Debug)]
pub struct LogOptions {
    /// Where it stands.
    pub hub: Hub,
    /// Who signs it.
    pub key: SigningKey,
    /// Whose cosignatures are taken.
    pub witnesses: Vec<VerifyingKey>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    options: LogOptions,
    last_seen: AtomicU64,
}

impl Log {
    /// The log of a hub.
    pub fn new(options: LogOptions) -> Self {
        Log { options, last_seen: AtomicU64::new(0) }
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

    /// Adds the lines of witnesses that are configured and have signed the newest head. Says whether
    /// there was any.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn cosign(&self, lines: &str) -> Result<bool, DbErr> {
        if self.witnesses().is_empty() {
            return Ok(false);
        }
        let _turn = match self.hub().backend() {
            DbBackend::Sqlite => Some(self.hub().turn().lock().await),
            _ => None,
        };
        let Some(note) = self.checkpoint().await? else { return Ok(false) };
        let is_new = |line: &&str| !note.contains(*line) && self.is_witnessed(&note, line);
        let added: Vec<&str> = lines.lines().filter(is_new).collect();
        if added.is_empty() {
            return Ok(false);
        }
        let added = added.iter().map(|line| format!("{line}\n")).collect::<String>();
        let sql = "UPDATE evidence_checkpoint SET note = note || $1 WHERE note = $2";
        Ok(store::run(self.hub().connection(), sql, vec![added.into(), note.into()]).await? == 1)
    }

    fn is_witnessed(&self, note: &str, line: &str) -> bool {
        let signed = format!("{note}{line}\n");
        let Ok(note) = Note::parse(&signed) else { return false };
        let Some((text, last)) = note.signatures.last().map(|last| (note.text, last.clone())) else {
            return false;
        };
        let alone = Note { text, signatures: vec![last] };
        self.witnesses().iter().any(|witness| witness.signed(&alone).is_some())
    }

    pub(crate) fn last_seen(&self) -> u64 {
        self.last_seen.load(Ordering::Acquire)
    }

    pub(crate) fn seen(&self, size: u64) {
        self.last_seen.fetch_max(size, Ordering::AcqRel);
    }

    /// Integrates everything that waits.
    ///
    /// # Errors
    /// As a single round.
    pub async fn integrate_all(&self) -> Result<Round, super::integrate::Error> {
        loop {
            let round = self.integrate().await?;
            if round.taken < ROUND {
                return Ok(round);
            }
        }
    }

    /// Integrates for as long as the process lives: soon after records were committed, and from time
    /// to time for those of a replica that has gone.
    pub async fn keep_integrating(self: Arc<Self>, committed: Arc<Notify>, pause: Duration) {
        loop {
            match tokio::time::timeout(PATIENCE, self.integrate()).await {
                Ok(Ok(round)) if round.taken == ROUND => continue,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "records stay without a place in the log"),
                Err(_) => tracing::error!("records stay without a place in the log: the hub took too long"),
            }
            tokio::time::sleep(pause).await;
            let _ = tokio::time::timeout(pause * 10, committed.notified()).await;
        }
    }
}
