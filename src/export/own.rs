//! The root fields of exports. Whose an export isn't is told what is told of one that doesn't exist.

use chrono::Duration;
use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::Value;

use crate::auth::Caller;
use crate::clock::hex;
use crate::evidence::PersonKeys;
use crate::export::job::{self, Job, State};
use crate::export::told::told;
use crate::export::{resume, start};
use crate::own::{Call, Handler, Refused, Told, moment};
use crate::plan::code;
use crate::sharing::code as refusal;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("Query.exportJob", one),
    ("Query.exportJobs", newest),
    ("Mutation.startExport", start::start),
    ("Mutation.cancelExport", cancel),
    ("Mutation.resumeExport", resume::resume),
    ("Mutation.purgeExport", purge),
];

/// The most exports of a list.
const MAX_FIRST: i64 = 100;

pub(super) type Answer<'a> = BoxFuture<'a, Result<Told, Refused>>;

/// What an owner's exports are found by: the person or program, as the token says who that is.
pub(crate) fn owner(people: &PersonKeys, caller: &Caller) -> String {
    let parts = [&caller.issuer, &caller.subject, &caller.department, &caller.role, &caller.division];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
    hex(&people.digest("exports", &parts.join("\0")))
}

/// An export of the caller's own.
///
/// # Errors
/// `NOT_FOUND`, or a hub that doesn't answer.
pub(super) async fn find(call: &Call<'_>, id: &str) -> Result<Job, Refused> {
    let owner = owner(call.people, call.caller);
    let found = Job::find(&call.hub, id, &owner, &call.at()).await?;
    found.ok_or_else(|| Refused::new(refusal::NOT_FOUND, "there is no such export for this caller"))
}

/// An export as its owner sees it, read again.
pub(super) async fn answered(call: &Call<'_>, id: &str, note: Option<String>) -> Result<Told, Refused> {
    let job = find(call, id).await?;
    let value = told(&call.hub, &job, call.cursors).await?;
    Ok(Told { value, people: Vec::new(), note })
}

pub(super) fn illegal(job: &Job) -> Refused {
    let message = format!("this isn't possible of an export that is {}", job.state.as_str());
    Refused::new(refusal::ILLEGAL_TRANSITION, message)
}

/// Until when files are kept that nobody works on from now on.
pub(super) fn kept_until(call: &Call<'_>) -> String {
    moment(call.now + Duration::hours(call.gateway.exports().bounds().kept_hours))
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

fn one<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Named { id } = call.arguments()?;
        answered(call, &id, None).await
    }
    .boxed()
}

#[derive(Deserialize)]
struct First {
    first: Option<i64>,
}

fn newest<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let First { first } = call.arguments()?;
        let first = first.unwrap_or(20);
        if !(1..=MAX_FIRST).contains(&first) {
            let message = format!("argument `first` must be from 1 to {MAX_FIRST}");
            return Err(Refused::new(code::SLICING, message));
        }
        let owner = owner(call.people, call.caller);
        let mut values = Vec::new();
        for job in Job::newest(&call.hub, &owner, first, &call.at()).await? {
            values.push(told(&call.hub, &job, call.cursors).await?);
        }
        Ok(Told { value: Value::Array(values), ..Told::default() })
    }
    .boxed()
}

fn cancel<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Named { id } = call.arguments()?;
        let job = find(call, &id).await?;
        let sql = "UPDATE export_job SET state = 'CANCELLED', reason = NULL, ended_at = $1, kept_until = $2, \
                   leased_until = NULL WHERE id = $3 AND state IN ('QUEUED', 'RUNNING', 'STOPPED')";
        let values = vec![call.at().into(), kept_until(call).into(), id.as_str().into()];
        if call.run(sql, values).await? == 0 {
            return Err(illegal(&job));
        }
        answered(call, &id, Some(format!("export {id}: cancelled"))).await
    }
    .boxed()
}

/// From the commit on nothing of it can be read; whoever works on exports deletes the files then.
fn purge<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Named { id } = call.arguments()?;
        let job = find(call, &id).await?;
        if matches!(job.state, State::Queued | State::Running | State::Purged) {
            return Err(illegal(&job));
        }
        job::purged(&call.hub, &id, &call.at()).await?;
        answered(call, &id, Some(format!("export {id}: purged"))).await
    }
    .boxed()
}
