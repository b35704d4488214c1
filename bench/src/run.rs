//! `run`: everything is measured within the same minutes, gateway and floor in turns.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio_postgres::Client;

use crate::database::{ALL, connect};
use crate::drive::{Pace, Traffic};
use crate::expected::Rows;
use crate::floor::{self, Floor};
use crate::gateway::{Decisions, Planner, Records};
use crate::machine::{Account, Cluster};
use crate::measure::{Figures, measure};
use crate::micro::{Micro, micro};
use crate::picks::Picks;
use crate::place::Place;
use crate::query::Query;
use crate::served::{Served, Side};
use crate::setup::{self, Setup};
use crate::statistics::median;
use crate::{check, expected, output, report, script, warm};

/// What is measured, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Seconds of each measurement, after one that isn't counted.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// How often gateway and floor take turns.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=50))]
    pub(crate) pairs: u64,
    /// Where the report goes.
    #[arg(long, value_name = "FILE", default_value = "docs/bench.md")]
    pub(crate) out: PathBuf,
}

/// Clients of the tables.
const CLIENTS: [usize; 3] = [1, 16, 64];

/// Clients among which the floor does best.
const FLOOR_CLIENTS: [usize; 3] = [8, 16, 64];

/// A query, ready to be asked of either side.
pub(crate) struct Asked {
    pub(crate) query: Query,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) floor: Floor,
    /// Statements of its plan.
    pub(crate) statements: usize,
    /// How many different requests there are.
    pub(crate) picks: usize,
    /// Bytes of a body.
    pub(crate) bytes: usize,
    /// What SQLite's answer differs in.
    pub(crate) wrong_on_sqlite: Option<String>,
}

/// A measurement of a server.
pub(crate) struct Cell {
    pub(crate) side: Side,
    pub(crate) query: Query,
    pub(crate) clients: usize,
    pub(crate) figures: Figures,
}

/// Both sides and the gateway without records, one after the other.
pub(crate) struct Pair {
    pub(crate) query: Query,
    pub(crate) gateway: Figures,
    pub(crate) without: Figures,
    pub(crate) floor: floor::Seen,
}

/// A measurement of a floor.
pub(crate) struct FloorCell {
    pub(crate) query: Query,
    pub(crate) clients: usize,
    pub(crate) seen: floor::Seen,
}

/// Everything that was measured.
pub(crate) struct Results {
    pub(crate) asked: Vec<Asked>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) floors: Vec<FloorCell>,
    /// The floor's median latency of the family check with one client.
    pub(crate) family_floor_ms: f64,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) micro: Micro,
    /// The server's version.
    pub(crate) postgres: String,
    /// The share of the processors that others took meanwhile.
    pub(crate) others: f64,
}

struct Bench<'a> {
    options: &'a Options,
    setup: Setup,
    cluster: Cluster,
    asked: Vec<Asked>,
}

/// What records cost answers: the family check with and without them, in turns.
pub(crate) async fn records(options: &Options) -> anyhow::Result<()> {
    let mirror = connect(&options.place, ALL).await?;
    let cluster = Cluster::of(&mirror).await?;
    let mut bench = Bench { options, setup: setup::prepare(&options.place)?, cluster, asked: Vec::new() };
    bench.ask(&mirror).await?;
    // SQLite isn't measured here, and its files needn't be there.
    warm::databases(&options.place).await?;
    let family = &bench.asked[0];
    for clients in CLIENTS {
        let (mut shares, mut added_ms) = (Vec::new(), Vec::new());
        let (mut gateway_ms, mut postgres_ms) = (Vec::new(), Vec::new());
        for round in 1..=options.pairs {
            let pace = bench.pace(clients, round);
            let with = bench.once(Side::Postgres(Records::Hub), family, pace).await?;
            let without = bench.once(Side::Postgres(Records::Nothing), family, pace).await?;
            shares.push(with.per_s / without.per_s);
            added_ms.push(with.median_ms - without.median_ms);
            gateway_ms.push(with.gateway_ms - without.gateway_ms);
            postgres_ms.push(with.postgres_ms - without.postgres_ms);
            output::line(format!(
                "Q1 at {clients}, pair {round}: {:.0}/s with records, {:.0}/s without",
                with.per_s, without.per_s
            ));
        }
        output::line(format!(
            "Q1 at {clients}: records cost {:.1} % of the throughput, and {:.2} ms; of processor time {:.0} µs of \
             the gateway's and {:.0} µs of PostgreSQL's (medians of {})",
            100.0 * (1.0 - median(&shares)),
            median(&added_ms),
            1_000.0 * median(&gateway_ms),
            1_000.0 * median(&postgres_ms),
            options.pairs
        ));
    }
    Ok(())
}

/// The share of the family check's throughput that authorisation takes: with five thousand grants, and where
/// everything is granted to everybody, in turns. Neither leaves records, whose cost would hide it. Where everything is
/// granted, relatives outside the county are answered too, and must be.
pub(crate) async fn authorisation(options: &Options) -> anyhow::Result<f64> {
    let mirror = connect(&options.place, ALL).await?;
    let cluster = Cluster::of(&mirror).await?;
    let mut bench = Bench { options, setup: setup::prepare(&options.place)?, cluster, asked: Vec::new() };
    bench.ask(&mirror).await?;
    warm::databases(&options.place).await?;
    let (family, mut shares) = (&bench.asked[0], Vec::new());
    let everywhere = bench.everywhere(&mirror).await?;
    bench.verified(Side::Decided(Decisions::Grants), &family.traffic).await?;
    bench.verified(Side::Decided(Decisions::Open), &everywhere).await?;
    for round in 1..=options.pairs {
        let pace = bench.pace(family.query.clients(), round);
        let decided = bench.once(Side::Decided(Decisions::Grants), family, pace).await?;
        let open = bench.timed(Side::Decided(Decisions::Open), &everywhere, pace).await?;
        output::line(format!(
            "Q1 pair {round}: {:.0}/s decided beside grants, {:.0}/s open; gateway CPU {:.3} and {:.3} ms",
            decided.per_s, open.per_s, decided.gateway_ms, open.gateway_ms
        ));
        shares.push(1.0 - decided.per_s / open.per_s);
    }
    Ok(median(&shares))
}

/// Measures, and writes the report.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mirror = connect(&options.place, ALL).await?;
    let mut bench = Bench {
        options,
        setup: setup::prepare(&options.place)?,
        cluster: Cluster::of(&mirror).await?,
        asked: Vec::new(),
    };
    bench.ask(&mirror).await?;
    bench.verify().await?;
    warm::warm(&options.place).await?;
    let before = Account::now(bench.cluster)?;
    let micro = micro(&bench.setup).await?;
    let cells = bench.cells().await?;
    let floors = bench.floors()?;
    let family_floor_ms = bench.asked[0].floor.median_ms(options.seconds)?;
    let pairs = bench.pairs(&floors).await?;
    let others = Account::now(bench.cluster)?.others_since(before);
    let postgres = mirror.query_one("SHOW server_version", &[]).await?.get(0);
    let results =
        Results { asked: bench.asked, cells, floors, family_floor_ms, pairs, micro, postgres, others };
    let text = report::write(options, &results);
    std::fs::write(&options.out, &text)?;
    output::line(text);
    Ok(())
}

impl Bench<'_> {
    /// Draws the requests, and makes the floor's scripts from the gateway's own plans.
    async fn ask(&mut self, mirror: &Client) -> anyhow::Result<()> {
        let planner = Planner::over(&self.setup.postgres)?;
        for query in Query::ALL {
            let plan = planner.plan(query).await?;
            let picks = Picks::draw(mirror, query, self.options.place.seed).await?;
            output::line(format!("{}: {} different requests.", query.title(), picks.values.len()));
            picks.store(mirror, query, &plan).await?;
            let checks =
                check::Checks::Answers(expected::answers(mirror, query, &picks, Rows::OwnDivision).await?);
            let traffic = Traffic::new(query, &self.setup.token, picks.fills(query), checks)?;
            let script = script::script(query, &plan, picks.values.len())?;
            self.asked.push(Asked {
                query,
                traffic: Arc::new(traffic),
                floor: Floor::new(&self.options.place, &self.setup.folder, query, script)?,
                statements: plan.fetches.len(),
                picks: picks.values.len(),
                bytes: 0,
                wrong_on_sqlite: None,
            });
        }
        Ok(())
    }

    /// Compares the sampled answers as a whole before anything is timed: the speed of wrong answers
    /// is worth nothing. A query that SQLite alone answers wrongly is told, and not measured there.
    async fn verify(&mut self) -> anyhow::Result<()> {
        let served = Served::start(&self.setup, Side::Postgres(Records::Hub))?;
        for asked in &mut self.asked {
            asked.bytes =
                asked.traffic.verify(served.process.address).await.with_context(|| asked.query.title())?;
        }
        drop(served);
        let served = Served::start(&self.setup, Side::Sqlite(Records::Hub))?;
        for asked in &mut self.asked {
            if let Err(error) = asked.traffic.verify(served.process.address).await {
                output::problem(format!("SQLite, {}: {error:#}", asked.query.title()));
                asked.wrong_on_sqlite = Some(format!("{error:#}"));
            }
        }
        output::line("Sampled answers were compared as a whole.");
        Ok(())
    }

    async fn cells(&self) -> anyhow::Result<Vec<Cell>> {
        let mut cells = Vec::new();
        for side in [
            Side::Postgres(Records::Hub),
            Side::Postgres(Records::Nothing),
            Side::Sqlite(Records::Hub),
            Side::Sqlite(Records::Nothing),
        ] {
            let is_sqlite = matches!(side, Side::Sqlite(_));
            for asked in self.asked.iter().filter(|asked| !is_sqlite || asked.wrong_on_sqlite.is_none()) {
                // A process of its own for each query, so that its memory is this query's.
                let served = Served::start(&self.setup, side)?;
                for clients in clients(asked.query) {
                    cells.push(self.cell(&served, &asked.traffic, clients).await?);
                }
            }
        }
        let family = &self.asked[0];
        let served = Served::start(&self.setup, Side::Constant(family.bytes))?;
        let traffic = Arc::new(family.traffic.to_constant(family.bytes));
        for clients in CLIENTS {
            cells.push(self.cell(&served, &traffic, clients).await?);
        }
        Ok(cells)
    }

    async fn cell(&self, served: &Served, traffic: &Arc<Traffic>, clients: usize) -> anyhow::Result<Cell> {
        let (side, query) = (served.side, traffic.query);
        let figures = measure(&served.process, self.cluster, traffic, self.pace(clients, 0)).await?;
        output::line(format!("{side:?} {} at {clients}: {:.0}/s", query.name(), figures.per_s));
        Ok(Cell { side, query, clients, figures })
    }

    fn floors(&self) -> anyhow::Result<Vec<FloorCell>> {
        let mut cells = Vec::new();
        for asked in &self.asked {
            for clients in FLOOR_CLIENTS {
                let seen = asked.floor.run(self.cluster, clients, self.options.seconds)?;
                output::line(format!("pgbench {} at {clients}: {:.0}/s", asked.query.name(), seen.per_s));
                cells.push(FloorCell { query: asked.query, clients, seen });
            }
        }
        Ok(cells)
    }

    /// Gateway, gateway without records, floor; again and again.
    async fn pairs(&self, floors: &[FloorCell]) -> anyhow::Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for asked in &self.asked {
            let best = report::best(floors, asked.query);
            for round in 1..=self.options.pairs {
                let pace = self.pace(asked.query.clients(), round);
                let gateway = self.once(Side::Postgres(Records::Hub), asked, pace).await?;
                let without = self.once(Side::Postgres(Records::Nothing), asked, pace).await?;
                let floor = asked.floor.run(self.cluster, best.clients, self.options.seconds)?;
                let ratio = gateway.per_s / floor.per_s;
                output::line(format!("{} pair {round}: {ratio:.2} times the floor", asked.query.name()));
                pairs.push(Pair { query: asked.query, gateway, without, floor });
            }
        }
        Ok(pairs)
    }

    async fn once(&self, side: Side, asked: &Asked, pace: Pace) -> anyhow::Result<Figures> {
        self.timed(side, &asked.traffic, pace).await
    }

    async fn timed(&self, side: Side, traffic: &Arc<Traffic>, pace: Pace) -> anyhow::Result<Figures> {
        let served = Served::start(&self.setup, side)?;
        measure(&served.process, self.cluster, traffic, pace).await
    }

    /// The requests of the family check, with what a side must answer that reads rows of every division.
    async fn everywhere(&self, mirror: &Client) -> anyhow::Result<Arc<Traffic>> {
        let query = Query::Family;
        let picks = Picks::draw(mirror, query, self.options.place.seed).await?;
        let answers = expected::answers(mirror, query, &picks, Rows::Everywhere).await?;
        let checks = check::Checks::Answers(answers);
        Ok(Arc::new(Traffic::new(query, &self.setup.token, picks.fills(query), checks)?))
    }

    /// Compares the sampled answers of a side as a whole before it is timed.
    async fn verified(&self, side: Side, traffic: &Traffic) -> anyhow::Result<()> {
        let served = Served::start(&self.setup, side)?;
        let verified = traffic.verify(served.process.address).await;
        verified.with_context(|| format!("{side:?}, {}", traffic.query.title())).map(|_| ())
    }

    fn pace(&self, clients: usize, round: u64) -> Pace {
        let window = Duration::from_secs(self.options.seconds);
        let seed = self.options.place.seed.wrapping_add(round);
        Pace { clients, warm_up: Duration::from_secs(1), window, seed }
    }
}

/// The clients of the tables, with those of the goal.
fn clients(query: Query) -> Vec<usize> {
    let mut clients = CLIENTS.to_vec();
    clients.push(query.clients());
    clients.sort_unstable();
    clients.dedup();
    clients
}
