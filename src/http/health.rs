//! Whether the process lives, and whether it can do its work.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::Shared;
use crate::replicas::Standing;

/// The process answers.
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "UP" }))
}

/// The process is ready for requests. One department that is down doesn't make it unready: the rest
/// of an answer still comes. Neither does a log that doesn't grow: records are durable without it. Nor does Redis:
/// where it is away, each replica goes on by itself.
pub(crate) async fn ready(State(shared): State<Shared>) -> (StatusCode, Json<Value>) {
    let is_stopping = shared.bounds.stopping.has_begun();
    let (status, word) = match is_stopping {
        true => (StatusCode::SERVICE_UNAVAILABLE, "DOWN"),
        false => (StatusCode::OK, "UP"),
    };
    let word_of = |is_up: bool| if is_up { "UP" } else { "DOWN" };
    let departments = shared.app.heartbeat.beats().into_iter();
    let sources = shared.app.gateway.sources();
    let breaker = |department: &str| {
        sources.get(department).map(|source| source.breaker().state(Instant::now()).word())
    };
    let departments: serde_json::Map<String, Value> = departments
        .map(|beat| {
            let breaker = breaker(&beat.department);
            let told = json!({ "status": word_of(beat.is_up), "since": beat.since, "breaker": breaker });
            (beat.department, told)
        })
        .collect();
    let evidence = shared.app.log.told();
    let mut told = json!({ "status": word, "evidence": evidence, "departments": departments });
    if let Some(replicas) = &shared.app.replicas {
        let Standing { is_up, since } = replicas.link().standing();
        told["redis"] = json!({ "status": word_of(is_up), "since": since });
    }
    (status, Json(told))
}
