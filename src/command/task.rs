//! `yimen task`: opens and closes supervision tasks. Without `--yes` it says what it would do and changes nothing.

use std::path::PathBuf;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;
use yimen_schema::Catalogue;

use crate::clock::{Clock, SystemClock};
use crate::command::evidence::{Officer, leave_record};
use crate::command::{ConfigFile, output};
use crate::config::Config;
use crate::evidence::{Kind, Log};
use crate::own::Seal;
use crate::plan::{citizen_number, names_a_person};
use crate::start;
use crate::task::{self, MAX_ITEMS, MAX_OFFICERS, MAX_PEOPLE, NewTask};

/// Options of `yimen task`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the task that a file describes.
    Open(Open),
    /// Close a task: nothing is read in it any more.
    Close(Close),
}

/// Options of `yimen task open`.
#[derive(Debug, Args)]
struct Open {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// A file in TOML: number, department, division, from, until, basis, officers, and items with department and section.
    file: PathBuf,
    /// A file with the citizen numbers of the people whom the task is about, one a line; without it, it is about nobody
    /// in particular.
    #[arg(long, value_name = "FILE")]
    people_file: Option<PathBuf>,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

/// Options of `yimen task close`.
#[derive(Debug, Args)]
struct Close {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    officer: Officer,
    /// The task's number.
    number: String,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

/// What a file says of a task.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    number: String,
    department: String,
    division: String,
    from: NaiveDate,
    until: NaiveDate,
    basis: String,
    officers: Vec<String>,
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    department: String,
    section: String,
}

/// The most characters of a number and of a basis.
const MAX_NUMBER: usize = 64;
const MAX_BASIS: usize = 256;

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    match &options.command {
        Command::Open(options) => open(options).await,
        Command::Close(options) => close(options).await,
    }
}

async fn open(options: &Open) -> anyhow::Result<()> {
    let config = options.config.read()?;
    let file = &options.file;
    let text = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
    let read = Figment::from(Toml::string(&text)).extract::<Described>();
    let described = read.with_context(|| format!("`{}`", file.display()))?;
    let catalogue = start::catalogue(&config)?;
    described.check(&catalogue)?;
    let is_served = start::divisions(&config)?.area(&described.division, described.from).is_ok();
    anyhow::ensure!(is_served, "`division` isn't in force on the first day (`divisions.csv`)");
    let people = people(options)?;
    let log = start::log(&config).await?;
    let there = task::is_there(log.hub().connection(), &described.number).await?;
    anyhow::ensure!(!there, "a task `{}` is there already; numbers aren't used twice", described.number);
    output::line(described.told(people.len()));
    if !options.yes {
        output::line("nothing is changed; add --yes");
        return Ok(());
    }
    enter(&config, &log, &options.officer, &described, &people).await
}

/// The record first: a task without one must not be read in.
async fn enter(
    config: &Config,
    log: &Log,
    officer: &Officer,
    described: &Described,
    people: &[String],
) -> anyhow::Result<()> {
    let record = leave_record(config, log, officer, Kind::Task, described.told(people.len())).await?;
    let items: Vec<(String, String)> =
        described.items.iter().map(|item| (item.department.clone(), item.section.clone())).collect();
    let task = NewTask {
        task_no: &described.number,
        department: &described.department,
        division: &described.division,
        items: &items,
        officers: &described.officers,
        people,
        basis: &described.basis,
        valid_from: described.from,
        valid_until: described.until,
        opened_at: &SystemClock.now().to_rfc3339(),
        opened_by: &officer.officer,
        record: &record,
    };
    let seal = Seal::new(&start::secret(&config.secret.file)?);
    task::open(log.hub().connection(), &seal, &task).await?;
    output::line("opened");
    Ok(())
}

async fn close(options: &Close) -> anyhow::Result<()> {
    let config = options.config.read()?;
    let log = start::log(&config).await?;
    let there = task::is_there(log.hub().connection(), &options.number).await?;
    anyhow::ensure!(there, "there is no task `{}`", options.number);
    if !options.yes {
        output::line(format!("task {} would be closed; nothing is changed; add --yes", options.number));
        return Ok(());
    }
    let note = format!("task {} closed", options.number);
    leave_record(&config, &log, &options.officer, Kind::Task, note).await?;
    let closed =
        task::close(log.hub().connection(), &options.number, &SystemClock.now().to_rfc3339()).await?;
    output::line(if closed { "closed" } else { "it was closed before" });
    Ok(())
}

/// The numbers of a file, checked; messages name lines and no numbers.
fn people(options: &Open) -> anyhow::Result<Vec<String>> {
    let Some(file) = &options.people_file else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
    let mut people = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = citizen_number(line.trim());
        people.push(number.map_err(|_| anyhow::anyhow!("line {}: not a citizen number", at + 1))?);
    }
    anyhow::ensure!(
        (1..=MAX_PEOPLE).contains(&people.len()),
        "`--people-file` must name 1 to {MAX_PEOPLE} people"
    );
    Ok(people)
}

impl Described {
    fn check(&self, catalogue: &Catalogue) -> anyhow::Result<()> {
        let is_text = |text: &str, most: usize| {
            !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
        };
        anyhow::ensure!(
            is_text(&self.number, MAX_NUMBER) && !names_a_person(&self.number),
            "`number` must have 1 to {MAX_NUMBER} characters and hold no citizen number"
        );
        anyhow::ensure!(
            is_text(&self.basis, MAX_BASIS),
            "`basis` must name a clause in at most {MAX_BASIS} characters"
        );
        let known = catalogue.departments.contains(&self.department);
        anyhow::ensure!(known, "`department` must be a department of the catalogue");
        let is_division =
            self.division.len() == 12 && self.division.bytes().all(|byte| byte.is_ascii_digit());
        anyhow::ensure!(is_division, "`division` must have 12 digits");
        anyhow::ensure!(self.from <= self.until, "`until` must not be before `from`");
        let named =
            self.officers.iter().all(|officer| is_text(officer, MAX_BASIS) && !names_a_person(officer));
        anyhow::ensure!(
            named && (1..=MAX_OFFICERS).contains(&self.officers.len()),
            "`officers` must name 1 to {MAX_OFFICERS} officers, as their tokens do"
        );
        anyhow::ensure!((1..=MAX_ITEMS).contains(&self.items.len()), "`items` must be 1 to {MAX_ITEMS}");
        for Item { department, section } in &self.items {
            let answers =
                catalogue.resources.iter().any(|of| *of.owner == **department && *of.section == **section);
            anyhow::ensure!(answers, "`items`: {department} doesn't answer for {section}");
        }
        Ok(())
    }

    /// What it is, in words that name nobody.
    fn told(&self, people: usize) -> String {
        let items: Vec<String> =
            self.items.iter().map(|item| format!("{} {}", item.department, item.section)).collect();
        let about =
            if people == 0 { String::from("nobody in particular") } else { format!("{people} people") };
        let told = format!(
            "task {} of {} in {} from {} to {}, about {about}, {} officers, on {}: {}",
            self.number,
            self.department,
            self.division,
            self.from,
            self.until,
            self.officers.len(),
            self.basis,
            items.join(", ")
        );
        told.chars().take(MAX_TOLD).collect()
    }
}

/// The most characters of what a record says of a task.
const MAX_TOLD: usize = 2_000;
