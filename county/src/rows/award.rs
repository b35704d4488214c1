//! Allowances, their members and price supplements, and destitute support, of civil affairs.

use chrono::{Datelike, NaiveDate};
use yimen_entity::household::{destitute_award, mla_award, mla_award_member, price_supplement};

use crate::calendar::{days_after, month, months_until, years_after};
use crate::chunk::Chunk;
use crate::family::{Family, MlaCase, ViewKind};
use crate::scribe::{Scribe, division, text, yuan};

/// States of an award in which money is paid.
const PAYING: [&str; 3] = ["ACTIVE", "TAPERING", "REDUCED"];

pub(super) fn allowances(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(mla) = &family.hardship.mla else { return };
    let award = award(scribe, family, mla);
    let is_in_payment = award.is_in_payment == Some(true);
    members(scribe, chunk, mla, &award);
    if is_in_payment {
        supplements(scribe, chunk, mla, &award);
    }
    chunk.mla_award.push(award);
}

fn award(scribe: &mut Scribe<'_>, family: &Family, mla: &MlaCase) -> mla_award::Model {
    let applicant = &family.members[mla.members[0]];
    let class = if mla.single_reason.is_some() { "A" } else { scribe.dice.pick(&["A", "B", "C"]) };
    mla_award::Model {
        id: scribe.id("MLA"),
        household_id: family.view_id(ViewKind::MlaUnit),
        citizen_id: applicant.citizen_id.clone(),
        unit_type: text(if mla.single_reason.is_some() { "SINGLE_PERSON" } else { "HOUSEHOLD" }),
        unit_reason: mla.single_reason.and_then(text),
        class_code: text(class),
        member_count: i32::try_from(mla.members.len()).ok(),
        monthly_amount: yuan(mla.monthly),
        status: text(mla.status),
        is_in_payment: Some(PAYING.contains(&mla.status)),
        started_on: Some(mla.since),
        taper_started_on: mla.taper_since,
        taper_planned_end_on: mla.taper_since.map(|since| years_after(since, 1)),
        ended_on: mla.ended_on,
        end_reason: mla.ended_on.and_then(|_| text(scribe.dice.pick(&END_REASONS))),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

const END_REASONS: [&str; 3] = ["家庭人均收入超过低保标准", "稳定就业后退出", "主动申请退出"];

fn members(scribe: &mut Scribe<'_>, chunk: &mut Chunk, mla: &MlaCase, award: &mla_award::Model) {
    let count = i64::try_from(mla.members.len()).unwrap_or(1);
    for at in &mla.members {
        let member = &scribe.family.members[*at];
        chunk.mla_award_member.push(mla_award_member::Model {
            id: scribe.id("MLM"),
            citizen_id: member.citizen_id.clone(),
            award_id: text(&award.id),
            monthly_share: yuan(mla.monthly / count),
            is_in_payment: award.is_in_payment,
            started_on: award.started_on.max(Some(member.born)),
            ended_on: award.ended_on,
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}

/// Supplements of the last summer's months, if the award ran then.
fn supplements(scribe: &mut Scribe<'_>, chunk: &mut Chunk, mla: &MlaCase, award: &mla_award::Model) {
    let count = i64::try_from(mla.members.len()).unwrap_or(1);
    let is_summer = |day: &NaiveDate| (7..=8).contains(&day.month());
    let months: Vec<_> = months_until(scribe.as_of, 12).filter(is_summer).collect();
    for day in months.into_iter().filter(|day| *day > mla.since) {
        chunk.price_supplement.push(price_supplement::Model {
            id: scribe.id("PS"),
            household_id: award.household_id.clone(),
            citizen_id: award.citizen_id.clone(),
            year_month: Some(month(day)),
            amount: yuan(24 * count),
            paid_on: Some(days_after(day, 40)),
            division_code: scribe.home(),
            as_of: scribe.on(),
        });
    }
}

pub(super) fn destitution(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(destitution) = &family.hardship.destitution else { return };
    let head = family.head();
    let homes = &scribe.county.bodies.homes;
    let home = destitution.is_in_institution.then(|| homes[scribe.dice.index(homes.len())]);
    let (level, nursing) =
        scribe.dice.weighted(&[(("ABLE", 90), 5), (("SEMI", 360), 3), (("UNABLE", 720), 2)]);
    // A death that was not reported leaves the award running.
    let ended_on = head.died_on.filter(|_| scribe.dice.chance(0.5));
    chunk.destitute_award.push(destitute_award::Model {
        id: scribe.id("DA"),
        citizen_id: head.citizen_id.clone(),
        support_mode: text(if home.is_some() { "CENTRALISED" } else { "DISPERSED" }),
        self_care_level: text(level),
        institution_id: home.map(|home| scribe.county.bodies.id(home)),
        living_subsidy: yuan(780),
        nursing_subsidy: yuan(nursing),
        is_in_payment: Some(ended_on.is_none()),
        started_on: Some(destitution.since),
        ended_on,
        division_code: division(head),
        as_of: scribe.on(),
    });
}
