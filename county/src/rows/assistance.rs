//! Assistance identities, temporary assistance, subsidies, charity and services, of civil affairs.

use chrono::NaiveDate;
use yimen_entity::household::{
    assistance_identity, charity_aid, disability_subsidy, elderly_subsidy, service_record,
    temporary_assistance,
};

use crate::calendar::{days_before, months_after, months_before, years_after, years_before};
use crate::chunk::Chunk;
use crate::family::{Family, Means, Member, ViewKind};
use crate::scribe::{Scribe, division, hundredths, text, yuan};

pub(super) fn identities(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some((category, since, is_over, members)) = category(scribe, family) else { return };
    for at in members {
        let member = &family.members[at];
        let determined_on = since.max(member.born);
        let status = match (is_over, scribe.dice.chance(0.05)) {
            (true, _) => "WITHDRAWN",
            (false, true) => "EXPIRED",
            (false, false) => "VALID",
        };
        let valid_to = match status {
            "VALID" => months_after(scribe.as_of, 8),
            _ => days_before(scribe.as_of, 40),
        };
        chunk.assistance_identity.push(assistance_identity::Model {
            id: scribe.id("AI"),
            citizen_id: member.citizen_id.clone(),
            household_id: family.assistance_view_id(),
            category: text(category),
            determined_by: Some(scribe.county.bodies.id(scribe.county.bodies.civil_affairs)),
            determined_on: Some(determined_on),
            valid_to: Some(valid_to),
            next_review_on: (status == "VALID").then(|| months_after(scribe.as_of, 5)),
            status: text(status),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}

/// The category, since when, whether it is over, and for whom.
fn category(scribe: &mut Scribe<'_>, family: &Family) -> Option<(&'static str, NaiveDate, bool, Vec<usize>)> {
    let hardship = &family.hardship;
    if let Some(mla) = &hardship.mla {
        return Some(("MLA", mla.since, mla.ended_on.is_some(), mla.members.clone()));
    }
    if let Some(destitution) = &hardship.destitution {
        return Some(("DESTITUTE", destitution.since, family.head().died_on.is_some(), vec![0]));
    }
    let category = match (hardship.is_low_income, hardship.is_expenditure_poor) {
        (true, _) => "LOW_INCOME",
        (_, true) => "EXPENDITURE_POOR",
        _ => return None,
    };
    let since = scribe.dice.day(years_before(scribe.as_of, 2), months_before(scribe.as_of, 1));
    Some((category, since, false, family.living().map(|(at, _)| at).collect()))
}

pub(super) fn temporary(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let share = match family.means {
        Means::Poor => 0.1,
        Means::Modest => 0.025,
        Means::Middling => 0.004,
        Means::Well => 0.0,
    };
    // Received union aid is no bar, and makes a second look likely.
    let share = if family.hardship.union.is_some() { share + 0.2 } else { share };
    let Some((member, number)) = family.known().find(|(member, _)| member.is_adult()) else {
        return;
    };
    if !scribe.dice.chance(share) {
        return;
    }
    let is_emergency = scribe.dice.chance(0.4);
    let causes = ["SUDDEN_EVENT", "ACCIDENT", "MAJOR_ILLNESS", "OTHER"];
    let decided_on = scribe.dice.day(years_before(scribe.as_of, 2), days_before(scribe.as_of, 6));
    chunk.temporary_assistance.push(temporary_assistance::Model {
        id: scribe.id("TA"),
        household_id: family.assistance_view_id(),
        citizen_id: text(number),
        kind: text(if is_emergency { "EMERGENCY" } else { "EXPENDITURE" }),
        cause_code: text(scribe.dice.pick(&causes)),
        amount: yuan(scribe.dice.between(5, 60) * 100),
        decided_on: Some(decided_on),
        is_prior_relief: Some(is_emergency && scribe.dice.chance(0.5)),
        division_code: division(member),
        as_of: scribe.on(),
    });
}

/// Subsidies of disabled people and of the very old.
pub(super) fn subsidies(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let is_mla = scribe.family.hardship.mla.is_some();
    for member in &scribe.family.members {
        let Some(number) = &member.citizen_id else { continue };
        // An award may outlive its receiver in the books.
        if member.died_on.is_some() && !scribe.dice.chance(0.25) {
            continue;
        }
        if member.disability.is_some() && is_mla && scribe.dice.chance(0.85) {
            let row = disability_subsidy(scribe, member, number, ("LIVING", 75));
            chunk.disability_subsidy.push(row);
        }
        if member.is_severely_disabled() && scribe.dice.chance(0.8) {
            let row = disability_subsidy(scribe, member, number, ("NURSING", 80));
            chunk.disability_subsidy.push(row);
        }
        let is_old = member.age >= 80 && (is_mla || scribe.dice.chance(0.3));
        if is_old || member.age >= 90 {
            let row = elderly_subsidy(scribe, member, number);
            chunk.elderly_subsidy.push(row);
        }
    }
}

fn disability_subsidy(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    (kind, monthly): (&str, i64),
) -> disability_subsidy::Model {
    let started_on = scribe.dice.day(years_before(scribe.as_of, 5), months_before(scribe.as_of, 2));
    let is_in_payment = scribe.dice.chance(0.94);
    disability_subsidy::Model {
        id: scribe.id("DS"),
        citizen_id: text(number),
        kind: text(kind),
        monthly: yuan(monthly),
        is_in_payment: Some(is_in_payment),
        started_on: Some(started_on.max(member.born)),
        ended_on: (!is_in_payment).then(|| days_before(scribe.as_of, 50)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn elderly_subsidy(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> elderly_subsidy::Model {
    let is_known_dead = member.died_on.is_some() && scribe.dice.chance(0.5);
    let (kind, monthly) =
        if member.age >= 90 { ("高龄津贴", 100) } else { ("困难老年人补贴", 60) };
    elderly_subsidy::Model {
        id: scribe.id("ES"),
        citizen_id: text(number),
        kind: text(kind),
        monthly: yuan(monthly),
        is_in_payment: Some(!is_known_dead),
        started_on: Some(years_after(member.born, 80)),
        ended_on: member.died_on.filter(|_| is_known_dead),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Aid of charities and services of social workers.
pub(super) fn charity(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let hardship = &family.hardship;
    let is_poor = hardship.mla.is_some() || hardship.destitution.is_some();
    let share = if is_poor { 0.14 } else { 0.003 };
    let Some((member, number)) = family.known().next() else { return };
    if scribe.dice.chance(share) {
        let row = charity_aid(scribe, member, number);
        chunk.charity_aid.push(row);
    }
    if scribe.dice.chance(share) {
        let row = service_record(scribe, member, number);
        chunk.service_record.push(row);
    }
}

fn charity_aid(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> charity_aid::Model {
    let bodies = &scribe.county.bodies;
    let charity = bodies.charities[scribe.dice.index(bodies.charities.len())];
    charity_aid::Model {
        id: scribe.id("CA"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: text(number),
        organisation_id: Some(bodies.id(charity)),
        kind: text(scribe.dice.pick(&["节日慰问", "大病救助", "助学金", "生活物资"])),
        amount: yuan(scribe.dice.between(2, 50) * 100),
        given_on: Some(scribe.dice.day(years_before(scribe.as_of, 2), days_before(scribe.as_of, 3))),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn service_record(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> service_record::Model {
    let kinds = ["LIVING", "COUNSELLING", "RESOURCE", "CAPACITY", "INTEGRATION", "CARE"];
    let bodies = &scribe.county.bodies;
    let provider = bodies.social_work[scribe.dice.index(bodies.social_work.len())];
    let household_id =
        scribe.family.view_id(ViewKind::MlaUnit).or_else(|| scribe.family.assistance_view_id());
    service_record::Model {
        id: scribe.id("SR"),
        household_id,
        citizen_id: text(number),
        kind: text(scribe.dice.pick(&kinds)),
        provider_id: Some(bodies.id(provider)),
        served_on: Some(scribe.dice.day(years_before(scribe.as_of, 1), days_before(scribe.as_of, 2))),
        quantity: hundredths(scribe.dice.between(2, 16) * 50),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
