//! What happens to a case after it was opened.

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;

use crate::case::code as case_code;
use crate::case::read::told;
use crate::case::store::Case;
use crate::own::{Call, Refused, Told};
use crate::plan::{code, names_a_person};

#[derive(Deserialize)]
struct Arguments<T> {
    input: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    case_no: String,
    department: String,
    section: String,
}

/// `answerItem`: by the department that was asked, or by the one that has the case and got the answer on
/// paper.
pub(super) fn answer<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { input: Answered { case_no, department, section } } = call.arguments()?;
        let case = Case::find_open(call, &case_no).await?;
        let may = [&department, &case.department].contains(&&call.caller.department);
        let sql = "UPDATE case_item SET state = 'ANSWERED', answered_at = $1 \
                   WHERE case_no = $2 AND department = $3 AND section = $4 AND state = 'OPEN'";
        let values = vec![
            call.at().into(),
            case_no.as_str().into(),
            department.as_str().into(),
            section.as_str().into(),
        ];
        if !may || call.run(sql, values).await? == 0 {
            let message = "the case has no such open item for this caller";
            return Err(Refused::new(case_code::CASE_ITEM_NOT_OPEN, message));
        }
        let sql = "UPDATE assistance_case SET version = version + 1 WHERE case_no = $1";
        call.run(sql, vec![case_no.as_str().into()]).await?;
        let (value, people) = told(call, &Case::find(call, &case_no).await?).await?;
        Ok(Told { value, people, note: Some(format!("answered {department} {section} in case {case_no}")) })
    }
    .boxed()
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
