//! One measurement of one server: speed, latency, processor time on both sides, memory.

use std::sync::Arc;

use crate::drive::{Driven, Pace, Traffic, drive};
use crate::machine::{Cluster, Memory};
use crate::process::Process;
use crate::statistics::quantile;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) per_s: f64,
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
    /// Milliseconds of the server's processor time for each request.
    pub(crate) gateway_ms: f64,
    /// Milliseconds of PostgreSQL's processor time for each request.
    pub(crate) postgres_ms: f64,
    /// The server's memory when the window closed.
    pub(crate) memory: Memory,
    /// Answers that were compared as a whole.
    pub(crate) compared: u64,
}

/// Measures a server under this traffic.
pub(crate) async fn measure(
    server: &Process,
    cluster: Cluster,
    traffic: &Arc<Traffic>,
    pace: Pace,
) -> anyhow::Result<Figures> {
    let probe = || Ok((server.cpu_s()?, cluster.cpu_s()?, server.memory()?));
    let Driven { latencies_us, seconds, compared, probes } =
        drive(server.address, traffic, pace, probe).await?;
    let ((gateway_before, postgres_before, _), (gateway_after, postgres_after, memory)) = probes;
    anyhow::ensure!(!latencies_us.is_empty(), "nothing was answered within the window");
    let requests = latencies_us.len() as f64;
    let milliseconds = |us: u32| f64::from(us) / 1_000.0;
    Ok(Figures {
        per_s: requests / seconds,
        median_ms: milliseconds(quantile(&latencies_us, 0.5)),
        p99_ms: milliseconds(quantile(&latencies_us, 0.99)),
        gateway_ms: (gateway_after - gateway_before) * 1_000.0 / requests,
        postgres_ms: (postgres_after - postgres_before) * 1_000.0 / requests,
        memory,
        compared,
    })
}
