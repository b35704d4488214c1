//! `presence`: whether time tells a person out of the caller's division from nobody. Both are asked for in turns over
//! one connection, and both must be answered by the same bytes.

use anyhow::Context;
use clap::Args;
use tokio_postgres::Client;
use yimen::plan::citizen_number;

use crate::check::Checks;
use crate::client::Connection;
use crate::database::{ALL, connect};
use crate::drive::Traffic;
use crate::gateway::Records;
use crate::place::Place;
use crate::query::Query;
use crate::served::{Served, Side};
use crate::statistics::{median, quantile};
use crate::{output, setup};

/// What is compared.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// Pairs of requests.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    requests: u64,
}

/// Pairs that aren't counted.
const WARM_UP: usize = 200;

/// What both are answered.
const NOBODY: &str = r#"{"data":{"person":null}}"#;

pub(crate) async fn presence(options: &Options) -> anyhow::Result<()> {
    let mirror = connect(&options.place, ALL).await?;
    let setup = setup::prepare(&options.place)?;
    let (town, elsewhere) = out_of_scope(&mirror).await?;
    let nobody = absent(&mirror, &elsewhere).await?;
    let token = setup::token(&setup.folder, &town)?;
    let traffic = |numbers: &[String]| {
        let fills = numbers.iter().map(|number| format!("\"{number}\"")).collect();
        Traffic::new(Query::Family, &token, fills, Checks::Length(NOBODY.len()))
    };
    let sides = [traffic(&elsewhere)?, traffic(&nobody)?];
    let served = Served::start(&setup, Side::Postgres(Records::Hub))?;
    let mut connection = Connection::open(served.process.address).await?;
    let mut taken_us: [Vec<u32>; 2] = Default::default();
    let mut differences = Vec::new();
    for pair in 0..WARM_UP + usize::try_from(options.requests)? {
        let pick = pair % elsewhere.len().min(nobody.len());
        let mut us = [0; 2];
        // Who goes first changes, so that neither is always behind the other.
        for side in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            us[side] = sides[side].timed(&mut connection, pick).await?;
        }
        if pair >= WARM_UP {
            (0..2).for_each(|side| taken_us[side].push(us[side]));
            differences.push(f64::from(us[0]) - f64::from(us[1]));
        }
    }
    taken_us.iter_mut().for_each(|taken| taken.sort_unstable());
    for (what, taken) in ["out of scope", "nobody"].iter().zip(&taken_us) {
        let at = |share| quantile(taken, share);
        output::line(format!("{what}: median {} µs, quartiles {} and {} µs", at(0.5), at(0.25), at(0.75)));
    }
    output::line(format!(
        "difference within a pair, median of {}: {:.1} µs; equal bytes each time",
        differences.len(),
        median(&differences)
    ));
    Ok(())
}

/// A town, and people who live in others.
async fn out_of_scope(mirror: &Client) -> anyhow::Result<(String, Vec<String>)> {
    let sql = "SELECT left(division_code, 9) || '000' FROM person WHERE division_code IS NOT NULL
               GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1";
    let town: String = mirror.query_one(sql, &[]).await.context("nobody lives in the county")?.get(0);
    let sql = "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 AND left(division_code, 9) <> $1
               ORDER BY md5(citizen_id) LIMIT 5000";
    let rows = mirror.query(sql, &[&&town[..9]]).await?;
    let numbers: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let numbers: Vec<String> =
        numbers.into_iter().filter(|number| citizen_number(number).as_ref() == Ok(number)).collect();
    anyhow::ensure!(!numbers.is_empty(), "nobody lives outside `{town}`");
    Ok((town, numbers))
}

/// Good numbers that nobody has: those of people, with another place in the order of their day.
async fn absent(mirror: &Client, like: &[String]) -> anyhow::Result<Vec<String>> {
    let other = |number: &String| {
        let ordinal = number[14..17].parse::<u32>().ok()?;
        let body = format!("{}{:03}", &number[..14], (ordinal + 500) % 1_000);
        "0123456789X"
            .chars()
            .map(|check| format!("{body}{check}"))
            .find(|number| citizen_number(number).is_ok())
    };
    let numbers: Vec<String> = like.iter().filter_map(other).collect();
    let known = mirror.query("SELECT citizen_id FROM person WHERE citizen_id = ANY($1)", &[&numbers]).await?;
    let known: Vec<String> = known.iter().map(|row| row.get(0)).collect();
    let numbers: Vec<String> = numbers.into_iter().filter(|number| !known.contains(number)).collect();
    anyhow::ensure!(!numbers.is_empty(), "every number is somebody's");
    Ok(numbers)
}
