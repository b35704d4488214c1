//! The second step: durable records get their places in the log, tiles grow, the head is signed.
//!
//! The order of the log is the order of integration: rounds one after the other, one holder at a time
//! whatever the number of replicas, and within a round the order in which the hub numbered the
//! records. A round is one transaction, so that tiles, entries and the signed head always agree.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use serde_json::json;

use crate::clock::hex;
use crate::evidence::entry::{COORDINATES, Stored};
use crate::evidence::log::Log;
use crate::evidence::merkle::{Hash, leaf_hash};
use crate::evidence::note::Checkpoint;
use crate::evidence::people::openings;
use crate::evidence::store::{self, Column};
use crate::evidence::tile::{Tile, WIDTH, edge_root, root_at};

/// The most records of one round: a round holds all of them in memory.
pub(crate) const ROUND: u64 = 4_096;

/// The key of PostgreSQL's advisory lock for integration.
const LOCK: i64 = 0x7969_6d65_6e01;

/// What a round did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Records that got their places.
    pub taken: u64,
    /// Records of the log now.
    pub size: u64,
}

/// Why a round did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The hub didn't answer.
    #[error("the hub: {0}")]
    Hub(#[from] DbErr),
    /// What stands in the hub isn't what was signed; nothing more is signed on top of it.
    #[error("the log is damaged: {0}")]
    Damaged(String),
}

struct Pending {
    seq: i64,
    text: String,
    openings: Vec<u8>,
}

impl Log {
    /// Gives places to records that wait, at most a few thousand. Takes none while another replica
    /// is at it.
    ///
    /// # Errors
    /// A hub that doesn't answer, or a log that was tampered with.
    pub async fn integrate(&self) -> Result<Round, Error> {
        let hub = self.hub();
        let _turn = match hub.backend() {
            DbBackend::Sqlite => Some(hub.turn().lock().await),
            _ => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = hub.connection().begin_with_options(options).await?;
        if !is_holder(&transaction).await? {
            return Ok(Round { taken: 0, size: 0 });
        }
        let pending = pending(&transaction).await?;
        let edge = self.edge(&transaction).await?;
        self.seen(edge.size());
        if pending.is_empty() {
            return Ok(Round { taken: 0, size: edge.size() });
        }
        let (size, root) = write(&transaction, edge, &pending).await?;
        self.sign(&transaction, size, root).await?;
        transaction.commit().await?;
        self.seen(size);
        Ok(Round { taken: pending.len() as u64, size })
    }

    /// The right edge of the tree as the newest checkpoint has it.
    async fn edge(&self, transaction: &DatabaseTransaction) -> Result<Edge, Error> {
        let head = match store::checkpoint(transaction).await? {
            Some(note) => Some(
                Checkpoint::verified(&note, self.key().public())
                    .map_err(|e| Error::Damaged(e.to_string()))?,
            ),
            None => None,
        };
        let size = head.as_ref().map_or(0, |head| head.size);
        if size < self.last_seen() {
            return Err(Error::Damaged(format!("it had {} records and has {size}", self.last_seen())));
        }
        let edge = Edge::read(transaction, size).await?;
        match head {
            Some(head) if edge.root() != Some(head.root) => {
                Err(Error::Damaged(String::from("the last tiles aren't those that were signed")))
            }
            _ => Ok(edge),
        }
    }

    async fn sign(&self, transaction: &DatabaseTransaction, size: u64, root: Hash) -> Result<(), DbErr> {
        let at = self.now();
        // Heads of one minute are thinned to their last, but for those that witnesses have signed.
        let thin = "DELETE FROM evidence_checkpoint WHERE substr(at, 1, 16) = substr($1, 1, 16) \
                    AND note NOT LIKE '%\u{2014}%\u{2014}%'";
        store::run(transaction, thin, vec![at.clone().into()]).await?;
        let note = self.key().checkpoint(size, &root);
        let row = vec![(size as i64).into(), at.into(), note.into()];
        store::insert(transaction, "evidence_checkpoint (size, at, note)", vec![row], "").await
    }
}

async fn is_holder(transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
    if transaction.get_database_backend() == DbBackend::Sqlite {
        // The transaction is the only one that writes.
        return Ok(true);
    }
    let sql = "SELECT pg_try_advisory_xact_lock($1) AS held";
    let held = store::rows(transaction, sql, vec![LOCK.into()]).await?;
    held.first().map_or(Ok(false), |row| row.try_get("", "held"))
}

async fn pending(transaction: &DatabaseTransaction) -> Result<Vec<Pending>, DbErr> {
    let sql = "SELECT seq, entry, people FROM evidence_pending ORDER BY seq LIMIT $1";
    let found = store::rows(transaction, sql, vec![(ROUND as i64).into()]).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok(Pending {
            seq: row.try_get("", "seq")?,
            text: row.try_get("", "entry")?,
            openings: row.try_get("", "people")?,
        })
    };
    found.iter().map(read).collect()
}

/// Writes everything of a round but the head.
async fn write(
    transaction: &DatabaseTransaction,
    mut edge: Edge,
    pending: &[Pending],
) -> Result<(u64, Hash), Error> {
    let (mut records, mut people, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for waiting in pending {
        let index = edge.size() as i64;
        let stored =
            Stored::read(&waiting.text).map_err(|e| Error::Damaged(format!("a waiting record: {e}")))?;
        records.push(record_row(index, waiting, &stored));
        people.extend(person_rows(index, waiting, &stored));
        if let (COORDINATES, Some(name), Some(outcomes)) = (&*stored.kind, &stored.name, &stored.outcomes) {
            let text = serde_json::to_string(outcomes).unwrap_or_default();
            lists.push(vec![name.to_string().into(), text.into()]);
        }
        edge.push(leaf_hash(waiting.text.as_bytes()));
    }
    let waiting = ("evidence_pending", Column::Int("seq"));
    store::insert_json(transaction, "evidence_record", &RECORD, records, (", id, entry", Some(waiting)))
        .await?;
    store::insert_json(transaction, "evidence_person", &PERSON, people, ("", None)).await?;
    store::insert(
        transaction,
        "evidence_coordinates (name, outcomes)",
        lists,
        "ON CONFLICT (name) DO NOTHING",
    )
    .await?;
    // By number: a record with a smaller one may have been committed meanwhile and isn't in this round.
    let taken: Vec<String> = pending.iter().map(|waiting| waiting.seq.to_string()).collect();
    store::run(
        transaction,
        &format!("DELETE FROM evidence_pending WHERE seq IN ({})", taken.join(",")),
        Vec::new(),
    )
    .await?;
    edge.write(transaction).await?;
    let root = edge.root().ok_or_else(|| Error::Damaged(String::from("a tile is too short")))?;
    Ok((edge.size(), root))
}

/// The columns of the log that repeat parts of an entry; the entry itself is copied within the hub.
const RECORD: [Column; 11] = [
    Column::Int("log_index"),
    Column::Text("kind"),
    Column::Text("at"),
    Column::Text("caller"),
    Column::Text("department"),
    Column::Text("role"),
    Column::Text("division"),
    Column::Text("purpose"),
    Column::Text("case_no"),
    Column::Text("coordinates"),
    Column::Int("people"),
];

const PERSON: [Column; 6] = [
    Column::Int("log_index"),
    Column::Int("leaf"),
    Column::Text("person_key"),
    Column::Hex("digest"),
    Column::Hex("salt"),
    Column::Hex("commitment"),
];

fn record_row(index: i64, waiting: &Pending, stored: &Stored<'_>) -> serde_json::Value {
    json!({
        "log_index": index,
        "seq": waiting.seq,
        "kind": stored.kind,
        "at": stored.ended_at,
        // PostgreSQL's texts hold everything but this; one such name must not stop the log.
        "caller": stored.subject.replace('\0', ""),
        "department": stored.department,
        "role": stored.role,
        "division": stored.division,
        "purpose": stored.purpose,
        "case_no": stored.case,
        "coordinates": stored.coordinates,
        "people": stored.people.count,
    })
}

fn person_rows(index: i64, waiting: &Pending, stored: &Stored<'_>) -> Vec<serde_json::Value> {
    let row = |(leaf, opening): (usize, crate::evidence::people::Opening<'_>)| {
        json!({
            "log_index": index,
            "leaf": leaf,
            "person_key": stored.people.key,
            "digest": hex(opening.digest),
            "salt": hex(opening.salt),
            "commitment": hex(&opening.commitment),
        })
    };
    openings(&waiting.openings).enumerate().map(row).collect()
}

/// The last tile of each level, which is all that a tree needs to grow.
struct Edge {
    size: u64,
    /// By level, the hashes of the last tile; empty where it is about to begin.
    last: Vec<Vec<u8>>,
    /// Tiles that changed.
    changed: std::collections::BTreeMap<(u8, u64), Vec<u8>>,
}

impl Edge {
    async fn read(transaction: &DatabaseTransaction, size: u64) -> Result<Edge, Error> {
        let mut last = Vec::new();
        let mut hashes = size;
        while hashes > 0 {
            let level = last.len() as u8;
            let tile = Tile { level: Some(level), index: hashes / WIDTH, width: hashes % WIDTH };
            last.push(match tile.width {
                0 => Vec::new(),
                _ => store::tile(transaction, tile)
                    .await?
                    .ok_or_else(|| Error::Damaged(format!("`{}` is missing", tile.path())))?,
            });
            hashes /= WIDTH;
        }
        Ok(Edge { size, last, changed: Default::default() })
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn push(&mut self, leaf: Hash) {
        let (mut hash, mut at) = (leaf, self.size);
        for level in 0.. {
            if self.last.len() == level {
                self.last.push(Vec::new());
            }
            let tile = &mut self.last[level];
            tile.extend_from_slice(&hash);
            self.changed.insert((level as u8, at / WIDTH), tile.clone());
            if (tile.len() as u64) < WIDTH * 32 {
                break;
            }
            let Some(root) = root_at(tile, 0, WIDTH) else { break };
            tile.clear();
            hash = root;
            at /= WIDTH;
        }
        self.size += 1;
    }

    fn root(&self) -> Option<Hash> {
        edge_root(self.size, &self.last)
    }

    async fn write(&mut self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let changed = std::mem::take(&mut self.changed);
        let row = |((level, index), hashes): ((u8, u64), Vec<u8>)| {
            vec![i64::from(level).into(), (index as i64).into(), hashes.into()]
        };
        let rows = changed.into_iter().map(row).collect();
        let tail = "ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes";
        store::insert(transaction, "evidence_tile (level, tile, hashes)", rows, tail).await
    }
}
