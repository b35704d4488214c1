//! Gateways made through the library: the product as it is, the same without records, and one that
//! only plans.

use std::path::Path;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt, ready};
use yimen::auth::Caller;
use yimen::clock::SystemClock;
use yimen::config::Config;
use yimen::evidence::{Evidence, NotRecorded, Record};
use yimen::gateway::{Gateway, Request};
use yimen::http::App;
use yimen::plan::Plan;
use yimen::sharing::InForce;
use yimen::start;
use yimen_policy::{Grants, Policies};

use crate::place::Place;
use crate::query::{DEPARTMENT, DIVISION, PURPOSE, Query, ROLE};
use crate::{decide, hub, setup};

/// Whether answers are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Records {
    /// In the hub, as in the product.
    Hub,
    /// Nowhere, to see what they cost.
    Nothing,
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Decisions {
    /// The policies, as in the product.
    Policies,
    /// The policies, and thousands of grants beside them.
    Grants,
    /// Nothing: everything is granted to everybody.
    Open,
}

impl Decisions {
    /// The word on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Decisions::Policies => "policies",
            Decisions::Grants => "grants",
            Decisions::Open => "open",
        }
    }
}

/// Records that go nowhere. No configuration of the product can ask for this.
#[derive(Debug)]
struct Nowhere;

impl Evidence for Nowhere {
    fn append(&self, _: Record) -> BoxFuture<'_, Result<(), NotRecorded>> {
        ready(Ok(())).boxed()
    }
}

/// Everything that a server needs.
pub(crate) async fn app(config: &Config, records: Records, decisions: Decisions) -> anyhow::Result<App> {
    hub::renew_at(&config.hub.url).await?;
    let app = start::app(config).await?;
    Ok(match records {
        Records::Hub => {
            anyhow::ensure!(
                decisions == Decisions::Policies,
                "records are written of the product's decisions alone"
            );
            app
        }
        Records::Nothing => {
            // What was loaded is kept: a second copy would count as memory.
            let policies = app.gateway.policies().clone();
            App { gateway: without_records(config, policies, decisions)?, ..app }
        }
    })
}

/// A gateway whose records go nowhere, with whatever decides.
pub(crate) fn without_records(
    config: &Config,
    policies: Arc<Policies>,
    decisions: Decisions,
) -> anyhow::Result<Gateway> {
    let policies = match decisions {
        Decisions::Policies | Decisions::Grants => policies,
        Decisions::Open => decide::open(policies.shared_catalogue())?,
    };
    let in_force = Arc::new(InForce::alone(policies.clone()));
    if decisions == Decisions::Grants {
        let rows = decide::rows(policies.catalogue(), policies.codes(), decide::GRANTS, 0);
        in_force.replace(Grants::read(&policies, &rows).0);
    }
    let gateway = Gateway::new(yimen::gateway::Setup {
        sources: start::sources(config, policies.catalogue())?,
        policies,
        evidence: Arc::new(Nowhere),
        clock: SystemClock::shared(),
        limits: config.limits.clone(),
        row_limit: config.fetch.rows,
        bulk_requests: config.fetch.bulk_requests,
        secret: vec![0; 32],
    });
    Ok(gateway.with_grants(in_force))
}

/// A gateway over PostgreSQL that is only asked for plans.
pub(crate) struct Planner {
    gateway: Gateway,
}

impl Planner {
    /// A planner. It opens no connection.
    pub(crate) async fn new(place: &Place) -> anyhow::Result<Self> {
        Self::over(&setup::prepare(place)?.postgres)
    }

    /// A planner over a configuration.
    pub(crate) fn over(config: &Path) -> anyhow::Result<Self> {
        let config = Config::read(Some(config))?;
        let policies = start::policies(&config, start::catalogue(&config)?)?;
        Ok(Planner { gateway: without_records(&config, policies, Decisions::Policies)? })
    }

    /// The plan of a query, in which nothing may be withheld or masked.
    pub(crate) async fn plan(&self, query: Query) -> anyhow::Result<Arc<Plan>> {
        let plan = self.plan_of(&request(query, query.document())).await?;
        let withheld = plan.withheld.iter().map(|field| field.path.join("."));
        let withheld: Vec<String> = withheld.collect();
        anyhow::ensure!(withheld.is_empty(), "{DEPARTMENT} may not read {}", withheld.join(", "));
        Ok(plan)
    }

    /// The plan of any request.
    pub(crate) async fn plan_of(&self, request: &Request) -> anyhow::Result<Arc<Plan>> {
        let plan = self.gateway.plan(request).await;
        plan.map_err(|invalid| anyhow::anyhow!("{}", serde_json::Value::from(invalid.errors)))
    }

    /// The table of a type.
    pub(crate) fn table(&self, resource: &str) -> anyhow::Result<String> {
        let catalogue = self.gateway.catalogue();
        let id = catalogue.resource_named(resource);
        let id = id.ok_or_else(|| anyhow::anyhow!("no type `{resource}` in the catalogue"))?;
        Ok(catalogue.resource(id).table.clone())
    }
}

/// A request of the measured caller with some value for its variable.
pub(crate) fn request(query: Query, document: &str) -> Request {
    let value = match query {
        Query::Family => r#"{"citizenId":"11010519491231002X"}"#,
        Query::Town => r#"{"division":"410727100000"}"#,
        Query::Roll => r#"{"citizenIds":["11010519491231002X"]}"#,
    };
    Request {
        query: document.to_owned(),
        operation: None,
        variables: serde_json::from_str(value).unwrap_or_default(),
        caller: Arc::new(Caller {
            issuer: String::new(),
            subject: String::from("bench"),
            department: DEPARTMENT.to_owned(),
            role: ROLE.to_owned(),
            division: DIVISION.to_owned(),
            token_id: None,
            person: None,
        }),
        purpose: Some(PURPOSE.to_owned()),
        case: None,
        exchange: Vec::new(),
        trace: None,
        idempotency: None,
        may_change: false,
        event: None,
        names_record: false,
        export: None,
    }
}
