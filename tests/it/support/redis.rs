//! The Redis for tests, which they share by prefixes, and servers of a test's own that can be stopped and frozen.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::Connection;
use tempfile::TempDir;

/// The address of the Redis for tests.
#[track_caller]
pub(crate) fn shared() -> String {
    let named = yimen::config::environment("YIMEN_TEST_REDIS");
    named.expect("YIMEN_TEST_REDIS names no Redis: `scripts/redis` prints one, `scripts/test` does it all")
}

/// What the keys of a test begin with.
pub(crate) fn prefix(what: &str) -> String {
    format!("yimen-it:{}:{what}:", std::process::id())
}

/// A connection of the test's own, as anybody has who can reach Redis.
#[track_caller]
pub(crate) fn connect(url: &str) -> Connection {
    redis::Client::open(url).unwrap().get_connection().unwrap()
}

/// The names of all keys below a prefix, in order.
pub(crate) fn keys(connection: &mut Connection, prefix: &str) -> Vec<String> {
    let mut keys: Vec<String> = redis::cmd("KEYS").arg(format!("{prefix}*")).query(connection).unwrap();
    keys.sort();
    keys
}

/// A Redis of the test's own, ended with it.
pub(crate) struct Redis {
    port: u16,
    more: Vec<String>,
    folder: TempDir,
    child: Option<Child>,
}

impl Redis {
    pub(crate) fn start() -> Redis {
        Redis::with(&[])
    }

    /// With more options of its command line.
    pub(crate) fn with(more: &[&str]) -> Redis {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let more = more.iter().map(|option| (*option).to_owned()).collect();
        let mut redis = Redis { port, more, folder: TempDir::new().unwrap(), child: None };
        redis.begin();
        redis
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it at its address, with nothing in it.
    pub(crate) fn begin(&mut self) {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .args(["--port", &self.port.to_string()])
            .args(&self.more)
            .stdout(Stdio::null())
            .spawn()
            .expect("no `redis-server`: `scripts/redis` installs it");
        self.child = Some(child);
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "Redis didn't start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it, and everything in it.
    pub(crate) fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Lets it take connections and say nothing, or go on.
    pub(crate) fn freeze(&self, is_frozen: bool) {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        let pid = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end();
    }
}
