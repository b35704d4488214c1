//! `/evidence/`: the log as C2SP tlog-tiles serves it.
//!
//! Head and hashes are for everybody: they carry nothing but salted and keyed hashes. Entries name
//! officers and cases, so they take the role of an auditor.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::DbErr;

use crate::auth::Caller;
use crate::evidence::tile::{Tile, WIDTH};
use crate::http::Shared;

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
    if caller.role != AUDITOR {
        return StatusCode::FORBIDDEN.into_response();
    }
    match Tile::parse(&format!("tile/entries/{place}")) {
        Some(tile) if shared.app.gateway.may_read_log(&caller).await => send(&shared, tile).await,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
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

/// Takes a witness's signature of the newest head: the lines of signatures alone.
pub(crate) async fn cosignature(State(shared): State<Shared>, body: axum::body::Body) -> Response {
    let Ok(bytes) = axum::body::to_bytes(body, MAX_COSIGNATURE).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let lines = String::from_utf8_lossy(&bytes);
    match shared.app.log.cosign(&lines).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => (StatusCode::UNPROCESSABLE_ENTITY, "no configured witness signed the newest head\n")
            .into_response(),
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &DbErr) -> Response {
    tracing::error!(%error, "the log can't be read");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
