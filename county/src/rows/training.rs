//! Training with its subsidies, and skill assessments, of human resources.

use chrono::NaiveDate;
use yimen_entity::social_insurance::{skill_assessment, subsidy_grant, training_enrolment};

use crate::calendar::{days_after, days_before, month, years_before};
use crate::chunk::Chunk;
use crate::family::{Member, Work};
use crate::rows::enterprise::{PROJECTS, project_id};
use crate::scribe::{Scribe, division, text, yuan};

pub(super) fn trainings(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let share = match member.work {
            Work::LaidOff { .. } | Work::Unemployed => 0.2,
            Work::Migrant { .. } | Work::Flexible { .. } | Work::Farmer => 0.02,
            _ => 0.0,
        };
        if member.age < 60 && share > 0.0 && scribe.dice.chance(share) {
            training(scribe, chunk, member, number);
        }
    }
}

fn training(scribe: &mut Scribe<'_>, chunk: &mut Chunk, member: &Member, number: &str) {
    let started_on = scribe.dice.day(years_before(scribe.as_of, 2), days_before(scribe.as_of, 40));
    let completed_on = scribe.dice.chance(0.85).then(|| days_after(started_on, 20));
    let serial = scribe.dice.digits(6);
    let row = training_enrolment::Model {
        id: scribe.id("TR"),
        citizen_id: text(number),
        project_id: Some(project_id(scribe.dice.index(PROJECTS))),
        plan_signed_on: Some(days_before(started_on, 10)),
        started_on: Some(started_on),
        completed_on,
        certificate_no: completed_on.map(|_| format!("PX410799{serial}")),
        is_fee_waived: Some(scribe.dice.chance(0.7)),
        division_code: division(member),
        as_of: scribe.on(),
    };
    if let Some(completed_on) = completed_on {
        grants(scribe, chunk, (member, &row), completed_on);
        if scribe.dice.chance(0.5) {
            let row = assessment(scribe, member, number, days_after(completed_on, 15));
            chunk.skill_assessment.push(row);
        }
    }
    chunk.training_enrolment.push(row);
}

/// One training may be paid for once; three payees can claim it, and now and then two did.
fn grants(
    scribe: &mut Scribe<'_>,
    chunk: &mut Chunk,
    (member, training): (&Member, &training_enrolment::Model),
    completed_on: NaiveDate,
) {
    let to_person = grant(scribe, member, training, completed_on);
    if scribe.dice.chance(0.06) {
        let provider = &scribe.county.bodies.training;
        let provider = provider[scribe.dice.index(provider.len())];
        chunk.subsidy_grant.push(subsidy_grant::Model {
            id: scribe.id("SG"),
            payee_uscc: Some(scribe.county.bodies.all[provider].uscc.clone()),
            ..to_person.clone()
        });
    }
    chunk.subsidy_grant.push(to_person);
}

fn grant(
    scribe: &mut Scribe<'_>,
    member: &Member,
    training: &training_enrolment::Model,
    completed_on: NaiveDate,
) -> subsidy_grant::Model {
    let kinds = [("TRAINING_SUBSIDY", 8), ("TRAINING_LIVING_SUBSIDY", 1), ("ASSESSMENT_SUBSIDY", 1)];
    subsidy_grant::Model {
        id: scribe.id("SG"),
        citizen_id: training.citizen_id.clone(),
        kind: text(scribe.dice.weighted(&kinds)),
        amount: yuan(scribe.dice.between(6, 24) * 50),
        period_from: training.started_on.map(month),
        period_to: Some(month(completed_on)),
        months_counted: Some(0),
        payee_uscc: None,
        training_enrolment_id: text(&training.id),
        fund_code: text("EMPLOYMENT_FUND"),
        granted_on: Some(days_after(completed_on, 25)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// The subsidy of an assessment is claimed where the body is, which may be another county.
fn assessment(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    passed_on: NaiveDate,
) -> skill_assessment::Model {
    let place = scribe.dice.pick(&["410727000000", "410727000000", "410702000000", "410100000000"]);
    let fee = scribe.dice.between(12, 36) * 10;
    skill_assessment::Model {
        id: scribe.id("SA"),
        citizen_id: text(number),
        body_division_code: text(place),
        is_first: Some(scribe.dice.chance(0.8)),
        certificate_kind: text(scribe.dice.pick(&["QUALIFICATION", "SPECIAL_ABILITY"])),
        fee_standard: yuan(fee),
        fee_actual: yuan(fee * scribe.dice.between(80, 100) / 100),
        passed_on: Some(passed_on),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
