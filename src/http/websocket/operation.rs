//! One operation of a connection, as a task of its own: its answers, in order, to whoever writes them.

use std::time::Instant;

use axum::http::HeaderMap;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc::Sender;
use tokio::task::AbortHandle;

use crate::auth::Caller;
use crate::gateway::Request;
use crate::http::Shared;
use crate::http::answers::{Answers, Watching, begin};
use crate::http::graphql::{Posted, Rejected, check_headers, slot};
use crate::http::places::Full;
use crate::http::websocket::given;
use crate::http::websocket::message::{complete, error, next};
use crate::plan::{Invalid, code};
use crate::subscription::{Next, Told};
use crate::telemetry;
use crate::trusted::Named;

/// An operation under way. Dropped, it ends; what has begun by then is still recorded.
#[derive(Debug)]
pub(super) struct UnderWay {
    /// Tells it apart from an earlier one of the same name.
    pub(super) serial: u64,
    task: AbortHandle,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A message of an operation.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) id: String,
    pub(super) serial: u64,
    pub(super) text: String,
    /// Whether it is the operation's last.
    pub(super) is_last: bool,
}

/// What an operation needs.
pub(super) struct Operation {
    pub(super) shared: Shared,
    pub(super) request: Request,
    pub(super) named: Named,
    pub(super) authorization: String,
    pub(super) id: String,
    pub(super) serial: u64,
    pub(super) say: Sender<Said>,
}

/// The request of a `subscribe` message.
///
/// # Errors
/// What is wrong with it.
pub(super) fn request(
    payload: &RawValue,
    headers: &HeaderMap,
    caller: std::sync::Arc<Caller>,
) -> Result<(Request, Named), Rejected> {
    let mut posted = Posted::read(payload.get().as_bytes())?;
    let bad = |message: String| Rejected::Invalid(Invalid::new(code::BAD_USER_INPUT, message));
    let headers = match posted.extension("headers") {
        None => headers.clone(),
        Some(Value::Object(given)) => given::of_operation(headers, &given).map_err(bad)?,
        Some(_) => return Err(bad(String::from("`extensions.headers` must be an object"))),
    };
    check_headers(&headers)?;
    // Only a page that may open a connection, with a token, comes as far as this.
    posted.request(&headers, true, caller)
}

impl Operation {
    /// Begins the operation.
    pub(super) fn start(self) -> UnderWay {
        let serial = self.serial;
        UnderWay { serial, task: tokio::spawn(self.run()).abort_handle() }
    }

    async fn run(mut self) {
        let began = Instant::now();
        let (outcome, answers) = self.begin().await;
        telemetry::request(outcome, began);
        // Nobody reads any more where something can't be said.
        let _ = match answers {
            Answers::One(told) => self.last(Some(told)).await,
            Answers::Many(watching) => self.watch(*watching).await,
            Answers::Full(full) => self.last(Some(Told::Errors(full.invalid(&self.shared.bounds)))).await,
        };
    }

    async fn begin(&mut self) -> (&'static str, Answers) {
        let Some(slot) = slot(&self.shared.bounds) else { return ("busy", Answers::Full(Full::All)) };
        let named = std::mem::replace(&mut self.named, Named::Text(String::new()));
        begin(&self.shared, slot, self.request.clone(), named, self.authorization.clone()).await
    }

    async fn watch(&self, mut watching: Watching) -> Option<()> {
        loop {
            match watching.next().await {
                Next::Answer(told) => {
                    let (text, is_last) = next(&self.id, told);
                    self.say(text, is_last).await?;
                    if is_last {
                        return Some(());
                    }
                }
                Next::Alive => {}
                Next::End(last) => return self.last(last).await,
            }
        }
    }

    /// The last answer, where there is one, and the end.
    async fn last(&self, told: Option<Told>) -> Option<()> {
        if let Some(told) = told {
            let (text, is_last) = next(&self.id, told);
            self.say(text, is_last).await?;
            if is_last {
                return Some(());
            }
        }
        self.say(complete(&self.id), true).await
    }

    async fn say(&self, text: String, is_last: bool) -> Option<()> {
        self.say.send(Said { id: self.id.clone(), serial: self.serial, text, is_last }).await.ok()
    }
}

/// The message that refuses an operation.
pub(super) fn refusal(id: &str, rejected: Rejected) -> String {
    match rejected {
        Rejected::Invalid(invalid) => error(id, &invalid),
        Rejected::Status(_, name, message) => error(id, &Invalid::new(name, message)),
    }
}
