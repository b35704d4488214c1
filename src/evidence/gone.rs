//! What goes from the hub: what opens commitments, and entries after their term. Hashes and heads stay.
//!
//! Whatever is deleted is deleted within a turn, after the record of it has its place in the log.

use std::time::Duration;

use sea_orm::{DbBackend, DbErr};

use crate::evidence::act::ERASED_PERSON;
use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::people::PersonKeys;
use crate::evidence::store::{self, Fields};
use crate::evidence::tile::WIDTH;
use crate::evidence::turn::Turn;
use crate::evidence::waiting::OPENING;

/// Entries that are deleted in one turn, so that nobody waits long for theirs.
const SLICE: u64 = 16 * WIDTH;

/// How long others may have their turns between two slices: SQLite has no queue, and who waits there asks
/// every tenth of a second.
const PAUSE: Duration = Duration::from_millis(150);

/// What is past its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purgeable {
    /// The first entry that stays: the first of a bundle, since bundles are verified as a whole.
    pub below: u64,
    /// Entries before it that are there.
    pub count: u64,
    /// Entries past their term that stay, since their bundle holds others too.
    pub kept: u64,
}

/// What there is to erase of a person: everything that has its place below some record.
#[derive(Clone, Debug)]
pub struct Erasable {
    digests: Vec<Vec<u8>>,
    below: i64,
    /// Commitments that can be opened. What comes later isn't among them, and stays.
    pub count: u64,
}

impl Erasable {
    /// How the record of the erasure says it. Verification holds what can't be opened against it.
    pub fn note(&self) -> String {
        format!("{ERASED_PERSON}{} commitments", self.count)
    }
}

impl Log {
    /// What there is to erase of a person now.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn erasable(&self, keys: &PersonKeys, number: &str) -> Result<Erasable, DbErr> {
        let connection = self.hub().connection();
        let digests = self.digests(keys, number).await?;
        let sql = "SELECT COALESCE(MAX(log_index) + 1, 0) AS below FROM evidence_record";
        let found = store::rows(connection, sql, Vec::new()).await?;
        let below: i64 = found.first().map_or(Ok(0), |row| row.try_get("", "below"))?;
        let mut count = 0;
        for digest in &digests {
            let sql = "SELECT COUNT(*) AS count FROM evidence_person WHERE digest = $1 AND log_index < $2";
            let found = store::rows(connection, sql, vec![digest.clone().into(), below.into()]).await?;
            count += found.first().map_or(Ok(0), |row| row.try_get::<i64>("", "count"))?;
        }
        Ok(Erasable { digests, below, count: count as u64 })
    }

    /// Erases what opens the commitments of a person as far as it was counted, in the log and in what was set
    /// aside. Gives the number of records.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn erase(&self, turn: Turn, Erasable { digests, below, .. }: &Erasable) -> Result<u64, DbErr> {
        let mut erased = 0;
        for digest in digests {
            let sql =
                "UPDATE evidence_person SET digest = NULL, salt = NULL WHERE digest = $1 AND log_index < $2";
            erased += store::run(&turn, sql, vec![digest.clone().into(), (*below).into()]).await?;
        }
        let is_theirs = |opening: &[u8]| digests.iter().any(|digest| opening.ends_with(digest));
        erased += erase_rejected(&turn, is_theirs).await?;
        turn.commit().await?;
        self.overwrite().await;
        Ok(erased)
    }

    /// Erases what opens the commitments of everybody under one key.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn erase_key(&self, turn: Turn, name: &str) -> Result<u64, DbErr> {
        let sql = "UPDATE evidence_person SET digest = NULL, salt = NULL WHERE person_key = $1 AND digest IS NOT NULL";
        let erased = store::run(&turn, sql, vec![name.into()]).await?;
        turn.commit().await?;
        self.overwrite().await;
        Ok(erased)
    }

    /// Moves what was overwritten out of SQLite's write-ahead log, as far as nobody reads there now.
    async fn overwrite(&self) {
        if self.hub().backend() == DbBackend::Sqlite
            && let Err(error) = store::batch(self.hub().writer(), "PRAGMA wal_checkpoint(TRUNCATE)").await
        {
            tracing::warn!(%error, "what was erased may still stand in the write-ahead log");
        }
    }

    /// What may be purged: all whole bundles before the first record that ended at a time or later.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn purgeable(&self, before: &str) -> Result<Purgeable, DbErr> {
        let connection = self.hub().connection();
        let sql = "SELECT COALESCE(MIN(log_index), (SELECT COALESCE(MAX(log_index) + 1, 0) FROM evidence_record)) \
                   AS below FROM evidence_record WHERE at >= $1";
        let found = store::rows(connection, sql, vec![before.into()]).await?;
        let past: i64 = found.first().map_or(Ok(0), |row| row.try_get("", "below"))?;
        let below = past as u64 / WIDTH * WIDTH;
        let sql = "SELECT COUNT(*) AS count FROM evidence_record WHERE log_index < $1";
        let found = store::rows(connection, sql, vec![(below as i64).into()]).await?;
        let count: i64 = found.first().map_or(Ok(0), |row| row.try_get("", "count"))?;
        Ok(Purgeable { below, count: count as u64, kept: past as u64 - below })
    }

    /// Deletes entries below the first of a bundle and what opens their commitments, and what was set aside
    /// before a time; all after the record of that name has its place.
    ///
    /// # Errors
    /// As [`Log::turn_after`]. What was deleted until then stays deleted, and the same purge goes on with
    /// the rest.
    pub async fn purge(&self, id: &str, below: u64, before: &str) -> Result<(), Error> {
        loop {
            let turn = self.turn_after(id).await?;
            let sql = "SELECT MIN(log_index) AS first FROM evidence_record WHERE log_index < $1";
            let found = store::rows(&turn, sql, vec![(below as i64).into()]).await?;
            let first: Option<i64> = found.first().map_or(Ok(None), |row| row.field("first"))?;
            let end = first.map_or(below, |first| below.min(first as u64 / SLICE * SLICE + SLICE));
            for table in ["evidence_person", "evidence_record"] {
                let delete = format!("DELETE FROM {table} WHERE log_index < $1");
                store::run(&turn, &delete, vec![(end as i64).into()]).await?;
            }
            if end == below {
                let row = vec![(below as i64).into(), self.now().into()];
                let into = "evidence_purged (below, at)";
                store::insert(&turn, into, vec![row], "ON CONFLICT (below) DO NOTHING").await?;
                let sql = "DELETE FROM evidence_rejected WHERE at < $1";
                store::run(&turn, sql, vec![before.into()]).await?;
                turn.commit().await?;
                self.overwrite().await;
                return Ok(());
            }
            turn.commit().await?;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Takes people out of what was set aside. Gives the number of records that named one.
async fn erase_rejected(turn: &Turn, is_theirs: impl Fn(&[u8]) -> bool) -> Result<u64, DbErr> {
    let sql = "SELECT place, people FROM evidence_rejected WHERE octet_length(people) > 0 AND place > $1 \
               ORDER BY place LIMIT 1";
    let (mut place, mut erased) = (0i64, 0);
    loop {
        let found = store::rows(turn, sql, vec![place.into()]).await?;
        let Some(row) = found.first() else { return Ok(erased) };
        place = row.field("place")?;
        let people: Vec<u8> = row.field("people")?;
        let left: Vec<u8> =
            people.chunks(OPENING).filter(|opening| !is_theirs(opening)).flatten().copied().collect();
        if left.len() < people.len() {
            let sql = "UPDATE evidence_rejected SET people = $1 WHERE place = $2";
            erased += store::run(turn, sql, vec![left.into(), place.into()]).await?;
        }
    }
}
