//! What the system counts: processor time and memory of processes, from `/proc`.

use std::fs::read_to_string;
use std::iter::Sum;
use std::ops::Add;

use anyhow::Context;
use tokio_postgres::Client;

/// Linux counts processor time of processes in hundredths of a second, whatever its own tick is.
const TICKS_PER_S: f64 = 100.0;

/// A process as `/proc/<pid>/stat` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    parent: u32,
    /// Ticks of the process itself.
    own: u64,
    /// Ticks of its children that have ended.
    ended: u64,
}

/// The server of a PostgreSQL cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    postmaster: u32,
}

impl Cluster {
    /// The cluster behind a connection.
    pub(crate) async fn of(client: &Client) -> anyhow::Result<Self> {
        let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
        let backend = stat(u32::try_from(pid)?).context("the PostgreSQL server must run on this machine")?;
        Ok(Cluster { postmaster: backend.parent })
    }

    /// Seconds of processor time of all its processes, those that have ended included.
    pub(crate) fn cpu_s(self) -> anyhow::Result<f64> {
        let postmaster = stat(self.postmaster).context("the PostgreSQL server has gone")?;
        let children = children(self.postmaster)?.into_iter().filter_map(stat);
        let ticks = postmaster.own + postmaster.ended + children.map(|child| child.own).sum::<u64>();
        Ok(ticks as f64 / TICKS_PER_S)
    }
}

/// The processes that a process has started and that still run.
pub(crate) fn children(parent: u32) -> anyhow::Result<Vec<u32>> {
    let pids =
        std::fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == parent)).collect())
}

/// Seconds of processor time of one process.
pub(crate) fn cpu_s(pid: u32) -> anyhow::Result<f64> {
    let stat = stat(pid).with_context(|| format!("process {pid} has gone"))?;
    Ok(stat.own as f64 / TICKS_PER_S)
}

/// Resident memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    /// MiB now.
    pub(crate) now: f64,
    /// MiB at most since the process began.
    pub(crate) most: f64,
    /// MiB now without mapped files, which the system can take back and counts once for each mapping.
    pub(crate) own: f64,
}

impl Add for Memory {
    type Output = Memory;

    fn add(self, other: Memory) -> Memory {
        let Memory { now, most, own } = other;
        Memory { now: self.now + now, most: self.most + most, own: self.own + own }
    }
}

impl Sum for Memory {
    fn sum<I: Iterator<Item = Memory>>(each: I) -> Memory {
        each.fold(Memory::default(), Memory::add)
    }
}

/// The memory of a process.
pub(crate) fn memory(pid: u32) -> anyhow::Result<Memory> {
    let text = read_to_string(format!("/proc/{pid}/status"))?;
    let of = |name| mebibytes(&text, name);
    Ok(Memory { now: of("VmRSS:")?, most: of("VmHWM:")?, own: of("RssAnon:")? })
}

/// Nanoseconds of processor time of this thread.
pub(crate) fn own_cpu_ns() -> anyhow::Result<u64> {
    let text = read_to_string("/proc/thread-self/schedstat").context("the kernel keeps no schedstat")?;
    text.split_whitespace().next().and_then(|first| first.parse().ok()).context("schedstat has another form")
}

/// Processor time of the whole machine, and how much of it is this program's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    all_s: f64,
    busy_s: f64,
    ours_s: f64,
}

impl Account {
    /// The account so far: this process, its children that have ended, and the cluster.
    pub(crate) fn now(cluster: Cluster) -> anyhow::Result<Self> {
        let text = read_to_string("/proc/stat")?;
        let line = text.lines().next().context("`/proc/stat` is empty")?;
        let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|part| part.parse().ok()).collect();
        anyhow::ensure!(ticks.len() >= 8, "`/proc/stat` has another form");
        // The guests' time behind the first eight is counted in them already; 3 and 4 are idle.
        let all: f64 = ticks[..8].iter().sum();
        let own = stat(std::process::id()).context("no account of this process")?;
        Ok(Account {
            all_s: all / TICKS_PER_S,
            busy_s: (all - ticks[3] - ticks[4]) / TICKS_PER_S,
            ours_s: (own.own + own.ended) as f64 / TICKS_PER_S + cluster.cpu_s()?,
        })
    }

    /// The share of all processors that others took since an earlier account.
    pub(crate) fn others_since(self, earlier: Account) -> f64 {
        let foreign = (self.busy_s - earlier.busy_s) - (self.ours_s - earlier.ours_s);
        (foreign / (self.all_s - earlier.all_s)).max(0.0)
    }
}

/// Processors and memory, for the report.
pub(crate) fn describe() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = read_to_string("/proc/meminfo").ok().and_then(|text| mebibytes(&text, "MemTotal:").ok());
    format!("{processors} processors, {:.0} GiB", memory.unwrap_or_default() / 1024.0)
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name of a program stands in brackets and may itself hold brackets and blanks.
fn parse(text: &str) -> Option<Stat> {
    let (_, behind) = text.rsplit_once(')')?;
    let fields: Vec<&str> = behind.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}

fn mebibytes(text: &str, name: &str) -> anyhow::Result<f64> {
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no `{name}`"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_brackets_in_its_name() {
        let text = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7";
        assert_eq!(parse(text), Some(Stat { parent: 7, own: 120, ended: 7 }));
    }

    #[test]
    fn memory_is_read_in_mebibytes() {
        assert_eq!(mebibytes("VmHWM:\t  2048 kB\n", "VmHWM:").unwrap(), 2.0);
    }
}
