//! A server of the test's own, ended with it; its evidence is looked at when it goes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use yimen::auth::{Issuer, NewToken};
use yimen::clock::{Clock, SystemClock};

use crate::support::{Client, county, hub, yimen};

/// The division of the county.
const COUNTY: &str = "410727000000";

/// A running `yimen serve`.
pub(crate) struct Server {
    child: Child,
    /// Whether the test has ended it.
    ended: bool,
    address: String,
    own: Arc<TempDir>,
    /// The address of the hub, where it isn't the server's own file.
    postgres: Option<String>,
    log: mpsc::Receiver<String>,
}

impl Server {
    /// A server over the county.
    pub(crate) fn start() -> Server {
        Server::with(&[], &county().join("yimen.toml"))
    }

    /// A server over a configuration file of the test's own.
    pub(crate) fn over(config: &Path) -> Server {
        Server::with(&[], config)
    }

    /// A server over the county with some keys set otherwise.
    pub(crate) fn set(environment: &[(&str, &str)]) -> Server {
        Server::with(environment, &county().join("yimen.toml"))
    }

    /// A server over the county whose files can't grow beyond so many kilobytes.
    pub(crate) fn start_with_small_files(kilobytes: u32) -> Server {
        // The signal that comes with a failed write would end the process; a full disk sends none.
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        let mut command = std::process::Command::new("bash");
        command
            .args(["-c", &script])
            .arg(env!("CARGO_BIN_EXE_yimen"))
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG");
        Server::run(command, &[], &county().join("yimen.toml"))
    }

    /// A server over the county that may have so many files and connections open.
    pub(crate) fn start_with_files(open: u32, environment: &[(&str, &str)]) -> Server {
        let script = format!("ulimit -n {open} && exec \"$0\" \"$@\"");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).arg(env!("CARGO_BIN_EXE_yimen"));
        command.env("NO_COLOR", "1").env_remove("RUST_LOG");
        Server::run(command, environment, &county().join("yimen.toml"))
    }

    fn with(environment: &[(&str, &str)], config: &Path) -> Server {
        Server::run(yimen(), environment, config)
    }

    fn run(mut command: Command, environment: &[(&str, &str)], config: &Path) -> Server {
        let own = TempDir::new().unwrap();
        std::fs::copy(county().join("hub.db"), own.path().join("hub.db")).unwrap();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .env("YIMEN__EVIDENCE__INTEGRATE_MS", "50")
            .env("YIMEN__EVIDENCE__KEY", county().join("evidence.key"))
            .env("YIMEN__EVIDENCE__HEAD", own.path().join("evidence.head"))
            .env("YIMEN__EXPORT__FOLDER", own.path().join("exports"))
            .env("YIMEN__HUB__URL", format!("sqlite://{}", own.path().join("hub.db").display()))
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, log) = mpsc::channel();
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let address = ready(&log, &mut child);
        let hub = environment.iter().find(|(key, _)| *key == "YIMEN__HUB__URL").map(|(_, url)| *url);
        let postgres = hub.filter(|url| url.starts_with("postgres")).map(str::to_owned);
        Server { child, ended: false, address, own: Arc::new(own), postgres, log }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address alone.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A client with a token of the county's issuer for this caller.
    pub(crate) fn client(&self, department: &str, role: &str, purpose: &str) -> Client {
        self.client_in(department, role, purpose, "410727000000")
    }

    /// The same for a caller of another division.
    pub(crate) fn client_in(&self, department: &str, role: &str, purpose: &str, division: &str) -> Client {
        Client::new(&self.url(), Some(&token(&holder(department, role, division))), Some(purpose))
    }

    /// The union's help centre in a case of these people, each of whom consents: outside one a union reads nothing of
    /// other departments.
    pub(crate) fn checking(&self, people: &[&str]) -> Client {
        static CASES: AtomicU64 = AtomicU64::new(0);
        let client = self.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
        let case_no = format!("CHECK-{}", CASES.fetch_add(1, Ordering::Relaxed));
        client.open_case(&case_no, people);
        client.in_case(&case_no)
    }

    /// A person who asks through a portal for what concerns themselves.
    pub(crate) fn citizen(&self, number: &str) -> Client {
        let mut holder = holder("CIVIL_AFFAIRS", "CITIZEN", COUNTY);
        holder.subject = String::from("portal-7");
        holder.citizen_id = Some(number.to_owned());
        Client::new(&self.url(), Some(&token(&holder)), Some("OWN_RECORDS"))
    }

    /// A caller whose token ends after so many seconds.
    pub(crate) fn client_for(&self, seconds: u32, department: &str, role: &str, purpose: &str) -> Client {
        let holder = NewToken { ttl_s: seconds.into(), ..holder(department, role, COUNTY) };
        Client::new(&self.url(), Some(&token(&holder)), Some(purpose))
    }

    /// A token of the county's issuer.
    pub(crate) fn token(&self, department: &str, role: &str) -> String {
        token(&holder(department, role, COUNTY))
    }

    /// The process.
    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Kilobytes of the process in memory.
    pub(crate) fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Ends the process at once, as a power cut would, and gives what it leaves behind.
    pub(crate) fn kill(mut self) -> Arc<TempDir> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.ended = true;
        self.own.clone()
    }

    /// Asks the process to end, waits until it has, and gives what it leaves behind.
    #[track_caller]
    pub(crate) fn stop(mut self) -> Arc<TempDir> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        self.ended = true;
        assert!(status.success(), "{status}: {:?}", self.log());
        self.own.clone()
    }

    /// The server's own hub.
    pub(crate) fn hub(&self) -> PathBuf {
        self.own.path().join("hub.db")
    }

    /// The folder of the server's own exports.
    pub(crate) fn exports(&self) -> PathBuf {
        self.own.path().join("exports")
    }

    /// The address of the hub, of either kind.
    pub(crate) fn hub_url(&self) -> String {
        self.postgres.clone().unwrap_or_else(|| format!("sqlite://{}", self.hub().display()))
    }

    /// Every entry that the server has written so far.
    pub(crate) fn entries(&self) -> Vec<Value> {
        hub::entries_at(&self.hub_url())
    }

    /// The records of operations that the server has written so far, with their coordinates.
    pub(crate) fn records(&self) -> Vec<Value> {
        hub::operations(self.entries())
    }

    /// `http://127.0.0.1:PORT` of the listener for operators, which a server tells once it is ready.
    #[track_caller]
    pub(crate) fn operations(&self) -> String {
        loop {
            let line = self.log.recv_timeout(Duration::from_secs(20)).expect("no listener for operators");
            if let Some((_, address)) = line.split_once("operations address=") {
                return format!("http://{}", address.trim());
            }
        }
    }

    /// What the server has logged so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }
}

/// An officer whose token is good for an hour, as `yimen token` has it.
fn holder(department: &str, role: &str, division: &str) -> NewToken {
    NewToken {
        subject: String::from("demo-officer"),
        department: department.to_owned(),
        role: role.to_owned(),
        division: division.to_owned(),
        ttl_s: 3_600,
        citizen_id: None,
    }
}

/// A token of the county's issuer, signed here: `yimen token` would take a process for each.
fn token(holder: &NewToken) -> String {
    Issuer::at(county()).sign(holder, SystemClock.now()).unwrap()
}

fn ready(log: &mpsc::Receiver<String>, child: &mut Child) -> String {
    let mut seen = Vec::new();
    loop {
        match log.recv_timeout(Duration::from_secs(60)) {
            Ok(line) => {
                if let Some((_, address)) = line.split_once("ready address=") {
                    return address.trim().to_owned();
                }
                seen.push(line);
            }
            Err(error) => {
                let _ = child.kill();
                panic!("the server didn't become ready ({error}):\n{}", seen.join("\n"));
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let alive = self.child.try_wait().is_ok_and(|status| status.is_none());
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Whatever a test did, the process must have lived to its end.
        assert!(alive || std::thread::panicking(), "the server ended by itself: {:?}", self.log());
        // Whatever a test did, the log must verify, though the process was cut off.
        if !std::thread::panicking() {
            let mut verify = yimen();
            verify.args(["evidence", "verify", "--data"]).arg(county());
            verify.env("YIMEN__HUB__URL", self.hub_url());
            let output = verify.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
    }
}
