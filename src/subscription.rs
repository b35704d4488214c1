//! Subscriptions: where events come from, and the answers that a caller gets as long as they may.

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::answer::request_error;
use crate::gateway::{Reply, Request};
use crate::heartbeat::Beat;
use crate::http::App;
use crate::plan::{Invalid, code};

/// Events of one source, each a value of its root field's type.
type Events = Pin<Box<dyn Stream<Item = Value> + Send>>;

/// How often it is looked whether the caller still may watch.
const LOOK: Duration = Duration::from_secs(1);

/// What a subscriber is told next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// An answer, as JSON.
    Answer(Vec<u8>),
    /// Nothing happened for a while.
    Alive,
    /// The last answer, if there is one more.
    End(Option<Vec<u8>>),
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

    /// What the subscriber is told next. Each answer has a record; a caller whose token or grant has ended is
    /// told so, once.
    pub(crate) async fn next(&mut self, app: &App, time: Duration) -> Next {
        tokio::select! {
            event = self.events.next() => match event {
                Some(event) => self.answer(app, event, time).await,
                None => Next::End(None),
            },
            _ = self.look.tick() => match self.end(app, time).await {
                Some(end) => end,
                None => Next::Alive,
            },
        }
    }

    async fn answer(&mut self, app: &App, event: Value, time: Duration) -> Next {
        if self.has_ended {
            return Next::End(Some(self.body(app, event, time).await));
        }
        match self.end(app, time).await {
            Some(end) => end,
            None => Next::Answer(self.body(app, event, time).await),
        }
    }

    /// The end, where the token isn't good any more or nothing of this may be watched.
    async fn end(&mut self, app: &App, time: Duration) -> Option<Next> {
        if app.authenticator.caller(Some(&self.authorization)).await.is_err() {
            let ended = Invalid::new(code::UNAUTHENTICATED, "the token isn't good any more");
            return Some(Next::End(Some(request_error(&ended))));
        }
        match app.gateway.watched(&self.request).await {
            Ok(Some(watched)) if watched.is_allowed => None,
            _ => Some(Next::End(Some(self.body(app, Value::Null, time).await))),
        }
    }

    async fn body(&mut self, app: &App, event: Value, time: Duration) -> Vec<u8> {
        self.request.event = Some(event);
        body(app.gateway.answer_within(&self.request, time).await)
    }
}

/// An answer as JSON, whatever became of the request.
pub(crate) fn body(reply: Reply) -> Vec<u8> {
    let error = |name: &str, message: &str| request_error(&Invalid::new(name, message));
    match reply {
        Reply::Data { body, .. } => body,
        Reply::Invalid { invalid, .. } => request_error(&invalid),
        Reply::TooLate { .. } => error(code::TIMEOUT, "the request took too long"),
        Reply::NoEvidence => {
            error(code::EVIDENCE_UNAVAILABLE, "evidence can't be written, so nothing is answered")
        }
    }
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
