//! An operation by a way that can carry several answers: server-sent events, WebSocket.

use tokio::sync::OwnedSemaphorePermit;

use crate::gateway::{Reply, Request};
use crate::http::finish::Finished;
use crate::http::graphql::{answer_found, find};
use crate::http::places::{Full, Place};
use crate::http::{Bounds, Shared};
use crate::plan::{Invalid, code};
use crate::subscription::{Next, Subscription, Told};
use crate::trusted::Named;

/// What an operation is answered with.
pub(crate) enum Answers {
    /// One answer.
    One(Told),
    /// Answers for as long as something is watched.
    Many(Box<Watching>),
    /// None: there is no place for what it watches.
    Full(Full),
}

/// A subscription under way, with its place.
pub(crate) struct Watching {
    subscription: Subscription,
    shared: Shared,
    _place: Place,
}

impl Watching {
    /// What is told next; the last once the process is about to end.
    pub(crate) async fn next(&mut self) -> Next {
        let stopping = self.shared.bounds.stopping.clone();
        // What it began with isn't held any longer than somebody is answered by it.
        self.shared = self.shared.renewed();
        tokio::select! {
            biased;
            () = stopping.begun() => Next::End(None),
            next = self.subscription.next(&self.shared) => next,
        }
    }
}

/// Begins an operation, and says in a word what became of it for those who watch. Its place among requests is
/// kept by a query until its answer; a subscription needs one among those, and takes one among requests again
/// for each of its answers.
pub(crate) async fn begin(
    shared: &Shared,
    slot: OwnedSemaphorePermit,
    mut request: Request,
    named: Named,
    authorization: String,
) -> (&'static str, Answers) {
    let shared = shared.clone();
    request.names_record = true;
    let begun = Finished::new(async move {
        let _slot = slot;
        begin_found(&shared, &mut request, named, authorization).await
    });
    begun.await
}

async fn begin_found(
    shared: &Shared,
    request: &mut Request,
    named: Named,
    authorization: String,
) -> (&'static str, Answers) {
    let app = &shared.app;
    let one = |reply: Reply| (reply.word(), Answers::One(Told::named(reply)));
    let is_new = match find(app, request, named).await {
        Ok(is_new) => is_new,
        Err(refused) => return one(refused),
    };
    match Subscription::begin(app, request.clone(), authorization).await {
        Ok(Some(subscription)) => {
            let place = match shared.bounds.subscriptions.take(&request.caller) {
                Ok(place) => place,
                Err(full) => return ("busy", Answers::Full(full)),
            };
            if is_new {
                app.trusted.keep(&request.query).await;
            }
            let watching = Watching { subscription, shared: shared.clone(), _place: place };
            ("answered", Answers::Many(Box::new(watching)))
        }
        Ok(None) => one(answer_found(app, request, is_new, shared.bounds.request_timeout).await),
        Err(invalid) => one(app.gateway.refused(request, invalid).await),
    }
}

impl Full {
    /// The error of an operation that has no place.
    pub(crate) fn invalid(self, bounds: &Bounds) -> Invalid {
        match self {
            Full::All => Invalid::new(code::CONCURRENCY, "too many requests at once"),
            Full::OfCaller => {
                let most = bounds.subscriptions.of_caller();
                let message = format!("a caller may have {most} subscriptions at once");
                Invalid::new(code::SUBSCRIPTIONS, message)
            }
        }
    }
}
