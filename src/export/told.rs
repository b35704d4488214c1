//! A job as its owner sees it, in answers and in the manifest.

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use crate::export::job::{Job, Part, State};
use crate::plan::CursorKey;

/// What resume tokens are sealed for.
pub(crate) const RESUME: &str = "export resume";

/// A job with its parts and runs.
pub(crate) async fn told<C: ConnectionTrait>(on: &C, job: &Job, cursors: &CursorKey) -> Result<Value, DbErr> {
    let parts: Vec<Value> = job.parts(on).await?.iter().map(part).collect();
    let runs = job.runs(on).await?;
    let resume = (job.state == State::Stopped)
        .then(|| cursors.seal(RESUME, &[Some(job.id.clone()), Some(job.run.to_string())]));
    Ok(json!({
        "id": job.id,
        "state": job.state.as_str(),
        "reason": job.reason,
        "changed": job.changed,
        "purpose": job.purpose,
        "division": job.division,
        "format": job.format,
        "byteOrderMark": job.byte_order_mark,
        "total": job.total,
        "done": job.done,
        "rows": job.rows,
        "bytes": job.bytes.to_string(),
        "document": job.document,
        "plan": job.plan,
        "policies": job.policies,
        "catalogue": job.catalogue,
        "withheld": job.withheld,
        "parts": parts,
        "runs": runs,
        "startedAt": job.started_at,
        "endedAt": job.ended_at,
        "keptUntil": job.kept_until,
        "path": format!("/exports/{}", job.id),
        "resumeToken": resume,
    }))
}

fn part(part: &Part) -> Value {
    json!({
        "number": part.number,
        "run": part.run,
        "name": part.name,
        "first": part.first,
        "entries": part.entries,
        "rows": part.rows,
        "bytes": part.bytes.to_string(),
        "sha256": part.sha256,
        "records": part.records,
    })
}
