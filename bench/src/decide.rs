//! `decide`: what deciding costs: an operation of sixty fields and five departments beside five thousand grants, other
//! callers while grants change, and the family check beside a gateway that grants everything to everybody.

mod grants;
mod open;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;
use yimen::auth::Caller;
use yimen::config::Config;
use yimen::gateway::{Gateway, Request};
use yimen::sharing::InForce;
use yimen_policy::{Grants, Policies, Profile};
use yimen_schema::{Catalogue, FieldDef, Resource};

use crate::gateway::{Decisions, request, without_records};
use crate::query::{DEPARTMENT, DIVISION, PURPOSE, Query, ROLE};
use crate::run::{Options as RunOptions, authorisation};
use crate::statistics::quantile;
use crate::{load, many_threads, one_thread, output, setup};
pub(crate) use grants::rows;
pub(crate) use open::open;

/// What is measured.
#[derive(Debug, Args)]
// The flattened options are named alike, and clap names groups of arguments by their types.
#[group(id = "decide")]
pub(crate) struct Options {
    #[command(flatten)]
    run: RunOptions,
    /// What to measure, one after the other.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["decide", "change", "cost"])]
    what: Vec<What>,
    /// Grants in force.
    #[arg(long, default_value_t = GRANTS, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    grants: u32,
}

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Deciding one operation, again and again.
    Decide,
    /// Deciding for others while grants change.
    Change,
    /// The family check with and without authorisation; it needs the county in PostgreSQL.
    Cost,
}

/// As many as a county gives in a year.
pub(crate) const GRANTS: u32 = 5_000;

/// Fields and departments of the operation that is decided.
const FIELDS: usize = 60;
const DEPARTMENTS: usize = 5;

/// How often an operation is decided.
const DECIDED: u32 = 100_000;

/// The pause between two changes of grants: as often as a server looks for them.
const CHANGE: Duration = Duration::from_millis(500);

/// What is to be reached.
struct Goal {
    what: String,
    reached: f64,
    at_most: f64,
    unit: &'static str,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut goals = Vec::new();
    for what in &options.what {
        match what {
            What::Decide => goals.extend(one_thread()?.block_on(decide(options))?),
            What::Change => goals.extend(many_threads()?.block_on(change(options))?),
            What::Cost => {
                many_threads()?.block_on(load::databases(&options.run.place))?;
                let share = one_thread()?.block_on(authorisation(&options.run))?;
                goals.push(Goal {
                    what: String::from("authorisation, of Q1's throughput at 64 clients"),
                    reached: 100.0 * share,
                    at_most: 5.0,
                    unit: "%",
                });
            }
        }
    }
    output::line("\n| what | reached | goal | met |\n|---|---|---|---|");
    for Goal { what, reached, at_most, unit } in goals {
        let met = if reached <= at_most { "yes" } else { "**no**" };
        output::line(format!("| {what} | {reached:.1} {unit} | ≤ {at_most} {unit} | {met} |"));
    }
    Ok(())
}

/// A gateway that is only asked for plans, with its decisions.
struct Deciding {
    gateway: Gateway,
    in_force: Arc<InForce>,
    policies: Arc<Policies>,
    today: NaiveDate,
    grants: u32,
}

impl Deciding {
    fn new(options: &Options) -> anyhow::Result<Deciding> {
        let config = Config::read(Some(&setup::prepare(&options.run.place)?.postgres))?;
        let policies = yimen::start::policies(&config, yimen::start::catalogue(&config)?)?;
        let gateway = without_records(&config, policies.clone(), Decisions::Policies)?;
        let in_force = Arc::new(InForce::alone(policies.clone()));
        let gateway = gateway.with_grants(in_force.clone());
        let deciding =
            Deciding { gateway, in_force, policies, today: grants::today(), grants: options.grants };
        deciding.bring(0)?;
        Ok(deciding)
    }

    /// Brings the grants into force, of which the last is another at each change.
    fn bring(&self, change: u32) -> anyhow::Result<()> {
        let rows = rows(self.policies.catalogue(), self.policies.codes(), self.grants, change);
        let (grants, problems) = Grants::read(&self.policies, &rows);
        anyhow::ensure!(problems.is_empty(), "a grant is refused: {}", problems[0]);
        self.in_force.bring((grants, self.in_force.turn()), self.today, Duration::from_millis(300), || {});
        Ok(())
    }

    /// Microseconds of deciding a request so often, sorted.
    async fn times(&self, request: &Request, times: u32) -> anyhow::Result<Vec<u32>> {
        let mut nanoseconds = Vec::new();
        for _ in 0..times {
            let started = Instant::now();
            let plan = self.gateway.plan(request).await;
            nanoseconds.push(u32::try_from(started.elapsed().as_nanos()).unwrap_or(u32::MAX));
            std::hint::black_box(plan.map_err(|invalid| anyhow::anyhow!("{:?}", invalid.errors))?);
        }
        nanoseconds.sort_unstable();
        Ok(nanoseconds)
    }
}

/// Deciding an operation that was decided before: document, variables, decisions and plan are found.
async fn decide(options: &Options) -> anyhow::Result<Vec<Goal>> {
    let deciding = Deciding::new(options)?;
    let document = document(deciding.policies.catalogue())?;
    let request = request(Query::Family, &document);
    let plan = deciding.gateway.plan(&request).await;
    let plan = plan.map_err(|invalid| anyhow::anyhow!("{:?}", invalid.errors))?;
    let started = Instant::now();
    let applied = deciding.in_force.at_hand(&profile(), DIVISION, deciding.today);
    let applied = applied.context("the caller's table isn't at hand")?;
    output::line(format!(
        "{} grants, {} of them the caller's; {} statements, {} fields withheld; the table is found in {} ns",
        options.grants,
        applied.grants().len(),
        plan.fetches.len(),
        plan.withheld.len(),
        started.elapsed().as_nanos()
    ));
    deciding.times(&request, DECIDED / 10).await?;
    let times = deciding.times(&request, DECIDED).await?;
    Ok(of(&times, &format!("{FIELDS} fields of {DEPARTMENTS} departments decided"), 15.0, 100.0))
}

fn of(times: &[u32], what: &str, median: f64, most: f64) -> Vec<Goal> {
    let us = |share| f64::from(quantile(times, share)) / 1_000.0;
    let goal = |what, reached, at_most| Goal { what, reached, at_most, unit: "µs" };
    vec![goal(format!("{what}, median"), us(0.5), median), goal(format!("{what}, 99 of 100"), us(0.99), most)]
}

/// Deciding for a caller whom no change concerns, and for one whom each does, while grants change.
async fn change(options: &Options) -> anyhow::Result<Vec<Goal>> {
    let deciding = Arc::new(Deciding::new(options)?);
    let document = document(deciding.policies.catalogue())?;
    let (meant, other) = (request(Query::Family, &document), other(&document));
    let mut goals = Vec::new();
    for request in [&meant, &other] {
        let plan = deciding.gateway.plan(request).await;
        plan.map_err(|invalid| anyhow::anyhow!("{:?}", invalid.errors))?;
    }
    let still = deciding.times(&other, DECIDED).await?;
    for (who, request) in
        [("a caller whom no change concerns", &other), ("the caller whom each concerns", &meant)]
    {
        let (ended, changing) = (Arc::new(AtomicBool::new(false)), deciding.clone());
        let end = ended.clone();
        let changes = tokio::task::spawn_blocking(move || {
            let (mut changes, mut brought) = (0, Duration::ZERO);
            while !end.load(Ordering::Relaxed) {
                let started = Instant::now();
                changes += 1;
                changing.bring(changes)?;
                brought = brought.max(started.elapsed());
                std::thread::sleep(CHANGE.saturating_sub(started.elapsed()));
            }
            anyhow::Ok((changes, brought))
        });
        let (until, mut times) = (Instant::now() + Duration::from_secs(options.run.seconds), Vec::new());
        while Instant::now() < until {
            times.extend(deciding.times(request, 100).await?);
            // Requests come one by one: what runs beside them has its turns.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        ended.store(true, Ordering::Relaxed);
        let (changes, brought) = changes.await??;
        times.sort_unstable();
        output::line(format!(
            "{who}: {} decided during {changes} changes, each read and compiled in at most {} ms; the slowest took {} µs",
            times.len(),
            brought.as_millis(),
            times.last().copied().unwrap_or_default() / 1_000
        ));
        goals.extend(of(&times, &format!("the same while grants change, {who}"), 15.0, 100.0));
    }
    output::line(format!(
        "without changes: 99 of 100 within {:.1} µs",
        f64::from(quantile(&still, 0.99)) / 1_000.0
    ));
    Ok(goals)
}

fn profile() -> Profile {
    Profile { department: DEPARTMENT.to_owned(), role: ROLE.to_owned(), purpose: PURPOSE.to_owned() }
}

/// The same request of another department, which no change of grants concerns.
fn other(document: &str) -> Request {
    let same = request(Query::Family, document);
    let caller = Caller { department: String::from("FINANCE"), ..(*same.caller).clone() };
    Request { caller: Arc::new(caller), ..same }
}

/// A document with this many fields about one person, in registers of as many departments.
fn document(catalogue: &Catalogue) -> anyhow::Result<String> {
    let person = catalogue.resource_named("Person").context("no type `Person`")?;
    let person = catalogue.resource(person);
    let items = |resource: &Resource, most: usize| -> Vec<String> {
        let items = resource.fields.iter().filter(|field| matches!(field.def, FieldDef::Item(_)));
        items.take(most).map(|field| field.name.clone()).collect()
    };
    let (mut owners, mut parts) = (vec![person.owner.clone()], Vec::new());
    let each = FIELDS / DEPARTMENTS;
    let mut fields = items(person, each);
    let mut count = fields.len();
    for field in &person.fields {
        let FieldDef::Link(link) = &field.def else { continue };
        let target = catalogue.resource(link.target);
        let own = items(target, each - 1);
        if owners.len() < DEPARTMENTS && !owners.contains(&target.owner) && own.len() == each - 1 {
            owners.push(target.owner.clone());
            count += own.len() + 1;
            parts.push(format!("{} {{ {} }}", field.name, own.join(" ")));
        }
    }
    anyhow::ensure!(
        owners.len() == DEPARTMENTS && count == FIELDS,
        "{count} fields of {} departments",
        owners.len()
    );
    fields.extend(parts);
    Ok(format!(
        "query($citizenId: CitizenId!) {{ person(citizenId: $citizenId) {{ {} }} }}",
        fields.join(" ")
    ))
}
