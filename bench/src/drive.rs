//! Clients in a closed loop: each sends its next request when the last one is answered and checked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures::future::try_join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::Instant;

use crate::check::Checks;
use crate::client::Connection;
use crate::query::{PURPOSE, Query};

/// Requests that differ in one place, and what their answers must be.
pub(crate) struct Traffic {
    /// What is asked.
    pub(crate) query: Query,
    /// A whole request with the first fill.
    template: Vec<u8>,
    /// Where the fill begins.
    hole: usize,
    /// The values of the variable as JSON, all of one length.
    fills: Vec<String>,
    checks: Checks,
}

/// How clients ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) clients: usize,
    /// Requests of this time aren't counted.
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    pub(crate) seed: u64,
}

/// What clients saw in the window.
pub(crate) struct Driven<P> {
    /// Microseconds of each request, sorted.
    pub(crate) latencies_us: Vec<u32>,
    /// How long the window was.
    pub(crate) seconds: f64,
    /// Answers that were compared as a whole, those of the warm-up included.
    pub(crate) compared: u64,
    /// What was probed when the window opened and when it closed.
    pub(crate) probes: (P, P),
}

impl Traffic {
    /// Requests of a query for these values, to the gateway.
    pub(crate) fn new(query: Query, token: &str, fills: Vec<String>, checks: Checks) -> anyhow::Result<Self> {
        let headers = format!("Yimen-Purpose: {PURPOSE}\r\nAuthorization: Bearer {token}\r\n");
        Self::in_words(query, (query.document(), &headers), fills, checks)
    }

    /// The same in another server's words: its document and its headers.
    pub(crate) fn in_words(
        query: Query,
        (document, headers): (&str, &str),
        fills: Vec<String>,
        checks: Checks,
    ) -> anyhow::Result<Self> {
        let first = fills.first().context("nothing to ask")?;
        let is_even = fills.iter().all(|fill| fill.len() == first.len());
        anyhow::ensure!(is_even, "requests of different lengths");
        let document = serde_json::Value::from(document);
        let before = format!("{{\"query\":{document},\"variables\":{{\"{}\":", query.variable());
        let body = format!("{before}{first}}}}}");
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let hole = head.len() + before.len();
        Ok(Traffic { query, template: [head, body].concat().into_bytes(), hole, fills, checks })
    }

    /// The same requests, answered by a body that is always the same.
    pub(crate) fn to_constant(&self, bytes: usize) -> Traffic {
        let (template, fills) = (self.template.clone(), self.fills.clone());
        Traffic { query: self.query, template, hole: self.hole, fills, checks: Checks::Length(bytes) }
    }

    /// The picks whose answers are known as a whole.
    fn sampled(&self) -> Vec<usize> {
        match &self.checks {
            Checks::Answers(answers) => answers.sampled(),
            Checks::Length(_) => Vec::new(),
        }
    }

    /// Sends one request and checks its answer; gives the bytes of the body.
    pub(crate) async fn once(&self, address: SocketAddr, pick: usize) -> anyhow::Result<usize> {
        let mut request = self.template.clone();
        self.fill(&mut request, pick);
        let mut connection = Connection::open(address).await?;
        let answer = connection.exchange(&request).await?;
        self.checks.check(pick, &answer)?;
        Ok(answer.body.len())
    }

    /// Sends one request over a connection that is kept and checks its answer; gives the microseconds that it took.
    pub(crate) async fn timed(&self, connection: &mut Connection, pick: usize) -> anyhow::Result<u32> {
        let mut request = self.template.clone();
        self.fill(&mut request, pick);
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        let taken_us = sent.elapsed().as_micros();
        self.checks.check(pick, &answer)?;
        Ok(u32::try_from(taken_us).unwrap_or(u32::MAX))
    }

    /// Asks for every pick whose answer is known as a whole; gives the bytes of the last body.
    pub(crate) async fn verify(&self, address: SocketAddr) -> anyhow::Result<usize> {
        let mut bytes = 0;
        for pick in self.sampled() {
            bytes = self.once(address, pick).await?;
        }
        Ok(bytes)
    }

    fn fill(&self, request: &mut [u8], pick: usize) {
        let fill = self.fills[pick].as_bytes();
        request[self.hole..self.hole + fill.len()].copy_from_slice(fill);
    }
}

/// How long clients may take beyond their time before something must be wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lets clients ask for a while, and probes when the window opens and when it closes.
pub(crate) async fn drive<P>(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    pace: Pace,
    probe: impl Fn() -> anyhow::Result<P>,
) -> anyhow::Result<Driven<P>> {
    let opens = Instant::now() + pace.warm_up;
    let closes = opens + pace.window;
    let clients = (0..pace.clients as u64).map(|number| {
        let seed = pace.seed.wrapping_mul(1_000).wrapping_add(number);
        let client = Client { address, traffic: traffic.clone(), opens, closes, seed };
        let task = tokio::spawn(client.run());
        async move { task.await.context("a client broke off")? }
    });
    let clients = try_join_all(clients.collect::<Vec<_>>());
    let probes = async {
        tokio::time::sleep_until(opens).await;
        let (first, at) = (probe()?, Instant::now());
        tokio::time::sleep_until(closes).await;
        Ok::<_, anyhow::Error>(((first, probe()?), at.elapsed().as_secs_f64()))
    };
    let all = tokio::time::timeout_at(closes + PATIENCE, async { tokio::try_join!(clients, probes) });
    let (seen, (probes, seconds)) = all.await.context("clients didn't come to an end")??;
    let mut latencies_us: Vec<u32> = seen.iter().flat_map(|seen| &seen.latencies_us).copied().collect();
    latencies_us.sort_unstable();
    Ok(Driven { latencies_us, seconds, compared: seen.iter().map(|seen| seen.compared).sum(), probes })
}

struct Client {
    address: SocketAddr,
    traffic: Arc<Traffic>,
    opens: Instant,
    closes: Instant,
    seed: u64,
}

#[derive(Default)]
struct Seen {
    latencies_us: Vec<u32>,
    compared: u64,
}

impl Client {
    async fn run(self) -> anyhow::Result<Seen> {
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut connection = Connection::open(self.address).await?;
        let mut request = self.traffic.template.clone();
        let mut seen = Seen::default();
        loop {
            let pick = random.random_range(0..self.traffic.fills.len());
            self.traffic.fill(&mut request, pick);
            let sent = Instant::now();
            let answer = connection.exchange(&request).await?;
            let answered = Instant::now();
            seen.compared += u64::from(self.traffic.checks.check(pick, &answer)?);
            if answered > self.closes {
                return Ok(seen);
            }
            if answered >= self.opens {
                let latency_us = answered.duration_since(sent).as_micros();
                seen.latencies_us.push(u32::try_from(latency_us).unwrap_or(u32::MAX));
            }
        }
    }
}
