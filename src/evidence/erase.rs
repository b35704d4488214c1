//! Erasing what opens commitments: of one person, or of everybody under one key. Entries, hashes and heads stay.
//!
//! Whatever is erased is erased within a turn, after the record of it has its place in the log.

use sea_orm::{DbBackend, DbErr};

use crate::evidence::act::ERASED_PERSON;
use crate::evidence::gone::PAUSE;
use crate::evidence::integrate::{Error, place_of};
use crate::evidence::leaves;
use crate::evidence::log::Log;
use crate::evidence::openings::{self, Opening};
use crate::evidence::people::PersonKeys;
use crate::evidence::store::{self, Fields, Row};
use crate::evidence::turn::Turn;
use crate::evidence::waiting::OPENING;

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
            erased += erase_person(&turn, digest, *below).await?;
        }
        let is_theirs = |opening: &[u8]| digests.iter().any(|digest| opening.ends_with(digest));
        erased += erase_rejected(&turn, is_theirs).await?;
        turn.commit().await?;
        self.overwrite().await;
        Ok(erased)
    }

    /// Erases what opens the commitments of everybody under one key, before the record of this name.
    ///
    /// # Errors
    /// As [`Log::turn_after`]. What was erased until then stays erased, and the same again goes on with the rest.
    pub async fn erase_key(&self, id: &str, key: &str) -> Result<u64, Error> {
        let (mut erased, mut behind) = (0, -1);
        loop {
            let turn = self.turn_after(id).await?;
            let below = place_of(&turn, id).await?.ok_or(Error::NoPlace("it was deleted meanwhile"))?;
            let page = openings::page(&turn, (behind, below), None).await?;
            let Some(last) = page.last().map(|opening| opening.index) else {
                turn.commit().await?;
                break;
            };
            let of_key = page.into_iter().filter(|opening| opening.key == key).collect();
            let taken = erase_leaves(&turn, of_key, |_| true).await?;
            let count = taken.len() as u64;
            unfind(&turn, taken).await?;
            turn.commit().await?;
            (erased, behind) = (erased + count, last);
            if count > 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
        self.overwrite().await;
        Ok(erased)
    }

    /// Moves what was overwritten out of SQLite's write-ahead log, as far as nobody reads there now.
    pub(crate) async fn overwrite(&self) {
        if self.hub().backend() == DbBackend::Sqlite
            && let Err(error) = store::batch(self.hub().writer(), "PRAGMA wal_checkpoint(TRUNCATE)").await
        {
            tracing::warn!(%error, "what was erased may still stand in the write-ahead log");
        }
    }
}

async fn erase_person(turn: &Turn, digest: &[u8], below: i64) -> Result<u64, DbErr> {
    let (mut erased, mut behind) = (0, -1);
    loop {
        let page = openings::page(turn, (behind, below), Some(digest)).await?;
        let Some(last) = page.last() else { break };
        behind = last.index;
        erased += erase_leaves(turn, page, |found| found == digest).await?.len() as u64;
    }
    let sql = "DELETE FROM evidence_person WHERE digest = $1 AND log_index < $2";
    store::run(turn, sql, vec![digest.to_vec().into(), below.into()]).await?;
    Ok(erased)
}

/// Erases some people's leaves in some records. Gives the digests that were taken, each with its record.
async fn erase_leaves(
    turn: &Turn,
    page: Vec<Opening>,
    is_theirs: impl Fn(&[u8]) -> bool,
) -> Result<Vec<(Vec<u8>, i64)>, DbErr> {
    let (mut taken, mut changed) = (Vec::new(), Vec::new());
    for Opening { index, mut leaves, .. } in page {
        let digests = leaves::erase(&mut leaves, &is_theirs);
        if !digests.is_empty() {
            taken.extend(digests.into_iter().map(|digest| (digest, index)));
            changed.push(vec![index.into(), leaves.into()]);
        }
    }
    let update = |rows: &str| {
        format!(
            "UPDATE evidence_opening SET leaves = v.column2 FROM (VALUES {rows}) AS v \
             WHERE evidence_opening.log_index = v.column1"
        )
    };
    store::each(turn, update, changed).await?;
    Ok(taken)
}

/// Lets records be found by people no more.
async fn unfind(turn: &Turn, people: Vec<(Vec<u8>, i64)>) -> Result<(), DbErr> {
    let rows: Vec<Row> =
        people.into_iter().map(|(digest, index)| vec![digest.into(), index.into()]).collect();
    let delete =
        |rows: &str| format!("DELETE FROM evidence_person WHERE (digest, log_index) IN (VALUES {rows})");
    store::each(turn, delete, rows).await
}

/// Lets the records below one be found by nobody. What can't be told from their leaves was erased before.
pub(crate) async fn unfind_below(turn: &Turn, below: i64) -> Result<(), DbErr> {
    let mut behind = -1;
    loop {
        let page = openings::page(turn, (behind, below), None).await?;
        let Some(last) = page.last() else { return Ok(()) };
        behind = last.index;
        let mut people = Vec::new();
        for Opening { index, leaves, .. } in &page {
            let leaves = leaves::read(leaves).unwrap_or_default();
            people.extend(leaves.iter().filter_map(|leaf| Some((leaf.digest()?.to_vec(), *index))));
        }
        unfind(turn, people).await?;
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
