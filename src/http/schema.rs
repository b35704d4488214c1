//! `/schema.graphql`: what this token may use; the whole of it for those who keep the catalogue.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::auth::Caller;
use crate::http::Shared;
use crate::http::graphql::{PURPOSE, Rejected, status, text};
use crate::http::negotiate::Media;

/// With `?whole` the catalogue's own text, without it what this caller may use: for the purpose that the
/// header states, or for any of them.
pub(crate) async fn handle(
    State(shared): State<Shared>,
    Extension(caller): Extension<Arc<Caller>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let gateway = &shared.app.gateway;
    let sdl = match query.as_deref() {
        Some("whole") => match gateway.whole_sdl(&caller) {
            Some(sdl) => Ok(sdl.to_owned()),
            None => return status(StatusCode::FORBIDDEN, "FORBIDDEN", "the whole schema is for stewards"),
        },
        _ => gateway.sdl(&caller, text(&headers, PURPOSE).as_deref()).await,
    };
    match sdl {
        Ok(sdl) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sdl).into_response(),
        Err(invalid) => Rejected::Invalid(invalid).answer(Media::GraphQl),
    }
}
