//! Answers as server-sent events, in the distinct-connections mode of GraphQL over SSE: `next` for each answer
//! of a subscription, or for the one of a query, then `complete`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;

use crate::auth::Caller;
use crate::gateway::{Reply, Request};
use crate::http::Shared;
use crate::http::finish::Finished;
use crate::http::graphql::{answer_found, busy, find, request, slot, word};
use crate::http::negotiate::Media;
use crate::subscription::{Next, Subscription, body};

/// Looks of a second after which an idle stream says that it is alive, for proxies that cut silent ones.
const QUIET: u32 = 12;

/// Whether the client asks for events before anything else.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let first = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let first = first.and_then(|value| value.split([',', ';']).next());
    first.is_some_and(|media| media.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Answers with a stream. What is wrong with the request comes as its one event: browsers' event sources can't
/// read the body of another status.
pub(crate) async fn answer(
    shared: Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
) -> (&'static str, Response) {
    let authorization = http.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let Some(place) = place(&shared) else { return ("busy", busy()) };
    let (mut request, named) = match request(&shared, caller, http).await {
        Ok(request) => request,
        Err(rejected) => return ("rejected", rejected.answer(Media::Json)),
    };
    let app = shared.app.clone();
    let is_new = match find(&app, &mut request, named).await {
        Ok(is_new) => is_new,
        Err(refused) => return one(refused),
    };
    match Subscription::begin(&app, request.clone(), authorization).await {
        Ok(Some(subscription)) => {
            if is_new {
                app.trusted.keep(&request.query).await;
            }
            ("answered", streamed(shared, subscription, place))
        }
        Ok(None) => query(shared, request, is_new).await,
        Err(invalid) => one(app.gateway.refused(&request, invalid).await),
    }
}

/// A query has one answer, in its turn among requests.
async fn query(shared: Shared, request: Request, is_new: bool) -> (&'static str, Response) {
    let Some(slot) = slot(&shared.bounds) else { return ("busy", busy()) };
    let answered = Finished::new(async move {
        let _slot = slot;
        answer_found(&shared.app, &request, is_new, shared.bounds.request_timeout).await
    });
    one(answered.await)
}

fn place(shared: &Shared) -> Option<OwnedSemaphorePermit> {
    shared.bounds.subscriptions.clone().try_acquire_owned().ok()
}

fn one(reply: Reply) -> (&'static str, Response) {
    let outcome = word(&reply);
    (outcome, events(Body::from([next(&body(reply)), complete()].concat())))
}

/// The answers of a subscription until it ends, the process ends, or nobody listens any more.
fn streamed(shared: Shared, subscription: Subscription, place: OwnedSemaphorePermit) -> Response {
    let state = Some((shared, subscription, place, 0u32));
    let parts = stream::unfold(state, |state| async move {
        let (shared, mut subscription, place, quiet) = state?;
        let is_over = shared.bounds.stopping.load(Ordering::Relaxed);
        let told = match is_over {
            true => Next::End(None),
            false => subscription.next(&shared.app, shared.bounds.request_timeout).await,
        };
        Some(match told {
            Next::Answer(body) => (next(&body), Some((shared, subscription, place, 0))),
            Next::Alive if quiet < QUIET => (Vec::new(), Some((shared, subscription, place, quiet + 1))),
            Next::Alive => (b":\n\n".to_vec(), Some((shared, subscription, place, 0))),
            Next::End(last) => {
                (last.map(|body| next(&body)).into_iter().flatten().chain(complete()).collect(), None)
            }
        })
    });
    let parts = parts.filter(|part| std::future::ready(!part.is_empty()));
    events(Body::from_stream(parts.map(|part| Ok::<_, Infallible>(Bytes::from(part)))))
}

fn events(body: Body) -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (StatusCode::OK, head, body).into_response()
}

/// Answers hold no line breaks outside strings, and none inside either: JSON escapes them.
fn next(body: &[u8]) -> Vec<u8> {
    [b"event: next\ndata: ", body, b"\n\n"].concat()
}

fn complete() -> Vec<u8> {
    b"event: complete\ndata:\n\n".to_vec()
}
