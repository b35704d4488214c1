//! `one`: a single measurement, for looking into one thing while it is being changed.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::database::{ALL, connect};
use crate::drive::{Pace, Traffic};
use crate::gateway::Records;
use crate::machine::Cluster;
use crate::measure::measure;
use crate::picks::Picks;
use crate::place::Place;
use crate::query::Query;
use crate::served::{Served, Side};
use crate::{check, expected, output, setup};

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// The query.
    #[arg(long, value_enum)]
    query: Query,
    /// The database behind the gateway.
    #[arg(long, value_enum, default_value = "postgres")]
    over: Over,
    /// Whether answers are recorded.
    #[arg(long, value_enum, default_value = "hub")]
    records: Records,
    /// Clients at once.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    clients: u64,
    /// Seconds, after one that isn't counted.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Over {
    Postgres,
    Sqlite,
}

pub(crate) async fn one(options: &Options) -> anyhow::Result<()> {
    let Options { place, query, over, records, clients, seconds } = options;
    let mirror = connect(place, ALL).await?;
    let setup = setup::prepare(place)?;
    let picks = Picks::draw(&mirror, *query, place.seed).await?;
    let checks = check::Checks::Answers(
        expected::answers(&mirror, *query, &picks, expected::Rows::OwnDivision).await?,
    );
    let traffic = Arc::new(Traffic::new(*query, &setup.token, picks.fills(*query), checks)?);
    let side = match over {
        Over::Postgres => Side::Postgres(*records),
        Over::Sqlite => Side::Sqlite(*records),
    };
    let served = Served::start(&setup, side)?;
    output::line(format!("process {}", served.process.id()));
    let pace = Pace {
        clients: usize::try_from(*clients)?,
        warm_up: Duration::from_secs(1),
        window: Duration::from_secs(*seconds),
        seed: place.seed,
    };
    let figures = measure(&served.process, Cluster::of(&mirror).await?, &traffic, pace).await?;
    output::line(format!("{figures:.3?}"));
    Ok(())
}
