//! `peers`: the family check beside PostGraphile, which asks one statement of one database that holds
//! the tables of all five.

mod install;
mod postgraphile;
mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio_postgres::Client;

use crate::database::{ALL, connect};
use crate::drive::{Pace, Traffic};
use crate::gateway::Records;
use crate::machine::{Account, Cluster};
use crate::measure::{Figures, measure};
use crate::place::Place;
use crate::process::Process;
use crate::query::Query;
use crate::served::{Served, Side};
use crate::setup::{self, Setup};
use crate::{output, warm};

use postgraphile::{Layout, Postgraphile};

/// What is measured, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Seconds of each measurement, after some that aren't counted.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// How often gateway and peer take turns.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=50))]
    pub(crate) pairs: u64,
    /// Where the report goes.
    #[arg(long, value_name = "FILE", default_value = "docs/bench-peers.md")]
    pub(crate) out: PathBuf,
}

/// Clients of the table; the goal is about the most.
const CLIENTS: [usize; 3] = [1, 16, 64];
const MOST: usize = 64;

/// Longer than for the gateway alone: the peer's compiler works while it serves.
const WARM_UP: Duration = Duration::from_secs(3);

/// A measurement of a server: the peer in a layout, or the gateway.
pub(crate) struct Cell {
    layout: Option<Layout>,
    clients: usize,
    figures: Figures,
}

/// Both sides, one after the other.
pub(crate) struct Pair {
    gateway: Figures,
    peer: Figures,
}

/// Everything that was measured.
pub(crate) struct Results {
    /// How many different requests there are.
    picks: usize,
    /// The layouts that were tried.
    tried: Vec<Cell>,
    /// The gateway, and the peer in its best layout.
    cells: Vec<Cell>,
    pairs: Vec<Pair>,
    /// PostgreSQL's version.
    postgres: String,
    /// The share of the processors that others took meanwhile.
    others: f64,
}

struct Bench<'a> {
    options: &'a Options,
    setup: Setup,
    cluster: Cluster,
    peer: Postgraphile,
    ours: Arc<Traffic>,
    theirs: Arc<Traffic>,
}

/// Measures, and writes the report.
pub(crate) async fn peers(options: &Options) -> anyhow::Result<()> {
    let peer = install::install(&options.place)?;
    let mirror = connect(&options.place, ALL).await?;
    postgraphile::make_views(&options.place, &mirror).await?;
    let (bench, picks) = Bench::new(options, peer, &mirror).await?;
    warm::databases(&options.place).await?;
    let before = Account::now(bench.cluster)?;
    let (tried, cells, pairs) = bench.measure().await?;
    let others = Account::now(bench.cluster)?.others_since(before);
    let postgres = mirror.query_one("SHOW server_version", &[]).await?.get(0);
    let results = Results { picks, tried, cells, pairs, postgres, others };
    let text = report::write(options, &results);
    std::fs::write(&options.out, &text).with_context(|| format!("`{}`", options.out.display()))?;
    output::line(text);
    Ok(())
}

impl<'a> Bench<'a> {
    /// Draws the requests, the same for both; says how many.
    async fn new(options: &'a Options, peer: Postgraphile, mirror: &Client) -> anyhow::Result<(Self, usize)> {
        let setup = setup::prepare(&options.place)?;
        let asked = postgraphile::ask(&options.place, &setup, mirror).await?;
        let postgraphile::Asked { ours, theirs, picks } = asked;
        let cluster = Cluster::of(mirror).await?;
        Ok((Bench { options, setup, cluster, peer, ours, theirs }, picks))
    }

    /// Tries the peer's layouts, then measures the best of them beside the gateway.
    async fn measure(&self) -> anyhow::Result<(Vec<Cell>, Vec<Cell>, Vec<Pair>)> {
        let gateway = Served::start(&self.setup, Side::Postgres(Records::Hub))?;
        self.ours.verify(gateway.process.address).await.context("the gateway")?;
        let mut tried = Vec::new();
        for layout in Layout::TRIED {
            tried.push(self.cell(&self.start(layout).await?, Some(layout), MOST).await?);
        }
        let best = best(&tried).context("no layout was tried")?;
        let peer = self.start(best).await?;
        let mut cells = Vec::new();
        for clients in CLIENTS {
            cells.push(self.cell(&gateway.process, None, clients).await?);
            cells.push(self.cell(&peer, Some(best), clients).await?);
        }
        let pairs = self.pairs(&gateway.process, &peer).await?;
        Ok((tried, cells, pairs))
    }

    /// Starts the peer, and compares the sampled answers as a whole before anything is timed.
    async fn start(&self, layout: Layout) -> anyhow::Result<Process> {
        let peer = self.peer.start(&self.options.place, layout)?;
        self.theirs.verify(peer.address).await.context("PostGraphile")?;
        Ok(peer)
    }

    async fn cell(&self, server: &Process, layout: Option<Layout>, clients: usize) -> anyhow::Result<Cell> {
        let traffic = if layout.is_some() { &self.theirs } else { &self.ours };
        let figures = measure(server, self.cluster, traffic, self.pace(clients, 0)).await?;
        output::line(format!("{} at {clients}: {:.0}/s", report::name(layout), figures.per_s));
        Ok(Cell { layout, clients, figures })
    }

    async fn pairs(&self, gateway: &Process, peer: &Process) -> anyhow::Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for round in 1..=self.options.pairs {
            let pace = self.pace(MOST, round);
            let gateway = measure(gateway, self.cluster, &self.ours, pace).await?;
            let peer = measure(peer, self.cluster, &self.theirs, pace).await?;
            output::line(format!("pair {round}: {:.2} times PostGraphile", gateway.per_s / peer.per_s));
            pairs.push(Pair { gateway, peer });
        }
        Ok(pairs)
    }

    fn pace(&self, clients: usize, round: u64) -> Pace {
        let window = Duration::from_secs(self.options.seconds);
        Pace { clients, warm_up: WARM_UP, window, seed: self.options.place.seed.wrapping_add(round) }
    }
}

/// The layout that answered most.
fn best(tried: &[Cell]) -> Option<Layout> {
    tried.iter().max_by(|a, b| a.figures.per_s.total_cmp(&b.figures.per_s))?.layout
}

impl Pair {
    fn ratio(&self) -> f64 {
        self.gateway.per_s / self.peer.per_s
    }
}

/// What both sides are asked about.
pub(crate) const QUERY: Query = Query::Family;
