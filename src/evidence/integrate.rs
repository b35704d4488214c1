//! The second step: durable records get their places in the log, tiles grow, the head is signed.
//!
//! The order of the log is the order of integration: rounds one after the other, one holder at a time
//! whatever the number of replicas, and within a round the order in which the hub numbered the
//! records. A round is one transaction, so that tiles, entries and the signed head always agree.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;

use crate::clock::hex;
use crate::evidence::edge::Edge;
use crate::evidence::entry::{COORDINATES, Stored};
use crate::evidence::log::Log;
use crate::evidence::merkle::{Hash, leaf_hash};
use crate::evidence::note::Checkpoint;
use crate::evidence::people::{Opening, openings};
use crate::evidence::store::{self, Column};
use crate::evidence::turn::Turn;
use crate::evidence::waiting::{Picked, Waiting, pick, set_aside};

/// What a round did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Nothing: another process had its turn.
    Busy,
    /// What it could.
    Done(Done),
}

/// What was done in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Records that got their places.
    pub taken: u64,
    /// Records that can't have one and were set aside.
    pub set_aside: u64,
    /// Records of the log now.
    pub size: u64,
    /// Whether more wait than a round may hold.
    pub is_full: bool,
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
    /// The hub has an older log than the one that was signed here.
    #[error(
        "the hub went back: {0}; restore the newest hub, or go on from this one with `yimen evidence adopt`"
    )]
    WentBack(String),
    /// The hub's records are sealed under another secret.
    #[error(
        "the hub's records are sealed under another secret: `secret.file` must be the same for every replica; \
         where it was changed deliberately, `yimen evidence adopt` goes on with it"
    )]
    OtherSecret,
    /// Somebody else had their turn for as long as it was waited for.
    #[error(
        "another process has had its turn at the log for {} s; try again, or find who holds the advisory lock \
         in `pg_locks` and end it", .0.as_secs_f32()
    )]
    Busy(Duration),
    /// A record that must have its place before something is done has none.
    #[error("the record of this act has no place in the log: {0}")]
    NoPlace(&'static str),
}

impl Log {
    /// Gives places to records that wait, as many as a round may hold; does nothing while another process
    /// is at it.
    ///
    /// # Errors
    /// A hub that doesn't answer, or a log that was tampered with.
    pub async fn integrate(&self) -> Result<Round, Error> {
        match self.try_turn().await? {
            Some(turn) => Ok(Round::Done(self.round(turn).await?)),
            None => Ok(Round::Busy),
        }
    }

    /// Integrates everything that waits, and waits for its turns. Gives the records of the log.
    ///
    /// # Errors
    /// As [`Log::turn`] and [`Log::integrate`].
    pub async fn integrate_all(&self) -> Result<u64, Error> {
        loop {
            let done = self.round(self.turn().await?).await?;
            if !done.is_full {
                return Ok(done.size);
            }
        }
    }

    /// A turn in which the record of a name has its place in the log: what it tells of may be done now.
    ///
    /// # Errors
    /// As [`Log::turn`] and [`Log::integrate`], or a record that has no place and won't get one.
    pub async fn turn_after(&self, id: &str) -> Result<Turn, Error> {
        loop {
            let turn = self.turn().await?;
            if has_place(turn.transaction(), id).await? {
                return Ok(turn);
            }
            let done = self.round(turn).await?;
            if done.taken == 0 && !done.is_full {
                return Err(Error::NoPlace("it doesn't wait for one; `yimen evidence verify` tells more"));
            }
        }
    }

    /// One round within a turn. A round whose records the hub doesn't take is tried again with fewer, until
    /// the one record is alone that it doesn't take.
    pub(crate) async fn round(&self, turn: Turn) -> Result<Done, Error> {
        let most = self.most();
        let picked = pick(turn.transaction(), most, &self.options().seal).await?;
        let edge = self.edge(turn.transaction()).await?;
        let before = edge.size();
        match self.place(&turn, edge, &picked).await {
            Ok(head) => self.end(turn, head, &picked, before).await,
            Err(Error::Hub(error)) => match &*picked.taken {
                [alone] if store::is_about_data(&error) => {
                    self.set_alone_aside(turn, alone.seq, before).await
                }
                [_, _, ..] if store::is_about_data(&error) || store::took_too_long(&error) => {
                    tracing::warn!(%error, "a round is tried again with fewer records");
                    self.narrow(picked.taken.len() as u64 / 2);
                    Ok(Done { taken: 0, set_aside: 0, size: before, is_full: true })
                }
                _ => Err(error.into()),
            },
            Err(error) => Err(error),
        }
    }

    /// Writes a round. Gives the new head, where records got places.
    async fn place(
        &self,
        turn: &Turn,
        mut edge: Edge,
        picked: &Picked,
    ) -> Result<Option<(String, Checkpoint)>, Error> {
        let transaction = turn.transaction();
        if !picked.refused.is_empty() {
            set_aside(transaction, &picked.refused, &self.now()).await?;
        }
        if picked.taken.is_empty() {
            return Ok(None);
        }
        let root = write(transaction, &mut edge, &picked.taken).await?;
        Ok(Some(self.sign(transaction, edge.size(), root).await?))
    }

    async fn end(
        &self,
        turn: Turn,
        head: Option<(String, Checkpoint)>,
        picked: &Picked,
        before: u64,
    ) -> Result<Done, Error> {
        turn.commit().await?;
        let size = head.as_ref().map_or(before, |(_, head)| head.size);
        if let Some((note, head)) = head {
            self.kept().keep(&note, head).await;
        }
        self.widen();
        self.tell_set_aside(&picked.refused);
        Ok(Done {
            taken: picked.taken.len() as u64,
            set_aside: picked.refused.len() as u64,
            size,
            is_full: picked.is_full,
        })
    }

    /// Sets the one record aside that the hub doesn't take, in a turn of its own: the one in which it was
    /// tried has failed.
    async fn set_alone_aside(&self, failed: Turn, seq: i64, size: u64) -> Result<Done, Error> {
        drop(failed);
        let refused = [(seq, "the hub doesn't take it, or has one of that name")];
        let turn = self.turn().await?;
        set_aside(turn.transaction(), &refused, &self.now()).await?;
        turn.commit().await?;
        self.tell_set_aside(&refused);
        Ok(Done { taken: 0, set_aside: 1, size, is_full: true })
    }

    fn tell_set_aside(&self, refused: &[(i64, &'static str)]) {
        self.standing().add_set_aside(refused.len() as u64);
        for (seq, reason) in refused {
            tracing::error!(seq, reason, "a record was set aside and has no place in the log");
        }
    }

    /// The right edge of the tree as the newest head has it.
    async fn edge(&self, transaction: &DatabaseTransaction) -> Result<Edge, Error> {
        let head = self.head_of(transaction).await?;
        self.is_continued(transaction, head.as_ref()).await?;
        let edge = Edge::read(transaction, head.as_ref().map_or(0, |head| head.size)).await?;
        match head {
            Some(head) if edge.root() != Some(head.root) => {
                Err(Error::Damaged(String::from("the last tiles aren't those that were signed")))
            }
            _ => Ok(edge),
        }
    }

    async fn sign(
        &self,
        transaction: &DatabaseTransaction,
        size: u64,
        root: Hash,
    ) -> Result<(String, Checkpoint), DbErr> {
        let note = self.key().checkpoint(size, &root);
        let row = vec![(size as i64).into(), self.now().into(), note.clone().into()];
        store::insert(transaction, "evidence_checkpoint (size, at, note)", vec![row], "").await?;
        store::thin_heads(transaction).await?;
        Ok((note, Checkpoint { origin: self.origin().to_owned(), size, root }))
    }
}

async fn has_place(transaction: &DatabaseTransaction, id: &str) -> Result<bool, DbErr> {
    let sql = "SELECT log_index FROM evidence_record WHERE id = $1";
    Ok(!store::rows(transaction, sql, vec![id.into()]).await?.is_empty())
}

/// People that are written by one statement.
const PEOPLE_AT_ONCE: usize = 10_000;

/// Writes everything of a round but the head. Gives the root.
async fn write(transaction: &DatabaseTransaction, edge: &mut Edge, taken: &[Waiting]) -> Result<Hash, Error> {
    let (mut records, mut lists) = (Vec::new(), Vec::new());
    let mut people = People { transaction, rows: Vec::new() };
    for waiting in taken {
        let index = edge.size() as i64;
        let stored = Stored::read(&waiting.text).map_err(|error| Error::Damaged(error.to_string()))?;
        records.push(record_row(index, waiting, &stored));
        for (leaf, opening) in openings(&waiting.openings).enumerate() {
            people.add(person_row(index, leaf, &stored, &opening)).await?;
        }
        if let (COORDINATES, Some(name), Some(outcomes)) = (&*stored.kind, &stored.name, &stored.outcomes) {
            let text = serde_json::to_string(outcomes).unwrap_or_default();
            lists.push(vec![name.to_string().into(), text.into()]);
        }
        edge.push(leaf_hash(waiting.text.as_bytes()));
    }
    people.write().await?;
    let waiting = ("evidence_pending", Column::Int("seq"));
    store::insert_json(transaction, "evidence_record", &RECORD, records, (", id, entry", Some(waiting)))
        .await?;
    let into = "evidence_coordinates (name, outcomes)";
    store::insert(transaction, into, lists, "ON CONFLICT (name) DO NOTHING").await?;
    // By number: a record with a smaller one may have been committed meanwhile and isn't in this round.
    let numbers: Vec<String> = taken.iter().map(|waiting| waiting.seq.to_string()).collect();
    let delete = format!("DELETE FROM evidence_pending WHERE seq IN ({})", numbers.join(","));
    store::run(transaction, &delete, Vec::new()).await?;
    edge.write(transaction).await?;
    edge.root().ok_or_else(|| Error::Damaged(String::from("a tile is too short")))
}

/// Rows of people on their way into the hub, so many at once as memory is for.
struct People<'a> {
    transaction: &'a DatabaseTransaction,
    rows: Vec<serde_json::Value>,
}

impl People<'_> {
    async fn add(&mut self, row: serde_json::Value) -> Result<(), DbErr> {
        self.rows.push(row);
        if self.rows.len() < PEOPLE_AT_ONCE {
            return Ok(());
        }
        self.write().await
    }

    async fn write(&mut self) -> Result<(), DbErr> {
        let rows = std::mem::take(&mut self.rows);
        store::insert_json(self.transaction, "evidence_person", &PERSON, rows, ("", None)).await
    }
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

/// The most characters of a column that records are searched by: PostgreSQL's indexes hold no more than
/// 2,700 bytes.
pub(crate) const MAX_SEARCHED: usize = 256;

/// A text as it is searched by. PostgreSQL's texts hold everything but one character.
pub(crate) fn searched(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_SEARCHED).collect()
}

fn record_row(index: i64, waiting: &Waiting, stored: &Stored<'_>) -> serde_json::Value {
    json!({
        "log_index": index,
        "seq": waiting.seq,
        "kind": searched(&stored.kind),
        "at": searched(&stored.ended_at),
        "caller": searched(&stored.subject),
        "department": searched(&stored.department),
        "role": searched(&stored.role),
        "division": searched(&stored.division),
        "purpose": searched(&stored.purpose),
        "case_no": stored.case.as_deref().map(searched),
        "coordinates": stored.coordinates.as_deref().map(searched),
        "people": stored.people.count,
    })
}

fn person_row(index: i64, leaf: usize, stored: &Stored<'_>, opening: &Opening<'_>) -> serde_json::Value {
    json!({
        "log_index": index,
        "leaf": leaf,
        "person_key": searched(&stored.people.key),
        "digest": hex(opening.digest),
        "salt": hex(opening.salt),
        "commitment": hex(&opening.commitment),
    })
}
