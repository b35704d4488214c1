//! Placements in public-welfare posts, their subsidies, wishes for work and offers, of human resources.

use chrono::NaiveDate;
use yimen_entity::social_insurance::{
    employment_contract, job_offer, job_wish, post_placement, subsidy_grant,
};

use crate::calendar::{days_after, days_before, month, months_before, years_after};
use crate::chunk::Chunk;
use crate::family::{Member, Work};
use crate::rows::enterprise::{POSTS, VACANCIES, post_id, vacancy_id};
use crate::scribe::{Scribe, division, hundredths, text, yuan};

/// Somebody whom the employment service looks after.
fn is_seeking(member: &Member) -> bool {
    let is_idle = matches!(member.work, Work::LaidOff { .. } | Work::Unemployed);
    is_idle || member.work == Work::None && (18..60).contains(&member.age)
}

pub(super) fn placements(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let is_poor = hardship.mla.is_some() || hardship.poverty.is_some();
    for (member, number) in scribe.family.known() {
        let share = if is_poor { 0.16 } else { 0.03 };
        if is_seeking(member) && scribe.dice.chance(share) {
            placement(scribe, chunk, member, number);
        }
    }
}

fn placement(scribe: &mut Scribe<'_>, chunk: &mut Chunk, member: &Member, number: &str) {
    let months = u32::try_from(scribe.dice.between(2, 34)).unwrap_or(2);
    let started_on = months_before(scribe.as_of, months);
    let is_current = scribe.dice.chance(0.8);
    let contract = contract(scribe, member, number, started_on);
    chunk.post_placement.push(post_placement::Model {
        id: scribe.id("PL"),
        citizen_id: text(number),
        post_id: Some(post_id(scribe.dice.index(POSTS))),
        contract_id: text(&contract.id),
        started_on: Some(started_on),
        ended_on: (!is_current).then(|| days_before(scribe.as_of, 30)),
        is_current: Some(is_current),
        hours: hundredths(scribe.dice.between(40, 160) * 100),
        division_code: division(member),
        as_of: scribe.on(),
    });
    chunk.employment_contract.push(contract);
    let kinds = [("POST_SUBSIDY", 900), ("SI_SUBSIDY", 420)];
    for (kind, monthly) in kinds {
        let counted = months.min(36);
        let grant = Grant { kind, monthly, months: counted };
        let row = subsidy(scribe, member, number, &grant);
        chunk.subsidy_grant.push(row);
    }
}

/// The contract of a placement, for three years.
fn contract(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    started_on: NaiveDate,
) -> employment_contract::Model {
    employment_contract::Model {
        id: scribe.id("PK"),
        citizen_id: text(number),
        kind: text("EMPLOYMENT"),
        signed_on: Some(started_on),
        start_on: Some(started_on),
        end_on: Some(years_after(started_on, 3)),
        is_open_ended: Some(false),
        employer_uscc: None,
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// A subsidy over some months that end now.
struct Grant {
    kind: &'static str,
    monthly: i64,
    months: u32,
}

fn subsidy(scribe: &mut Scribe<'_>, member: &Member, number: &str, grant: &Grant) -> subsidy_grant::Model {
    let until = months_before(scribe.as_of, 1);
    subsidy_grant::Model {
        id: scribe.id("SG"),
        citizen_id: text(number),
        kind: text(grant.kind),
        amount: yuan(grant.monthly * i64::from(grant.months)),
        period_from: Some(month(months_before(until, grant.months.saturating_sub(1)))),
        period_to: Some(month(until)),
        months_counted: i32::try_from(grant.months).ok(),
        payee_uscc: None,
        training_enrolment_id: None,
        fund_code: text("EMPLOYMENT_FUND"),
        granted_on: Some(days_before(scribe.as_of, 16)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Wishes, and jobs offered to those who have them.
pub(super) fn offers(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        if !is_seeking(member) || !scribe.dice.chance(0.5) {
            continue;
        }
        let row = wish(scribe, member, number);
        chunk.job_wish.push(row);
        for _ in 0..scribe.dice.weighted(&[(0, 5), (1, 3), (2, 1), (3, 1)]) {
            let row = offer(scribe, member, number);
            chunk.job_offer.push(row);
        }
    }
}

fn wish(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> job_wish::Model {
    let skills = ["缝纫", "电焊", "驾驶", "家政", "养殖", "无"];
    job_wish::Model {
        id: scribe.id("JW"),
        citizen_id: text(number),
        wants_job: Some(scribe.dice.chance(0.8)),
        wants_training: Some(scribe.dice.chance(0.5)),
        skills: text(scribe.dice.pick(&skills)),
        occupation_code: text(scribe.dice.pick(&["4-10-01", "4-07-05", "6-18-02", "6-04-01"])),
        recorded_on: Some(days_before(scribe.as_of, scribe.dice.between(5, 500).unsigned_abs())),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn offer(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> job_offer::Model {
    let suitability = scribe.dice.weighted(&[("SUITABLE", 75), ("UNSUITABLE", 15), ("UNDECIDED", 10)]);
    let response = scribe.dice.weighted(&[("ACCEPTED", 30), ("REFUSED", 45), ("NO_REPLY", 25)]);
    let is_refused = response == "REFUSED";
    let reason = scribe.dice.weighted(&[("CARE_DUTY", 4), ("HEALTH", 3), ("DISTANCE", 2), ("WAGE", 1)]);
    let is_accepted = matches!(reason, "CARE_DUTY" | "HEALTH") && scribe.dice.chance(0.8);
    let offered_on = days_before(scribe.as_of, scribe.dice.between(20, 400).unsigned_abs());
    let introduced_by = scribe.dice.pick(&["PUBLIC_EMPLOYMENT_SERVICE", "HRSS_STATION", "UNION"]);
    job_offer::Model {
        id: scribe.id("JO"),
        citizen_id: text(number),
        vacancy_id: Some(vacancy_id(scribe.dice.index(VACANCIES))),
        offered_on: Some(offered_on),
        introduced_by: text(introduced_by),
        suitability: text(suitability),
        response: text(response),
        responded_on: (response != "NO_REPLY").then(|| days_after(offered_on, 6)),
        reason_code: if is_refused { text(reason) } else { None },
        reason_accepted: is_refused.then_some(is_accepted),
        is_unjustified_refusal: Some(is_refused && suitability == "SUITABLE" && !is_accepted),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
