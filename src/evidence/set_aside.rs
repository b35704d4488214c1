//! What was set aside from the log: looked at, written into a file and taken out, so that a hub whose fault was
//! found and dealt with verifies again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sea_orm::{DbErr, QueryResult};
use serde::Serialize;

use crate::evidence::log::Log;
use crate::evidence::store;
use crate::evidence::turn::Turn;

/// A row that waited and couldn't have a place in the log, as it was.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    /// Its number among those that were set aside.
    pub place: i64,
    /// What the row calls itself.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
    /// When it was set aside.
    pub at: String,
    /// The entry that it holds; in base64 where SQLite holds bytes that are no text.
    pub entry: String,
    /// What opens the commitments to people, in base64.
    pub openings: String,
    /// Its seal, in base64.
    pub mac: String,
}

/// Rows of one statement.
const PAGE: usize = 256;

impl Log {
    /// The next rows that were set aside behind a place; none where there are no more.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn set_aside(&self, behind: i64) -> Result<Vec<SetAside>, DbErr> {
        let sql = format!(
            "SELECT place, id, reason, at, entry, people, mac FROM evidence_rejected WHERE place > $1 \
             ORDER BY place LIMIT {PAGE}"
        );
        let rows = store::rows(self.hub().connection(), &sql, vec![behind.into()]).await?;
        rows.iter().map(read).collect()
    }

    /// Takes out what was set aside up to a place. Gives the number of rows.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn take_out(&self, turn: Turn, up_to: i64) -> Result<u64, DbErr> {
        let sql = "DELETE FROM evidence_rejected WHERE place <= $1";
        let taken = store::run(&turn, sql, vec![up_to.into()]).await?;
        turn.commit().await?;
        Ok(taken)
    }
}

fn read(row: &QueryResult) -> Result<SetAside, DbErr> {
    let base64 = |column| row.try_get::<Vec<u8>>("", column).map(|bytes| STANDARD.encode(bytes));
    Ok(SetAside {
        place: row.try_get("", "place")?,
        id: row.try_get("", "id")?,
        reason: row.try_get("", "reason")?,
        at: row.try_get("", "at")?,
        entry: row.try_get("", "entry").or_else(|_| base64("entry"))?,
        openings: base64("people")?,
        mac: base64("mac")?,
    })
}
