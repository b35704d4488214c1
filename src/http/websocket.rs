//! GraphQL over WebSocket by the protocol `graphql-transport-ws`: queries, mutations and subscriptions of one
//! caller over one connection, each decided, recorded and answered as by any other way.
//!
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>. Token, purpose and case come with the request
//! that opens the connection, as headers, or in the payload of `connection_init` by the names of these headers;
//! `extensions.headers` of an operation goes before both, the token apart.

mod connection;
mod gate;
mod given;
pub(crate) mod handshake;
mod message;
mod operation;
mod socket;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper_util::rt::TokioIo;

use crate::http::graphql::{Rejected, check_headers, status};
use crate::http::negotiate::Media;
use crate::http::serve::ConnectionPlace;
use crate::http::{Shared, unauthorized};
use crate::plan::code;
use connection::Connection;

/// Opens a connection where the request asks for one; any other request goes on.
pub(crate) async fn instead(State(shared): State<Shared>, http: HttpRequest<Body>, next: Next) -> Response {
    match handshake::is_wanted(&http) {
        true => opened(shared, http).await.unwrap_or_else(|refused| refused),
        false => next.run(http).await,
    }
}

/// Opens a connection. A token that comes with the request must be good; whether there is one is looked at in the
/// first message.
async fn opened(shared: Shared, mut http: HttpRequest<Body>) -> Result<Response, Response> {
    let refuse = |rejected: Rejected| rejected.answer(Media::Json);
    let key = handshake::check(&http, &shared.bounds.websocket.origins).map_err(refuse)?;
    let authorization = http.headers().get(header::AUTHORIZATION);
    if let Some(value) = authorization {
        let caller = shared.app.authenticator.caller(value.to_str().ok()).await;
        caller.map_err(unauthorized)?;
    }
    check_headers(http.headers()).map_err(refuse)?;
    if shared.bounds.stopping.has_begun() {
        return Err(status(StatusCode::SERVICE_UNAVAILABLE, code::STOPPING, "the server is stopping"));
    }
    let headers = given::of_request(http.headers());
    let place = http.extensions().get::<ConnectionPlace>().cloned();
    let delay = shared.bounds.stopping.delay();
    let upgraded = hyper::upgrade::on(&mut http);
    tokio::spawn(async move {
        let _kept = (place, delay);
        match upgraded.await {
            Ok(stream) => Connection::serve(TokioIo::new(stream), shared, headers).await,
            Err(error) => tracing::debug!(%error, "a connection couldn't be upgraded"),
        }
    });
    Ok(handshake::accepted(&key))
}
