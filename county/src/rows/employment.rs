//! Registration in and out of work, contracts, and certifications, of human resources.

use yimen_entity::social_insurance::{
    employment_contract, employment_registration, flexible_employment, job_hardship_certification,
    unemployment_registration,
};

use crate::calendar::{days_before, months_before, years_after, years_before};
use crate::chunk::Chunk;
use crate::division::COUNTY;
use crate::family::{Member, Work};
use crate::rows::business::own_business;
use crate::scribe::{Scribe, division, text};

pub(super) fn registrations(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let (kind, share) = match member.work {
            Work::Employee { .. } => ("EMPLOYED", 0.95),
            Work::Migrant { .. } => ("EMPLOYED", 0.6),
            Work::LaidOff { .. } => ("EMPLOYED", 0.9),
            Work::SelfEmployed { .. } => ("SELF", 0.7),
            Work::Flexible { .. } => ("FLEXIBLE", 0.5),
            _ => ("", 0.0),
        };
        if share > 0.0 && scribe.dice.chance(share) {
            let row = employment(scribe, member, number, kind);
            if kind == "EMPLOYED" && scribe.dice.chance(0.8) {
                let contract = contract(scribe, member, &row);
                chunk.employment_contract.push(contract);
            }
            chunk.employment_registration.push(row);
        }
        if matches!(member.work, Work::LaidOff { .. } | Work::Unemployed) && scribe.dice.chance(0.7) {
            let row = unemployment(scribe, member, number);
            chunk.unemployment_registration.push(row);
        }
    }
}

/// Credit code of whom somebody works or worked for.
pub(super) fn employer_of(scribe: &Scribe<'_>, member: &Member) -> Option<String> {
    match member.work {
        Work::Employee { employer, .. } | Work::LaidOff { employer } => {
            Some(scribe.county.employers[employer].uscc.clone())
        }
        // The employer of somebody who works in another city isn't in the county's register.
        Work::Migrant { employer, .. } if !member.residence.is_away => {
            Some(scribe.county.employers[employer].uscc.clone())
        }
        Work::SelfEmployed { .. } => own_business(scribe.family).map(|(_, uscc)| uscc),
        _ => None,
    }
}

fn employment(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    kind: &str,
) -> employment_registration::Model {
    let earliest = scribe.first_working_day(member, 12);
    let started_on = scribe.dice.day(earliest, months_before(scribe.as_of, 3).max(earliest));
    let is_over = matches!(member.work, Work::LaidOff { .. });
    employment_registration::Model {
        id: scribe.id("EM"),
        citizen_id: text(number),
        kind: text(kind),
        employer_uscc: employer_of(scribe, member),
        started_on: Some(started_on),
        ended_on: is_over.then(|| days_before(scribe.as_of, 75).max(started_on)),
        is_current: Some(!is_over),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn contract(
    scribe: &mut Scribe<'_>,
    member: &Member,
    work: &employment_registration::Model,
) -> employment_contract::Model {
    let start_on = work.started_on.unwrap_or(scribe.as_of);
    let is_open_ended = scribe.dice.chance(0.2);
    // Some contracts are for less than the year that the union's fourth class asks for.
    let months = scribe.dice.weighted(&[(6, 1), (12, 2), (24, 3), (36, 4)]);
    let kinds = [("LABOUR", 88), ("EMPLOYMENT", 8), ("WORK_ORDER", 4)];
    employment_contract::Model {
        id: scribe.id("EC"),
        citizen_id: work.citizen_id.clone(),
        kind: text(scribe.dice.weighted(&kinds)),
        signed_on: Some(start_on),
        start_on: Some(start_on),
        end_on: (!is_open_ended).then(|| crate::calendar::months_after(start_on, months)),
        is_open_ended: Some(is_open_ended),
        employer_uscc: work.employer_uscc.clone(),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn unemployment(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> unemployment_registration::Model {
    let status = scribe.dice.weighted(&[("REGISTERED", 75), ("EMPLOYED", 15), ("CANCELLED", 10)]);
    let registered_on = scribe.dice.day(years_before(scribe.as_of, 2), days_before(scribe.as_of, 70));
    unemployment_registration::Model {
        id: scribe.id("UR"),
        citizen_id: text(number),
        registered_on: Some(registered_on),
        status: text(status),
        place_division_code: text(COUNTY),
        ended_on: (status != "REGISTERED").then(|| days_before(scribe.as_of, 21)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Certifications as hard to employ, and recognitions of flexible employment.
pub(super) fn hardship(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        if !(18..60).contains(&member.age) || member.is_at_school() {
            continue;
        }
        if let Work::Flexible { .. } = member.work
            && scribe.dice.chance(0.4)
        {
            let row = flexible(scribe, member, number);
            chunk.flexible_employment.push(row);
        }
        let is_idle = matches!(member.work, Work::LaidOff { .. } | Work::Unemployed | Work::None);
        let category = match member.work {
            Work::LaidOff { .. } => "失业一年以上人员",
            _ if member.disability.is_some() => "残疾人员",
            _ if scribe.family.hardship.mla.is_some() => "低保家庭人员",
            _ if member.age >= 50 => "大龄人员",
            _ => continue,
        };
        if is_idle && scribe.dice.chance(0.45) {
            let row = certification(scribe, member, number, category);
            chunk.job_hardship_certification.push(row);
        }
    }
}

fn flexible(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> flexible_employment::Model {
    let recognised_on = scribe.dice.day(years_before(scribe.as_of, 1), days_before(scribe.as_of, 8));
    flexible_employment::Model {
        id: scribe.id("FE"),
        citizen_id: text(number),
        recognised_on: Some(recognised_on),
        valid_to: Some(years_after(recognised_on, 1)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn certification(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    category: &str,
) -> job_hardship_certification::Model {
    let valid_from = scribe.dice.day(years_before(scribe.as_of, 4), days_before(scribe.as_of, 30));
    let valid_to = years_after(valid_from, 3);
    job_hardship_certification::Model {
        id: scribe.id("JH"),
        citizen_id: text(number),
        category: text(category),
        is_severe: Some(scribe.dice.chance(0.3)),
        valid_from: Some(valid_from),
        valid_to: Some(valid_to),
        is_current: Some(valid_to >= scribe.as_of),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
