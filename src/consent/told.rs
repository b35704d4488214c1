//! Consents told: to those who have the case, and to each person their own.

use futures::future::{BoxFuture, FutureExt};
use sea_orm::{DbErr, QueryResult};
use serde::Deserialize;
use serde_json::{Value, json};
use yimen_policy::Reach;

use crate::case::store::{Case, DIGEST};
use crate::consent::{CONSENT_NOT_FOUND, place};
use crate::own::{Call, Refused, Told};

const COLUMNS: &str = "id, case_no, digest, citizen, guardian, kind, form_hash, witnesses, sections, \
                       valid_from, valid_until, recorded_at, withdrawn_at";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arguments {
    case_no: String,
}

/// `consents`.
pub(super) fn of_case<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { case_no } = call.arguments()?;
        let case = Case::find(call, &case_no).await?;
        let sql = format!("SELECT {COLUMNS} FROM consent WHERE case_no = $1 ORDER BY recorded_at, id");
        let rows = call.rows(&sql, vec![case.case_no.as_str().into()]).await?;
        let (mut consents, mut people) = (Vec::new(), Vec::new());
        for row in &rows {
            if is_told(call, row)? {
                let value = value(call, row)?;
                people.extend(value["citizenId"].as_str().map(str::to_owned));
                consents.push(value);
            }
        }
        Ok(Told { value: consents.into(), people, note: None })
    }
    .boxed()
}

/// One consent, which must be of a case of the caller's.
///
/// # Errors
/// `CONSENT_NOT_FOUND`, whether there is none or it isn't the caller's to see.
pub(super) async fn one(call: &Call<'_>, id: &str) -> Result<Value, Refused> {
    let sql = format!("SELECT {COLUMNS} FROM consent WHERE id = $1");
    let rows = call.rows(&sql, vec![id.into()]).await?;
    match rows.first() {
        Some(row) if is_told(call, row)? => value(call, row),
        _ => Err(Refused::new(CONSENT_NOT_FOUND, "there is no such consent for this caller")),
    }
}

/// Whether a consent of a case that the caller sees is theirs to see.
fn is_told(call: &Call<'_>, row: &QueryResult) -> Result<bool, DbErr> {
    if call.allowed.reach() != Reach::Own {
        return Ok(true);
    }
    let digest: Vec<u8> = row.try_get("", "digest")?;
    let own = call.caller.person.as_deref().map(|number| call.people.digest(DIGEST, number));
    Ok(own.is_some_and(|own| own[..] == digest[..]))
}

fn value(call: &Call<'_>, row: &QueryResult) -> Result<Value, Refused> {
    let text = |column: &str| row.try_get::<String>("", column);
    let id = text("id")?;
    let place = place(&id);
    let opened = |column: &str| -> Result<Option<String>, DbErr> {
        let sealed: Option<Vec<u8>> = row.try_get("", column)?;
        Ok(sealed.and_then(|sealed| call.seal.open(&place, &sealed)))
    };
    let witnesses: Value = serde_json::from_str(&text("witnesses")?).unwrap_or_default();
    let sections = text("sections")?;
    Ok(json!({
        "id": id,
        "caseNo": text("case_no")?,
        "citizenId": opened("citizen")?,
        "kind": text("kind")?,
        "formHash": text("form_hash")?,
        "witnesses": witnesses,
        "guardian": opened("guardian")?,
        "sections": sections.split(' ').collect::<Vec<_>>(),
        "validFrom": text("valid_from")?,
        "validUntil": text("valid_until")?,
        "recordedAt": text("recorded_at")?,
        "withdrawnAt": row.try_get::<Option<String>>("", "withdrawn_at")?,
    }))
}
