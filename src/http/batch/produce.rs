//! The work of a batch: chunk after chunk, a few of them read at once, and no more than those ahead of what the
//! client has read.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use futures::future::join_all;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinHandle;

use crate::answer::request_error;
use crate::gateway::{CHUNKS_AT_ONCE, Entry, Lines, Many, Reply, Request, put_line};
use crate::http::Shared;
use crate::plan::{Invalid, code};
use crate::subscription;

/// Entries that can't be answered together are answered so many at once.
const AT_ONCE: usize = 16;

/// A batch that may be answered.
pub(super) struct Batch {
    pub(super) shared: Shared,
    /// The request without its variables.
    pub(super) request: Request,
    pub(super) entries: Vec<Bytes>,
    pub(super) authorization: String,
    /// The decisions at the beginning.
    pub(super) decisions: u64,
    pub(super) _place: OwnedSemaphorePermit,
}

/// What the client is told: lines as they are ready, then why there are no more, if there is a reason.
pub(super) struct Told {
    lines: Receiver<Bytes>,
    end: Arc<OnceLock<Invalid>>,
    has_ended: bool,
}

impl Told {
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if self.has_ended {
            return None;
        }
        if let Some(lines) = self.lines.recv().await {
            return Some(lines);
        }
        self.has_ended = true;
        let mut line = request_error(self.end.get()?);
        line.push(b'\n');
        Some(line.into())
    }
}

/// Begins the work as a task of its own, which ends after the chunks under way once nobody listens any more.
pub(super) fn begin(batch: Batch) -> Told {
    let (send, lines) = channel(1);
    let end = Arc::new(OnceLock::new());
    let told = Told { lines, end: end.clone(), has_ended: false };
    tokio::spawn(async move {
        let work = Work { batch: Arc::new(batch), send, paid: None };
        // Told before the sender goes: its end is what makes the client ask why.
        if let Err(Ended::Because(invalid)) = work.all().await {
            let _ = end.set(invalid);
        }
    });
    told
}

/// Why a batch ends before its last entry.
enum Ended {
    /// The client is told.
    Because(Invalid),
    /// Nobody listens.
    Unheard,
}

/// Entries that are being answered together, by a task of their own: it goes on until their record is made, whatever
/// becomes of the batch.
struct Chunk {
    range: Range<usize>,
    answered: JoinHandle<Many>,
}

struct Work {
    batch: Arc<Batch>,
    send: Sender<Bytes>,
    /// Ready once the chunk that was begun last is paid for, or won't be.
    paid: Option<oneshot::Receiver<()>>,
}

impl Work {
    async fn all(mut self) -> Result<(), Ended> {
        let count = self.batch.entries.len();
        let (mut at, mut size) = (0, self.batch.shared.app.gateway.bulk_chunk());
        let mut under_way = VecDeque::with_capacity(CHUNKS_AT_ONCE);
        let mut end = Ok(());
        loop {
            while end.is_ok() && under_way.len() < CHUNKS_AT_ONCE && at < count {
                let range = at..(at + size).min(count);
                at = range.end;
                // What was begun before is told before the reason why no more begins.
                match self.begin(range).await {
                    Ok(chunk) => under_way.push_back(chunk),
                    Err(ended) => end = Err(ended),
                }
            }
            let Some(chunk) = under_way.pop_front() else { return end };
            size = self.tell(chunk, size).await?;
        }
    }

    /// Begins to answer entries together. Chunks are paid for in their order, so that the last units of a quota go
    /// to those whose turn it is.
    async fn begin(&mut self, range: Range<usize>) -> Result<Chunk, Ended> {
        let place = self.place().await?;
        self.may_go_on().await?;
        let (batch, of) = (self.batch.clone(), range.clone());
        let (charged, paid) = oneshot::channel();
        let before = self.paid.replace(paid);
        let answered = tokio::spawn(async move {
            let _place = place;
            if let Some(before) = before {
                // It is told by being dropped.
                let _ = before.await;
            }
            let entries: Vec<Entry> = of.map(|index| batch.entry(index)).collect();
            batch.shared.app.gateway.answer_many(&batch.request, &entries, Some(charged), batch.late()).await
        });
        Ok(Chunk { range, answered })
    }

    /// Sends the lines of a chunk, which may have to be asked in parts. Gives how many entries are a part then.
    async fn tell(&mut self, mut chunk: Chunk, mut size: usize) -> Result<usize, Ended> {
        let end = chunk.range.end;
        loop {
            let Chunk { range, answered } = chunk;
            let broken = |_| because(code::INTERNAL, "Internal server error");
            let behind = match answered.await.map_err(broken)? {
                Many::Lines(Lines { text, answered, .. }) => {
                    self.send(text).await?;
                    range.start + answered.max(1)
                }
                Many::OneByOne => {
                    self.one_by_one(range.clone()).await?;
                    range.end
                }
                Many::End(invalid) => return Err(Ended::Because(invalid)),
            };
            if behind < range.end {
                size = behind - range.start;
            }
            if behind >= end {
                return Ok(size);
            }
            chunk = self.begin(behind..(behind + size).min(end)).await?;
        }
    }

    /// Entries that differ by more than a value: each is a request like any other.
    async fn one_by_one(&self, range: Range<usize>) -> Result<(), Ended> {
        let entries: Vec<Entry> = range.map(|index| self.batch.entry(index)).collect();
        for entries in entries.chunks(AT_ONCE) {
            let place = self.place().await?;
            self.may_go_on().await?;
            let replies = join_all(entries.iter().map(|entry| self.batch.one(entry))).await;
            drop(place);
            let (mut lines, mut end) = (Vec::new(), None);
            for (entry, reply) in entries.iter().zip(replies) {
                end = end.or(ends(&reply));
                if end.is_none() {
                    put_line(&mut lines, &subscription::Told::from(reply).body(), entry.index);
                }
            }
            self.send(lines).await?;
            if let Some(invalid) = end {
                return Err(Ended::Because(invalid));
            }
        }
        Ok(())
    }

    /// Sends lines, once the client has read all but the last ones. They may have been read ahead of their turn, so
    /// that it is looked once more whether the caller still may have them.
    async fn send(&self, lines: Vec<u8>) -> Result<(), Ended> {
        let reserved = tokio::time::timeout(self.batch.shared.bounds.request_timeout, self.send.reserve());
        let room = tokio::select! {
            biased;
            room = reserved => room,
            // What is ready leaves at the end of the process too, to whoever reads.
            () = self.batch.shared.bounds.stopping.begun() => return Err(stopping()),
        };
        match room {
            Ok(Ok(room)) => {
                self.may_go_on().await?;
                room.send(lines.into());
                Ok(())
            }
            Ok(Err(_)) => Err(Ended::Unheard),
            Err(_) => Err(because(code::TIMEOUT, "the batch wasn't read for too long")),
        }
    }

    /// A place among the requests that are worked on, for one piece.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Ended> {
        let bounds = &self.batch.shared.bounds;
        tokio::select! {
            biased;
            () = bounds.stopping.begun() => Err(stopping()),
            place = bounds.requests.clone().acquire_owned() => place.map_err(|_| stopping()),
        }
    }

    /// Whether the caller still may have what the batch began with.
    async fn may_go_on(&self) -> Result<(), Ended> {
        let Batch { shared, request, authorization, decisions, .. } = &*self.batch;
        let shared = shared.renewed();
        if shared.app.authenticator.caller(Some(authorization)).await.is_err() {
            return Err(because(code::UNAUTHENTICATED, "the token isn't good any more"));
        }
        match shared.app.gateway.decisions(request).await {
            Ok(now) if now == *decisions => Ok(()),
            Ok(_) => {
                let message =
                    "what the caller may read has changed since the batch began: send the rest again";
                Err(because(code::DECISIONS_CHANGED, message))
            }
            Err(invalid) => Err(Ended::Because(invalid)),
        }
    }
}

impl Batch {
    async fn one(&self, entry: &Entry) -> Reply {
        let gateway = &self.shared.app.gateway;
        match &entry.variables {
            Some(variables) => {
                let request = Request { variables: variables.clone(), ..self.request.clone() };
                gateway.answer_within(&request, self.shared.bounds.request_timeout).await
            }
            None => {
                let message = "an entry of `variables` must be an object";
                gateway.refused(&self.request, Invalid::new(code::BAD_USER_INPUT, message)).await
            }
        }
    }

    fn entry(&self, index: usize) -> Entry {
        Entry { index, variables: serde_json::from_slice(&self.entries[index]).ok() }
    }

    /// The end of a chunk's time.
    async fn late(&self) -> Invalid {
        tokio::time::sleep(self.shared.bounds.request_timeout).await;
        Invalid::new(code::TIMEOUT, "a part of the batch took too long")
    }
}

fn because(code: &str, message: &str) -> Ended {
    Ended::Because(Invalid::new(code, message))
}

fn stopping() -> Ended {
    because(code::STOPPING, "the server is stopping: send the rest again")
}

/// Why nothing is answered behind a reply.
fn ends(reply: &Reply) -> Option<Invalid> {
    match reply {
        Reply::Data { .. } | Reply::Invalid { .. } => None,
        Reply::TooLate { .. } => Some(Invalid::new(code::TIMEOUT, "a part of the batch took too long")),
        Reply::NoEvidence => {
            let message = "evidence can't be written, so nothing more is answered";
            Some(Invalid::new(code::EVIDENCE_UNAVAILABLE, message))
        }
    }
}
