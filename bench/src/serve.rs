//! `serve`: one side of a comparison as a process of its own, until standard input ends.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::http::header;
use axum::routing::any;
use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use yimen::config::Config;
use yimen::export::Worker;
use yimen::http::{Bounds, Live, router, serve as serve_on};

use crate::gateway::{Decisions, Records, app};
use crate::output;

/// Which side.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A gateway over the departments of this configuration.
    #[arg(long, value_name = "FILE", conflicts_with = "constant")]
    config: Option<PathBuf>,
    /// Whether its answers are recorded.
    #[arg(long, value_enum, default_value = "hub")]
    records: Records,
    /// What decides; other decisions than the product's leave no records.
    #[arg(long, value_enum, default_value = "policies")]
    decisions: Decisions,
    /// A handler that always answers the same body of this many bytes.
    #[arg(long, value_name = "BYTES")]
    constant: Option<usize>,
}

pub(crate) async fn serve(options: &Options) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let config = Config::read(options.config.as_deref())?;
    let bounds = Bounds::new(&config.server);
    let router = match options.constant {
        Some(bytes) => constant(bytes),
        None => {
            options.config.as_ref().context("give `--config` or `--constant`")?;
            let live = Live::new(app(&config, options.records, options.decisions).await?);
            Worker::begin(live.clone(), bounds.clone());
            router(live, bounds.clone())
        }
    };
    output::line(format!("ready {address}"));
    // The product's own listener on both sides, so that only what is behind it differs.
    serve_on(listener, None, router, bounds, input_ended()?).await;
    Ok(())
}

fn constant(bytes: usize) -> Router {
    let body: Arc<str> = Arc::from(format!("{{\"data\":\"{}\"}}", "x".repeat(bytes.saturating_sub(11))));
    let answer = move || {
        let body = body.to_string();
        async move { ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body) }
    };
    Router::new().route("/graphql", any(answer))
}

/// Ready when whoever started this process has gone or wants it to stop.
fn input_ended() -> anyhow::Result<impl Future<Output = ()>> {
    let (ended, end) = oneshot::channel();
    let wait = move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    };
    std::thread::Builder::new().name(String::from("stdin")).spawn(wait)?;
    Ok(async move {
        let _ = end.await;
    })
}
