//! Replicas that share a Redis: what they find there, what they believe of it, and how they do without it.

mod away;
mod documents;
mod login;
mod quota;
mod word;

use std::time::{Duration, Instant};

use reqwest::blocking::get;
use serde_json::Value;

use crate::support::Server;

/// A server over the county that shares a Redis with others of its prefix.
fn replica(url: &str, prefix: &str, more: &[(&str, &str)]) -> Server {
    let own = [
        ("YIMEN__REDIS__URL", url),
        ("YIMEN__REDIS__PREFIX", prefix),
        ("YIMEN__REDIS__PAUSE_MS", "200"),
        // Tests run beside others: what is slow here isn't away.
        ("YIMEN__REDIS__TIMEOUT_MS", "5000"),
    ];
    Server::set(&[&own, more].concat())
}

fn health(server: &Server) -> Value {
    get(format!("{}/health/ready", server.url())).unwrap().json().unwrap()
}

/// Waits until a server says so of Redis.
#[track_caller]
fn until(server: &Server, status: &str) {
    let began = Instant::now();
    loop {
        let health = health(server);
        assert_eq!(health["status"], "UP", "Redis makes nothing unready: {health}");
        if health["redis"]["status"] == status {
            assert!(health["redis"]["since"].is_string(), "{health}");
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{health}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
