//! `withdrawConsent`: by the person through a portal, or by the department that has the case.

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;

use crate::case::store::Case;
use crate::consent::CONSENT_NOT_FOUND;
use crate::consent::told::one;
use crate::own::{Call, Refused, Told};

#[derive(Deserialize)]
struct Arguments {
    input: Input,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    id: String,
    case_no: String,
}

/// `withdrawConsent`. To withdraw again changes nothing.
pub(super) fn withdraw<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { input: Input { id, case_no } } = call.arguments()?;
        let case = Case::find(call, &case_no).await?;
        let known = one(call, &id).await?;
        if known["caseNo"] != case.case_no.as_str() {
            return Err(Refused::new(CONSENT_NOT_FOUND, "there is no such consent for this caller"));
        }
        let sql =
            "UPDATE consent SET withdrawn_at = $1, withdrawn_by = $2 WHERE id = $3 AND withdrawn_at IS NULL";
        let by = call.caller.subject.as_str();
        call.run(sql, vec![call.at().into(), by.into(), id.as_str().into()]).await?;
        let value = one(call, &id).await?;
        let people = value["citizenId"].as_str().map(str::to_owned).into_iter().collect();
        Ok(Told { value, people, note: Some(format!("withdrew consent {id} in case {case_no}")) })
    }
    .boxed()
}
