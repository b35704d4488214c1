//! Subscriptions: where events come from, and the answers that a caller gets as long as they may.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use serde_json::{Map, Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::answer::request_error;
use crate::gateway::{Reply, Request};
use crate::heartbeat::Beat;
use crate::http::{App, Finished, Shared};
use crate::plan::{Invalid, code};

/// Events of one source, each a value of its root field's type.
type Events = Pin<Box<dyn Stream<Item = Value> + Send>>;

/// How often it is looked whether the caller still may watch.
const LOOK: Duration = Duration::from_secs(1);

/// What a subscriber is told next.
#[derive(Debug)]
pub(crate) enum Next {
    /// An answer.
    Answer(Told),
    /// Nothing happened for a while.
    Alive,
    /// The last answer, if there is one more.
    End(Option<Told>),
}

/// What became of an operation, for whoever is told of it in a message: a status has no place there.
#[derive(Debug)]
pub(crate) enum Told {
    /// It was run: an answer, as JSON.
    Data(Vec<u8>),
    /// It wasn't.
    Errors(Invalid),
}

impl Told {
    /// The answer as JSON.
    pub(crate) fn body(self) -> Vec<u8> {
        match self {
            Told::Data(body) => body,
            Told::Errors(invalid) => request_error(&invalid),
        }
    }
}

impl Told {
    /// What became of a request that names its record: so do the errors of one that wasn't run.
    pub(crate) fn named(reply: Reply) -> Self {
        let record = reply.record().map(str::to_owned);
        match (Told::from(reply), record) {
            (Told::Errors(invalid), Some(record)) => Told::Errors(invalid.with_record(&record)),
            (told, _) => told,
        }
    }
}

impl From<Reply> for Told {
    fn from(reply: Reply) -> Self {
        let error = |name: &str, message: &str| Told::Errors(Invalid::new(name, message));
        match reply {
            Reply::Data { body, .. } => Told::Data(body),
            Reply::Invalid { invalid, .. } => Told::Errors(invalid),
            Reply::TooLate { .. } => error(code::TIMEOUT, "the request took too long"),
            Reply::NoEvidence => {
                error(code::EVIDENCE_UNAVAILABLE, "evidence can't be written, so nothing is answered")
            }
        }
    }
}

/// A subscription under way.
pub(crate) struct Subscription {
    events: Events,
    request: Request,
    authorization: String,
    look: Interval,
    has_ended: bool,
}

impl Subscription {
    /// Begins to watch what a request subscribes to. `None` where the request is a query or a mutation.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub(crate) async fn begin(
        app: &App,
        request: Request,
        authorization: String,
    ) -> Result<Option<Subscription>, Invalid> {
        let request = Request { event: Some(Value::Null), ..request };
        let Some(watched) = app.gateway.watched(&request).await? else { return Ok(None) };
        let events = match watched.is_allowed {
            true => events(&watched.coordinate, &watched.arguments, app),
            // One answer, which says why not.
            false => Some(stream::iter([Value::Null]).boxed()),
        };
        let nothing = || Invalid::new(code::VALIDATION_FAILED, "nothing of this can be watched");
        let events = events.ok_or_else(nothing)?;
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Some(Subscription { events, request, authorization, look, has_ended: !watched.is_allowed }))
    }

    /// What the subscriber is told next. Each answer has a record, and a place among requests while it is made;
    /// a caller whose token or grant has ended is told so, once.
    pub(crate) async fn next(&mut self, shared: &Shared) -> Next {
        tokio::select! {
            event = self.events.next() => match event {
                Some(event) => self.answer(shared, event).await,
                None => Next::End(None),
            },
            _ = self.look.tick() => match self.end(shared).await {
                Some(end) => end,
                None => Next::Alive,
            },
        }
    }

    async fn answer(&mut self, shared: &Shared, event: Value) -> Next {
        if self.has_ended {
            return Next::End(Some(self.told(shared, event).await.unwrap_or_else(Told::Errors)));
        }
        if let Some(end) = self.end(shared).await {
            return end;
        }
        match self.told(shared, event).await {
            Ok(told) => Next::Answer(told),
            Err(busy) => Next::End(Some(Told::Errors(busy))),
        }
    }

    /// The end, where the token isn't good any more or nothing of this may be watched.
    async fn end(&mut self, shared: &Shared) -> Option<Next> {
        let app = &shared.app;
        if app.authenticator.caller(Some(&self.authorization)).await.is_err() {
            let ended = Invalid::new(code::UNAUTHENTICATED, "the token isn't good any more");
            return Some(Next::End(Some(Told::Errors(ended))));
        }
        match app.gateway.watched(&self.request).await {
            Ok(Some(watched)) if watched.is_allowed => None,
            _ => {
                let last = self.told(shared, Value::Null).await;
                Some(Next::End(Some(last.unwrap_or_else(Told::Errors))))
            }
        }
    }

    /// One answer, in its turn among requests. It is recorded even where its subscriber goes meanwhile.
    async fn told(&mut self, shared: &Shared, event: Value) -> Result<Told, Invalid> {
        let place = place(shared).await?;
        self.request.event = Some(event);
        let (app, request) = (shared.app.clone(), self.request.clone());
        let time = shared.bounds.request_timeout;
        let answered = Finished::new(async move {
            let _place = place;
            app.gateway.answer_within(&request, time).await
        });
        Ok(Told::named(answered.await))
    }
}

/// A place among requests, which an answer waits for: whoever watches can't send it again.
async fn place(shared: &Shared) -> Result<OwnedSemaphorePermit, Invalid> {
    let wanted = Arc::clone(&shared.bounds.requests).acquire_owned();
    let place = tokio::time::timeout(shared.bounds.request_timeout, wanted).await;
    let busy = || Invalid::new(code::CONCURRENCY, "too many requests at once");
    place.map_err(|_| busy())?.map_err(|_| busy())
}

/// Where the events of a root field come from.
type Source = fn(&App, &Map<String, Value>) -> Events;

/// Every source, by the coordinate of its root field.
pub(crate) const SOURCES: [(&str, Source); 1] = [("Subscription.departmentStatusChanged", statuses)];

/// The events of a root field.
fn events(coordinate: &str, arguments: &Map<String, Value>, app: &App) -> Option<Events> {
    let source = SOURCES.iter().find(|(name, _)| *name == coordinate);
    source.map(|(_, source)| source(app, arguments))
}

fn statuses(app: &App, arguments: &Map<String, Value>) -> Events {
    let heartbeat = &app.heartbeat;
    // Changes first, so that none falls between the two; a change that is told twice does no harm.
    let changes = heartbeat.changes();
    let now = stream::iter(heartbeat.beats());
    let changes = stream::unfold(changes, |mut changes| async move {
        loop {
            match changes.recv().await {
                Ok(beat) => return Some((beat, changes)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let only = arguments.get("departments").and_then(Value::as_array).cloned();
    let is_asked = move |beat: &Beat| {
        let asked = only.as_ref().is_none_or(|only| only.iter().any(|code| code == beat.department.as_str()));
        std::future::ready(asked)
    };
    let status = |is_up: bool| if is_up { "UP" } else { "DOWN" };
    let value = move |beat: Beat| {
        let since = crate::own::moment(beat.since);
        json!({ "department": beat.department, "status": status(beat.is_up), "since": since })
    };
    now.chain(changes).filter(is_asked).map(value).boxed()
}
