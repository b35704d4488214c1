//! Batches: one document with a list of variables, answered as JSON lines while the work goes on.

mod entries;
mod produce;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, Method, Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;

use crate::auth::Caller;
use crate::http::Shared;
use crate::http::graphql::{Rejected, batched, body_of, busy, check_headers, find, reply};
use crate::http::negotiate::Media;
use crate::plan::{Invalid, code};
use crate::trusted::Named;
use entries::read;
use produce::{Batch, Told, begin};

/// Answers a batch. What is wrong with all of it is one answer without lines.
pub(crate) async fn answer(
    shared: Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
) -> (&'static str, Response) {
    let Ok(place) = shared.bounds.batches.clone().try_acquire_owned() else { return ("busy", busy()) };
    let authorization = http.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let (mut request, named, entries) = match request(&shared, caller, http).await {
        Ok(request) => request,
        Err(rejected) => return ("rejected", rejected.answer(Media::Json)),
    };
    let app = shared.app.clone();
    let is_new = match find(&app, &mut request, named).await {
        Ok(is_new) => is_new,
        Err(refused) => return (refused.word(), reply(refused, Media::GraphQl)),
    };
    let decisions = match app.gateway.may_batch(&request).await {
        Ok(decisions) => decisions,
        Err(refused) => return (refused.word(), reply(refused, Media::GraphQl)),
    };
    if is_new {
        app.trusted.keep(&request.query).await;
    }
    ("answered", streamed(begin(Batch { shared, request, entries, authorization, decisions, _place: place })))
}

async fn request(
    shared: &Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
) -> Result<(crate::gateway::Request, Named, Vec<Bytes>), Rejected> {
    let (parts, body) = http.into_parts();
    check_headers(&parts.headers)?;
    if parts.method != Method::POST {
        let message = "a batch is sent by POST";
        return Err(Rejected::Status(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message));
    }
    let bytes = body_of(&shared.bounds, &parts.headers, body, shared.bounds.batch_bytes).await?;
    let (posted, variables) = batched(&bytes)?;
    let entries = read(&bytes, variables, shared.bounds.batch_entries).map_err(Rejected::Invalid)?;
    let (request, named) = posted.at(&parts.uri).request(&parts.headers, true, caller)?;
    Ok((request, named, entries))
}

/// A body of the lines as they come; the producer waits while nobody reads.
fn streamed(told: Told) -> Response {
    let lines = stream::unfold(told, |mut told| async move {
        let lines = told.next().await?;
        Some((Ok::<_, Infallible>(lines), told))
    });
    let head = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (StatusCode::OK, head, Body::from_stream(lines)).into_response()
}

/// The refusal of several requests where they aren't taken.
pub(crate) fn not_enabled() -> Rejected {
    let message = "several requests at once are sent as one document with a list as `variables`, by POST with \
                   `Accept: application/jsonl`";
    Rejected::Invalid(Invalid::new(code::BATCHING_NOT_ENABLED, message))
}
