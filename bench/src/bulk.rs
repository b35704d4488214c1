//! `bulk`: many people's fields through the lane of JSON lines and through an export, beside the same
//! statements read by `COPY … TO STDOUT`, one side behind the other in each pair.

mod copy;
mod lane;

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use crate::client::Connection;
use crate::database::connect;
use crate::gateway::{Planner, Records, request};
use crate::machine::{Cluster, memory};
use crate::place::Place;
use crate::process::Process;
use crate::query::{PURPOSE, Query};
use crate::served::{Served, Side};
use crate::setup::Setup;
use crate::statistics::median;
use crate::{county, hub, output, setup};

/// Twelve fields of one person from three departments.
pub(crate) const DOCUMENT: &str = include_str!("../queries/bulk.graphql");

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How many people.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    people: u32,
    /// How often each side is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
}

/// One side, measured once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Seconds from the request to the last row.
    pub(crate) s: f64,
    /// Rows that came.
    pub(crate) rows: usize,
    /// Seconds of the gateway's processor time.
    gateway_s: f64,
    /// Seconds of PostgreSQL's.
    postgres_s: f64,
    /// MiB by which the gateway's resident memory was greater at most than before.
    grew: f64,
}

pub(crate) async fn bulk(options: &Options) -> anyhow::Result<()> {
    let Options { place, people, pairs } = options;
    let setup = setup::prepare(place)?;
    let household = connect(place, &county::name_of(yimen_migration::ExchangeDatabase::Household)).await?;
    let people = draw(&household, *people).await?;
    let plan = Planner::new(place).await?.plan_of(&request(Query::Family, DOCUMENT)).await?;
    let copies = copy::Copies::prepare(place, &plan, &people).await?;
    let served = Served::start(&setup, Side::Postgres(Records::Hub))?;
    let cluster = Cluster::of(&household).await?;
    let hub = connect(place, hub::DATABASE).await?;
    let measured = Measured { setup: &setup, process: &served.process, cluster, hub: &hub };
    let (batch, start) = (lane::request(&setup.token, &people), measured.start(&people));
    let mut sides: [Vec<Seen>; 3] = Default::default();
    for pair in 1..=*pairs {
        sides[0].push(measured.of(copies.read()).await?);
        let address = served.process.address;
        sides[1].push(measured.of(lane::lines(address, &batch, people.len())).await?);
        sides[2].push(measured.of(measured.export(&start)).await?);
        measured.purge().await?;
        output::line(format!("pair {pair}: {:.3?}", sides.each_ref().map(|side| side.last().copied())));
    }
    report(&sides, people.len());
    Ok(())
}

/// People of the county in an order that says nothing of where they stand in the tables.
async fn draw(household: &tokio_postgres::Client, people: u32) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 ORDER BY md5(citizen_id) LIMIT $1";
    let rows = household.query(sql, &[&i64::from(people)]).await?;
    anyhow::ensure!(rows.len() == people as usize, "the county has fewer people: see `--persons`");
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn report(sides: &[Vec<Seen>; 3], people: usize) {
    let names = ["COPY", "JSON lines", "export"];
    output::line(
        "| side | rows | s | ÷ COPY | gateway CPU s | PostgreSQL CPU s | memory grew by MiB at most |",
    );
    output::line("|---|---|---|---|---|---|---|");
    let middle = |side: &[Seen], of: fn(&Seen) -> f64| median(&side.iter().map(of).collect::<Vec<_>>());
    let floor = middle(&sides[0], |seen| seen.s);
    for (name, side) in names.iter().zip(sides) {
        let most = side.iter().map(|seen| seen.grew).fold(0.0, f64::max);
        let s = middle(side, |seen| seen.s);
        let rows = side.last().map_or(0, |seen| seen.rows);
        output::line(format!(
            "| {name} | {rows} | {s:.2} | {:.2} | {:.2} | {:.2} | {most:.0} |",
            s / floor,
            middle(side, |seen| seen.gateway_s),
            middle(side, |seen| seen.postgres_s),
        ));
    }
    output::line(format!("{people} people, 12 fields, {} pairs, medians", sides[0].len()));
}

struct Measured<'a> {
    setup: &'a Setup,
    process: &'a Process,
    cluster: Cluster,
    hub: &'a tokio_postgres::Client,
}

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How often it is asked whether an export is whole, which is an operation with a record.
const ASK: Duration = Duration::from_millis(100);

/// How long the log may take with the records of the side before.
const SETTLED: Duration = Duration::from_secs(30);

impl Measured<'_> {
    /// Waits until the records of the side before have their places in the log, which the next would else pay for.
    async fn settled(&self) -> anyhow::Result<()> {
        let until = Instant::now() + SETTLED;
        loop {
            let waiting: i64 = self.hub.query_one("SELECT count(*) FROM evidence_pending", &[]).await?.get(0);
            if waiting == 0 {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < until, "{waiting} records wait for their places in the log");
            tokio::time::sleep(ASK).await;
        }
    }

    /// What one side takes. Looking costs it little: one file of the process that is measured.
    async fn of(&self, side: impl Future<Output = anyhow::Result<usize>>) -> anyhow::Result<Seen> {
        self.settled().await?;
        let resident = || memory(self.process.id()).map(|memory| memory.now);
        let before = resident()?;
        let (gateway, postgres) = (self.process.cpu_s()?, self.cluster.cpu_s()?);
        let began = Instant::now();
        let mut most = before;
        let mut look = tokio::time::interval(LOOK);
        tokio::pin!(side);
        let rows = loop {
            tokio::select! {
                rows = &mut side => break rows?,
                _ = look.tick() => most = most.max(resident()?),
            }
        };
        Ok(Seen {
            s: began.elapsed().as_secs_f64(),
            rows,
            gateway_s: self.process.cpu_s()? - gateway,
            postgres_s: self.cluster.cpu_s()? - postgres,
            grew: most - before,
        })
    }

    /// What starts an export of all people, written before the clock starts.
    fn start(&self, people: &[String]) -> Vec<u8> {
        let start = "mutation($input: StartExport!) { startExport(input: $input) { id } }";
        let input = json!({ "document": DOCUMENT, "citizenIds": people });
        self.request("/exports", start, &json!({ "input": input }))
    }

    async fn export(&self, start: &[u8]) -> anyhow::Result<usize> {
        let mut connection = Connection::open(self.process.address).await?;
        let started = ask(&mut connection, start).await?;
        let id = started["startExport"]["id"].as_str().unwrap_or_default();
        let query = "query($id: ID!) { exportJob(id: $id) { state reason rows } }";
        let query = self.request("/graphql", query, &json!({ "id": id }));
        loop {
            let job = ask(&mut connection, &query).await?;
            match job["exportJob"]["state"].as_str() {
                Some("QUEUED" | "RUNNING") => tokio::time::sleep(ASK).await,
                Some("DONE") => return Ok(job["exportJob"]["rows"].as_u64().unwrap_or(0) as usize),
                _ => anyhow::bail!("the export ended: {job}"),
            }
        }
    }

    /// Purges the exports that are whole.
    async fn purge(&self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.process.address).await?;
        let whole = "SELECT id FROM export_job WHERE state = 'DONE'";
        for row in self.hub.query(whole, &[]).await? {
            let purge = "mutation($id: ID!) { purgeExport(id: $id) { id } }";
            let id: &str = row.get(0);
            ask(&mut connection, &self.request("/graphql", purge, &json!({ "id": id }))).await?;
        }
        Ok(())
    }

    fn request(&self, path: &str, query: &str, variables: &Value) -> Vec<u8> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let head = lane::head(path, &self.setup.token, "application/json", body.len(), "keep-alive");
        format!("{head}{body}").into_bytes()
    }
}

async fn ask(connection: &mut Connection, request: &[u8]) -> anyhow::Result<Value> {
    let answer = connection.exchange(request).await?;
    let value: Value = serde_json::from_slice(answer.body)?;
    anyhow::ensure!(value.get("errors").is_none(), "{PURPOSE}: {value}");
    Ok(value["data"].clone())
}
