//! Pensions, unemployment benefit and work-injury benefits, of human resources and social security.

use yimen_entity::social_insurance::{pension_benefit, unemployment_benefit, work_injury_benefit};

use crate::calendar::{days_before, months_after, months_before, years_after, years_before};
use crate::chunk::Chunk;
use crate::family::{Member, Work};
use crate::scribe::{Scribe, division, text, yuan};

/// A sample basic pension of residents, in yuan a month.
const BASIC: i64 = 123;

pub(super) fn pensions(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for member in &scribe.family.members {
        let Some(number) = &member.citizen_id else { continue };
        let is_employee = member.work == Work::Retired { is_employee: true };
        if !is_employee && (member.age < 60 || !scribe.dice.chance(0.93)) {
            continue;
        }
        // Half of the deaths haven't reached the pension office.
        let is_known_dead = member.died_on.is_some() && scribe.dice.chance(0.5);
        let row = pension(scribe, member, number, (is_employee, is_known_dead));
        chunk.pension_benefit.push(row);
    }
}

fn pension(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    (is_employee, is_known_dead): (bool, bool),
) -> pension_benefit::Model {
    let extra = scribe.dice.between(10, 90);
    let status = match is_known_dead {
        true => "ENDED",
        false => scribe.dice.weighted(&[("ACTIVE", 97), ("SUSPENDED", 3)]),
    };
    let paid_on = match (status, member.died_on) {
        ("ENDED", Some(died_on)) => died_on,
        _ => days_before(scribe.as_of, 4),
    };
    let started_on = years_after(member.born, if is_employee { 55 } else { 60 });
    pension_benefit::Model {
        id: scribe.id("PB"),
        citizen_id: text(number),
        insurance_type: text(if is_employee { "EMPLOYEE_PENSION" } else { "RESIDENT_PENSION" }),
        monthly: yuan(if is_employee { 2000 + extra * 20 } else { BASIC + extra }),
        basic_monthly: if is_employee { None } else { yuan(BASIC) },
        started_on: Some(started_on),
        paid_on: Some(paid_on.max(started_on)),
        status: text(status),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

pub(super) fn unemployment(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let share = match member.work {
            Work::LaidOff { .. } => 0.4,
            Work::Unemployed => 0.12,
            _ => 0.0,
        };
        if share > 0.0 && scribe.dice.chance(share) {
            let row = unemployment_benefit(scribe, member, number);
            chunk.unemployment_benefit.push(row);
        }
        let has_worked = matches!(member.work, Work::Employee { .. } | Work::LaidOff { .. });
        if has_worked && scribe.dice.chance(0.01) {
            let row = work_injury(scribe, member, number);
            chunk.work_injury_benefit.push(row);
        }
    }
}

fn unemployment_benefit(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
) -> unemployment_benefit::Model {
    let granted = scribe.dice.between(3, 24);
    let paid = scribe.dice.between(1, granted);
    let months = |count: i64| u32::try_from(count).unwrap_or(1);
    let started_on = months_before(scribe.as_of, months(paid));
    let is_over = paid == granted;
    unemployment_benefit::Model {
        id: scribe.id("UB"),
        citizen_id: text(number),
        monthly: yuan(1520),
        granted_months: i32::try_from(granted).ok(),
        paid_months: i32::try_from(paid).ok(),
        started_on: Some(started_on),
        ended_on: is_over.then(|| months_after(started_on, months(granted))),
        status: text(if is_over { "ENDED" } else { "ACTIVE" }),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn work_injury(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> work_injury_benefit::Model {
    let grade = scribe.dice.between(1, 10);
    let is_monthly = grade <= 6;
    let started_on = scribe.dice.day(years_before(scribe.as_of, 6), months_before(scribe.as_of, 2));
    work_injury_benefit::Model {
        id: scribe.id("WI"),
        citizen_id: text(number),
        kind: text(if is_monthly { "伤残津贴" } else { "一次性伤残补助金" }),
        injury_grade: i32::try_from(grade).ok(),
        amount: yuan(if is_monthly { 3200 - grade * 150 } else { 9000 * (11 - grade) }),
        started_on: Some(started_on),
        ended_on: (!is_monthly).then_some(started_on),
        status: text(if is_monthly { "ACTIVE" } else { "ENDED" }),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
