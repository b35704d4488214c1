//! What policies under trial would have decided otherwise, added up in the hub by all of its servers.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, QueryResult, TransactionTrait, Value};
use yimen_policy::{Difference, Profile};

use crate::deadline::moment;
use crate::evidence::{Hub, store};
use crate::shadow::Tally;

/// Adds to what the hub has of two versions.
///
/// # Errors
/// A hub that doesn't answer; then nothing was added.
pub(super) async fn add(
    hub: &Hub,
    (in_force, tried): &(String, String),
    tally: &Tally,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let _turn = hub.turn().lock().await;
    let transaction = hub.connection().begin().await?;
    let versions = || [Value::from(in_force.as_str()), Value::from(tried.as_str())];
    let mut trial = Vec::from(versions());
    trial.extend([(tally.operations as i64).into(), (tally.missed as i64).into()]);
    trial.extend([moment(now).into(), moment(now).into()]);
    let into = "policy_trial (in_force, tried, operations, missed, first_at, last_at)";
    let tail = "ON CONFLICT (in_force, tried) DO UPDATE SET last_at = excluded.last_at, \
                operations = policy_trial.operations + excluded.operations, \
                missed = policy_trial.missed + excluded.missed";
    store::insert(&transaction, into, vec![trial], tail).await?;
    let cells = tally.cells.iter().map(|(cell, operations)| {
        let Difference { profile, about, from, to, widens } = cell;
        let Profile { department, role, purpose } = profile;
        let mut row = Vec::from(versions());
        row.extend([department, role, purpose, about, from, to].map(|text| Value::from(text.as_str())));
        row.extend([change(*widens).into(), (*operations as i64).into()]);
        row
    });
    let into = "policy_trial_cell (in_force, tried, department, role, purpose, coordinate, decided, would, change, \
                operations)";
    let tail = "ON CONFLICT (in_force, tried, department, role, purpose, coordinate, decided, would) \
                DO UPDATE SET operations = policy_trial_cell.operations + excluded.operations";
    store::insert(&transaction, into, cells.collect(), tail).await?;
    transaction.commit().await
}

fn change(widens: bool) -> &'static str {
    if widens { "WIDENS" } else { "NARROWS" }
}

/// What the hub has of two versions.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn read(hub: &Hub, in_force: &str, tried: &str) -> Result<Tally, DbErr> {
    let versions = || vec![in_force.into(), tried.into()];
    let sql = "SELECT operations, missed FROM policy_trial WHERE in_force = $1 AND tried = $2";
    let mut tally = Tally::default();
    if let Some(row) = store::rows(hub.connection(), sql, versions()).await?.first() {
        (tally.operations, tally.missed) = (count(row, "operations")?, count(row, "missed")?);
    }
    let sql = "SELECT department, role, purpose, coordinate, decided, would, change, operations \
               FROM policy_trial_cell WHERE in_force = $1 AND tried = $2";
    for row in store::rows(hub.connection(), sql, versions()).await? {
        tally.cells.insert(cell(&row)?, count(&row, "operations")?);
    }
    Ok(tally)
}

fn count(row: &QueryResult, column: &str) -> Result<u64, DbErr> {
    Ok(row.try_get::<i64>("", column)?.max(0) as u64)
}

fn cell(row: &QueryResult) -> Result<Difference, DbErr> {
    let text = |column: &str| row.try_get::<String>("", column);
    Ok(Difference {
        profile: Profile { department: text("department")?, role: text("role")?, purpose: text("purpose")? },
        about: text("coordinate")?,
        from: text("decided")?,
        to: text("would")?,
        widens: text("change")? == change(true),
    })
}

/// Deletes what was counted of all versions. Gives the number of trials.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn forget(hub: &Hub) -> Result<u64, DbErr> {
    let _turn = hub.turn().lock().await;
    let transaction = hub.connection().begin().await?;
    store::run(&transaction, "DELETE FROM policy_trial_cell", Vec::new()).await?;
    let trials = store::run(&transaction, "DELETE FROM policy_trial", Vec::new()).await?;
    transaction.commit().await?;
    Ok(trials)
}
