//! `startExport`: whether a document can be exported by this caller, and room for it.

use futures::future::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::export::job::bytes;
use crate::export::own::{Answer, answered, owner};
use crate::export::{Asked, START};
use crate::gateway::{Exportable, Request};
use crate::own::{Call, Refused};
use crate::plan::{Invalid, code};
use crate::sharing::code as refusal;
use crate::trusted::Named;

#[derive(Deserialize)]
struct Arguments {
    input: Input,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    document: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Value>,
    citizen_ids: Option<Vec<String>>,
    division: Option<String>,
    format: String,
    byte_order_mark: bool,
}

/// `startExport`.
pub(super) fn start<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Arguments { mut input } = call.arguments()?;
        let asked = asked(call, &mut input).await?;
        has_room(call).await?;
        let request = asked.request(None);
        let exportable = call.gateway.exportable(&request, asked.people.first().map(String::as_str)).await;
        let exportable = exportable.map_err(refused)?;
        if request.caller.division != call.caller.division && !exportable.is_within_division {
            let message =
                "rows of the root field aren't held to a division, so that `division` would change nothing";
            return Err(Refused::new(code::NOT_EXPORTABLE, message));
        }
        let id = call.clock.id();
        insert(call, &id, &input, &asked, &exportable).await?;
        let note = format!("export {id}: started, {} people", asked.people.len());
        answered(call, &id, Some(note)).await
    }
    .boxed()
}

/// What an export is refused for, under the code of the request itself.
pub(super) fn refused(invalid: Invalid) -> Refused {
    let message = invalid.errors.first().and_then(|error| error["message"].as_str()).unwrap_or_default();
    Refused::new(invalid.code().to_owned(), message)
}

async fn asked(call: &Call<'_>, input: &mut Input) -> Result<Asked, Refused> {
    let exports = call.gateway.exports();
    let bad = |message: &str| Refused::new(code::BAD_USER_INPUT, message);
    let (Some(_), Some(trusted)) = (exports.folder(), exports.trusted()) else {
        return Err(Refused::new(code::EXPORT_NOT_ENABLED, "exports have no folder here"));
    };
    if call.case.is_some() {
        return Err(bad("an export is of no case: leave the header `Yimen-Case` out"));
    }
    let named = match (input.document.clone(), input.document_id.clone()) {
        (Some(text), None) => Named::Text(text),
        (None, Some(id)) => Named::Id(id),
        _ => return Err(bad("an export has either `document` or `documentId`")),
    };
    let query = trusted.text(named).await.map_err(refused)?;
    let most = exports.bounds().people;
    if input.citizen_ids.as_ref().is_some_and(Vec::is_empty) {
        return Err(bad("argument `input.citizenIds` names nobody"));
    }
    // They may be a hundred thousand: there is one list of them, which moves.
    let people = input.citizen_ids.take().unwrap_or_default();
    if people.len() > most {
        let message = format!("argument `input.citizenIds` names more than {most} people");
        return Err(Refused::new(code::EXPORT_LIMIT, message));
    }
    let variables = match &input.variables {
        None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
        Some(Value::Object(given)) => Value::Object(given.clone()),
        Some(_) => return Err(bad("argument `input.variables` must be an object")),
    };
    let request = Request {
        query,
        operation: input.operation_name.clone(),
        variables: serde_json::from_value(variables).unwrap_or_default(),
        caller: std::sync::Arc::new(call.caller.clone()),
        purpose: Some(call.table.profile().purpose.clone()),
        case: None,
        exchange: call.exchange.to_vec(),
        trace: None,
        idempotency: None,
        may_change: false,
        event: None,
        names_record: false,
        export: None,
    };
    Ok(Asked::of(&request, people, division(call, input)?))
}

/// The division whose rows are read: the caller's, or one within it.
fn division(call: &Call<'_>, input: &Input) -> Result<String, Refused> {
    let own = &call.caller.division;
    let Some(wanted) = &input.division else { return Ok(own.clone()) };
    match call.area.holds(wanted) && call.gateway.area(wanted).is_ok() {
        true => Ok(wanted.clone()),
        false => {
            let message =
                "argument `input.division` must lie within the caller's division, and be in force today";
            Err(Refused::new(code::BAD_USER_INPUT, message))
        }
    }
}

/// Whether one more export may be kept, and one more of this caller be under way.
async fn has_room(call: &Call<'_>) -> Result<(), Refused> {
    let bounds = call.gateway.exports().bounds();
    let sql = "SELECT count(*) AS kept, \
               CAST(coalesce(sum(CASE WHEN owner = $1 AND state IN ('QUEUED', 'RUNNING') THEN 1 ELSE 0 END), 0) \
               AS bigint) AS own FROM export_job WHERE state <> 'PURGED'";
    let rows = call.rows(sql, vec![owner(call.people, call.caller).into()]).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (kept, own): (i64, i64) = (row.try_get("", "kept")?, row.try_get("", "own")?);
    let too_many = |message: String| Err(Refused::new(refusal::TOO_MANY_OPEN, message));
    if own >= bounds.jobs_per_caller {
        return too_many(format!("{own} exports of this caller are under way, and no more can be"));
    }
    if kept >= bounds.jobs {
        return too_many(format!(
            "{kept} exports are kept here, and no more can be: purge those that you have read"
        ));
    }
    if bytes(&call.hub).await? >= bounds.folder_bytes {
        let message = "there is no room for exports: purge those that you have read";
        return Err(Refused::new(code::EXPORT_LIMIT, message));
    }
    Ok(())
}

async fn insert(
    call: &Call<'_>,
    id: &str,
    input: &Input,
    asked: &Asked,
    exportable: &Exportable,
) -> Result<(), Refused> {
    let withheld = exportable.withheld.iter().map(
        |(path, coordinate, reason)| json!({ "path": path, "coordinate": coordinate, "reason": reason }),
    );
    let withheld = Value::Array(withheld.collect()).to_string();
    let total = (!asked.people.is_empty()).then_some(asked.people.len() as i64);
    let sql = "INSERT INTO export_job (id, owner, state, changed, run, purpose, division, format, byte_order_mark, \
               document, plan, policies, catalogue, withheld, asked, total, done, rows_written, bytes, started_at) \
               VALUES ($1, $2, 'QUEUED', '[]', 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, $14)";
    let text = |text: &str| sea_orm::Value::from(text);
    let values = vec![
        text(id),
        text(&owner(call.people, call.caller)),
        text(&asked.purpose),
        text(&asked.request(None).caller.division),
        text(&input.format),
        input.byte_order_mark.into(),
        text(&exportable.document),
        text(&exportable.plan),
        text(&exportable.policies),
        text(&exportable.catalogue),
        text(&withheld),
        asked.seal(id, call.seal).into(),
        total.into(),
        text(&call.at()),
    ];
    debug_assert_eq!(call.allowed.field(), START);
    call.run(sql, values).await?;
    Ok(())
}
