//! An answer within a time, and a record of whatever became of the request.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt;

use crate::auth::Caller;
use crate::evidence::{NotRecorded, Record};
use crate::gateway::people::seal;
use crate::gateway::progress::Progress;
use crate::gateway::record::{NotRun, given_up, reading, reduced, refusal, refused_reading};
use crate::gateway::{Answered, Gateway, Recorded, Reply, Request};
use crate::plan::{Invalid, code};
use crate::telemetry::trace;

/// What became of a record.
enum Kept {
    /// It is in the hub.
    Whole,
    /// It was larger than an entry may be: the hub has one that says so.
    Reduced,
    /// Nothing is in the hub.
    No,
}

impl Gateway {
    /// Answers one request, however long it takes.
    pub async fn answer(&self, request: &Request) -> Reply {
        self.answer_until(request, pending()).await
    }

    /// Answers one request within a time, or records that it got no answer and gives [`Reply::TooLate`].
    /// The record itself may take as long again as `evidence.deadline_ms`.
    pub async fn answer_within(&self, request: &Request, time: Duration) -> Reply {
        self.answer_until(request, late(time)).await
    }

    /// Refuses a request whose document was never found.
    pub async fn refused(&self, request: &Request, invalid: Invalid) -> Reply {
        self.refuse(request, &Progress::default(), invalid, self.clock.now()).await
    }

    /// Answers one request, or refuses it for the reason that `end` gives before there is an answer.
    pub(super) async fn answer_until(&self, request: &Request, end: impl Future<Output = Invalid>) -> Reply {
        trace::operation(request.trace.as_deref(), self.traced(request), async {
            let reply = self.reply_until(request, end).await;
            trace::ended(reply.word(), reply.record());
            reply
        })
        .await
    }

    /// What spans say of a request: codes that are known, never what the caller wrote.
    pub(super) fn traced<'a>(&'a self, request: &'a Request) -> (&'a str, Option<&'a str>) {
        let purpose = request.purpose.as_deref().and_then(|purpose| self.policies.codes().purpose(purpose));
        (&request.caller.department, purpose.map(|purpose| purpose.code.as_str()))
    }

    async fn reply_until(&self, request: &Request, end: impl Future<Output = Invalid>) -> Reply {
        let (started_at, progress) = (self.clock.now(), Progress::default());
        let _coming = self.evidence.begin();
        // A fault of ours mustn't leave without a record either.
        let work = AssertUnwindSafe(self.run(request, started_at, &progress)).catch_unwind();
        let answered = tokio::select! {
            biased;
            answered = work => answered,
            why = end => return self.refuse(request, &progress, why, started_at).await,
        };
        match answered {
            Ok(Ok(answered)) => match self.give(answered).await {
                Some(reply) => reply,
                None => self.refuse(request, &progress, broken(), started_at).await,
            },
            Ok(Err(invalid)) => self.refuse(request, &progress, invalid, started_at).await,
            Err(_) => self.refuse(request, &progress, broken(), started_at).await,
        }
    }

    /// Gives an answer once its record is in the hub; `None` where the answer can't be written by a fault of ours,
    /// which has to have a record too.
    pub(super) async fn give(&self, Answered { record, body, cost, table }: Answered<'_>) -> Option<Reply> {
        let body = || std::panic::catch_unwind(AssertUnwindSafe(body)).ok();
        let record = match record {
            Recorded::Not(record) => *record,
            Recorded::Already(id) => return body().map(|body| Reply::Data { body, id, cost }),
            Recorded::Never => return Some(Reply::NoEvidence),
        };
        let id = record.id.clone();
        if !self.are_grants_told(&table).await {
            return Some(Reply::NoEvidence);
        }
        let mut keeping = pin!(self.keep(record));
        // Begun, and let go on, before this thread is busy with the answer.
        let kept = futures::poll!(keeping.as_mut());
        tokio::task::yield_now().await;
        let body = body();
        let kept = match kept {
            Poll::Ready(kept) => kept,
            Poll::Pending => keeping.await,
        };
        Some(match kept {
            Kept::Whole => Reply::Data { body: body?, id, cost },
            Kept::Reduced => {
                let message = "the operation touches more than a record can name: ask for less at once";
                Reply::Invalid { invalid: Invalid::new(code::RECORD_TOO_LARGE, message), id }
            }
            Kept::No => Reply::NoEvidence,
        })
    }

    /// A refusal has its record too: what somebody tried is as telling as what they got.
    pub(super) async fn refuse(
        &self,
        request: &Request,
        progress: &Progress,
        invalid: Invalid,
        started_at: DateTime<Utc>,
    ) -> Reply {
        let stated = request.purpose.as_deref().and_then(|purpose| self.bases.get_key_value(purpose));
        let ended_at = self.clock.now();
        let mut record = refusal(NotRun {
            id: self.clock.id(),
            request,
            invalid: &invalid,
            document: progress.document(),
            purpose: stated.map(|(purpose, basis)| (purpose.clone(), basis.clone())).unwrap_or_default(),
            started_at,
            ended_at,
            versions: &self.versions,
        });
        if let Some(begun) = progress.begun() {
            if !self.are_grants_told(&begun.table).await {
                return Reply::NoEvidence;
            }
            record = given_up(record, begun, seal(&self.people, &begun.people, ended_at));
        }
        let id = record.id.clone();
        match self.keep(record).await {
            Kept::No => Reply::NoEvidence,
            Kept::Whole | Kept::Reduced if invalid.code() == code::TIMEOUT => Reply::TooLate { id },
            Kept::Whole | Kept::Reduced => Reply::Invalid { invalid, id },
        }
    }

    /// Whether a record that names nobody is in the hub.
    pub(super) async fn is_kept(&self, record: Record) -> bool {
        matches!(self.keep(record).await, Kept::Whole)
    }

    async fn keep(&self, record: Record) -> Kept {
        match self.evidence.append(record).await {
            Ok(()) => Kept::Whole,
            Err(NotRecorded::TooLarge(record)) => match self.evidence.append(reduced(*record)).await {
                Ok(()) => Kept::Reduced,
                Err(error) => not_kept(&error),
            },
            Err(error) => not_kept(&error),
        }
    }

    /// Records that somebody reads entries of the log, once an hour. Says whether that is recorded.
    pub async fn may_read_log(&self, caller: &Caller) -> bool {
        // Subjects are told apart within one issuer only.
        let reader = (caller.issuer.clone(), caller.subject.clone());
        if self.readers.contains_key(&reader) {
            return true;
        }
        let record = reading(self.clock.id(), caller, self.clock.now(), &self.versions);
        let recorded = matches!(self.keep(record).await, Kept::Whole);
        if recorded {
            self.readers.insert(reader, ());
        }
        recorded
    }

    /// Records that somebody was refused entries of the log. Says whether that is recorded.
    pub async fn is_refused_log(&self, caller: &Caller) -> bool {
        let record = refused_reading(self.clock.id(), caller, self.clock.now(), &self.versions);
        matches!(self.keep(record).await, Kept::Whole)
    }
}

/// The end of a request's time.
async fn late(time: Duration) -> Invalid {
    tokio::time::sleep(time).await;
    Invalid::new(code::TIMEOUT, "the request took too long")
}

/// What is told of a fault of ours.
pub(super) fn broken() -> Invalid {
    Invalid::new(code::INTERNAL, "Internal server error")
}

fn not_kept(error: &NotRecorded) -> Kept {
    tracing::error!(%error, "an answer was held back");
    Kept::No
}
