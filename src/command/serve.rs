//! `yimen serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use crate::command::ConfigFile;
use crate::config::{Config, Telemetry};
use crate::export::Worker;
use crate::http::{App, Bounds, Tls, operations, router, serve};
use crate::start;
use crate::telemetry;
use crate::telemetry::trace::Traces;

/// Options of `yimen serve`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// Listen here instead of `server.listen`.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut config = options.config.read()?;
    if let Some(listen) = &options.listen {
        config.server.listen.clone_from(listen);
    }
    let listener = listen(&config).await?;
    let app = Arc::new(start::app(&config).await?);
    serve_app(listener, &config, app).await
}

/// The listener, opened before anything slow is done: a busy port is told at once.
pub(crate) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = &config.server.listen;
    TcpListener::bind(address).await.with_context(|| format!("can't listen on `{address}`"))
}

/// Answers requests until the process is asked to end.
pub(crate) async fn serve_app(listener: TcpListener, config: &Config, app: Arc<App>) -> anyhow::Result<()> {
    let traces = traces(config)?;
    let bounds = Bounds::new(&config.server);
    let tls = Tls::open(&config.server.tls)?;
    reload_at_hangup(tls.clone())?;
    let watched = watch(config, &app, &bounds).await?;
    let (log, shadow) = (app.log.clone(), app.gateway.shadow().cloned());
    let exports = Worker::begin(app.clone(), bounds.clone());
    let router = router(app, bounds.clone());
    let stopped = stopped()?;
    tracing::info!(address = %listener.local_addr()?, "ready");
    if let Some(address) = watched {
        tracing::info!(%address, "operations");
    }
    serve(listener, tls, router, bounds, stopped).await;
    if let Some(exports) = exports {
        exports.ended().await;
    }
    if let Some(shadow) = shadow
        && let Ok(Err(error)) = tokio::time::timeout(LAST_ROUND, shadow.settle()).await
    {
        tracing::warn!(
            error = format!("{error:#}"),
            "what the policies under trial decided isn't all written"
        );
    }
    // Nobody waits for this; what stays is integrated by the next start or by another replica.
    if let Ok(Err(error)) = tokio::time::timeout(LAST_ROUND, log.integrate_all()).await {
        tracing::warn!(%error, "records stay without a place in the log for now");
    }
    if let Some(traces) = traces {
        // It waits for the collector, within its own time.
        tokio::task::spawn_blocking(|| traces.end()).await?;
    }
    Ok(())
}

/// Begins to send traces, where there is somebody to take them.
fn traces(config: &Config) -> anyhow::Result<Option<Traces>> {
    let Telemetry { collector, sample } = &config.telemetry;
    (!collector.is_empty()).then(|| Traces::begin(collector, *sample)).transpose()
}

/// Opens the listener for operators, where there is to be one. It goes on to the end of the process.
async fn watch(config: &Config, app: &Arc<App>, bounds: &Bounds) -> anyhow::Result<Option<SocketAddr>> {
    let address = &config.operations.listen;
    if address.is_empty() {
        return Ok(None);
    }
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("`operations.listen`: can't listen on `{address}`"))?;
    let address = listener.local_addr()?;
    let router = operations(app.clone(), bounds.clone(), telemetry::begin()?);
    tokio::spawn(serve(listener, None, router, bounds.clone(), std::future::pending()));
    Ok(Some(address))
}

/// Reads certificates again at SIGHUP; a wrong one leaves the old one in place.
fn reload_at_hangup(tls: Option<Arc<Tls>>) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                match tls.as_ref().map(|tls| tls.reload()) {
                    Some(Ok(())) => tracing::info!("certificates were read again"),
                    Some(Err(error)) => {
                        tracing::error!(error = format!("{error:#}"), "certificates stay as they are")
                    }
                    None => {}
                }
            }
        });
    }
    Ok(())
}

/// How long the log may grow at the end.
const LAST_ROUND: Duration = Duration::from_secs(5);

/// Ready at SIGTERM or at Ctrl-C. Signals count from this call on, not from when somebody waits.
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let (mut terminate, mut interrupt) = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("stopping");
    })
}
