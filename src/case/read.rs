//! Cases told to those whose they are.

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use yimen_policy::Reach;
use yimen_schema::Mask;

use crate::answer::masked;
use crate::case::store::{COLUMNS, Case, scope};
use crate::own::{Call, Refused, Told};
use crate::plan::code;

/// The most cases of a page.
const MAX_FIRST: i64 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    case_no: String,
}

#[derive(Deserialize)]
struct Page {
    first: Option<i64>,
    after: Option<String>,
    status: Option<String>,
}

/// `case`.
pub(super) fn one<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let One { case_no } = call.arguments()?;
        let case = Case::find(call, &case_no).await?;
        let (value, people) = told(call, &case).await?;
        Ok(Told { value, people, note: None })
    }
    .boxed()
}

/// `cases`.
pub(super) fn page<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Page { first, after, status } = call.arguments()?;
        let first = first.unwrap_or(20);
        if !(1..=MAX_FIRST).contains(&first) {
            let message = format!("argument `first` must be from 1 to {MAX_FIRST}");
            return Err(Refused::new(code::SLICING, message));
        }
        let cursor_scope = format!("cases {}", status.as_deref().unwrap_or_default());
        let (mut condition, mut values) = scope(call, 1);
        let mut add = |text: &str, value: sea_orm::Value| {
            values.push(value);
            condition.push_str(&text.replace('?', &format!("${}", values.len())));
        };
        if let Some(status) = &status {
            add(" AND status = ?", status.as_str().into());
        }
        if let Some(after) = &after {
            let behind = behind(call, &cursor_scope, after)?;
            add(" AND (opened_at < ?", behind.0.as_str().into());
            add(" OR (opened_at = ?", behind.0.into());
            add(" AND case_no < ?))", behind.1.into());
        }
        add("", (first + 1).into());
        let limit = values.len();
        let sql = format!(
            "SELECT {COLUMNS} FROM assistance_case WHERE {condition} \
             ORDER BY opened_at DESC, case_no DESC LIMIT ${limit}"
        );
        let rows = call.rows(&sql, values).await?;
        let cases = rows.iter().take(first as usize).map(Case::of).collect::<Result<Vec<Case>, _>>()?;
        let (mut nodes, mut people) = (Vec::new(), Vec::new());
        for case in &cases {
            let (value, members) = told(call, case).await?;
            nodes.push(value);
            people.extend(members);
        }
        let cursor = |case: &Case| {
            call.cursors.seal(&cursor_scope, &[Some(case.opened_at.clone()), Some(case.case_no.clone())])
        };
        let info = json!({
            "hasNextPage": rows.len() > cases.len(),
            "hasPreviousPage": after.is_some(),
            "startCursor": cases.first().map(cursor),
            "endCursor": cases.last().map(cursor),
        });
        Ok(Told { value: json!({ "nodes": nodes, "pageInfo": info }), people, note: None })
    }
    .boxed()
}

/// The case that a cursor stands behind.
fn behind(call: &Call<'_>, scope: &str, after: &str) -> Result<(String, String), Refused> {
    let opened = call.cursors.open(scope, after, 2);
    let values = opened.map_err(|_| {
        Refused::new(code::BAD_USER_INPUT, "argument `after` is no cursor of this connection and order")
    })?;
    let mut values = values.into_iter().map(Option::unwrap_or_default);
    Ok((values.next().unwrap_or_default(), values.next().unwrap_or_default()))
}

/// A case as its type has it, with the people in it.
pub(super) async fn told(call: &Call<'_>, case: &Case) -> Result<(Value, Vec<String>), Refused> {
    let members = case.members(call).await?;
    let items = case.items(call).await?;
    let number = |number: &str| match call.allowed.reach() {
        // Supervision follows the matter; who it is about it asks in a task of its own.
        Reach::Division => masked(Mask::CitizenId, number),
        Reach::Department | Reach::Own => number.to_owned(),
    };
    let member = |member: &crate::case::store::Member| {
        json!({
            "citizenId": number(&member.number),
            "relation": member.relation,
            "isApplicant": member.is_applicant,
        })
    };
    let item = |item: &crate::case::store::Item| {
        json!({
            "department": item.department,
            "section": item.section,
            "state": item.state,
            "askedAt": item.asked_at,
            "answeredAt": item.answered_at,
        })
    };
    let value = json!({
        "caseNo": case.case_no,
        "purpose": case.purpose,
        "division": case.division,
        "department": case.department,
        "status": case.status,
        "openedAt": case.opened_at,
        "closedAt": case.closed_at,
        "outcome": case.outcome,
        "version": case.version,
        "members": members.iter().map(member).collect::<Vec<_>>(),
        "items": items.iter().map(item).collect::<Vec<_>>(),
    });
    Ok((value, members.into_iter().map(|member| member.number).collect()))
}
