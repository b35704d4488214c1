//! Expected answers, asked of the mirror by statements that have nothing of the gateway's.

use std::collections::HashMap;

use anyhow::Context;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::check::Answers;
use crate::picks::Picks;
use crate::query::{BEHIND_DIVISION, DIVISION, Query};

/// One pick of a hundred is compared as a whole.
const SAMPLE: usize = 100;

/// Which rows a side reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Those of the caller's division, as the policies say.
    OwnDivision,
    /// Those of every division, and those without one: where everything is granted to everybody.
    Everywhere,
}

impl Rows {
    /// The texts between which their divisions lie: from the first, before the second.
    fn range(self) -> (&'static str, &'static str) {
        match self {
            Rows::OwnDivision => (DIVISION, BEHIND_DIVISION),
            // No code begins with a letter.
            Rows::Everywhere => ("", "a"),
        }
    }
}

/// What the answers to picks must be, on a side that reads these rows.
pub(crate) async fn answers(
    mirror: &Client,
    query: Query,
    picks: &Picks,
    rows: Rows,
) -> anyhow::Result<Answers> {
    let sampled = (0..picks.values.len()).step_by(if query == Query::Town { 1 } else { SAMPLE });
    let asked: Vec<&String> = sampled.clone().flat_map(|pick| &picks.values[pick]).collect();
    let known = known(mirror, query, &asked, rows).await?;
    let samples = sampled.map(|pick| Ok((pick, whole(query, &picks.values[pick], &known)?)));
    let samples: HashMap<usize, Value> = samples.collect::<anyhow::Result<_>>()?;
    let firsts = firsts(query, picks, &samples)?;
    let counts = counts(query, picks, &samples);
    Ok(Answers::new(query, firsts, counts, samples))
}

/// What the mirror says about each value.
async fn known(
    mirror: &Client,
    query: Query,
    asked: &[&String],
    rows: Rows,
) -> anyhow::Result<HashMap<String, Value>> {
    let (low, high) = rows.range();
    let rows = mirror.query(query.expected_sql(), &[&asked, &low, &high]).await?;
    let entry = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?));
    rows.iter().map(entry).collect()
}

fn whole(query: Query, values: &[String], known: &HashMap<String, Value>) -> anyhow::Result<Value> {
    let one = |value: &String| {
        known.get(value).cloned().with_context(|| format!("the mirror doesn't know `{value}`"))
    };
    match query {
        Query::Family | Query::Town => one(&values[0]),
        Query::Roll => Ok(json!({ "persons": values.iter().map(one).collect::<anyhow::Result<Vec<_>>>()? })),
    }
}

/// The first key of each answer.
fn firsts(query: Query, picks: &Picks, samples: &HashMap<usize, Value>) -> anyhow::Result<Vec<String>> {
    let first = |(pick, values): (usize, &Vec<String>)| match query {
        Query::Family | Query::Roll => Ok(values[0].clone()),
        Query::Town => {
            let id = samples[&pick].pointer("/households/nodes/0/id").and_then(Value::as_str);
            id.map(str::to_owned).with_context(|| format!("no household in `{}`", values[0]))
        }
    };
    picks.values.iter().enumerate().map(first).collect()
}

/// How often each answer has the text that each of its rows has.
fn counts(query: Query, picks: &Picks, samples: &HashMap<usize, Value>) -> Vec<usize> {
    let count = |(pick, values): (usize, &Vec<String>)| match query {
        Query::Family => 1,
        Query::Roll => values.len(),
        Query::Town => samples[&pick]["households"]["nodes"].as_array().map_or(0, Vec::len),
    };
    picks.values.iter().enumerate().map(count).collect()
}
