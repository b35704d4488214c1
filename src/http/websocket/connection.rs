//! A connection from its first message to its end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{MissedTickBehavior, interval};

use crate::auth::Refused;
use crate::http::Shared;
use crate::http::graphql::check_headers;
use crate::http::places::Place;
use crate::http::websocket::given;
use crate::http::websocket::message::{ACK, Close, Heard, PONG, error, read};
use crate::http::websocket::operation::{Operation, Said, UnderWay, refusal, request};
use crate::http::websocket::socket::{Came, End, Socket};
use crate::plan::{Invalid, code};

/// Messages of operations that wait to be written; an operation with more waits itself.
const WAITING: usize = 16;

/// How often it is looked whether the caller still may be here, and whether anybody is.
const LOOK: Duration = Duration::from_secs(1);

/// A connection whose caller is known.
pub(super) struct Connection<S> {
    socket: Socket<S>,
    shared: Shared,
    /// What counts for every operation.
    headers: HeaderMap,
    authorization: String,
    under_way: HashMap<String, UnderWay>,
    /// How many operations there were.
    serial: u64,
    say: Sender<Said>,
    /// How it will be closed once nothing is under way any more.
    ending: Option<Close>,
    heard_at: Instant,
    pinged_at: Instant,
    /// Since when nothing is under way, where that is so.
    idle_since: Instant,
    _place: Place,
}

/// What happens next.
enum Event {
    Came(Result<Came, End>),
    Said(Said),
    Look,
    Stopping,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Serves a connection to its end.
    pub(super) async fn serve(stream: S, shared: Shared, headers: HeaderMap) {
        let bounds = shared.bounds.clone();
        let mut socket = Socket::new(stream, bounds.body_bytes, bounds.request_timeout).await;
        let known = tokio::select! {
            known = init(&mut socket, &shared, &headers) => known,
            () = bounds.stopping.begun() => Err(Close::AWAY.into()),
            () = tokio::time::sleep(bounds.websocket.init_timeout) => Err(Close::INIT_TIMEOUT.into()),
        };
        let (headers, place) = match known {
            Ok(known) => known,
            Err(end) => return socket.end(end).await,
        };
        let (say, said) = channel(WAITING);
        let authorization = authorization(&headers).unwrap_or_default().to_owned();
        let now = Instant::now();
        let mut connection = Connection {
            socket,
            shared,
            headers,
            authorization,
            under_way: HashMap::new(),
            serial: 0,
            say,
            ending: None,
            heard_at: now,
            pinged_at: now,
            idle_since: now,
            _place: place,
        };
        let end = connection.run(said).await;
        // What is under way ends before the other end agrees to close.
        connection.under_way.clear();
        connection.socket.end(end).await;
    }

    async fn run(&mut self, mut said: Receiver<Said>) -> End {
        let stopping = self.shared.bounds.stopping.clone();
        let mut look = interval(LOOK.min(self.shared.bounds.websocket.ping));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_ending = self.ending.is_some();
            let event = tokio::select! {
                came = self.socket.hear() => Event::Came(came),
                // The other half is ours: there is always somebody who may say something.
                Some(message) = said.recv() => Event::Said(message),
                _ = look.tick() => Event::Look,
                () = stopping.begun(), if !is_ending => Event::Stopping,
            };
            let done = match event {
                Event::Came(came) => self.came(came).await,
                Event::Said(message) => self.said(message).await,
                Event::Look => self.look().await,
                Event::Stopping => {
                    self.ending = Some(Close::AWAY);
                    Ok(())
                }
            };
            if let Err(end) = done {
                return end;
            }
            if self.under_way.is_empty()
                && let Some(close) = self.ending.take()
            {
                return close.into();
            }
        }
    }

    async fn came(&mut self, came: Result<Came, End>) -> Result<(), End> {
        self.heard_at = Instant::now();
        let Came::Text(text) = came? else { return Ok(()) };
        match read(&text)? {
            Heard::Init(_) => Err(Close::INIT_TWICE.into()),
            Heard::Ping => self.socket.say(PONG).await,
            Heard::Pong => Ok(()),
            Heard::Subscribe { id, payload } => self.subscribe(id, payload).await,
            Heard::Complete { id } => {
                self.end(&id);
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, id: String, payload: &RawValue) -> Result<(), End> {
        if self.under_way.contains_key(&id) {
            return Err(Close::exists(&id).into());
        }
        let refuse = |name, message| error(&id, &Invalid::new(name, message));
        if self.ending.is_some() {
            return self.socket.say(refuse(code::STOPPING, "the connection is about to end")).await;
        }
        if self.under_way.len() >= self.shared.bounds.websocket.operations {
            let message = "too many operations of this connection at once";
            return self.socket.say(refuse(code::CONCURRENCY, message)).await;
        }
        self.shared = self.shared.renewed();
        let Ok(caller) = self.shared.app.authenticator.caller(Some(&self.authorization)).await else {
            self.ending = Some(Close::FORBIDDEN);
            return self.socket.say(refuse(code::UNAUTHENTICATED, "the token isn't good any more")).await;
        };
        let (request, named) = match request(payload, &self.headers, caller) {
            Ok(request) => request,
            Err(rejected) => return self.socket.say(refusal(&id, rejected)).await,
        };
        self.serial += 1;
        let operation = Operation {
            shared: self.shared.clone(),
            request,
            named,
            authorization: self.authorization.clone(),
            id: id.clone(),
            serial: self.serial,
            say: self.say.clone(),
        };
        self.under_way.insert(id, operation.start());
        Ok(())
    }

    async fn said(&mut self, Said { id, serial, text, is_last }: Said) -> Result<(), End> {
        // The client may have ended it, and begun another of the same name.
        if self.under_way.get(&id).is_none_or(|known| known.serial != serial) {
            return Ok(());
        }
        if is_last {
            self.end(&id);
        }
        self.socket.say(text).await
    }

    fn end(&mut self, id: &str) {
        self.under_way.remove(id);
        self.idle_since = Instant::now();
    }

    /// Whether the caller still may be here, and whether anybody is.
    async fn look(&mut self) -> Result<(), End> {
        let bounds = self.shared.bounds.websocket.clone();
        self.shared = self.shared.renewed();
        if self.ending.is_none()
            && self.shared.app.authenticator.caller(Some(&self.authorization)).await.is_err()
        {
            // What watches ends by itself, with the reason.
            self.ending = Some(Close::FORBIDDEN);
        }
        if self.under_way.is_empty() && self.idle_since.elapsed() >= bounds.idle {
            return Err(Close::IDLE.into());
        }
        if self.heard_at.elapsed() >= bounds.ping * 2 {
            return Err(End::Gone);
        }
        if self.pinged_at.elapsed() >= bounds.ping {
            self.pinged_at = Instant::now();
            self.socket.ping().await?;
        }
        Ok(())
    }
}

/// Waits until the caller is known.
async fn init<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Socket<S>,
    shared: &Shared,
    headers: &HeaderMap,
) -> Result<(HeaderMap, Place), End> {
    loop {
        let Came::Text(text) = socket.hear().await? else { continue };
        match read(&text)? {
            Heard::Init(given) => {
                let known = known(shared, headers, &given).await?;
                socket.open();
                socket.say(ACK).await?;
                return Ok(known);
            }
            Heard::Subscribe { .. } => return Err(Close::UNAUTHORIZED.into()),
            Heard::Ping => socket.say(PONG).await?,
            Heard::Pong | Heard::Complete { .. } => {}
        }
    }
}

/// The caller's headers and place.
async fn known(
    shared: &Shared,
    headers: &HeaderMap,
    given: &Map<String, Value>,
) -> Result<(HeaderMap, Place), Close> {
    let headers = given::of_connection(headers, given).map_err(Close::bad)?;
    check_headers(&headers)
        .map_err(|_| Close::bad("A header that says why or for which case can't be read"))?;
    match shared.app.authenticator.caller(authorization(&headers)).await {
        Ok(caller) => match shared.bounds.websocket.places.take(&caller) {
            Ok(place) => Ok((headers, place)),
            Err(_) => Err(Close::AGAIN),
        },
        Err(refused) => {
            let why = if let Refused::Invalid(why) = refused { why } else { "missing" };
            tracing::info!(why, "a token was refused");
            Err(Close::FORBIDDEN)
        }
    }
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}
