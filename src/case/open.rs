//! `openCase`: a family, a purpose, and what is asked of which department.

use std::collections::HashSet;

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use yimen_policy::CaseRule;

use crate::case::code as case_code;
use crate::case::read::told;
use crate::case::store::{Case, DIGEST, place};
use crate::own::{Call, Refused, Told};
use crate::plan::{code, names_a_person};

/// The most characters of a case's number.
const MAX_CASE_NO: usize = 64;

/// The most people beside the applicant.
const MAX_MEMBERS: usize = 30;

/// The most items.
const MAX_ITEMS: usize = 40;

/// The most characters of a relation's code.
const MAX_RELATION: usize = 8;

/// The applicant's own relation (GB/T 4761).
const SELF: &str = "01";

#[derive(Deserialize)]
struct Arguments {
    input: Input,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    case_no: String,
    purpose: String,
    division: String,
    applicant: String,
    members: Option<Vec<Member>>,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    citizen_id: String,
    relation: String,
}

#[derive(Deserialize)]
struct Item {
    department: String,
    section: String,
}

/// `openCase`.
pub(super) fn open<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { input } = call.arguments()?;
        check(call, &input)?;
        insert(call, &input).await?;
        let case = Case::find(call, &input.case_no).await?;
        let (value, people) = told(call, &case).await?;
        Ok(Told { value, people, note: Some(format!("opened case {}", input.case_no)) })
    }
    .boxed()
}

fn check(call: &Call<'_>, input: &Input) -> Result<(), Refused> {
    let bad = |message: String| Err(Refused::new(code::BAD_USER_INPUT, message));
    let number = &input.case_no;
    if number.is_empty() || number.chars().count() > MAX_CASE_NO || number.chars().any(char::is_control) {
        return bad(format!("argument `input.caseNo` must have 1 to {MAX_CASE_NO} characters"));
    }
    if names_a_person(number) {
        return bad(String::from("argument `input.caseNo` must not hold a citizen number"));
    }
    if input.purpose != call.table.profile().purpose {
        return bad(String::from("argument `input.purpose` must be the purpose that the request states"));
    }
    if call.table.case_rule() == CaseRule::None {
        return bad(String::from("argument `input.purpose` names a purpose for which there are no cases"));
    }
    if !call.area.holds(&input.division) {
        return bad(String::from("argument `input.division` must lie within the caller's division"));
    }
    if call.gateway.area(&input.division).is_err() {
        return bad(String::from("argument `input.division` names a division that isn't in force today"));
    }
    check_family(input)?;
    check_items(call, input)
}

fn check_family(input: &Input) -> Result<(), Refused> {
    let bad = |message: String| Err(Refused::new(code::BAD_USER_INPUT, message));
    let members = input.members.as_deref().unwrap_or_default();
    if members.len() > MAX_MEMBERS {
        return bad(format!("argument `input.members` must have at most {MAX_MEMBERS} people"));
    }
    let mut numbers = HashSet::from([input.applicant.as_str()]);
    if !members.iter().all(|member| numbers.insert(&member.citizen_id)) {
        return bad(String::from("argument `input.members` names somebody twice"));
    }
    let is_code = |code: &str| {
        !code.is_empty() && code.len() <= MAX_RELATION && code.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !members.iter().all(|member| is_code(&member.relation)) {
        return bad(String::from("argument `input.members.relation` must be a code of GB/T 4761"));
    }
    Ok(())
}

/// A department is asked for what it answers for.
fn check_items(call: &Call<'_>, input: &Input) -> Result<(), Refused> {
    let bad = |message: String| Err(Refused::new(code::BAD_USER_INPUT, message));
    if input.items.is_empty() || input.items.len() > MAX_ITEMS {
        return bad(format!("argument `input.items` must have 1 to {MAX_ITEMS} items"));
    }
    let mut seen = HashSet::new();
    if !input.items.iter().all(|item| seen.insert((&item.department, &item.section))) {
        return bad(String::from("argument `input.items` asks the same twice"));
    }
    let resources = &call.table.catalogue().resources;
    let answers = |item: &Item| {
        let has = |of: &str, section: &str| *of == *item.department && *section == *item.section;
        resources.iter().any(|resource| has(&resource.owner, &resource.section))
    };
    match input.items.iter().all(answers) {
        true => Ok(()),
        false => bad(String::from("argument `input.items` asks a department for what it doesn't answer for")),
    }
}

async fn insert(call: &Call<'_>, input: &Input) -> Result<(), Refused> {
    let sql = "INSERT INTO assistance_case \
               (case_no, purpose, division, department, status, opened_at, opened_by, version) \
               VALUES ($1, $2, $3, $4, 'OPEN', $5, $6, 1) ON CONFLICT DO NOTHING";
    let text = |text: &str| sea_orm::Value::from(text);
    let values = vec![
        text(&input.case_no),
        text(&input.purpose),
        text(&input.division),
        text(&call.caller.department),
        text(&call.at()),
        text(&call.caller.subject),
    ];
    if call.run(sql, values).await? == 0 {
        let message = "a case of this number is there already; numbers are not used twice";
        return Err(Refused::new(case_code::CASE_EXISTS, message));
    }
    let place = place(&input.case_no);
    let others = input.members.iter().flatten();
    let family = std::iter::once((input.applicant.as_str(), SELF))
        .chain(others.map(|member| (member.citizen_id.as_str(), member.relation.as_str())));
    for (ordinal, (number, relation)) in family.enumerate() {
        let sql = "INSERT INTO case_member (case_no, ordinal, digest, citizen, relation) \
                   VALUES ($1, $2, $3, $4, $5)";
        let digest = call.people.digest(DIGEST, number).to_vec();
        let sealed = call.seal.close(&place, number);
        let values =
            vec![text(&input.case_no), (ordinal as i64).into(), digest.into(), sealed.into(), text(relation)];
        call.run(sql, values).await?;
    }
    for (ordinal, item) in input.items.iter().enumerate() {
        let sql = "INSERT INTO case_item (case_no, ordinal, department, section, state, asked_at) \
                   VALUES ($1, $2, $3, $4, 'OPEN', $5)";
        let values = vec![
            text(&input.case_no),
            (ordinal as i64).into(),
            text(&item.department),
            text(&item.section),
            text(&call.at()),
        ];
        call.run(sql, values).await?;
    }
    Ok(())
}
