//! The front door: GraphQL over HTTP and over WebSocket, health, the schema; authentication before anything is read.

mod answers;
mod batch;
mod evidence;
mod explorer;
mod export;
mod finish;
mod graphql;
mod health;
mod live;
mod negotiate;
mod operations;
mod places;
mod schema;
mod serve;
mod sse;
mod stopping;
mod tls;
mod websocket;

pub(crate) use finish::Finished;
pub use live::Live;
pub use serve::{Bounds, serve};
pub use stopping::Stopping;
pub use tls::Tls;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::auth::{Authenticator, Caller, Refused};
use crate::evidence::Log;
use crate::gateway::Gateway;
use crate::heartbeat::Heartbeat;
use crate::http::live::Door;
use crate::replicas::Replicas;
use crate::trusted::Trusted;

/// What every handler needs.
#[derive(Debug)]
pub struct App {
    /// Answers operations.
    pub gateway: Gateway,
    /// Knows callers by their tokens.
    pub authenticator: Authenticator,
    /// What was answered, for whoever verifies it.
    pub log: Arc<Log>,
    /// Whether departments answer.
    pub heartbeat: Arc<Heartbeat>,
    /// The documents that are known by name.
    pub trusted: Arc<Trusted>,
    /// What replicas share; `None` where each is for itself.
    pub replicas: Option<Arc<Replicas>>,
}

/// What handlers share, with the bounds of requests.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// What was in force when the request came.
    pub(crate) app: Arc<App>,
    pub(crate) live: Live,
    pub(crate) bounds: Arc<Bounds>,
}

/// All routes. What holds for every request and every answer is the listener's.
pub fn router(live: Live, bounds: Bounds) -> Router {
    let door = Door { live, bounds: Arc::new(bounds) };
    let in_turn = from_fn_with_state(door.clone(), evidence::in_turn);
    let entries =
        Router::new().route("/evidence/tile/entries/{*place}", get(evidence::entries)).layer(in_turn.clone());
    let guarded = Router::new()
        .route("/graphql", any(graphql::handle))
        .route("/graphql/{id}", any(graphql::handle))
        .route("/schema.graphql", get(schema::handle))
        .merge(entries)
        .route("/exports", post(export::start))
        .route("/exports/{id}/{file}", get(export::file))
        .layer(from_fn_with_state(door.clone(), authenticate))
        // Browsers can't send a token with this: it comes in the first message.
        .layer(from_fn_with_state(door.clone(), websocket::instead));
    let log = Router::new()
        .route("/evidence/checkpoint", get(evidence::checkpoint))
        .route("/evidence/tile/{level}/{*place}", get(evidence::hashes))
        .route("/evidence/cosignature", post(evidence::cosignature))
        .layer(in_turn);
    Router::new()
        .route("/explorer", get(explorer::page))
        .route("/explorer/settings.json", get(explorer::settings))
        .route("/explorer/{file}", get(explorer::file))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .merge(log)
        .merge(guarded)
        .with_state(door)
}

/// The routes of the listener for operators.
pub fn operations(live: Live, bounds: Bounds, counted: PrometheusHandle) -> Router {
    operations::router(Door { live, bounds: Arc::new(bounds) }, counted)
}

/// Finds the caller before the body is read; without one there is nothing here to see.
async fn authenticate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shared.app.authenticator.caller(authorization).await {
        Ok(caller) => {
            request.extensions_mut().insert::<Arc<Caller>>(caller);
            next.run(request).await
        }
        Err(refused) => unauthorized(refused),
    }
}

fn unauthorized(refused: Refused) -> Response {
    let challenge = match refused {
        Refused::Missing => {
            tracing::info!("a request without a token was refused");
            "Bearer realm=\"yimen\""
        }
        Refused::Invalid(why) => {
            tracing::info!(why, "a token was refused");
            "Bearer realm=\"yimen\", error=\"invalid_token\""
        }
    };
    let body = br#"{"errors":[{"message":"a valid bearer token is needed","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    let head =
        [(header::WWW_AUTHENTICATE, challenge), (header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (StatusCode::UNAUTHORIZED, head, &body[..]).into_response()
}
