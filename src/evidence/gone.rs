//! What goes from the hub after its term: entries, with what opens their commitments. Hashes and heads stay.
//!
//! Whatever is deleted is deleted within a turn, after the record of it has its place in the log.

use std::time::Duration;

use sea_orm::DbErr;

use crate::evidence::erase;
use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::store::{self, Fields};
use crate::evidence::tile::WIDTH;

/// Entries that are deleted in one turn, so that nobody waits long for theirs.
const SLICE: u64 = 16 * WIDTH;

/// How long others may have their turns between two slices: SQLite has no queue, and who waits there asks
/// every tenth of a second.
pub(crate) const PAUSE: Duration = Duration::from_millis(150);

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

impl Log {
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
            erase::unfind_below(&turn, end as i64).await?;
            for table in ["evidence_opening", "evidence_record"] {
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
