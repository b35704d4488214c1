//! The listener for operators: `/metrics`, and health once more. It holds no data and asks for no token, so
//! that it listens where only operators reach it.

use std::time::Instant;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::http::live::Door;
use crate::http::{Shared, health};
use crate::telemetry;

/// What the handlers need.
#[derive(Clone)]
struct Watched {
    door: Door,
    counted: PrometheusHandle,
}

impl FromRef<Watched> for Shared {
    fn from_ref(watched: &Watched) -> Shared {
        Shared::from_ref(&watched.door)
    }
}

pub(crate) fn router(door: Door, counted: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(Watched { door, counted })
}

/// Counters in the text form of Prometheus.
async fn metrics(State(watched): State<Watched>) -> impl IntoResponse {
    let app = watched.door.live.app();
    telemetry::departments(&app.heartbeat.beats());
    for (department, source) in app.gateway.sources().iter() {
        telemetry::breaker(department, source.breaker().state(Instant::now()));
    }
    if let Some(replicas) = &app.replicas {
        telemetry::redis_up(replicas.link().standing().is_up);
    }
    telemetry::set_aside(app.log.told().set_aside);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], watched.counted.render())
}
