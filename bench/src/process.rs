//! A server as a process of its own: started, watched, ended by its own id.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::machine::{self, Memory};

/// A running server, which says `ready ADDRESS` at first and ends when its standard input does.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// How long a server may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

impl Process {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        match ready(&mut child) {
            Ok(address) => Ok(Process { child, address }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Seconds of processor time of the process and its workers.
    pub(crate) fn cpu_s(&self) -> anyhow::Result<f64> {
        let workers = machine::children(self.child.id())?;
        let workers = workers.into_iter().map(machine::cpu_s).sum::<anyhow::Result<f64>>()?;
        Ok(machine::cpu_s(self.child.id())? + workers)
    }

    /// The memory of the process and its workers.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let workers = machine::children(self.child.id())?;
        let workers = workers.into_iter().map(machine::memory).sum::<anyhow::Result<Memory>>()?;
        Ok(machine::memory(self.child.id())? + workers)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn ready(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let stdout = child.stdout.take().context("the server has no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().strip_prefix("ready ").and_then(|address| address.parse().ok());
    address.context("the server didn't start")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ends_with_its_input_and_a_failed_start_is_told() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            Process::start(&mut command)
        };
        let process = shell("echo ready 127.0.0.1:9; cat").unwrap();
        assert_eq!(process.address.port(), 9);
        let pid = process.child.id();
        drop(process);
        assert!(machine::cpu_s(pid).is_err());
        assert!(shell("echo no").is_err());
    }
}
