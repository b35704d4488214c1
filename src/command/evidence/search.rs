//! `yimen evidence search`, `anomalies` and `withhold`: for auditors at the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use chrono::{Datelike, NaiveDate};
use clap::Args;

use crate::clock::{Clock, SystemClock};
use crate::command::evidence::act::{
    Officer, after, citizen_number, leave_record, leave_record_about, midnight, open, recorded,
};
use crate::command::{ConfigFile, output};
use crate::evidence::anomaly::{self, Thresholds};
use crate::evidence::kin::Kin;
use crate::evidence::search::{Filter, PERSON, Withholding, sought};
use crate::evidence::{Kind, People};
use crate::start;

/// Options of `yimen evidence search`.
#[derive(Debug, Args)]
pub(crate) struct Search {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// A file with the citizen number of the person whose data was read.
    #[arg(long, value_name = "FILE")]
    person_file: Option<PathBuf>,
    /// The person or program that asked.
    #[arg(long, value_name = "NAME", value_parser = recorded)]
    by: Option<String>,
    /// The department that asked.
    #[arg(long, value_parser = recorded)]
    department: Option<String>,
    /// The purpose.
    #[arg(long, value_parser = recorded)]
    purpose: Option<String>,
    /// The case.
    #[arg(long, value_parser = recorded)]
    case: Option<String>,
    /// A field, as `Type.field`.
    #[arg(long, value_parser = recorded)]
    coordinate: Option<String>,
    /// The first day, in China's time.
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// The most records.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
}

/// Options of `yimen evidence anomalies`.
#[derive(Debug, Args)]
pub(crate) struct Anomalies {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The first day, in China's time.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// People whom one officer may read in a day before it is told, instead of `anomalies.bulk`.
    #[arg(long)]
    bulk: Option<u64>,
    /// A file with officers' families, a line for each member: the officer's name as tokens have it, a comma,
    /// the member's citizen number. The officer belongs to it. It is kept nowhere.
    #[arg(long, value_name = "FILE")]
    kin_file: Option<PathBuf>,
}

/// Options of `yimen evidence withhold`.
#[derive(Debug, Args)]
pub(crate) struct Withhold {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The case in which the person concerned isn't told of accesses.
    #[arg(long, value_parser = recorded)]
    case: String,
    /// The department of whose accesses they aren't.
    #[arg(long, value_parser = recorded)]
    department: String,
    /// The last day on which they aren't.
    #[arg(long, value_name = "DATE")]
    until: NaiveDate,
    /// The rule that says so.
    #[arg(long, value_parser = recorded)]
    basis: String,
}

pub(crate) async fn search(options: &Search) -> anyhow::Result<()> {
    let (config, log) = open(&options.config).await?;
    let keys = start::person_keys(&config)?;
    let number = options.person_file.as_deref().map(citizen_number).transpose()?;
    let (from, to) = (options.from.map(|day| day.to_string()), options.to.map(|day| day.to_string()));
    let filters = [
        (PERSON, &number),
        ("officer", &options.by),
        ("department", &options.department),
        ("purpose", &options.purpose),
        ("case", &options.case),
        ("coordinate", &options.coordinate),
        ("from", &from),
        ("to", &to),
    ];
    let note = sought("search", &filters.map(|(name, value)| (name, value.as_deref())));
    // Whose accesses are asked for is a person of the record: that somebody looked is told to them too.
    let people = People::seal(&keys.of(SystemClock.now().year()), number.as_deref());
    leave_record_about(&config, &log, &options.officer, (Kind::Search, note, people)).await?;
    let person = match &number {
        Some(number) => Some(log.digests(&keys, number).await?),
        None => None,
    };
    let filter = Filter {
        person,
        officer: options.by.clone(),
        department: options.department.clone(),
        purpose: options.purpose.clone(),
        case: options.case.clone(),
        coordinate: options.coordinate.clone(),
        from: options.from.map(midnight).transpose()?,
        to: options.to.map(|day| midnight(after(day)?)).transpose()?,
        before: None,
        told_at: None,
    };
    for found in log.search(filter, options.limit).await? {
        output::line(format!("{}\t{}", found.index, found.entry));
    }
    Ok(())
}

pub(crate) async fn anomalies(options: &Anomalies) -> anyhow::Result<()> {
    let (config, log) = open(&options.config).await?;
    let thresholds =
        Thresholds { bulk: options.bulk.unwrap_or(config.anomalies.bulk), ..config.anomalies.clone() };
    let kin = match &options.kin_file {
        Some(file) => {
            let list = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
            log.kin(&start::person_keys(&config)?, &list).await?
        }
        None => Kin::default(),
    };
    let with = if options.kin_file.is_some() { ", with officers' families" } else { "" };
    let note = format!("anomalies from {} to {}{with}", options.from, options.to);
    leave_record(&config, &log, &options.officer, Kind::Search, note).await?;
    let span = (midnight(options.from)?, midnight(after(options.to)?)?);
    let found = log.anomalies((&span.0, &span.1), &thresholds, &kin).await?;
    let mut counts: BTreeMap<anomaly::What, u64> = BTreeMap::new();
    for anomaly in &found {
        *counts.entry(anomaly.what).or_default() += 1;
        output::line(anomaly);
    }
    let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    output::line(if counts.is_empty() { String::from("nothing stands out") } else { counts.join(", ") });
    Ok(())
}

pub(crate) async fn withhold(options: &Withhold) -> anyhow::Result<()> {
    let (config, log) = open(&options.config).await?;
    let catalogue = start::catalogue(&config)?;
    anyhow::ensure!(
        catalogue.departments.contains(&options.department),
        "`--department` must be a department of the catalogue"
    );
    let until = midnight(after(options.until)?)?;
    let (case, department, basis) = (&options.case, &options.department, &options.basis);
    let withholding = Withholding { case, department, until: &until, basis };
    let id = leave_record(&config, &log, &options.officer, Kind::Withholding, withholding.note()).await?;
    log.withhold(withholding, &id).await?;
    output::line(format!(
        "its accesses in that case aren't told to the person concerned until {}",
        options.until
    ));
    Ok(())
}
