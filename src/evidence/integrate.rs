//! The second step: durable records get their places in the log, tiles grow, the head is signed.
//!
//! The order of the log is the order of integration: rounds one after the other, one holder at a time
//! whatever the number of replicas, and within a round the order in which the hub numbered the
//! records. A round is one transaction, so that tiles, entries and the signed head always agree.

use std::time::Duration;

use sea_orm::DbErr;

use crate::evidence::edge::Edge;
use crate::evidence::log::Log;
use crate::evidence::merkle::Hash;
use crate::evidence::note::Checkpoint;
use crate::evidence::placed::write;
use crate::evidence::store::{self, Fields};
use crate::evidence::turn::Turn;
use crate::evidence::waiting::{Picked, Refused, pick, set_aside};

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

/// A round as it is written, but not committed.
struct Placed {
    /// The new head, where records got places.
    head: Option<(String, Checkpoint)>,
    /// Records that got places.
    taken: u64,
    /// Rows that were set aside.
    refused: Vec<Refused>,
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
            if place_of(&turn, id).await?.is_some() {
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
        let picked = pick(&turn, most, &self.options().seal).await?;
        let edge = self.edge(&turn).await?;
        let before = edge.size();
        match self.place(&turn, edge, &picked).await {
            Ok(placed) => self.end(turn, placed, picked.is_full, before).await,
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

    /// Writes a round.
    async fn place(&self, turn: &Turn, mut edge: Edge, picked: &Picked) -> Result<Placed, Error> {
        let (taken, refused) = picked.read();
        if !refused.is_empty() {
            set_aside(turn, &refused, &self.now()).await?;
        }
        let count = taken.len() as u64;
        if taken.is_empty() {
            return Ok(Placed { head: None, taken: count, refused });
        }
        let root = write(turn, &mut edge, taken).await?;
        Ok(Placed { head: Some(self.sign(turn, edge.size(), root).await?), taken: count, refused })
    }

    async fn end(&self, turn: Turn, placed: Placed, is_full: bool, before: u64) -> Result<Done, Error> {
        turn.commit().await?;
        let Placed { head, taken, refused } = placed;
        let size = head.as_ref().map_or(before, |(_, head)| head.size);
        if let Some((note, head)) = head {
            self.kept().keep(&note, head).await;
        }
        self.widen();
        self.tell_set_aside(&refused);
        Ok(Done { taken, set_aside: refused.len() as u64, size, is_full })
    }

    /// Sets the one record aside that the hub doesn't take, in a turn of its own: the one in which it was
    /// tried has failed.
    async fn set_alone_aside(&self, failed: Turn, seq: i64, size: u64) -> Result<Done, Error> {
        drop(failed);
        let refused = [(seq, "the hub doesn't take it, or has one of that name")];
        let turn = self.turn().await?;
        set_aside(&turn, &refused, &self.now()).await?;
        turn.commit().await?;
        self.tell_set_aside(&refused);
        Ok(Done { taken: 0, set_aside: 1, size, is_full: true })
    }

    fn tell_set_aside(&self, refused: &[Refused]) {
        self.standing().add_set_aside(refused.len() as u64);
        for (seq, reason) in refused {
            tracing::error!(seq, reason, "a record was set aside and has no place in the log");
        }
    }

    /// The right edge of the tree as the newest head has it.
    async fn edge(&self, turn: &Turn) -> Result<Edge, Error> {
        let head = self.head_of(turn).await?;
        self.is_continued(turn, head.as_ref()).await?;
        let edge = Edge::read(turn, head.as_ref().map_or(0, |head| head.size)).await?;
        match head {
            Some(head) if edge.root() != Some(head.root) => {
                Err(Error::Damaged(String::from("the last tiles aren't those that were signed")))
            }
            _ => Ok(edge),
        }
    }

    async fn sign(&self, turn: &Turn, size: u64, root: Hash) -> Result<(String, Checkpoint), DbErr> {
        let note = self.key().checkpoint(size, &root);
        let row = vec![(size as i64).into(), self.now().into(), note.clone().into()];
        store::insert(turn, "evidence_checkpoint (size, at, note)", vec![row], "").await?;
        store::thin_heads(turn).await?;
        Ok((note, Checkpoint { origin: self.origin().to_owned(), size, root }))
    }
}

/// The place of the record of a name, where it has one.
pub(crate) async fn place_of(turn: &Turn, id: &str) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT log_index FROM evidence_record WHERE id = $1";
    let found = store::rows(turn, sql, vec![id.into()]).await?;
    found.first().map(|row| row.field("log_index")).transpose()
}
