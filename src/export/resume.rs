//! `resumeExport`: an export that stopped goes on, if what was decided at its start still is.

use futures::future::FutureExt;
use serde::Deserialize;

use crate::export::Asked;
use crate::export::job::State;
use crate::export::own::{Answer, answered, find, illegal};
use crate::export::start::refused;
use crate::export::told::RESUME;
use crate::own::{Call, Refused};
use crate::plan::code;
use crate::sharing::code as refusal;

#[derive(Deserialize)]
struct Arguments {
    token: String,
}

/// `resumeExport`.
pub(super) fn resume<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Arguments { token } = call.arguments()?;
        let (id, run) = opened(call, &token)?;
        let job = find(call, &id).await?;
        if job.run != run {
            let message = "the export was gone on with since this token was given: read it again";
            return Err(Refused::new(refusal::STALE_VERSION, message));
        }
        if job.state != State::Stopped {
            return Err(illegal(&job));
        }
        let sealed = job.asked(&call.hub).await?;
        let asked = Asked::open(&id, &sealed, call.seal)
            .ok_or_else(|| Refused::new(code::INTERNAL, "Internal server error"))?;
        let person = asked.people.first().map(String::as_str);
        let exportable = call.gateway.exportable(&asked.request(None), person).await.map_err(refused)?;
        if exportable.plan != job.plan {
            let message = "what the caller may read has changed since the export began: start another";
            return Err(Refused::new(code::DECISIONS_CHANGED, message));
        }
        let sql = "UPDATE export_job SET state = 'QUEUED', reason = NULL, changed = '[]', ended_at = NULL, \
                   kept_until = NULL, leased_until = NULL \
                   WHERE id = $1 AND run = $2 AND (state = 'STOPPED' OR (state = 'RUNNING' AND leased_until < $3))";
        if call.run(sql, vec![id.as_str().into(), run.into(), call.at().into()]).await? == 0 {
            return Err(illegal(&job));
        }
        answered(call, &id, Some(format!("export {id}: resumed behind {} entries", job.done))).await
    }
    .boxed()
}

/// The export and the run that a token was given for.
fn opened(call: &Call<'_>, token: &str) -> Result<(String, i64), Refused> {
    let values = call.cursors.open(RESUME, token, 2).ok();
    let read = values.and_then(|values| match values.as_slice() {
        [Some(id), Some(run)] => Some((id.clone(), run.parse().ok()?)),
        _ => None,
    });
    read.ok_or_else(|| Refused::new(code::BAD_USER_INPUT, "argument `token` is no token of an export"))
}
