//! `yimen explain`: the plan of a document and the statements that departments are asked.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::auth::Caller;
use crate::clock::SystemClock;
use crate::command::{ConfigFile, output};
use crate::evidence::{Evidence, EvidenceUnavailable, NotRecorded, Record};
use crate::gateway::{Gateway, Request, Setup};
use crate::plan::{Keys, Plan};
use crate::start;

/// Options of `yimen explain`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The document.
    file: PathBuf,
    /// Its variables, as JSON.
    #[arg(long, default_value = "{}")]
    variables: String,
    /// Which of its operations.
    #[arg(long)]
    operation: Option<String>,
    /// The caller's department.
    #[arg(long, default_value = "CIVIL_AFFAIRS")]
    department: String,
    /// The caller's role.
    #[arg(long, default_value = "REVIEWER")]
    role: String,
    /// The caller's division.
    #[arg(long, default_value = "410727000000")]
    division: String,
    /// The purpose.
    #[arg(long, default_value = "MLA_REVIEW")]
    purpose: String,
}

/// Nothing is answered here, so nothing is recorded; a record would mean that something was.
#[derive(Debug)]
struct Never;

impl Evidence for Never {
    fn append(&self, _: Record) -> futures::future::BoxFuture<'_, Result<(), NotRecorded>> {
        Box::pin(async { Err(EvidenceUnavailable(String::from("`yimen explain` answers nothing")).into()) })
    }
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let config = options.config.read()?;
    let catalogue = start::catalogue(&config)?;
    let policies = start::policies(&config, catalogue.clone())?;
    let gateway = Gateway::new(Setup {
        sources: start::sources(&config, &catalogue)?,
        policies,
        evidence: Arc::new(Never),
        clock: SystemClock::shared(),
        limits: config.limits.clone(),
        row_limit: config.fetch.rows,
        bulk_requests: config.fetch.bulk_requests,
        secret: Vec::new(),
    });
    let request = request(options)?;
    let plan = gateway.plan(&request).await;
    let plan = plan.map_err(|invalid| anyhow::anyhow!("{}", serde_json::Value::from(invalid.errors)))?;
    print(&gateway, &plan);
    Ok(())
}

fn request(options: &Options) -> anyhow::Result<Request> {
    let query =
        std::fs::read_to_string(&options.file).with_context(|| format!("`{}`", options.file.display()))?;
    Ok(Request {
        query,
        operation: options.operation.clone(),
        variables: serde_json::from_str(&options.variables).context("`--variables` must be a JSON object")?,
        caller: Arc::new(Caller {
            issuer: String::new(),
            subject: String::from("explain"),
            department: options.department.clone(),
            role: options.role.clone(),
            division: options.division.clone(),
            token_id: None,
            person: None,
        }),
        purpose: Some(options.purpose.clone()),
        case: None,
        exchange: Vec::new(),
        trace: None,
        idempotency: None,
        may_change: true,
        event: None,
        names_record: false,
        export: None,
    })
}

fn print(gateway: &Gateway, plan: &Plan) {
    output::line(format!("{} statements, about {} rows", plan.fetches.len(), plan.cost));
    for (index, fetch) in plan.fetches.iter().enumerate() {
        let after = match fetch.keys {
            Keys::Parent { fetch, .. } => format!(" after #{fetch}"),
            Keys::Argument { .. } | Keys::Representations { .. } | Keys::None => String::new(),
        };
        let (path, rows) = (fetch.path.join("."), fetch.permit.rows());
        output::line(format!(
            "\n#{index}{after} {} {} at `{path}`, rows {rows:?}",
            fetch.department, fetch.resource
        ));
        output::line(format!("  {}", fetch.sql));
    }
    if !plan.withheld.is_empty() {
        output::line("\nwithheld:");
    }
    for field in &plan.withheld {
        let coordinate = gateway.catalogue().coordinate(field.coordinate);
        output::line(format!("  {} at `{}`", coordinate.name, field.path.join(".")));
    }
}
