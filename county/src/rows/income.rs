//! Income and expenditure of families that applied or were visited, of civil affairs.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use yimen_entity::household::{household_expenditure, household_income, household_income_summary};

use crate::calendar::{month, months_before, months_until};
use crate::chunk::Chunk;
use crate::family::{Family, Member, Work};
use crate::scribe::{Scribe, division, text, yuan};

/// Enough for the rule of six months in a row, and one more.
const MONTHS: u32 = 7;

/// Families whose income an office looked at.
fn is_examined(family: &Family) -> bool {
    let hardship = &family.hardship;
    let is_assisted = hardship.mla.is_some() || hardship.union.is_some() || hardship.is_surveyed;
    is_assisted || hardship.is_low_income || hardship.is_expenditure_poor
}

/// A month is missing now and then, which breaks a run of months.
fn months(scribe: &mut Scribe<'_>) -> Vec<NaiveDate> {
    let months: Vec<_> = months_until(scribe.as_of, MONTHS).collect();
    let missing = scribe.dice.chance(0.12).then(|| months[scribe.dice.index(months.len())]);
    months.into_iter().filter(|day| Some(*day) != missing).collect()
}

pub(super) fn incomes(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    if !is_examined(family) {
        return;
    }
    for (member, number) in family.known().filter(|(member, _)| member.earnings() > 0) {
        let kind = match member.work {
            Work::SelfEmployed { .. } | Work::Farmer => "BUSINESS",
            Work::Retired { .. } => "TRANSFER",
            _ => "WAGE",
        };
        // What a family says and what the tax office knows aren't always the same.
        let found = scribe.dice.chance(0.15).then(|| member.earnings() + 800);
        for day in months(scribe) {
            let said = income(scribe, (member, number), day, (kind, member.earnings()));
            if let Some(amount) = found {
                let row = income(scribe, (member, number), day, (kind, amount));
                let source_department = text(if kind == "WAGE" { "TAX" } else { "MARKET_REGULATION" });
                let basis = text("FOUND");
                chunk.household_income.push(household_income::Model { basis, source_department, ..row });
            }
            chunk.household_income.push(said);
        }
    }
    property(scribe, chunk);
}

/// Rent of land that the family doesn't till itself.
fn property(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let Some(head) = scribe.family.known().next() else { return };
    if !scribe.family.is_urban && scribe.dice.chance(0.3) {
        let day = months_before(scribe.as_of, 1);
        let row = income(scribe, head, day, ("PROPERTY", 50));
        chunk.household_income.push(row);
    }
}

fn income(
    scribe: &mut Scribe<'_>,
    (member, number): (&Member, &str),
    day: NaiveDate,
    (kind, amount): (&str, i64),
) -> household_income::Model {
    household_income::Model {
        id: scribe.id("HI"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: text(number),
        year_month: Some(month(day)),
        kind: text(kind),
        basis: text("DECLARED"),
        amount: yuan(amount),
        employment_cost_deduction: if kind == "WAGE" { yuan(amount / 10) } else { None },
        source_department: text("TOWNSHIP_GOV"),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

pub(super) fn summaries(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    if !is_examined(family) {
        return;
    }
    for day in months(scribe) {
        let row = summary(scribe, family, day);
        if scribe.dice.chance(0.1) {
            let after_aid = after_aid(scribe, &row);
            chunk.household_income_summary.push(after_aid);
        }
        chunk.household_income_summary.push(row);
    }
}

fn summary(scribe: &mut Scribe<'_>, family: &Family, day: NaiveDate) -> household_income_summary::Model {
    let each = (family.income + scribe.dice.between(-40, 60)).max(0);
    let counted = family.hardship.mla.as_ref().map_or(family.members.len(), |mla| mla.members.len());
    household_income_summary::Model {
        id: scribe.id("IS"),
        household_id: family.assistance_view_id(),
        citizen_id: family.head().citizen_id.clone(),
        year_month: Some(month(day)),
        member_count: i32::try_from(counted).ok(),
        per_capita_monthly: yuan(each),
        disposable_living_per_capita: yuan(each * 9 / 10),
        living_per_capita: yuan(each * 19 / 20),
        is_after_aid: Some(false),
        rule_version: text("SAMPLE-1"),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

/// The same month once more, with the aid itself counted in.
fn after_aid(
    scribe: &mut Scribe<'_>,
    row: &household_income_summary::Model,
) -> household_income_summary::Model {
    let aid = Decimal::new(scribe.dice.between(80, 320) * 100, 2);
    household_income_summary::Model {
        id: scribe.id("IS"),
        per_capita_monthly: row.per_capita_monthly.map(|amount| amount + aid),
        living_per_capita: row.living_per_capita.map(|amount| amount + aid),
        is_after_aid: Some(true),
        ..row.clone()
    }
}

/// Rigid expenditure: illness, school and care that a family can't do without.
pub(super) fn expenditures(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    if !is_examined(family) {
        return;
    }
    let has = |test: fn(&Member) -> bool| family.living().any(|(_, member)| test(member));
    let mut kinds = Vec::new();
    if has(|member| member.illness.is_some()) {
        kinds.push(("MAJOR_ILLNESS", 26_000));
    }
    if has(Member::is_at_university) {
        kinds.push(("EDUCATION", 15_000));
    }
    if has(Member::is_severely_disabled) {
        kinds.push(("DISABILITY_CARE", 8_000));
    }
    if kinds.is_empty() && scribe.dice.chance(0.1) {
        kinds.push(("OTHER", 4_000));
    }
    for (kind, amount) in kinds {
        let until = months_before(scribe.as_of, 1);
        chunk.household_expenditure.push(household_expenditure::Model {
            id: scribe.id("HE"),
            household_id: family.assistance_view_id(),
            citizen_id: family.head().citizen_id.clone(),
            kind: text(kind),
            amount: yuan(amount * scribe.dice.between(40, 160) / 100),
            period_from: Some(month(months_before(until, 11))),
            period_to: Some(month(until)),
            division_code: scribe.home(),
            as_of: scribe.on(),
        });
    }
}
