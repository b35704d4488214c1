//! What happens to a case after it was opened.

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;

use crate::case::code as case_code;
use crate::case::read::told;
use crate::case::store::Case;
use crate::own::{Call, Refused, Told};
use crate::plan::{code, names_a_person};

#[derive(Deserialize)]
struct Arguments {
    input: Input,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    case_no: String,
    version: i64,
    outcome: String,
}

/// `closeCase`: by the department that opened it.
pub(super) fn close<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { input: Input { case_no, version, outcome } } = call.arguments()?;
        if names_a_person(&outcome) {
            let message = "argument `input.outcome` must not hold a citizen number";
            return Err(Refused::new(code::BAD_USER_INPUT, message));
        }
        let case = Case::find(call, &case_no).await?;
        if case.department != call.caller.department || case.status != "OPEN" {
            return Err(Refused::new(case_code::CASE_NOT_FOUND, "there is no such case for this caller"));
        }
        let sql = "UPDATE assistance_case SET status = 'CLOSED', closed_at = $1, outcome = $2, \
                   version = version + 1 WHERE case_no = $3 AND version = $4 AND status = 'OPEN'";
        let values = vec![call.at().into(), outcome.into(), case_no.as_str().into(), version.into()];
        if call.run(sql, values).await? == 0 {
            let message = "the case was changed meanwhile: read it again";
            return Err(Refused::new(case_code::STALE_VERSION, message));
        }
        let closed = Case::find(call, &case_no).await?;
        let (value, people) = told(call, &closed).await?;
        Ok(Told { value, people, note: Some(format!("closed case {case_no}")) })
    }
    .boxed()
}
