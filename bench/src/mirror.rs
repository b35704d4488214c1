//! The sixth database: `pgbench` speaks to one database at a time, so the tables that the measured
//! statements read are copied into one, with their indexes, by PostgreSQL's own tools.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use tokio_postgres::Client;

use crate::database::{ALL, remark, renew, set_remark, settle, url};
use crate::gateway::Planner;
use crate::place::Place;
use crate::query::Query;
use crate::{county, output};

/// Tables by the database that they are in.
pub(crate) type Tables = BTreeMap<String, BTreeSet<String>>;

/// Makes the sixth database unless it holds these tables of this county.
pub(crate) async fn load(place: &Place, administrator: &Client) -> anyhow::Result<()> {
    let tables = tables(place).await?;
    let names: Vec<&str> = tables.values().flatten().map(String::as_str).collect();
    let wanted = format!("{}; {}", county::remark(place), names.join(", "));
    if remark(administrator, ALL).await?.as_deref() == Some(wanted.as_str()) {
        output::line("The mirror holds the tables that are read.");
        return Ok(());
    }
    output::line(format!("Copying {} tables into one database.", names.len()));
    let started = Instant::now();
    renew(administrator, ALL).await?;
    for (database, tables) in &tables {
        copy(place, database, tables)?;
    }
    settle(place, ALL).await?;
    set_remark(administrator, ALL, &wanted).await?;
    output::line(format!("  {:.0} s", started.elapsed().as_secs_f64()));
    Ok(())
}

/// The tables that the plans of all queries read.
pub(crate) async fn tables(place: &Place) -> anyhow::Result<Tables> {
    let planner = Planner::new(place).await?;
    let mut tables = Tables::new();
    for query in Query::ALL {
        for fetch in &planner.plan(query).await?.fetches {
            let database =
                county::databases().into_iter().find(|d| d.departments().contains(&&*fetch.department));
            let database = database.with_context(|| format!("no database of `{}`", fetch.department))?;
            tables.entry(county::name_of(database)).or_default().insert(planner.table(&fetch.resource)?);
        }
    }
    Ok(tables)
}

fn copy(place: &Place, database: &str, tables: &BTreeSet<String>) -> anyhow::Result<()> {
    let mut dump = Command::new(program("pg_dump")?)
        .args(["--no-owner", "--no-privileges", "--dbname", &url(place, database)])
        .args(tables.iter().map(|table| format!("--table=public.{table}")))
        .stdout(Stdio::piped())
        .spawn()
        .context("`pg_dump`")?;
    let text = dump.stdout.take().context("`pg_dump` has no output")?;
    let restored = Command::new(program("psql")?)
        .args([
            "--quiet",
            "--no-psqlrc",
            "--output=/dev/null",
            "--set=ON_ERROR_STOP=1",
            "--dbname",
            &url(place, ALL),
        ])
        .stdin(text)
        .status()
        .context("`psql`")?;
    let dumped = dump.wait()?;
    anyhow::ensure!(dumped.success() && restored.success(), "the tables of `{database}` can't be copied");
    Ok(())
}

/// A program of PostgreSQL's, from the path or from where Debian keeps it.
pub(crate) fn program(name: &str) -> anyhow::Result<std::path::PathBuf> {
    let is_there = |program: &std::path::Path| {
        let tried =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut elsewhere: Vec<_> = versions.map(|entry| entry.path().join("bin").join(name)).collect();
    elsewhere.sort();
    let candidates = [std::path::PathBuf::from(name)].into_iter().chain(elsewhere.into_iter().rev());
    let found = candidates.into_iter().find(|program| is_there(program));
    found.with_context(|| format!("`{name}` isn't installed"))
}
