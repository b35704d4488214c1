//! A server process of this program: started, watched, ended by its own id.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use tempfile::TempDir;

use crate::gateway::Records;
use crate::setup::Setup;

/// Which side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The gateway over PostgreSQL.
    Postgres(Records),
    /// The gateway over SQLite.
    Sqlite(Records),
    /// A handler that always answers the same body of this many bytes.
    Constant(usize),
}

/// A running server.
pub(crate) struct Served {
    child: Child,
    /// What it is.
    pub(crate) side: Side,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its journal, which goes with it.
    _evidence: TempDir,
}

/// How long a server may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

impl Served {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(setup: &Setup, side: Side) -> anyhow::Result<Self> {
        let evidence = tempfile::Builder::new().prefix("evidence-").tempdir_in(&setup.folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").env("YIMEN__EVIDENCE__FOLDER", evidence.path());
        match side {
            Side::Postgres(records) => over(&mut command, &setup.postgres, records),
            Side::Sqlite(records) => over(&mut command, &setup.sqlite, records),
            Side::Constant(bytes) => {
                command.arg(format!("--constant={bytes}"));
            }
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("ready ").and_then(|address| address.parse().ok())
        else {
            end(&mut child);
            anyhow::bail!("the server didn't start");
        };
        Ok(Served { child, side, address, _evidence: evidence })
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

fn over(command: &mut Command, config: &Path, records: Records) {
    let records = match records {
        Records::Journal => "journal",
        Records::Nothing => "nothing",
    };
    command.arg("--config").arg(config).args(["--records", records]);
}

fn end(child: &mut Child) {
    drop(child.stdin.take());
    let until = Instant::now() + GRACE;
    while Instant::now() < until {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

impl Drop for Served {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
