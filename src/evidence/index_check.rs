//! What the log is searched by, held against its entries: columns that repeat them, people, lists of
//! coordinates, withholdings. Tiles and the signed head say nothing of these tables, and whoever asks who
//! looked at their data is answered from them.
//!
//! What this can't tell: an erasure of one person names nobody and says only how many commitments it took, so
//! that somebody else's may be among as many.

mod found;
mod lists;
mod parts;
mod people;

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::ConnectionTrait;

use crate::evidence::Kind;
use crate::evidence::act::{ERASED_KEY, ERASED_PERSON};
use crate::evidence::entry::Stored;
use crate::evidence::hub::Hub;
use crate::evidence::index_check::found::{Marks, Tallies};
use crate::evidence::index_check::people::Known;
use crate::evidence::store;
use crate::evidence::verify::{MAX_PROBLEMS, Problem};

/// Records that are looked at by one task.
const PART: u64 = 2_048;

/// Tasks at once.
const AT_ONCE: usize = 4;

/// An erasure that the log tells of.
struct Erasure {
    index: u64,
    took: Took,
}

/// What an erasure took.
enum Took {
    /// Everybody under this key.
    Key(String),
    /// So many commitments to one person.
    Person(u64),
}

impl Took {
    /// Reads the note of an erasure; one of another form excuses nothing.
    fn read(note: &str) -> Option<Took> {
        if let Some(key) = note.strip_prefix(ERASED_KEY) {
            return Some(Took::Key(key.to_owned()));
        }
        let count = note.strip_prefix(ERASED_PERSON)?.strip_suffix(" commitments")?;
        count.parse().ok().map(Took::Person)
    }
}

/// Checks what the first `size` records are searched by. Gives what is wrong, at most [`MAX_PROBLEMS`].
///
/// # Errors
/// A hub that doesn't answer.
pub async fn check(hub: &Hub, size: u64) -> anyhow::Result<Vec<Problem>> {
    let erasures = Arc::new(erasures(hub.connection()).await?);
    let marks = Marks::new();
    let first = first(hub.connection()).await?.min(size);
    let starts = (first / PART..size.div_ceil(PART)).map(|part| part * PART);
    let part = |low: u64| {
        let (hub, high) = (hub.clone(), size.min(low + PART));
        let (erasures, marks) = (erasures.clone(), marks.clone());
        // A task each, so that parsing uses every processor.
        async move {
            let part = tokio::spawn(async move {
                let known = Known { erasures: &erasures, marks: &marks };
                anyhow::Ok((low, parts::check(&hub, (low, high), &known).await?))
            });
            part.await.context("a task ended early")?
        }
    };
    let mut parts = stream::iter(starts.map(part)).buffered(AT_ONCE);
    let (mut problems, mut named, mut erased) = (Vec::new(), HashSet::new(), Vec::new());
    let mut tallies = Tallies::new();
    while let Some((low, part)) = parts.try_next().await? {
        tallies.insert(low, part.tally);
        named.extend(part.lists);
        erased.extend(part.erased);
        problems.extend(part.problems);
        if problems.len() >= MAX_PROBLEMS {
            problems.truncate(MAX_PROBLEMS);
            return Ok(problems);
        }
    }
    problems.extend(found::check(hub.connection(), size, &marks, &tallies).await?);
    problems.extend(people::erased_beyond(&erased, &erasures));
    problems.extend(people::beyond(hub.connection()).await?);
    problems.extend(lists::check(hub.connection(), &named).await?);
    problems.extend(lists::withholdings(hub.connection()).await?);
    problems.truncate(MAX_PROBLEMS);
    Ok(problems)
}

/// The first record that is there: those before it were purged.
async fn first<C: ConnectionTrait>(connection: &C) -> anyhow::Result<u64> {
    let sql = "SELECT MIN(log_index) AS first FROM (SELECT MIN(log_index) AS log_index FROM evidence_record \
               UNION ALL SELECT MIN(log_index) FROM evidence_opening) AS firsts";
    let found = store::rows(connection, sql, Vec::new()).await?;
    let first: Option<i64> = found.first().map_or(Ok(None), |row| row.try_get("", "first"))?;
    Ok(first.map_or(u64::MAX, |first| first.max(0) as u64))
}

/// The erasures that entries tell of; the column alone would be no proof.
async fn erasures<C: ConnectionTrait>(connection: &C) -> anyhow::Result<Vec<Erasure>> {
    let sql = "SELECT log_index, entry FROM evidence_record WHERE kind = 'ERASURE' ORDER BY log_index";
    let mut erasures = Vec::new();
    for row in store::rows(connection, sql, Vec::new()).await? {
        let (index, entry): (i64, String) = (row.try_get("", "log_index")?, row.try_get("", "entry")?);
        let Ok(stored) = Stored::read(&entry) else { continue };
        let note = stored.note.as_deref().filter(|_| stored.is(Kind::Erasure)).unwrap_or_default();
        erasures.extend(Took::read(note).map(|took| Erasure { index: index as u64, took }));
    }
    Ok(erasures)
}
