//! Writes a county and says how long it took: `load PERSONS FOLDER` or `load PERSONS postgres://SERVER`.
//!
//! For PostgreSQL five databases named `yimen_load_household` and so on are dropped and made anew.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use yimen_county::{Options, Urls, write};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(persons), Some(place)) = (arguments.next(), arguments.next()) else {
        bail!("say how many persons, and a folder or a server");
    };
    let as_of = NaiveDate::from_ymd_opt(2026, 6, 30).context("the day")?;
    let options = Options { persons: persons.parse()?, seed: 1, as_of };
    let urls = if place.starts_with("postgres") { on_server(&place).await? } else { in_folder(&place)? };
    let started = Instant::now();
    let counts = write(&options, &urls, &mut |progress| {
        eprintln!("{:>8.1} s {progress:?}", started.elapsed().as_secs_f64());
    })
    .await?;
    for (table, rows) in &counts.tables {
        eprintln!("{rows:>10} {table}");
    }
    eprintln!("{} rows in {:.1} s, {}", counts.rows, started.elapsed().as_secs_f64(), memory()?);
    Ok(())
}

/// The most memory that the process had, as Linux tells it.
fn memory() -> Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    Ok(line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn in_folder(folder: &str) -> Result<Urls> {
    std::fs::create_dir_all(folder)?;
    let url = |name: &str| format!("sqlite://{folder}/{name}.db?mode=rwc");
    Ok(Urls {
        household: url("household"),
        social_insurance: url("social_insurance"),
        housing: url("housing"),
        education: url("education"),
        union: url("union"),
    })
}

async fn on_server(server: &str) -> Result<Urls> {
    let (client, connection) =
        tokio_postgres::connect(&format!("{server}/postgres"), tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    for name in ["household", "social_insurance", "housing", "education", "union"] {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS yimen_load_{name}")).await?;
        client.batch_execute(&format!("CREATE DATABASE yimen_load_{name}")).await?;
    }
    drop(client);
    driver.await??;
    let url = |name: &str| format!("{server}/yimen_load_{name}");
    Ok(Urls {
        household: url("household"),
        social_insurance: url("social_insurance"),
        housing: url("housing"),
        education: url("education"),
        union: url("union"),
    })
}
