//! What each statement of a plan looks up for each pick: found by running the plan's own statements
//! level by level, for many picks at once.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, Statement};
use yimen::plan::{Bind, Fetch, Input, Keys, Plan};

use crate::query::{BEHIND_DIVISION, DIVISION};

/// Where a statement's values come from: the request, or a column of an earlier statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The argument of the root.
    Request,
    /// A column of another statement's rows.
    Rows { fetch: usize, slot: usize },
}

/// The lists of values of one pick, in the order of the origins.
pub(crate) type Lists = Vec<Vec<String>>;

/// The origin of a statement's values; none for a page.
pub(crate) fn origin(fetch: &Fetch) -> Option<Origin> {
    match fetch.keys {
        Keys::None => None,
        Keys::Argument { .. } | Keys::Representations { .. } => Some(Origin::Request),
        Keys::Parent { fetch, slot } => Some(Origin::Rows { fetch, slot }),
    }
}

/// All origins of a plan, each once.
pub(crate) fn origins(plan: &Plan) -> Vec<Origin> {
    let mut origins = Vec::new();
    for origin in plan.fetches.iter().filter_map(origin) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

/// The first code behind a town's, as the gateway bounds it.
pub(crate) fn behind(town: &str) -> String {
    let prefix = town.trim_end_matches('0');
    // A code has levels of 2, 4, 6, 9 and 12 digits.
    let level = [2, 4, 6, 9, 12].into_iter().find(|level| *level >= prefix.len()).unwrap_or(12);
    let next = town[..level].parse::<u64>().unwrap_or_default() + 1;
    format!("{next:0level$}")
}

/// A parameter in the form that the gateway's statements take.
#[derive(Clone, Debug)]
enum Parameter {
    Text(String),
    List(Vec<String>),
    Rows(i64),
}

/// Runs a plan's statements.
pub(crate) struct Walker<'a> {
    client: &'a Client,
    plan: &'a Plan,
    statements: Vec<Statement>,
}

/// The rows of a statement by pick.
type ByPick = Vec<Vec<usize>>;

impl<'a> Walker<'a> {
    /// A walker over the mirror.
    pub(crate) async fn new(client: &'a Client, plan: &'a Plan) -> anyhow::Result<Self> {
        let mut statements = Vec::new();
        for fetch in &plan.fetches {
            statements.push(client.prepare(&fetch.sql).await.with_context(|| fetch.sql.to_string())?);
        }
        Ok(Walker { client, plan, statements })
    }

    /// The lists of a batch of picks, each given by the values of its argument. A page has no
    /// values that would tell picks apart, so that such a plan takes one pick at a time.
    pub(crate) async fn lists(&self, batch: &[Vec<String>]) -> anyhow::Result<Vec<Lists>> {
        let mut rows: HashMap<usize, (Vec<Row>, ByPick)> = HashMap::new();
        for (index, fetch) in self.plan.fetches.iter().enumerate() {
            let is_parent = self
                .plan
                .fetches
                .iter()
                .any(|below| matches!(below.keys, Keys::Parent { fetch, .. } if fetch == index));
            if is_parent {
                let keys = self.keys(fetch, batch, &rows)?;
                rows.insert(index, self.run(index, batch, keys).await?);
            }
        }
        let origins = origins(self.plan);
        (0..batch.len())
            .map(|pick| origins.iter().map(|o| values(*o, pick, batch, &rows)).collect())
            .collect()
    }

    fn keys(
        &self,
        fetch: &Fetch,
        batch: &[Vec<String>],
        rows: &HashMap<usize, (Vec<Row>, ByPick)>,
    ) -> anyhow::Result<Option<Vec<Vec<String>>>> {
        let Some(origin) = origin(fetch) else { return Ok(None) };
        (0..batch.len()).map(|pick| values(origin, pick, batch, rows)).collect::<Result<_, _>>().map(Some)
    }

    async fn run(
        &self,
        index: usize,
        batch: &[Vec<String>],
        keys: Option<Vec<Vec<String>>>,
    ) -> anyhow::Result<(Vec<Row>, ByPick)> {
        let union: BTreeSet<&String> = keys.iter().flatten().flatten().collect();
        let union: Vec<String> = union.into_iter().cloned().collect();
        let variable = batch.first().and_then(|values| values.first()).cloned().unwrap_or_default();
        let binds = &self.plan.fetches[index].binds;
        let parameters: Vec<Parameter> =
            binds.iter().map(|bind| parameter(bind, &union, &variable)).collect::<Result<_, _>>()?;
        let parameters = parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync));
        let rows = self.client.query(&self.statements[index], &parameters.collect::<Vec<_>>()).await?;
        let by_pick = match keys {
            Some(keys) => by_key(&rows, &keys)?,
            None => {
                anyhow::ensure!(batch.len() == 1, "pages are walked one by one");
                vec![(0..rows.len()).collect()]
            }
        };
        Ok((rows, by_pick))
    }
}

/// The rows of each pick: those whose first column is one of its keys.
fn by_key(rows: &[Row], keys: &[Vec<String>]) -> anyhow::Result<ByPick> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        found.entry(row.try_get(0)?).or_default().push(at);
    }
    let of_pick =
        |keys: &Vec<String>| keys.iter().filter_map(|key| found.get(key)).flatten().copied().collect();
    Ok(keys.iter().map(of_pick).collect())
}

/// The distinct values of an origin for one pick, sorted as the gateway sorts them.
fn values(
    origin: Origin,
    pick: usize,
    batch: &[Vec<String>],
    rows: &HashMap<usize, (Vec<Row>, ByPick)>,
) -> anyhow::Result<Vec<String>> {
    let Origin::Rows { fetch, slot } = origin else { return Ok(batch[pick].clone()) };
    let (rows, by_pick) = rows.get(&fetch).context("a statement before its parent")?;
    let mut values = BTreeSet::new();
    for at in &by_pick[pick] {
        values.extend(rows[*at].try_get::<_, Option<String>>(slot)?);
    }
    Ok(values.into_iter().collect())
}

fn parameter(bind: &Bind, keys: &[String], variable: &str) -> anyhow::Result<Parameter> {
    Ok(match bind {
        Bind::Keys => Parameter::List(keys.to_vec()),
        Bind::DivisionLow(_) => Parameter::Text(DIVISION.to_owned()),
        Bind::DivisionHigh(_) => Parameter::Text(BEHIND_DIVISION.to_owned()),
        Bind::Rows(rows) => Parameter::Rows(*rows),
        Bind::Literal(Input::Text(text)) => Parameter::Text(text.clone()),
        Bind::Literal(Input::List(values)) => Parameter::List(values.clone()),
        Bind::Variable(_) | Bind::WithinLow(..) => Parameter::Text(variable.to_owned()),
        Bind::WithinHigh(..) => Parameter::Text(behind(variable)),
        Bind::Values(_)
        | Bind::Cursor(_)
        | Bind::Members(_)
        | Bind::CaseOpened
        | Bind::Today
        | Bind::Moved => {
            anyhow::bail!("no measured query has this: {bind:?}")
        }
    })
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Parameter::Text(text) => text.to_sql(ty, out),
            Parameter::List(values) => values.to_sql(ty, out),
            Parameter::Rows(rows) => rows.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::TEXT | Type::TEXT_ARRAY | Type::INT8)
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn a_town_ends_before_the_next_one() {
        assert_eq!(behind("410727100000"), "410727101");
        assert_eq!(behind("410727000000"), "410728");
        assert_eq!(behind("410727100201"), "410727100202");
        assert_eq!(behind("410727110000"), "410727111");
    }
}
