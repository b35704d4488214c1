//! `yimen evidence prove`, `export`, `archive`, `erase` and `purge`: what takes records out of the hub
//! or anything away from it. Each but `prove` leaves a record of its own first.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{Months, NaiveDate};
use clap::Args;

use crate::clock::{Clock, SystemClock};
use crate::command::{ConfigFile, output};
use crate::config::Config;
use crate::evidence::act::{Act, ERASED_KEY, record};
use crate::evidence::archive::archive;
use crate::evidence::china::moment;
use crate::evidence::gone::Purgeable;
use crate::evidence::prove::Prover;
use crate::evidence::tile::WIDTH;
use crate::evidence::{Kind, Log, People, china};
use crate::start;

/// Options of `yimen evidence prove`.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    #[command(flatten)]
    config: ConfigFile,
    /// The record's name, as the header `yimen-record` gave it.
    record: String,
}

/// Options of `yimen evidence consistency`.
#[derive(Debug, Args)]
pub(crate) struct Consistency {
    #[command(flatten)]
    config: ConfigFile,
    /// How many records the earlier head counts.
    records: u64,
}

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct Officer {
    /// Who does this; it goes into the record of the act.
    #[arg(long, value_name = "NAME", value_parser = recorded)]
    pub(crate) officer: String,
}

/// The most characters of what an officer says for a record.
const MAX_RECORDED: usize = 256;

/// Takes a text that goes into a record, from which nothing is taken out again.
pub(super) fn recorded(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(String::from("must not be empty"));
    }
    if text.chars().count() > MAX_RECORDED {
        return Err(format!("must have at most {MAX_RECORDED} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(String::from("must not have control characters"));
    }
    if crate::plan::names_a_person(text) {
        return Err(String::from("must not hold a citizen number"));
    }
    Ok(text.to_owned())
}

/// Options of `yimen evidence export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The department whose callers' records are wanted.
    #[arg(long, value_parser = recorded)]
    department: String,
    /// The first day, in China's time.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// The file, one record with its proof a line.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Options of `yimen evidence archive`.
#[derive(Debug, Args)]
pub(crate) struct Archive {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The month, as 2026-11, in China's time.
    #[arg(long)]
    month: String,
    /// The folder, which must not exist.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Options of `yimen evidence erase`.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// A file with the citizen number of the person, so that it stands in no list of processes.
    #[arg(long, value_name = "FILE", conflicts_with = "key", required_unless_present = "key")]
    person_file: Option<PathBuf>,
    /// Everybody under this key, such as 2023.0.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Do it; nothing can bring it back.
    #[arg(long)]
    yes: bool,
}

/// Options of `yimen evidence purge`.
#[derive(Debug, Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// Do it; without this, only tell what would be done.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn prove(options: &Prove) -> anyhow::Result<()> {
    let log = start::log(&options.config.read()?).await?;
    let proof = log.prove(&options.record).await?;
    let proof = proof.context("no record of that name has a place in the log yet")?;
    output::line(serde_json::to_string(&proof)?);
    Ok(())
}

pub(crate) async fn consistency(options: &Consistency) -> anyhow::Result<()> {
    let log = start::log(&options.config.read()?).await?;
    let connection = log.hub().connection();
    let mut prover = Prover::new(connection).await?.context("the log is empty")?;
    let extension = prover.extension(connection, options.records).await?;
    let extension = extension.with_context(|| format!("the log has {} records", prover.size()))?;
    output::line(serde_json::to_string(&extension)?);
    Ok(())
}

pub(crate) async fn export(options: &Export) -> anyhow::Result<()> {
    anyhow::ensure!(options.from <= options.to, "`--from` must not be after `--to`");
    let (config, log) = open(&options.config).await?;
    let span = (midnight(options.from)?, midnight(after(options.to)?)?);
    let note = format!("records of {} from {} to {}", options.department, options.from, options.to);
    leave_record(&config, &log, &options.officer, Kind::Export, note).await?;
    let file =
        std::fs::File::create_new(&options.out).with_context(|| format!("`{}`", options.out.display()))?;
    let mut file = BufWriter::new(file);
    let write = |proof: &_| {
        serde_json::to_writer(&mut file, proof)?;
        file.write_all(b"\n")
    };
    let written = log.export(&options.department, (&span.0, &span.1), write).await?;
    file.flush()?;
    output::line(format!("{written} records in `{}`", options.out.display()));
    Ok(())
}

pub(crate) async fn archive_month(options: &Archive) -> anyhow::Result<()> {
    let first = NaiveDate::parse_from_str(&format!("{}-01", options.month), "%Y-%m-%d");
    let first = first.context("`--month` must be as 2026-11")?;
    let next = first.checked_add_months(Months::new(1)).context("`--month` is out of range")?;
    let (config, log) = open(&options.config).await?;
    leave_record(&config, &log, &options.officer, Kind::Export, format!("archive of {}", options.month))
        .await?;
    let range = log.range(&midnight(first)?, &midnight(next)?).await?.context("no record of that month")?;
    let range = archive(&log, range, &options.out).await?;
    output::line(format!("records {} to {} in `{}`", range.first, range.end - 1, options.out.display()));
    Ok(())
}

pub(crate) async fn erase(options: &Erase) -> anyhow::Result<()> {
    anyhow::ensure!(options.yes, "nothing can bring back what is erased: say `--yes`");
    let (config, log) = open(&options.config).await?;
    let keys = start::person_keys(&config)?;
    let erased = match (&options.key, &options.person_file) {
        (Some(key), _) => {
            let what = format!("{ERASED_KEY}{key}");
            let id = leave_record(&config, &log, &options.officer, Kind::Erasure, what).await?;
            // What waited before the record of this has its place before it: nothing of that comes afterwards.
            log.erase_key(&id, key).await?
        }
        (None, Some(file)) => {
            // What waits now has its place before it is counted.
            log.integrate_all().await?;
            let erasable = log.erasable(&keys, &citizen_number(file)?).await?;
            let id = leave_record(&config, &log, &options.officer, Kind::Erasure, erasable.note()).await?;
            log.erase(log.turn_after(&id).await?, &erasable).await?
        }
        (None, None) => anyhow::bail!("name `--person-file` or `--key`"),
    };
    output::line(format!("{erased} commitments can't be opened any more"));
    Ok(())
}

/// The citizen number in a file.
pub(super) fn citizen_number(file: &Path) -> anyhow::Result<String> {
    let number = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
    crate::plan::citizen_number(&number).map_err(|_| anyhow::anyhow!("the file holds no citizen number"))
}

pub(crate) async fn purge(options: &Purge) -> anyhow::Result<()> {
    let (config, log) = open(&options.config).await?;
    let years = config.evidence.retention_years;
    let before = SystemClock.now().checked_sub_months(Months::new(12 * years));
    let before = moment(before.context("the term is out of range")?);
    let Purgeable { below, count, kept } = log.purgeable(&before).await?;
    if kept > 0 {
        output::line(format!(
            "{kept} records from {below} on stay until all {WIDTH} of their bundle are past"
        ));
    }
    if count == 0 {
        output::line(format!("no whole bundle of records is older than {years} years"));
        return Ok(());
    }
    if !options.yes {
        output::line(format!(
            "{count} records below {below} are older than {years} years; `--yes` deletes them"
        ));
        return Ok(());
    }
    // The log must say so before it is done: verification takes nothing else for a reason.
    let id = leave_record(&config, &log, &options.officer, Kind::Purge, format!("below {below}")).await?;
    log.purge(&id, below, &before).await?;
    output::line(format!("{count} records below {below} deleted; hashes and heads stay"));
    Ok(())
}

pub(super) async fn open(file: &ConfigFile) -> anyhow::Result<(Config, Log)> {
    let config = file.read()?;
    let log = start::log(&config).await?;
    Ok((config, log))
}

/// Leaves the record of an act, and waits until it has its place in the log. Gives its name.
pub(crate) async fn leave_record(
    config: &Config,
    log: &Log,
    who: &Officer,
    kind: Kind,
    note: String,
) -> anyhow::Result<String> {
    leave_record_about(config, log, who, (kind, note, People::default())).await
}

/// The same of an act that is about people.
pub(super) async fn leave_record_about(
    config: &Config,
    log: &Log,
    who: &Officer,
    (kind, note, people): (Kind, String, People),
) -> anyhow::Result<String> {
    let catalogue = start::catalogue(config)?;
    let policies = start::policies(config, catalogue.clone())?;
    let ledger = start::ledger_alone(config, log)?;
    let versions = (catalogue.version.as_str(), policies.version());
    let id = record(&ledger, Act { kind, officer: &who.officer, note, people, versions }, log).await?;
    log.turn_after(&id).await?.commit().await?;
    Ok(id)
}

pub(crate) fn after(day: NaiveDate) -> anyhow::Result<NaiveDate> {
    day.succ_opt().context("the day is out of range")
}

/// The first moment of a day in China, as entries write times.
pub(crate) fn midnight(day: NaiveDate) -> anyhow::Result<String> {
    china::midnight(day).context("the day is out of range")
}
