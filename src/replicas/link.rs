//! The one connection to Redis: kept by a task of its own, so that no request ever waits for it to come back.
//!
//! A request that gets no answer in `redis.timeout_ms` takes the connection out of use for everybody; from then on
//! nobody waits, until the task has connected anew and Redis has done on trial what it is asked for.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::{Notify, broadcast};

use crate::clock::{Clock, SystemClock};
use crate::config::Redis;
use crate::replicas::address::Address;
use crate::replicas::names::Names;
use crate::replicas::tally;
use crate::telemetry;

/// What Redis is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A document that a client registered.
    Document,
    /// A caller's quota.
    Quota,
    /// Word of a department's state.
    Word,
}

impl Use {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Use::Document => "DOCUMENT",
            Use::Quota => "QUOTA",
            Use::Word => "WORD",
        }
    }
}

/// Redis didn't do what it was asked for: whoever asked goes on without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Away;

/// What Redis answered, over which of the process's connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<T> {
    pub(crate) value: T,
    /// Counted from 1. What Redis kept before an earlier connection ended, it may have lost.
    pub(crate) connection: u64,
}

/// Whether Redis answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) is_up: bool,
    /// Since when that is so, as far as this process knows.
    pub(crate) since: DateTime<Utc>,
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Link {
    address: Address,
    timeout: Duration,
    pause: Duration,
    trial: String,
    word: String,
    now: RwLock<Option<Connected>>,
    standing: Mutex<Standing>,
    /// When it was last logged that Redis refused something.
    refused: Mutex<Option<Instant>>,
    said: broadcast::Sender<Arc<[u8]>>,
}

#[derive(Clone, Debug)]
struct Connected {
    number: u64,
    connection: MultiplexedConnection,
    /// Woken when it is taken out of use.
    lost: Arc<Notify>,
}

/// How long connecting may take; no request waits for it.
const CONNECT: Duration = Duration::from_secs(2);

/// The pause between two lines of the log about what Redis refuses.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

/// Words that whoever reads them may be behind before some are missed.
const BEHIND: usize = 256;

/// The most bytes of a word.
const MAX_WORD: usize = 512;

impl Link {
    /// Tries to connect once, and from then on as often as it takes.
    pub(super) async fn begin(address: Address, settings: &Redis, names: &Names) -> Arc<Self> {
        let link = Arc::new(Link {
            address,
            timeout: Duration::from_millis(settings.timeout_ms),
            pause: Duration::from_millis(settings.pause_ms),
            trial: names.only("trial"),
            word: names.only("departments"),
            now: RwLock::default(),
            standing: Mutex::new(Standing { is_up: false, since: SystemClock.now() }),
            refused: Mutex::default(),
            said: broadcast::Sender::new(BEHIND),
        });
        let first = match link.connect().await {
            Ok(made) => Some(link.take(1, made)),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "Redis doesn't answer, this process goes on by itself");
                None
            }
        };
        tokio::spawn(link.clone().keep(first));
        link
    }

    /// Asks, for `redis.timeout_ms` at most, and not at all where it is known that nobody answers. `ask` gets the
    /// connection and its number.
    ///
    /// # Errors
    /// [`Away`], whatever the reason.
    pub(crate) async fn ask<T, F>(
        &self,
        what: Use,
        ask: impl FnOnce(MultiplexedConnection, u64) -> F,
    ) -> Result<Told<T>, Away>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let Some(Connected { number, connection, .. }) = self.now() else {
            telemetry::redis_failed(what, "AWAY");
            return Err(Away);
        };
        let began = Instant::now();
        let why = match tokio::time::timeout(self.timeout, ask(connection, number)).await {
            Ok(Ok(value)) => {
                telemetry::redis(what, began.elapsed());
                return Ok(Told { value, connection: number });
            }
            Ok(Err(error)) if is_refusal(&error) => {
                self.tell_refused(what, &error);
                "REFUSED"
            }
            Ok(Err(error)) => {
                self.lose(number, error.category());
                "BROKEN"
            }
            Err(_) => {
                self.lose(number, "no answer in time");
                "TIMEOUT"
            }
        };
        telemetry::redis_failed(what, why);
        Err(Away)
    }

    /// Whether Redis answers.
    pub(crate) fn standing(&self) -> Standing {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is said in the channel of departments from now on: bytes of anybody who can write there.
    pub(crate) fn said(&self) -> broadcast::Receiver<Arc<[u8]>> {
        self.said.subscribe()
    }

    /// The channel of departments.
    pub(crate) fn channel(&self) -> &str {
        &self.word
    }

    fn now(&self) -> Option<Connected> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a connection out of use. Who still waits on it for an answer finds that done.
    fn lose(&self, number: u64, why: &str) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let Some(lost) = now.take_if(|now| now.number == number) else { return };
        drop(now);
        self.tell(false);
        tracing::warn!(why, "Redis doesn't answer, this process goes on by itself");
        lost.lost.notify_one();
    }

    /// Takes a connection into use.
    fn take(&self, number: u64, (connection, driving): Made) -> (Connected, Driving) {
        let connected = Connected { number, connection, lost: Arc::default() };
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Some(connected.clone());
        self.tell(true);
        tracing::info!("Redis answers");
        (connected, driving)
    }

    fn tell(&self, is_up: bool) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) =
            Standing { is_up, since: SystemClock.now() };
    }

    fn tell_refused(&self, what: Use, error: &RedisError) {
        let mut told = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TOLD_AGAIN) {
            *told = Some(Instant::now());
            tracing::warn!(what = what.word(), code = error.code(), "Redis refuses what it is asked for");
        }
    }

    /// A connection over which Redis did what it is asked for.
    async fn connect(&self) -> anyhow::Result<(MultiplexedConnection, Driving)> {
        let made = async {
            let (said, channel) = (self.said.clone(), self.word.clone());
            let (mut connection, driver) =
                self.address.connect(move |push| pass_on(&said, &channel, push)).await?;
            let driving = Driving(tokio::spawn(driver));
            connection.subscribe(&self.word).await?;
            tally::try_out(connection.clone(), &self.trial).await?;
            anyhow::Ok((connection, driving))
        };
        tokio::time::timeout(CONNECT, made).await.map_err(|_| anyhow::anyhow!("no answer in time"))?
    }

    /// Keeps a connection, as long as the process lives.
    async fn keep(self: Arc<Self>, first: Option<(Connected, Driving)>) {
        let (mut held, mut made) = (first, 1);
        loop {
            if let Some((connected, mut driving)) = held.take() {
                self.watch(&connected, &mut driving).await;
            }
            tokio::time::sleep(self.pause).await;
            if let Ok(fresh) = self.connect().await {
                made += 1;
                held = Some(self.take(made, fresh));
            }
        }
    }

    /// Looks now and then whether Redis still does what it is asked for, until it doesn't.
    async fn watch(&self, Connected { number, connection, lost }: &Connected, driving: &mut Driving) {
        loop {
            tokio::select! {
                () = lost.notified() => return,
                _ = &mut driving.0 => return self.lose(*number, "the connection ended"),
                () = tokio::time::sleep(self.pause) => {}
            }
            let tried = tally::try_out(connection.clone(), &self.trial);
            match tokio::time::timeout(self.timeout, tried).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.lose(*number, error.category()),
                Err(_) => self.lose(*number, "no answer in time"),
            }
        }
    }
}

/// The task that reads and writes for a connection; it ends with this.
struct Driving(tokio::task::JoinHandle<()>);

impl Drop for Driving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

type Made = (MultiplexedConnection, Driving);

/// Whether Redis answered, if only that it won't.
fn is_refusal(error: &RedisError) -> bool {
    matches!(error.kind(), redis::ErrorKind::Server(_) | redis::ErrorKind::Extension)
}

/// Passes on what is said in our channel, and nothing that no replica says.
fn pass_on(said: &broadcast::Sender<Arc<[u8]>>, channel: &str, push: PushInfo) -> Result<(), ()> {
    if push.kind != PushKind::Message {
        return Ok(());
    }
    if let [Value::BulkString(from), Value::BulkString(word)] = push.data.as_slice()
        && from.as_slice() == channel.as_bytes()
        && word.len() <= MAX_WORD
    {
        // Nobody may be listening.
        let _ = said.send(word.as_slice().into());
    }
    Ok(())
}
