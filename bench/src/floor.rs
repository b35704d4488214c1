//! The floor: `pgbench` with prepared statements over the mirror.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::Context;

use crate::database::{ALL, url};
use crate::machine::Cluster;
use crate::mirror::program;
use crate::place::Place;
use crate::query::Query;
use crate::script::Script;
use crate::statistics::median;

/// `pgbench`, ready to run one query's statements.
pub(crate) struct Floor {
    program: PathBuf,
    database: String,
    script: PathBuf,
    defines: Vec<(String, String)>,
    session: String,
    seed: u64,
}

/// What `pgbench` saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Transactions a second after the first second.
    pub(crate) per_s: f64,
    /// Milliseconds of PostgreSQL's processor time for each transaction, connecting included.
    pub(crate) postgres_ms: f64,
}

impl Floor {
    /// A floor of this script, which is written into a folder.
    pub(crate) fn new(place: &Place, folder: &Path, query: Query, script: Script) -> anyhow::Result<Self> {
        let file = folder.join(format!("{}.pgbench", query.name()));
        std::fs::write(&file, script.text)?;
        Ok(Floor {
            program: program("pgbench")?,
            database: url(place, ALL),
            script: file,
            defines: script.defines,
            session: session(query),
            seed: place.seed,
        })
    }

    /// Runs for some seconds after a first one that isn't counted.
    pub(crate) fn run(&self, cluster: Cluster, clients: usize, seconds: u64) -> anyhow::Result<Seen> {
        let before = cluster.cpu_s()?;
        let output = self.output(clients, seconds + 1, &[])?;
        let cpu_s = cluster.cpu_s()? - before;
        let per_s = steady(&String::from_utf8_lossy(&output.stderr)).context("`pgbench` told no progress")?;
        let count =
            transactions(&String::from_utf8_lossy(&output.stdout)).context("`pgbench` told no count")?;
        Ok(Seen { per_s, postgres_ms: cpu_s * 1_000.0 / count.max(1.0) })
    }

    /// The median latency of one client, in milliseconds.
    pub(crate) fn median_ms(&self, seconds: u64) -> anyhow::Result<f64> {
        let folder = tempfile::tempdir()?;
        let prefix = folder.path().join("log");
        self.output(1, seconds, &["--log", &format!("--log-prefix={}", prefix.display())])?;
        let mut latencies = Vec::new();
        for entry in std::fs::read_dir(folder.path())? {
            let text = std::fs::read_to_string(entry?.path())?;
            latencies.extend(text.lines().filter_map(logged_ms));
        }
        anyhow::ensure!(!latencies.is_empty(), "`pgbench` logged nothing");
        Ok(median(&latencies))
    }

    fn output(&self, clients: usize, seconds: u64, more: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(&self.program);
        command
            .env("PGOPTIONS", &self.session)
            .args(["--no-vacuum", "--protocol=prepared", "--progress=1"])
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={seconds}"))
            .arg(format!("--random-seed={}", self.seed))
            .arg(format!("--file={}", self.script.display()))
            .args(self.defines.iter().map(|(name, value)| format!("--define={name}={value}")))
            .args(more)
            .arg(&self.database);
        let output = command.output().context("`pgbench`")?;
        let told = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success() && !told.contains("aborted"), "`pgbench` failed: {told}");
        Ok(output)
    }
}

/// The settings of the gateway's own session, so that plans are the same: small statements take the generic plan,
/// bulk ones the planner's choice.
pub(crate) fn session(query: Query) -> String {
    let session = "-c statement_timeout=10000 -c default_transaction_read_only=on -c jit=off \
                   -c max_parallel_workers_per_gather=0";
    match query {
        Query::Family | Query::Town => format!("{session} -c plan_cache_mode=force_generic_plan"),
        Query::Roll => session.to_owned(),
    }
}

/// The mean of `progress: 2.0 s, 3011.9 tps, …` lines but for the first, each weighed by its time.
fn steady(told: &str) -> Option<f64> {
    let points: Vec<(f64, f64)> = told.lines().filter_map(progress).collect();
    let spans = points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1));
    let (time, count) =
        spans.fold((0.0, 0.0), |(time, count), (span, per_s)| (time + span, count + span * per_s));
    (time > 0.0).then(|| count / time)
}

fn progress(line: &str) -> Option<(f64, f64)> {
    let mut parts = line.strip_prefix("progress: ")?.split(", ");
    let at = parts.next()?.strip_suffix(" s")?.parse().ok()?;
    let per_s = parts.next()?.strip_suffix(" tps")?.parse().ok()?;
    Some((at, per_s))
}

fn transactions(told: &str) -> Option<f64> {
    told.lines()
        .find_map(|line| line.strip_prefix("number of transactions actually processed: ")?.parse().ok())
}

/// `client transaction microseconds script …`
fn logged_ms(line: &str) -> Option<f64> {
    line.split(' ').nth(2)?.parse::<f64>().ok().map(|us| us / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_second_is_not_counted() {
        let told = "pgbench (15.1)\nprogress: 1.0 s, 100.0 tps, lat 1 ms stddev 1, 0 failed\n\
                    progress: 2.0 s, 300.0 tps, lat 1 ms stddev 1, 0 failed\n\
                    progress: 4.0 s, 600.0 tps, lat 1 ms stddev 1, 0 failed\n";
        assert_eq!(steady(told), Some(500.0));
        assert_eq!(steady("nothing"), None);
    }

    #[test]
    fn counts_and_logs_are_read() {
        assert_eq!(transactions("number of transactions actually processed: 41\n"), Some(41.0));
        assert_eq!(logged_ms("0 199 2241 0 1175850568 995598"), Some(2.241));
    }
}
