//! `/evidence/`: the log as C2SP tlog-tiles serves it.
//!
//! Head and hashes are for everybody: they carry nothing but salted and keyed hashes. Entries name
//! officers and cases, so they take the role of an auditor; who is refused them has a record of it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sea_orm::DbErr;

use crate::auth::Caller;
use crate::evidence::tile::{Tile, WIDTH};
use crate::http::Shared;
use crate::http::finish::Finished;
use crate::http::graphql::{busy, no_evidence, slot, status};
use crate::plan::code;

/// The role that may read entries.
const AUDITOR: &str = "AUDITOR";

/// The most bytes of a cosignature's request.
const MAX_COSIGNATURE: usize = 4_096;

/// The newest signed head.
pub(crate) async fn checkpoint(State(shared): State<Shared>) -> Response {
    match shared.app.log.checkpoint().await {
        Ok(Some(note)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => unavailable(&error),
    }
}

/// A tile of hashes.
pub(crate) async fn hashes(
    State(shared): State<Shared>,
    Path((level, place)): Path<(String, String)>,
) -> Response {
    match Tile::parse(&format!("tile/{level}/{place}")) {
        Some(tile) if tile.level.is_some() => send(&shared, tile).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A bundle of entries, for auditors.
pub(crate) async fn entries(
    State(shared): State<Shared>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(place): Path<String>,
) -> Response {
    let app = shared.app.clone();
    if caller.role != AUDITOR {
        let refused = Finished::new(async move { app.gateway.is_refused_log(&caller).await });
        return if refused.await { forbidden() } else { no_evidence() };
    }
    let Some(tile) = Tile::parse(&format!("tile/entries/{place}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let may_read = Finished::new(async move { app.gateway.may_read_log(&caller).await });
    if may_read.await { send(&shared, tile).await } else { no_evidence() }
}

fn forbidden() -> Response {
    status(StatusCode::FORBIDDEN, code::FORBIDDEN, "entries of the log take the role AUDITOR")
}

/// Takes a place among the requests that are worked on: whoever reads the log in haste mustn't keep
/// operations from being answered, nor the other way round.
pub(crate) async fn in_turn(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    match slot(&shared.bounds) {
        Some(_slot) => next.run(request).await,
        None => busy(),
    }
}

async fn send(shared: &Shared, tile: Tile) -> Response {
    let full = tile.width == WIDTH;
    let cache = match (full, tile.level) {
        (true, Some(_)) => "public, max-age=31536000, immutable",
        _ => "no-store",
    };
    match shared.app.log.tile(tile).await {
        Ok(Some(bytes)) => {
            let head = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, cache)];
            (head, bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => unavailable(&error),
    }
}

/// Takes a witness's signature of one of the newest heads: the lines of signatures alone.
pub(crate) async fn cosignature(State(shared): State<Shared>, body: axum::body::Body) -> Response {
    let Ok(bytes) = axum::body::to_bytes(body, MAX_COSIGNATURE).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let lines = String::from_utf8_lossy(&bytes);
    match shared.app.log.cosign(&lines).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "no configured witness signed one of the newest heads\n")
                .into_response()
        }
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &DbErr) -> Response {
    tracing::error!(%error, "the log can't be read");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
