//! Settlements, premium subsidies and assistance of medical security; illnesses and relief of health.

use chrono::{Datelike, NaiveDate};
use yimen_entity::social_insurance::{
    diagnosis, emergency_illness_relief, medical_assistance, medical_premium_subsidy, medical_settlement,
};

use crate::calendar::{days_after, days_before, years_before};
use crate::chunk::Chunk;
use crate::family::Member;
use crate::scribe::{Scribe, division, text, yuan};

/// A bill's parts in yuan.
struct Bill {
    total: i64,
    eligible: i64,
    basic: i64,
    serious: i64,
    supplement: i64,
}

impl Bill {
    fn draw(scribe: &mut Scribe<'_>, is_ill: bool) -> Self {
        let total = scribe.dice.between(3, if is_ill { 900 } else { 60 }) * 100;
        let eligible = total * scribe.dice.between(80, 97) / 100;
        let basic = eligible * scribe.dice.between(52, 74) / 100;
        // The sample deductible of serious-illness insurance.
        let serious = (eligible - basic - 11_000).max(0) * 60 / 100;
        let supplement = if scribe.dice.chance(0.04) { (eligible - basic - serious) / 5 } else { 0 };
        Bill { total, eligible, basic, serious, supplement }
    }

    fn own_pay(&self) -> i64 {
        self.total - self.basic - self.serious - self.supplement
    }
}

pub(super) fn settlements(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let share = match (member.illness.is_some(), member.age) {
            (true, _) => 0.95,
            (false, 60..) => 0.14,
            (false, _) => 0.03,
        };
        if !scribe.dice.chance(share) {
            continue;
        }
        let count = if member.illness.is_some() { scribe.dice.between(2, 5) } else { 1 };
        for _ in 0..count {
            let row = settlement(scribe, member, number);
            chunk.medical_settlement.push(row);
        }
    }
}

fn settlement(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> medical_settlement::Model {
    let bill = Bill::draw(scribe, member.illness.is_some());
    let settled_on = scribe.dice.day(years_before(scribe.as_of, 1), scribe.as_of);
    medical_settlement::Model {
        id: scribe.id("MS"),
        citizen_id: text(number),
        total: yuan(bill.total),
        eligible: yuan(bill.eligible),
        basic_paid: yuan(bill.basic),
        serious_paid: yuan(bill.serious),
        supplement_paid: yuan(bill.supplement),
        own_pay: yuan(bill.own_pay()),
        settled_on: Some(settled_on),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Subsidies of premiums, and assistance by the class that somebody had on the day.
pub(super) fn aid(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let class = match () {
        () if hardship.mla.is_some() || hardship.destitution.is_some() => "KEY",
        () if hardship.is_low_income => "LOW_INCOME",
        () if hardship.is_expenditure_poor => "EXPENDITURE_POOR",
        () if hardship.poverty.is_some() => "",
        () => return,
    };
    for (member, number) in scribe.family.known() {
        if scribe.dice.chance(0.8) {
            let row = premium(scribe, member, number, class);
            chunk.medical_premium_subsidy.push(row);
        }
        let is_helped = !class.is_empty() && member.illness.is_some();
        if is_helped && scribe.dice.chance(0.7) {
            let row = assistance(scribe, member, number, class);
            chunk.medical_assistance.push(row);
        }
    }
}

fn premium(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    class: &str,
) -> medical_premium_subsidy::Model {
    let payer = if class.is_empty() {
        "乡村振兴衔接资金（示例）"
    } else {
        "医疗救助资金（示例）"
    };
    medical_premium_subsidy::Model {
        id: scribe.id("MP"),
        citizen_id: text(number),
        year: Some(scribe.as_of.year()),
        amount: yuan(if class == "KEY" { 400 } else { 120 }),
        payer: text(payer),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn assistance(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    class: &str,
) -> medical_assistance::Model {
    let forms = [("INPATIENT", 5), ("OUTPATIENT", 3), ("MAJOR_ILLNESS", 2), ("PREMIUM", 1)];
    let paid_on = scribe.dice.day(years_before(scribe.as_of, 1), days_before(scribe.as_of, 4));
    medical_assistance::Model {
        id: scribe.id("MA"),
        citizen_id: text(number),
        form: text(scribe.dice.weighted(&forms)),
        target_class: text(class),
        amount: yuan(scribe.dice.between(3, 120) * 100),
        paid_on: Some(paid_on),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Diagnoses, and relief paid to a hospital for somebody who could not pay.
pub(super) fn illnesses(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let Some(illness) = member.illness else { continue };
        chunk.diagnosis.push(diagnosis::Model {
            id: scribe.id("DG"),
            citizen_id: text(number),
            disease_code: text(illness.code),
            is_major: Some(illness.is_major),
            is_severe_chronic: Some(!illness.is_major),
            // The hospital's day isn't always the family's.
            diagnosed_on: Some(days_before(illness.since, 3)),
            division_code: division(member),
            as_of: scribe.on(),
        });
        if illness.is_major && scribe.dice.chance(0.06) {
            let row = emergency(scribe, member, number, illness.since);
            chunk.emergency_illness_relief.push(row);
        }
    }
}

fn emergency(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    since: NaiveDate,
) -> emergency_illness_relief::Model {
    let hospitals = &scribe.county.bodies.hospitals;
    let hospital = hospitals[scribe.dice.index(hospitals.len())];
    emergency_illness_relief::Model {
        id: scribe.id("ER"),
        citizen_id: text(number),
        hospital_id: Some(scribe.county.bodies.id(hospital)),
        amount: yuan(scribe.dice.between(10, 160) * 100),
        granted_on: Some(days_after(since, 12).min(scribe.as_of)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
