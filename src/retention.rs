//! What the hub keeps of sharing, objections and changes of the catalogue goes after its term: requests with the
//! grants and the steps that belong to them. Nothing that is open or in force is ever past it.

use chrono::{DateTime, Months, Utc};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait, Value};

use crate::calendar::china_day;
use crate::deadline::moment;
use crate::evidence::{Hub, store};

/// Matters that are deleted in one transaction, so that nobody waits long for the hub.
const SLICE: usize = 500;

/// What is past its term, or what was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Requests for sharing.
    pub requests: u64,
    /// Objections.
    pub objections: u64,
    /// Changes of the catalogue.
    pub changes: u64,
}

/// The end of a term: what ended before it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    moment: String,
    day: String,
}

impl Before {
    /// So many years before a moment; `None` where there is no such day.
    pub fn years(years: u32, now: DateTime<Utc>) -> Option<Before> {
        let at = now.checked_sub_months(Months::new(years.checked_mul(12)?))?;
        Some(Before { moment: moment(at), day: china_day(at).to_string() })
    }

    /// The day, in China's time.
    pub fn day(&self) -> &str {
        &self.day
    }
}

/// What goes after its term: the rows, and the parameters by which they are found.
struct Going {
    from: &'static str,
    values: fn(&Before) -> Vec<&str>,
}

/// Requests of which no step is open, none ended after the term began, and nothing is in force.
const REQUESTS: Going = Going {
    from: "FROM sharing_request WHERE asked_at < $1 \
           AND (granted_until IS NULL OR granted_until < $2 OR state IN ('REVOKED', 'RENEWED')) \
           AND NOT EXISTS (SELECT 1 FROM deadline WHERE matter = sharing_request.id \
           AND (ended_at IS NULL OR ended_at >= $3)) \
           AND NOT EXISTS (SELECT 1 FROM sharing_grant WHERE sharing_grant.id = sharing_request.id \
           AND sharing_grant.state = 'IN_FORCE' AND sharing_grant.valid_until >= $4)",
    values: |Before { moment, day }| vec![moment, day, moment, day],
};

/// Objections that were answered before, and whose steps are all taken.
const OBJECTIONS: Going = Going {
    from: "FROM objection WHERE state <> 'OPEN' AND answered_at < $1 \
           AND NOT EXISTS (SELECT 1 FROM deadline WHERE matter = objection.id \
           AND (ended_at IS NULL OR ended_at >= $2))",
    values: |Before { moment, .. }| vec![moment, moment],
};

const CHANGES: Going =
    Going { from: "FROM catalogue_change WHERE at < $1", values: |Before { moment, .. }| vec![moment] };

impl Going {
    fn parameters(&self, before: &Before) -> Vec<Value> {
        (self.values)(before).into_iter().map(Value::from).collect()
    }
}

/// How much is past its term.
///
/// # Errors
/// A hub that doesn't answer.
pub async fn past(hub: &Hub, before: &Before) -> Result<Past, DbErr> {
    let count = async |going: Going| {
        let sql = format!("SELECT COUNT(*) AS count {}", going.from);
        let rows = store::rows(hub.connection(), &sql, going.parameters(before)).await?;
        let count = rows.first().map(|row| row.try_get::<i64>("", "count")).transpose()?;
        Ok::<u64, DbErr>(count.unwrap_or_default().max(0) as u64)
    };
    Ok(Past {
        requests: count(REQUESTS).await?,
        objections: count(OBJECTIONS).await?,
        changes: count(CHANGES).await?,
    })
}

/// Deletes what is past its term, a slice at a time, and tells after each how much that was so far.
///
/// # Errors
/// A hub that doesn't answer; slices that were deleted stay deleted.
pub async fn delete(hub: &Hub, before: &Before, mut told: impl FnMut(&Past)) -> Result<Past, DbErr> {
    let mut done = Past::default();
    loop {
        let _turn = hub.turn().lock().await;
        let transaction = hub.connection().begin().await?;
        let slice = Past {
            requests: matters(&transaction, before, REQUESTS, &["sharing_grant", "sharing_request"]).await?,
            objections: matters(&transaction, before, OBJECTIONS, &["objection"]).await?,
            changes: changes(&transaction, before).await?,
        };
        transaction.commit().await?;
        if slice == Past::default() {
            return Ok(done);
        }
        done.requests += slice.requests;
        done.objections += slice.objections;
        done.changes += slice.changes;
        told(&done);
    }
}

/// Deletes matters from the tables that name them by `id`, and their steps. Gives their number.
async fn matters<C: ConnectionTrait>(
    connection: &C,
    before: &Before,
    going: Going,
    tables: &[&str],
) -> Result<u64, DbErr> {
    let sql = format!("SELECT id {} ORDER BY seq LIMIT {SLICE}", going.from);
    let rows = store::rows(connection, &sql, going.parameters(before)).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(0);
    }
    let places: Vec<String> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    let places = places.join(",");
    let columns = tables.iter().map(|table| (*table, "id")).chain([("deadline", "matter")]);
    for (table, column) in columns {
        let sql = format!("DELETE FROM {table} WHERE {column} IN ({places})");
        let values = ids.iter().map(|id| id.as_str().into()).collect();
        store::run(connection, &sql, values).await?;
    }
    Ok(ids.len() as u64)
}

async fn changes<C: ConnectionTrait>(connection: &C, before: &Before) -> Result<u64, DbErr> {
    let sql = format!(
        "DELETE FROM catalogue_change WHERE seq IN (SELECT seq {} ORDER BY seq LIMIT {SLICE})",
        CHANGES.from
    );
    store::run(connection, &sql, CHANGES.parameters(before)).await
}
