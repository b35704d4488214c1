//! The listener: bounded heads, bounded connections, and an end that finishes what is in flight.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt;

use crate::config::Server;
use crate::http::places::Places;
use crate::http::{Stopping, Tls};
use crate::telemetry;

/// The pause between two lines of the log that say that connections can't be accepted.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

/// Bounds of requests and connections.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Bytes of a batch's body.
    pub batch_bytes: usize,
    /// Entries of a batch.
    pub batch_entries: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// One permit for each request that is worked on.
    pub requests: Arc<Semaphore>,
    /// Places of subscriptions.
    pub subscriptions: Places,
    /// One permit for each batch under way.
    pub batches: Arc<Semaphore>,
    /// Whether the process is about to end.
    pub stopping: Stopping,
    /// WebSocket connections.
    pub websocket: WebSocketBounds,
    head_bytes: usize,
    head_lines: usize,
    head_timeout: Duration,
    unread_timeout: Duration,
    connections: usize,
    grace: Duration,
    places: usize,
}

impl Bounds {
    /// The bounds that a configuration sets.
    pub fn new(server: &Server) -> Self {
        Bounds {
            body_bytes: server.body_bytes,
            batch_bytes: server.batch_bytes,
            batch_entries: server.batch_entries,
            body_timeout: Duration::from_millis(server.body_timeout_ms),
            request_timeout: Duration::from_millis(server.request_timeout_ms),
            requests: Arc::new(Semaphore::new(server.requests)),
            subscriptions: Places::new(server.subscriptions, server.subscriptions_per_caller),
            batches: Arc::new(Semaphore::new(server.batches)),
            stopping: Stopping::default(),
            websocket: WebSocketBounds::new(server),
            head_bytes: server.head_bytes,
            head_lines: server.head_lines,
            head_timeout: Duration::from_millis(server.head_timeout_ms),
            unread_timeout: Duration::from_millis(server.unread_timeout_ms),
            connections: server.connections,
            grace: Duration::from_millis(server.grace_ms),
            places: server.requests,
        }
    }
}

/// Bounds of WebSocket connections.
#[derive(Clone, Debug)]
pub struct WebSocketBounds {
    /// Places of connections whose caller is known.
    pub places: Places,
    /// Operations of a connection under way at once.
    pub operations: usize,
    /// How long a connection may go without its caller being known.
    pub init_timeout: Duration,
    /// The pause between two questions whether the other end is there.
    pub ping: Duration,
    /// How long a connection may have nothing under way.
    pub idle: Duration,
    /// Web pages that may connect besides those of the gateway itself, as `scheme://host:port`.
    pub origins: Vec<String>,
}

impl WebSocketBounds {
    fn new(server: &Server) -> Self {
        WebSocketBounds {
            places: Places::new(server.websockets, server.websockets_per_caller),
            operations: server.websocket_operations,
            init_timeout: Duration::from_millis(server.websocket_init_ms),
            ping: Duration::from_millis(server.websocket_ping_ms),
            idle: Duration::from_millis(server.websocket_idle_ms),
            origins: server.origins.clone(),
        }
    }
}

impl Bounds {
    /// The same places for requests with bodies as large as a batch's.
    pub(crate) fn wide(&self) -> Bounds {
        Bounds { body_bytes: self.batch_bytes, ..self.clone() }
    }

    /// Ready when nothing is worked on, not even for callers who hung up. No work is taken on then.
    async fn idle(&self) {
        let places = u32::try_from(self.places).unwrap_or(u32::MAX);
        if let Ok(all) = self.requests.acquire_many(places).await {
            all.forget();
        }
    }
}

/// Serves until `stop` is ready, then lets requests in flight finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let door = Arc::new(Door { router, bounds: bounds.clone(), tls });
    let places = Arc::new(Semaphore::new(bounds.connections));
    tokio::pin!(stop);
    let mut told = None;
    loop {
        let place = places.clone().acquire_owned();
        let accepted = async { (place.await, listener.accept().await) };
        tokio::select! {
            () = &mut stop => break,
            (place, accepted) = accepted => match (place, accepted) {
                (Ok(place), Ok((stream, _))) => {
                    tokio::spawn(door.clone().connection(stream, place));
                }
                (_, Err(error)) => {
                    // Mostly too many open files: others may close soon. At the edge one goes and the next
                    // comes many times a second, so that it is told by time and not by shortage.
                    if told.is_none_or(|told: Instant| told.elapsed() >= TOLD_AGAIN) {
                        tracing::warn!(%error, "a connection can't be accepted");
                        told = Some(Instant::now());
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                (Err(_), _) => break,
            },
        }
    }
    bounds.stopping.begin();
    drop(listener);
    let finished = async {
        bounds.stopping.undelayed().await;
        bounds.idle().await;
    };
    tokio::select! {
        () = finished => {}
        () = tokio::time::sleep(bounds.grace) => tracing::warn!("requests were cut off at the end"),
    }
}

/// A connection's place among all. What a connection is upgraded to keeps it after its last request.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionPlace {
    _place: Arc<OwnedSemaphorePermit>,
}

/// What every connection of a listener is served with.
struct Door {
    router: Router,
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
}

impl Door {
    /// Serves one connection, which keeps its place until it ends.
    async fn connection(self: Arc<Self>, stream: TcpStream, place: OwnedSemaphorePermit) {
        let _delay = self.bounds.stopping.delay();
        let place = ConnectionPlace { _place: Arc::new(place) };
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.bounds.unread_timeout));
        let stream = Box::pin(stream);
        let Some(tls) = &self.tls else { return self.speak(stream, place).await };
        let secured = tls.acceptor().accept(stream);
        match tokio::time::timeout(self.bounds.head_timeout, secured).await {
            Ok(Ok(stream)) => self.speak(stream, place).await,
            Ok(Err(error)) => tracing::debug!(%error, "a connection couldn't be secured"),
            Err(_) => tracing::debug!("a connection wasn't secured in time"),
        }
    }

    async fn speak<S>(&self, stream: S, place: ConnectionPlace)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(place.clone());
            respond(router.clone(), request)
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head_timeout)
            .max_headers(self.bounds.head_lines)
            .max_buf_size(self.bounds.head_bytes);
        let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.bounds.stopping.begun() => {
                // The request in flight is the last.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        match ended {
            Ok(()) => {}
            Err(error) if is_unread(&error) => unread(),
            Err(error) => tracing::debug!(%error, "a connection ended early"),
        }
    }
}

/// Whether a connection ended because the other end took nothing of what was sent.
fn is_unread(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::TimedOut)
}

/// Tells that a connection was cut whose other end doesn't read.
pub(crate) fn unread() {
    tracing::info!("a connection was cut: nothing of what was sent was taken");
    telemetry::unread();
}

/// One request through the routes, with what holds for all of them.
async fn respond(router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    let mut response = if has_one_host(&request) {
        let answered = router.oneshot(request.map(Body::new)).await;
        answered.unwrap_or_else(|never| match never {})
    } else {
        StatusCode::BAD_REQUEST.into_response()
    };
    protect(response.headers_mut());
    Ok(response)
}

/// HTTP/1.1 asks for exactly one Host (RFC 9112, 3.2).
fn has_one_host(request: &Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.uri().authority().is_some())
}

/// The headers that every answer carries.
fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
