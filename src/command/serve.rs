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
use crate::http::{App, Bounds, Live, Tls, operations, router, serve};
use crate::start::{self, Again, Base};
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
    let (from, listen_on) = (options.config.clone(), options.listen.clone());
    let read = move || {
        let mut config = from.read()?;
        if let Some(listen) = &listen_on {
            config.server.listen.clone_from(listen);
        }
        Ok(config)
    };
    let config = read()?;
    let listener = listen(&config).await?;
    let begun = Base::begin(&config).await?;
    serve_app(listener, &config, begun, read).await
}

/// The listener, opened before anything slow is done: a busy port is told at once.
pub(crate) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = &config.server.listen;
    TcpListener::bind(address).await.with_context(|| format!("can't listen on `{address}`"))
}

/// Serves until SIGTERM; `read` reads the configuration again at SIGHUP.
pub(crate) async fn serve_app(
    listener: TcpListener,
    config: &Config,
    (base, app): (Base, App),
    read: impl Fn() -> anyhow::Result<Config> + Send + 'static,
) -> anyhow::Result<()> {
    let traces = traces(config)?;
    let (live, log) = (Live::new(app), base.log().clone());
    let bounds = Bounds::new(&config.server);
    let tls = Tls::open(&config.server.tls)?;
    for key in start::exposed(config)? {
        tracing::warn!(key, "values cross the network in the clear");
    }
    let reload = Reload { tls: tls.clone(), base, live: live.clone(), read };
    reload.at_hangup()?;
    let watched = watch(config, &live, &bounds).await?;
    let exports = Worker::begin(live.clone(), bounds.clone());
    let router = router(live.clone(), bounds.clone());
    let stopped = stopped()?;
    tracing::info!(address = %listener.local_addr()?, "ready");
    if let Some(address) = watched {
        tracing::info!(%address, "operations");
    }
    serve(listener, tls, router, bounds, stopped).await;
    if let Some(exports) = exports {
        exports.ended().await;
    }
    if let Some(shadow) = live.app().gateway.shadow()
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
async fn watch(config: &Config, live: &Live, bounds: &Bounds) -> anyhow::Result<Option<SocketAddr>> {
    let address = &config.operations.listen;
    if address.is_empty() {
        return Ok(None);
    }
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("`operations.listen`: can't listen on `{address}`"))?;
    let address = listener.local_addr()?;
    let router = operations(live.clone(), bounds.clone(), telemetry::begin()?);
    tokio::spawn(serve(listener, None, router, bounds.clone(), std::future::pending()));
    Ok(Some(address))
}

/// What is read again at SIGHUP.
struct Reload<R> {
    tls: Option<Arc<Tls>>,
    base: Base,
    live: Live,
    read: R,
}

impl<R: Fn() -> anyhow::Result<Config> + Send + 'static> Reload<R> {
    fn at_hangup(mut self) -> std::io::Result<()> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut hangup = signal(SignalKind::hangup())?;
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    self.certificates();
                    self.everything_else().await;
                }
            });
        }
        Ok(())
    }

    /// A wrong certificate leaves the old one in place.
    fn certificates(&self) {
        match self.tls.as_ref().map(|tls| tls.reload()) {
            Some(Ok(())) => tracing::info!("certificates were read again"),
            Some(Err(error)) => {
                tracing::error!(error = format!("{error:#}"), "certificates stay as they are")
            }
            None => {}
        }
    }

    /// Configuration, catalogue, policies and documents: all of them, or none where one is wrong.
    async fn everything_else(&mut self) {
        let read = (self.read)();
        let again = match read {
            Ok(config) => self.base.again(config, &self.live.app()).await,
            Err(error) => Err(error),
        };
        telemetry::reload(again.is_ok());
        match again {
            Ok(Again { app, waiting, cells: (wider, narrower) }) => {
                let (catalogue, policies) =
                    (app.gateway.catalogue().version.clone(), app.gateway.policies().version().to_owned());
                self.live.replace(app);
                tracing::info!(catalogue, policies, wider, narrower, "everything was read again");
                if !waiting.is_empty() {
                    tracing::warn!(keys = waiting.join(", "), "these changes wait for the next start");
                }
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "nothing was changed, what was in force goes on");
                self.base.tell_refused(&self.live.app()).await;
            }
        }
    }
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
