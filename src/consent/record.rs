//! `recordConsent`: who may consent for whom, and for how long.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;

use crate::calendar::china_day;
use crate::case::store::{Case, DIGEST};
use crate::consent::place;
use crate::consent::told::one;
use crate::own::{Call, Refused, Told};
use crate::plan::code;

/// The age from which a person consents for themselves (Civil Code, art. 17).
const ADULT: u32 = 18;

/// The longest time for which a consent holds, in months.
const MONTHS: u32 = 12;

/// Witnesses of a paper form.
const WITNESSES: usize = 2;

/// The most characters of a witness's name.
const MAX_WITNESS: usize = 128;

/// The most sections.
const MAX_SECTIONS: usize = 40;

#[derive(Deserialize)]
struct Arguments {
    input: Input,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    case_no: String,
    citizen_id: String,
    kind: String,
    form_hash: String,
    witnesses: Option<Vec<String>>,
    guardian: Option<String>,
    incapable: bool,
    sections: Vec<String>,
    valid_from: NaiveDate,
    valid_until: NaiveDate,
}

/// `recordConsent`.
pub(super) fn record<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>> {
    async move {
        let Arguments { input } = call.arguments()?;
        let case = Case::find_open(call, &input.case_no).await?;
        let members = case.members(call).await?;
        if !members.iter().any(|member| member.number == input.citizen_id) {
            return Err(bad("argument `input.citizenId` must name a member of the case's family"));
        }
        check(&input, call.now)?;
        let id = call.clock.id();
        insert(call, &id, &input).await?;
        let value = one(call, &id).await?;
        let people = [Some(input.citizen_id), input.guardian].into_iter().flatten().collect();
        Ok(Told { value, people, note: Some(format!("consent {id} in case {}", input.case_no)) })
    }
    .boxed()
}

fn bad(message: &str) -> Refused {
    Refused::new(code::BAD_USER_INPUT, message)
}

fn check(input: &Input, now: DateTime<Utc>) -> Result<(), Refused> {
    let is_hash = input.form_hash.len() == 64
        && input.form_hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !is_hash {
        return Err(bad("argument `input.formHash` must be a SHA-256 of 64 characters in lower hex"));
    }
    let sections = input.sections.iter().collect::<std::collections::HashSet<_>>().len();
    if sections == 0 || sections != input.sections.len() || sections > MAX_SECTIONS {
        return Err(bad("argument `input.sections` must have 1 to 40 sections, each once"));
    }
    let last = input.valid_from.checked_add_months(Months::new(MONTHS));
    if input.valid_until < input.valid_from || last.is_none_or(|last| input.valid_until > last) {
        return Err(bad("argument `input.validUntil` must be a day within a year of `validFrom`"));
    }
    check_witnesses(input)?;
    check_guardian(input, china_day(now))
}

fn check_witnesses(input: &Input) -> Result<(), Refused> {
    let witnesses = input.witnesses.as_deref().unwrap_or_default();
    let is_name = |name: &String| !name.is_empty() && name.chars().count() <= MAX_WITNESS;
    let named = witnesses.iter().all(is_name) && witnesses.first() != witnesses.get(1);
    match input.kind.as_str() {
        "PAPER" if witnesses.len() == WITNESSES && named => Ok(()),
        "PAPER" => Err(bad("argument `input.witnesses` must name two different officers for a paper form")),
        _ if witnesses.is_empty() => Ok(()),
        _ => Err(bad("argument `input.witnesses` is for paper forms")),
    }
}

/// A minor and an adult without capacity have a guardian, and nobody else has one: a spouse or a grown
/// child isn't covered by the applicant's word.
fn check_guardian(input: &Input, today: NaiveDate) -> Result<(), Refused> {
    let is_minor = |number: &str| is_minor(number, today);
    match (&input.guardian, is_minor(&input.citizen_id) || input.incapable) {
        (None, true) => Err(bad("argument `input.guardian` must name who consents for this person")),
        (Some(_), false) => Err(bad("argument `input.guardian` is for minors and adults without capacity")),
        (Some(guardian), true) if *guardian == input.citizen_id || is_minor(guardian) => {
            Err(bad("argument `input.guardian` must be another person, an adult"))
        }
        _ => Ok(()),
    }
}

/// Whether somebody else consents for a person on a day, for their age.
pub(crate) fn is_minor(number: &str, today: NaiveDate) -> bool {
    age(number, today) < ADULT
}

/// The whole years of a person on a day, by the birth date in their number.
fn age(number: &str, today: NaiveDate) -> u32 {
    let born = number.get(6..14).and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok());
    let Some(born) = born else { return 0 };
    let years = today.year() - born.year();
    let is_before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    u32::try_from(years - i32::from(is_before_birthday)).unwrap_or_default()
}

async fn insert(call: &Call<'_>, id: &str, input: &Input) -> Result<(), Refused> {
    let sql = "INSERT INTO consent (id, case_no, digest, citizen, guardian, kind, form_hash, witnesses, \
               sections, valid_from, valid_until, recorded_at, recorded_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let text = |text: &str| sea_orm::Value::from(text);
    let sealed = |number: &str| call.seal.close(&place(id), number);
    let guardian = input.guardian.as_deref().map(sealed);
    let witnesses = serde_json::json!(input.witnesses.as_deref().unwrap_or_default()).to_string();
    let values = vec![
        text(id),
        text(&input.case_no),
        call.people.digest(DIGEST, &input.citizen_id).to_vec().into(),
        sealed(&input.citizen_id).into(),
        guardian.into(),
        text(&input.kind),
        text(&input.form_hash),
        text(&witnesses),
        text(&input.sections.join(" ")),
        text(&input.valid_from.to_string()),
        text(&input.valid_until.to_string()),
        text(&call.at()),
        text(&call.caller.subject),
    ];
    call.run(sql, values).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_of_age_on_their_birthday() {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        let number = "410727200806150018";
        assert_eq!(age(number, day("2026-06-14")), 17);
        assert_eq!(age(number, day("2026-06-15")), 18);
        assert_eq!(age(number, day("2008-06-15")), 0);
        assert_eq!(age(number, day("2000-01-01")), 0, "not born yet");
    }
}
