//! `door`: what Q1 costs a request besides departments: its token, its document with limits, decisions and plan, and
//! the writing of its answer from rows that were read; beside it the whole way through the routes.
//!
//! Everything is measured on this one thread, in turns. The whole way is there so that what the parts find in caches
//! is what requests find there: it can't be less than the parts and the statements together.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, header};
use clap::Args;
use serde_json::json;
use tower::ServiceExt;
use yimen::answer::{self, Parts, PseudonymKeys};
use yimen::clock::{Clock, SystemClock};
use yimen::config::Config;
use yimen::fetch::{Outcome, RowContext, Run, Sent};
use yimen::gateway::{Disputes, Request};
use yimen::http::{App, Bounds, Live, router};
use yimen::plan::{CursorKey, Plan};
use yimen_policy::{DecisionTable, Profile};

use crate::database::connect;
use crate::gateway::{Decisions, Records, app, request};
use crate::machine::own_cpu_ns;
use crate::place::Place;
use crate::query::{DEPARTMENT, DIVISION, PURPOSE, Query, ROLE};
use crate::statistics::median;
use crate::{county, output, setup};

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How often each part is measured.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
}

/// How often a part is done in a round, and the whole way.
const TIMES: u32 = 5_000;
const WAYS: u32 = 500;

/// Somebody of the county.
const SOMEBODY: &str = "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 \
                        ORDER BY md5(citizen_id) LIMIT 1";

/// The most that the parts may take together, in microseconds.
const GOAL_US: f64 = 60.0;

pub(crate) async fn door(options: &Options) -> anyhow::Result<()> {
    let Options { place, rounds } = options;
    let setup = setup::prepare(place)?;
    let config = Config::read(Some(&setup.postgres))?;
    let household = connect(place, &county::name_of(yimen_migration::ExchangeDatabase::Household)).await?;
    let person: String = household.query_one(SOMEBODY, &[]).await?.get(0);
    let app = app(&config, Records::Nothing, Decisions::Policies).await?;
    let measured = Measured::prepare(app, &config, &setup.token, &person).await?;
    let mut sides: [Vec<f64>; 5] = Default::default();
    for _ in 0..*rounds {
        sides[0].push(measured.token().await?);
        sides[1].push(measured.found().await?);
        sides[2].push(measured.written()?);
        sides[3].push(measured.statements().await?);
        sides[4].push(measured.way().await?);
    }
    let [token, found, written, statements, way] = sides.map(|side| median(&side));
    let sum = token + found + written;
    output::line("| Q1, µs of processor time on the gateway's side | |\n|---|---|");
    output::line(format!("| token, verified before | {token:.1} |"));
    output::line(format!("| document, limits, variables, decisions, plan | {found:.1} |"));
    output::line(format!("| answer of {} bytes written | {written:.1} |", measured.bytes));
    let met = if sum <= GOAL_US { "yes" } else { "**no**" };
    output::line(format!("| together (goal ≤ {GOAL_US:.0}: {met}) | {sum:.1} |"));
    output::line(format!(
        "| {} statements, without PostgreSQL's side | {statements:.1} |",
        measured.plan.fetches.len()
    ));
    output::line(format!("| the whole way through the routes, without connection and record | {way:.1} |"));
    Ok(())
}

/// One family check with all that its parts need.
struct Measured {
    app: Arc<App>,
    router: axum::Router,
    header: String,
    body: String,
    request: Request,
    plan: Arc<Plan>,
    table: DecisionTable,
    outcomes: Vec<Outcome>,
    bytes: usize,
    row_limit: usize,
}

impl Measured {
    async fn prepare(app: App, config: &Config, token: &str, person: &str) -> anyhow::Result<Self> {
        let document = Query::Family.document();
        let variables = json!({ Query::Family.variable(): person });
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request =
            Request { variables: serde_json::from_value(variables)?, ..request(Query::Family, document) };
        let plan = app.gateway.plan(&request).await;
        let plan = plan.map_err(|_| anyhow::anyhow!("the family check has no plan"))?;
        let (department, role, purpose) = (DEPARTMENT.to_owned(), ROLE.to_owned(), PURPOSE.to_owned());
        let table = app.gateway.policies().table(&Profile { department, role, purpose });
        let live = Live::new(app);
        let mut measured = Measured {
            app: live.app(),
            router: router(live, Bounds::new(&config.server)),
            header: format!("Bearer {token}"),
            body,
            request,
            plan,
            table,
            outcomes: Vec::new(),
            bytes: 0,
            row_limit: config.fetch.rows,
        };
        measured.outcomes = measured.read().await?;
        let answer = measured.write();
        anyhow::ensure!(answer == measured.answered().await?, "another answer is written here than there");
        measured.bytes = answer.len();
        Ok(measured)
    }

    async fn token(&self) -> anyhow::Result<f64> {
        let started = own_cpu_ns()?;
        for _ in 0..TIMES {
            let caller = self.app.authenticator.caller(Some(&self.header)).await;
            caller.map_err(|refused| anyhow::anyhow!("the token was refused: {refused:?}"))?;
        }
        each_us(started, TIMES)
    }

    async fn found(&self) -> anyhow::Result<f64> {
        let started = own_cpu_ns()?;
        for _ in 0..TIMES {
            std::hint::black_box(self.app.gateway.plan(&self.request).await.is_ok());
        }
        each_us(started, TIMES)
    }

    fn written(&self) -> anyhow::Result<f64> {
        let started = own_cpu_ns()?;
        for _ in 0..TIMES {
            std::hint::black_box(self.write());
        }
        each_us(started, TIMES)
    }

    async fn statements(&self) -> anyhow::Result<f64> {
        let started = own_cpu_ns()?;
        for _ in 0..WAYS {
            std::hint::black_box(self.read().await?);
        }
        each_us(started, WAYS)
    }

    async fn way(&self) -> anyhow::Result<f64> {
        let started = own_cpu_ns()?;
        for _ in 0..WAYS {
            std::hint::black_box(self.answered().await?);
        }
        each_us(started, WAYS)
    }

    /// Asks the departments.
    async fn read(&self) -> anyhow::Result<Vec<Outcome>> {
        let (cursors, today) = (CursorKey::new(&[0; 32]), SystemClock.now().date_naive());
        let divisions = self.app.gateway.policies().codes().divisions().clone();
        let area = divisions.area(DIVISION, today);
        let area = area.map_err(|_| anyhow::anyhow!("the county isn't in force"))?;
        let run = Run {
            plan: &self.plan,
            sources: self.app.gateway.sources(),
            variables: &self.request.variables,
            rows: RowContext::new(area, divisions, today),
            cursors: &cursors,
            row_limit: self.row_limit,
        };
        let ready = run.ready().map_err(|_| anyhow::anyhow!("the family check can't be run"))?;
        Ok(ready.all(&Sent::none(self.plan.fetches.len())).await)
    }

    fn write(&self) -> Vec<u8> {
        let (keys, cursors) = (PseudonymKeys::new(&[0; 32], Vec::new()), CursorKey::new(&[0; 32]));
        let parts = Parts {
            plan: &self.plan,
            outcomes: &self.outcomes,
            value: None,
            asked: &[],
            introspection: None,
            service: None,
            traced: &[],
            members: None,
            sections: None,
            catalogue: self.app.gateway.catalogue(),
            table: &self.table,
            caller: &self.request.caller,
            cursors: &cursors,
            scopes: &[],
            pseudonyms: &keys.of(DEPARTMENT, SystemClock.now().date_naive()),
            decision_id: "",
            names_record: false,
            disputes: &Disputes::None,
        };
        answer::write(&parts).body
    }

    /// The whole way of a request.
    async fn answered(&self) -> anyhow::Result<Vec<u8>> {
        let http = HttpRequest::post("/graphql")
            .header(header::HOST, "bench")
            .header(header::AUTHORIZATION, &self.header)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("yimen-purpose", PURPOSE)
            .body(Body::from(self.body.clone()))?;
        let answer = self.router.clone().oneshot(http).await?;
        anyhow::ensure!(answer.status() == 200, "status {}", answer.status());
        Ok(to_bytes(answer.into_body(), usize::MAX).await?.to_vec())
    }
}

fn each_us(started: u64, count: u32) -> anyhow::Result<f64> {
    Ok((own_cpu_ns()? - started) as f64 / 1_000.0 / f64::from(count))
}
