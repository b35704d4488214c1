//! The work of a batch: chunk after chunk, at most one ahead of what the client has read.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use futures::future::join_all;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Permit, Receiver, Sender, channel};

use crate::answer::request_error;
use crate::gateway::{Entry, Lines, Many, Reply, Request, put_line};
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
    pub(super) place: OwnedSemaphorePermit,
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

/// Begins the work as a task of its own, which ends after the chunk under way once nobody listens any more.
pub(super) fn begin(batch: Batch) -> Told {
    let (send, lines) = channel(1);
    let end = Arc::new(OnceLock::new());
    let told = Told { lines, end: end.clone(), has_ended: false };
    tokio::spawn(async move {
        let _place = &batch.place;
        let work = Work { batch: &batch, send };
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

struct Work<'a> {
    batch: &'a Batch,
    send: Sender<Bytes>,
}

impl Work<'_> {
    async fn all(&self) -> Result<(), Ended> {
        let gateway = &self.batch.shared.app.gateway;
        let (mut at, mut size) = (0, gateway.bulk_chunk());
        while at < self.batch.entries.len() {
            let end = (at + size).min(self.batch.entries.len());
            let room = self.room().await?;
            let place = self.place().await?;
            self.may_go_on().await?;
            let entries: Vec<Entry> = (at..end).map(|index| self.entry(index)).collect();
            match gateway.answer_many(&self.batch.request, &entries, self.late()).await {
                Many::Lines(Lines { text, answered, .. }) => {
                    room.send(text.into());
                    if answered < entries.len() {
                        size = answered.max(1);
                    }
                    at += answered.max(1);
                }
                Many::OneByOne => {
                    drop((room, place));
                    self.one_by_one(&entries).await?;
                    at = end;
                }
                Many::End(invalid) => return Err(Ended::Because(invalid)),
            }
        }
        Ok(())
    }

    /// Entries that differ by more than a value: each is a request like any other.
    async fn one_by_one(&self, entries: &[Entry]) -> Result<(), Ended> {
        for entries in entries.chunks(AT_ONCE) {
            let room = self.room().await?;
            let _place = self.place().await?;
            self.may_go_on().await?;
            let replies = join_all(entries.iter().map(|entry| self.one(entry))).await;
            let (mut lines, mut end) = (Vec::new(), None);
            for (entry, reply) in entries.iter().zip(replies) {
                end = end.or(ends(&reply));
                if end.is_none() {
                    put_line(&mut lines, &subscription::Told::from(reply).body(), entry.index);
                }
            }
            room.send(lines.into());
            if let Some(invalid) = end {
                return Err(Ended::Because(invalid));
            }
        }
        Ok(())
    }

    async fn one(&self, entry: &Entry) -> Reply {
        let gateway = &self.batch.shared.app.gateway;
        match &entry.variables {
            Some(variables) => {
                let request = Request { variables: variables.clone(), ..self.batch.request.clone() };
                gateway.answer_within(&request, self.batch.shared.bounds.request_timeout).await
            }
            None => {
                let message = "an entry of `variables` must be an object";
                gateway.refused(&self.batch.request, Invalid::new(code::BAD_USER_INPUT, message)).await
            }
        }
    }

    fn entry(&self, index: usize) -> Entry {
        Entry { index, variables: serde_json::from_slice(&self.batch.entries[index]).ok() }
    }
}

impl Work<'_> {
    /// The end of a chunk's time.
    async fn late(&self) -> Invalid {
        tokio::time::sleep(self.batch.shared.bounds.request_timeout).await;
        Invalid::new(code::TIMEOUT, "a part of the batch took too long")
    }

    /// Room for one more piece before the client has read the last one.
    async fn room(&self) -> Result<Permit<'_, Bytes>, Ended> {
        let reserved = tokio::time::timeout(self.batch.shared.bounds.request_timeout, self.send.reserve());
        match self.unless_stopped(reserved).await? {
            Ok(Ok(room)) => Ok(room),
            Ok(Err(_)) => Err(Ended::Unheard),
            Err(_) => Err(because(code::TIMEOUT, "the batch wasn't read for too long")),
        }
    }

    /// A place among the requests that are worked on, for one piece.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Ended> {
        let place = self.batch.shared.bounds.requests.clone().acquire_owned();
        self.unless_stopped(place).await?.map_err(|_| stopping())
    }

    async fn unless_stopped<T>(&self, wanted: impl Future<Output = T>) -> Result<T, Ended> {
        tokio::select! {
            biased;
            () = self.batch.shared.bounds.stopping.begun() => Err(stopping()),
            got = wanted => Ok(got),
        }
    }

    /// Whether the caller still may have what the batch began with.
    async fn may_go_on(&self) -> Result<(), Ended> {
        let Batch { shared, request, authorization, decisions, .. } = self.batch;
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
