//! Housing difficulty, applications, public rental housing and rental subsidies, of the housing office.

use chrono::NaiveDate;
use yimen_entity::housing::{
    housing_application, housing_assessment, public_rental, rental_subsidy_contract, rental_subsidy_payment,
    rental_subsidy_review,
};

use crate::calendar::{
    days_after, days_before, month, months_after, months_before, months_until, years_after,
};
use crate::chunk::Chunk;
use crate::family::{HousingCase, Member, ViewKind};
use crate::scribe::{Scribe, hundredths, text, yuan};

pub(super) fn applications(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(case) = &family.hardship.housing else { return };
    let applicant = &family.members[case.applicant];
    let decided_on = matches!(case.status, "APPROVED" | "REFUSED")
        .then(|| days_after(case.applied_on, 45).min(scribe.as_of));
    let application = housing_application::Model {
        id: scribe.id("HA"),
        citizen_id: applicant.citizen_id.clone(),
        household_id: family.view_id(ViewKind::Housing),
        form: text(if case.is_rental_subsidy { "RENTAL_SUBSIDY" } else { "PUBLIC_RENTAL" }),
        applicant_class: text(case.class),
        applied_on: Some(case.applied_on),
        status: text(case.status),
        decided_on,
        division_code: scribe.home(),
        as_of: scribe.on(),
    };
    let row = assessment(scribe, case, applicant);
    chunk.housing_assessment.push(row);
    if let ("APPROVED", Some(decided_on)) = (case.status, decided_on) {
        if case.is_rental_subsidy {
            subsidy(scribe, chunk, applicant, decided_on);
        } else {
            let row = rental(scribe, applicant, &application, decided_on);
            chunk.public_rental.push(row);
        }
    }
    chunk.housing_application.push(application);
}

fn assessment(scribe: &mut Scribe<'_>, case: &HousingCase, applicant: &Member) -> housing_assessment::Model {
    let is_difficult = case.status != "REFUSED" || scribe.dice.chance(0.3);
    let area = if is_difficult { scribe.dice.between(0, 1290) } else { scribe.dice.between(1600, 4000) };
    housing_assessment::Model {
        id: scribe.id("HD"),
        citizen_id: applicant.citizen_id.clone(),
        household_id: scribe.family.view_id(ViewKind::Housing),
        per_capita_area_sqm: hundredths(area),
        is_difficult: Some(is_difficult),
        rule_version: text("SAMPLE-1"),
        assessed_on: Some(days_after(case.applied_on, 20).min(scribe.as_of)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

fn rental(
    scribe: &mut Scribe<'_>,
    applicant: &Member,
    application: &housing_application::Model,
    decided_on: NaiveDate,
) -> public_rental::Model {
    let has_left = scribe.dice.chance(0.12);
    let area = scribe.dice.between(36, 60);
    let allocated_on = days_after(decided_on, 30).min(scribe.as_of);
    let building = scribe.dice.between(1, 12);
    public_rental::Model {
        id: scribe.id("RH"),
        citizen_id: applicant.citizen_id.clone(),
        household_id: application.household_id.clone(),
        application_id: text(&application.id),
        address: Some(format!("封丘县示例公租房小区{building}号楼{:03}室", scribe.dice.between(101, 612))),
        area_sqm: hundredths(area * 100),
        monthly_rent: yuan(area * 3),
        status: text(if has_left { "EXITED" } else { "ALLOCATED" }),
        allocated_on: Some(allocated_on),
        exited_on: has_left.then(|| days_before(scribe.as_of, 60).max(allocated_on)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

fn subsidy(scribe: &mut Scribe<'_>, chunk: &mut Chunk, applicant: &Member, decided_on: NaiveDate) {
    let status = scribe.dice.weighted(&[
        ("PAYING", 70),
        ("SIGNED", 5),
        ("FILED", 6),
        ("SUSPENDED", 7),
        ("EXITED", 12),
    ]);
    let start_on = days_after(decided_on, 20).min(scribe.as_of);
    // Without a filing number nothing may be paid; now and then something was.
    let is_filed = status != "SIGNED" && (status != "PAYING" || scribe.dice.chance(0.98));
    let serial = scribe.dice.digits(6);
    let contract = rental_subsidy_contract::Model {
        id: scribe.id("RC"),
        citizen_id: applicant.citizen_id.clone(),
        household_id: scribe.family.view_id(ViewKind::Housing),
        filed_no: is_filed.then(|| format!("BA410799-{serial}")),
        filed_on: is_filed.then_some(start_on),
        start_on: Some(start_on),
        end_on: Some(years_after(start_on, 1)),
        monthly: yuan(scribe.dice.between(12, 40) * 10),
        status: text(status),
        next_review_on: Some(months_after(scribe.as_of, 3)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    };
    if status == "PAYING" {
        payments(scribe, chunk, &contract);
    }
    let row = review(scribe, &contract);
    chunk.rental_subsidy_review.push(row);
    chunk.rental_subsidy_contract.push(contract);
}

fn payments(scribe: &mut Scribe<'_>, chunk: &mut Chunk, contract: &rental_subsidy_contract::Model) {
    for day in months_until(scribe.as_of, 6).filter(|day| Some(*day) >= contract.start_on) {
        chunk.rental_subsidy_payment.push(rental_subsidy_payment::Model {
            id: scribe.id("RB"),
            citizen_id: contract.citizen_id.clone(),
            contract_id: text(&contract.id),
            year_month: Some(month(day)),
            amount: contract.monthly,
            paid_on: Some(days_after(day, 14)),
            division_code: scribe.home(),
            as_of: scribe.on(),
        });
    }
}

fn review(
    scribe: &mut Scribe<'_>,
    contract: &rental_subsidy_contract::Model,
) -> rental_subsidy_review::Model {
    let result = scribe.dice.weighted(&[("CONTINUED", 80), ("ADJUSTED", 12), ("EXITED", 8)]);
    let is_done = scribe.dice.chance(0.85);
    let due_on = months_before(scribe.as_of, 3);
    rental_subsidy_review::Model {
        id: scribe.id("RV"),
        citizen_id: contract.citizen_id.clone(),
        contract_id: text(&contract.id),
        due_on: Some(due_on),
        done_on: is_done.then(|| days_after(due_on, 11)),
        result: if is_done { text(result) } else { None },
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}
