//! Answers as server-sent events, in the distinct-connections mode of GraphQL over SSE: `next` for each answer
//! of a subscription, or for the one of a query, then `complete`.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

use crate::auth::Caller;
use crate::http::Shared;
use crate::http::answers::{Answers, Watching, begin};
use crate::http::graphql::{busy, request, slot, status};
use crate::http::negotiate::Media;
use crate::http::places::Full;
use crate::subscription::{Next, Told};

/// Looks of a second after which an idle stream says that it is alive, for proxies that cut silent ones.
const QUIET: u32 = 12;

/// Answers with a stream. What is wrong with the request comes as its one event: browsers' event sources can't
/// read the body of another status.
pub(crate) async fn answer(
    shared: Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
) -> (&'static str, Response) {
    let authorization = http.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let Some(slot) = slot(&shared.bounds) else { return ("busy", busy()) };
    let (request, named) = match request(&shared, caller, http).await {
        Ok(request) => request,
        Err(rejected) => return ("rejected", rejected.answer(Media::Json)),
    };
    let (outcome, answers) = begin(&shared, slot, request, named, authorization).await;
    let response = match answers {
        Answers::One(told) => events(Body::from([next(told), complete()].concat())),
        Answers::Many(watching) => streamed(*watching),
        Answers::Full(Full::All) => busy(),
        Answers::Full(full @ Full::OfCaller) => {
            let invalid = full.invalid(&shared.bounds);
            let message = invalid.errors[0]["message"].as_str().unwrap_or_default();
            status(StatusCode::TOO_MANY_REQUESTS, invalid.code(), message)
        }
    };
    (outcome, response)
}

/// The answers of a subscription until it ends, the process ends, or nobody listens any more.
fn streamed(watching: Watching) -> Response {
    let parts = stream::unfold(Some((watching, 0u32)), |state| async move {
        let (mut watching, quiet) = state?;
        Some(match watching.next().await {
            Next::Answer(told) => (next(told), Some((watching, 0))),
            Next::Alive if quiet < QUIET => (Vec::new(), Some((watching, quiet + 1))),
            Next::Alive => (b":\n\n".to_vec(), Some((watching, 0))),
            Next::End(last) => (last.map(next).into_iter().flatten().chain(complete()).collect(), None),
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
fn next(told: Told) -> Vec<u8> {
    [b"event: next\ndata: ", told.body().as_slice(), b"\n\n"].concat()
}

fn complete() -> Vec<u8> {
    b"event: complete\ndata:\n\n".to_vec()
}
