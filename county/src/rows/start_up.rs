//! Start-up help, poverty workshops, work away from home, and cards of the registered poor.

use chrono::NaiveDate;
use yimen_entity::social_insurance::{
    poverty_card, startup_loan, startup_subsidy, transfer_employment, workshop_contract, workshop_payment,
};

use crate::calendar::{days_after, days_before, months_before, years_before};
use crate::chunk::Chunk;
use crate::family::{Means, Member, Work};
use crate::name;
use crate::rows::business::own_business;
use crate::rows::enterprise::{WORKSHOPS, workshop_id};
use crate::scribe::{Scribe, division, text, yuan};

pub(super) fn start_ups(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let Some((at, uscc)) = own_business(scribe.family) else { return };
    let member = &scribe.family.members[at];
    let Some(number) = &member.citizen_id else { return };
    let share = if scribe.family.means == Means::Well { 0.03 } else { 0.09 };
    if scribe.dice.chance(share) {
        let row = loan(scribe, member, number, &uscc);
        chunk.startup_loan.push(row);
    }
    if scribe.dice.chance(share) {
        let granted_on = scribe.dice.day(years_before(scribe.as_of, 3), days_before(scribe.as_of, 30));
        chunk.startup_subsidy.push(startup_subsidy::Model {
            id: scribe.id("ST"),
            citizen_id: text(number),
            uscc: text(&uscc),
            amount: yuan(5000),
            granted_on: Some(granted_on),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}

fn loan(scribe: &mut Scribe<'_>, member: &Member, number: &str, uscc: &str) -> startup_loan::Model {
    let principal = scribe.dice.between(4, 20) * 10_000;
    let granted_on = scribe.dice.day(years_before(scribe.as_of, 4), days_before(scribe.as_of, 60));
    let is_repaid = scribe.dice.chance(0.3) && granted_on < years_before(scribe.as_of, 2);
    startup_loan::Model {
        id: scribe.id("SL"),
        citizen_id: text(number),
        borrower_uscc: text(uscc),
        principal: yuan(principal),
        qualifying_recruits: i32::try_from(scribe.dice.between(0, 4)).ok(),
        interest_subsidy: yuan(principal * 3 / 100),
        needs_counter_guarantee: Some(scribe.dice.chance(0.4)),
        granted_on: Some(granted_on),
        repaid_on: is_repaid.then(|| days_before(scribe.as_of, 90)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Contracts with workshops and what was paid, for members of registered-poor families.
pub(super) fn workshops(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    if scribe.family.hardship.poverty.is_none() {
        return;
    }
    for (member, number) in scribe.family.known() {
        let is_at_home = matches!(member.work, Work::Farmer | Work::None | Work::Flexible { .. });
        if (18..68).contains(&member.age) && is_at_home && scribe.dice.chance(0.09) {
            workshop(scribe, chunk, member, number);
        }
    }
}

fn workshop(scribe: &mut Scribe<'_>, chunk: &mut Chunk, member: &Member, number: &str) {
    let signed_on = scribe.dice.day(years_before(scribe.as_of, 2), months_before(scribe.as_of, 7));
    let contract = workshop_contract::Model {
        id: scribe.id("WC"),
        citizen_id: text(number),
        workshop_id: Some(workshop_id(scribe.dice.index(WORKSHOPS))),
        signed_on: Some(signed_on),
        ended_on: scribe.dice.chance(0.2).then(|| days_before(scribe.as_of, 45)),
        division_code: division(member),
        as_of: scribe.on(),
    };
    for month in 1..=6 {
        chunk.workshop_payment.push(workshop_payment::Model {
            id: scribe.id("WP"),
            citizen_id: text(number),
            contract_id: text(&contract.id),
            paid_on: Some(months_before(scribe.as_of, month)),
            amount: yuan(scribe.dice.between(6, 28) * 50),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
    chunk.workshop_contract.push(contract);
}

/// Work away from home, and the cards of the registered poor.
pub(super) fn transfers(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let Some(case) = &scribe.family.hardship.poverty else { return };
    for (member, number) in scribe.family.known() {
        if matches!(member.work, Work::Migrant { .. }) && scribe.dice.chance(0.6) {
            let row = transfer(scribe, member, number);
            chunk.transfer_employment.push(row);
        }
        if (16..65).contains(&member.age) && scribe.dice.chance(0.85) {
            let status = match (case.exited_on, case.relisted_on) {
                (_, Some(_)) => "RELISTED",
                (Some(_), None) => "CANCELLED",
                (None, None) => "ACTIVE",
            };
            let row = card(scribe, (member, number), status, case.registered_on);
            chunk.poverty_card.push(row);
        }
    }
}

fn transfer(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> transfer_employment::Model {
    let started_on = scribe.dice.day(years_before(scribe.as_of, 3), months_before(scribe.as_of, 2));
    let follow_ups = scribe.dice.between(0, 5);
    let place = match member.residence.division.starts_with("410727") {
        true => "410700000000",
        false => &member.residence.division,
    };
    transfer_employment::Model {
        id: scribe.id("TE"),
        citizen_id: text(number),
        work_division_code: text(place),
        started_on: Some(started_on),
        ended_on: scribe.dice.chance(0.15).then(|| days_before(scribe.as_of, 33)),
        organised_by: text(scribe.dice.pick(&["县人社示例服务队", "驻村工作队", "劳务公司（示例）"])),
        follow_up_count: i32::try_from(follow_ups).ok(),
        last_followed_up_on: (follow_ups > 0).then(|| days_before(scribe.as_of, 40).max(started_on)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn card(
    scribe: &mut Scribe<'_>,
    (member, number): (&Member, &str),
    status: &str,
    registered_on: NaiveDate,
) -> poverty_card::Model {
    let issued_on = days_after(registered_on, 60);
    poverty_card::Model {
        id: scribe.id("PC"),
        citizen_id: text(number),
        status: text(status),
        version: i32::try_from(scribe.dice.between(1, 4)).ok(),
        issued_on: Some(issued_on),
        checked_by: Some(name::anybody(&mut scribe.dice)),
        checked_on: Some(days_after(issued_on, 20)),
        content: text("就业意愿、培训意愿、参保情况（示例）"),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
