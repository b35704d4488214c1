//! Persons, household registration and places of residence, of public security.

use yimen_entity::household::{hukou_registration, person, residence, residence_permit};

use crate::calendar::{days_before, years_after, years_before};
use crate::chunk::Chunk;
use crate::division::COUNTY;
use crate::family::{Book, Family, Marriage, Member, Role, Sex};
use crate::scribe::{Scribe, division, text};

/// The township of the Hui people, by the first nine digits of its code.
const HUI_TOWNSHIP: &str = "410727201";

pub(super) fn persons(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for (at, member) in family.members.iter().enumerate() {
        // A death reaches the register late now and then.
        let is_recorded = !scribe.dice.chance(0.05);
        let died_on = member.died_on.filter(|_| is_recorded);
        let retires_at = if member.sex == Sex::Male { 60 } else { 55 };
        chunk.person.push(person::Model {
            row_no: member.row_no,
            citizen_id: member.citizen_id.clone(),
            citizen_id_legacy: member.legacy.clone(),
            name: text(&member.name),
            sex_code: text(member.sex.code()),
            birth_date: Some(member.born),
            ethnicity_code: text(ethnicity(scribe)),
            marital_status_code: text(marital_status(scribe, member)),
            health_status_code: text(&health_status(member)),
            labour_capacity: text(labour_capacity(member)),
            temp_id: member.temp_id.clone(),
            vital_status: text(match (died_on, member.is_missing) {
                (Some(_), _) => "DECEASED",
                (None, true) => "MISSING",
                (None, false) => "ALIVE",
            }),
            deceased_on: died_on,
            phone: member.phone.clone(),
            has_fixed_income: scribe.dice.chance(0.7).then_some(member.earnings() > 0),
            retirement_date: member.is_adult().then(|| years_after(member.born, retires_at)),
            pension_eligible_date: member.is_adult().then(|| years_after(member.born, 60)),
            household_id: family.book_id(at),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}

fn ethnicity(scribe: &mut Scribe<'_>) -> &'static str {
    let village = &scribe.county.divisions.villages[scribe.family.home];
    let share = if village.code.starts_with(HUI_TOWNSHIP) { 0.7 } else { 0.012 };
    if scribe.dice.chance(share) { "03" } else { "01" }
}

/// GB/T 2261.2, as the person register has it; a divorce is sometimes not entered.
fn marital_status(scribe: &mut Scribe<'_>, member: &Member) -> &'static str {
    match member.marriage {
        Marriage::None => "10",
        Marriage::Here { is_second: true, .. } => "22",
        Marriage::Here { is_second: false, .. } => "21",
        Marriage::Elsewhere { .. } => "20",
        Marriage::Widowed { .. } => "30",
        Marriage::Divorced { .. } if scribe.dice.chance(0.08) => "20",
        Marriage::Divorced { .. } => "40",
    }
}

/// GB/T 2261.3.
fn health_status(member: &Member) -> String {
    match (member.disability, member.illness) {
        (Some(disability), _) => format!("6{}", disability.category),
        (None, Some(illness)) if illness.is_major => String::from("40"),
        (None, Some(_)) => String::from("30"),
        (None, None) if member.age >= 70 => String::from("20"),
        (None, None) => String::from("10"),
    }
}

fn labour_capacity(member: &Member) -> &'static str {
    let is_impaired = member.disability.is_some() || member.illness.is_some();
    match member.age {
        16..=74 if member.is_severely_disabled() => "NONE",
        16..=59 if is_impaired => "PARTIAL",
        16..=59 => "FULL",
        60..=74 => "PARTIAL",
        _ => "NONE",
    }
}

/// Household registrations and residence permits; one registration in a hundred is missing.
pub(super) fn books(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for (at, member) in family.members.iter().enumerate() {
        let Some(number) = &member.citizen_id else { continue };
        if scribe.dice.chance(0.99) {
            let row = book(scribe, family, at, number);
            if scribe.dice.chance(0.03) {
                chunk.hukou_registration.push(earlier(scribe, &row));
            }
            chunk.hukou_registration.push(row);
        }
        if family.origin.is_some() && member.age >= 16 {
            let row = permit(scribe, member, number);
            chunk.residence_permit.push(row);
        }
    }
}

fn book(scribe: &mut Scribe<'_>, family: &Family, at: usize, number: &str) -> hukou_registration::Model {
    let member = &family.members[at];
    let (registered, address, is_urban) = place(scribe, family, member);
    let since = scribe.dice.day(member.born, years_before(scribe.as_of, 1).max(member.born));
    let is_cancelled = member.died_on.is_some() && scribe.dice.chance(0.8);
    hukou_registration::Model {
        id: scribe.id("HR"),
        citizen_id: text(number),
        registered_division_code: Some(registered),
        hukou_class: text(match (scribe.dice.chance(0.6), is_urban) {
            (true, _) => "UNIFIED",
            (false, true) => "URBAN",
            (false, false) => "RURAL",
        }),
        household_no: Some(match family.book_id(at) {
            Some(id) => format!("4107{}", id.replace("HK-", "")),
            None => format!("W{:07}", family.number),
        }),
        relation_to_head_code: text(relation(member)),
        address: Some(address),
        status: text(if is_cancelled { "CANCELLED" } else { "CURRENT" }),
        changed_on: if is_cancelled { member.died_on } else { Some(since) },
        can_register_separately: member.is_adult().then_some(!member.is_severely_disabled()),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// The place of registration, the address there, and whether it is urban.
fn place(scribe: &mut Scribe<'_>, family: &Family, member: &Member) -> (String, String, bool) {
    let divisions = &scribe.county.divisions;
    let (Some(shared), None) = (family.book, family.origin) else {
        let origin = family.origin.map(|origin| (origin.registered, origin.city));
        let (division, city) = origin.unwrap_or((COUNTY, "封丘县"));
        return (division.to_owned(), format!("{city}示例村{}号", family.house), false);
    };
    let village = match member.book {
        Book::Shared => shared,
        Book::Own => divisions.village_by_chance(&mut scribe.dice),
    };
    let place = &divisions.villages[village];
    (place.code.clone(), divisions.address(village, family.house), place.is_urban)
}

/// GB/T 4761, relation to the head of the book that the member is in.
pub(super) fn relation(member: &Member) -> &'static str {
    match (member.book, member.role, member.sex) {
        (Book::Own, ..) | (_, Role::Head, _) => "02",
        (_, Role::Spouse, Sex::Male) => "11",
        (_, Role::Spouse, Sex::Female) => "12",
        (_, Role::Child, Sex::Male) => "20",
        (_, Role::Child, Sex::Female) => "30",
        (_, Role::Parent, Sex::Male) => "51",
        (_, Role::Parent, Sex::Female) => "52",
        (_, Role::Grandchild, Sex::Male) => "41",
        (_, Role::Grandchild, Sex::Female) => "42",
    }
}

/// The registration that a move ended.
fn earlier(scribe: &mut Scribe<'_>, row: &hukou_registration::Model) -> hukou_registration::Model {
    let village = scribe.county.divisions.village_by_chance(&mut scribe.dice);
    let divisions = &scribe.county.divisions;
    hukou_registration::Model {
        id: scribe.id("HR"),
        registered_division_code: Some(divisions.villages[village].code.clone()),
        address: Some(divisions.address(village, scribe.family.house)),
        status: text("MOVED_OUT"),
        changed_on: row.changed_on.map(|day| days_before(day, 9)),
        ..row.clone()
    }
}

fn permit(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> residence_permit::Model {
    let status = scribe.dice.weighted(&[("VALID", 80), ("EXPIRED", 15), ("CANCELLED", 5)]);
    let from = match status {
        "EXPIRED" => scribe.dice.day(years_before(scribe.as_of, 4), years_before(scribe.as_of, 2)),
        _ => scribe.dice.day(days_before(scribe.as_of, 340), days_before(scribe.as_of, 5)),
    };
    residence_permit::Model {
        id: scribe.id("RP"),
        citizen_id: text(number),
        number: Some(format!("JZ410727{:07}", member.row_no)),
        issuing_division_code: text(COUNTY),
        valid_from: Some(from),
        valid_to: Some(years_after(from, 1)),
        status: text(status),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

pub(super) fn residences(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for member in &family.members {
        let Some(number) = &member.citizen_id else { continue };
        let current = residence::Model {
            id: scribe.id("RS"),
            citizen_id: text(number),
            address: text(&member.residence.address),
            started_on: Some(
                member.died_on.map_or(member.residence.since, |day| day.min(member.residence.since)),
            ),
            ended_on: member.died_on,
            is_current: Some(member.is_alive()),
            division_code: division(member),
            as_of: scribe.on(),
        };
        if member.age > 20 && scribe.dice.chance(0.12) {
            let row = earlier_residence(scribe, member, &current);
            chunk.residence.push(row);
        }
        chunk.residence.push(current);
    }
}

fn earlier_residence(
    scribe: &mut Scribe<'_>,
    member: &Member,
    current: &residence::Model,
) -> residence::Model {
    let village = scribe.county.divisions.village_by_chance(&mut scribe.dice);
    let house = scribe.dice.between(1, 299);
    let until = days_before(member.residence.since, 1).max(member.born);
    residence::Model {
        id: scribe.id("RS"),
        address: Some(scribe.county.divisions.address(village, house)),
        started_on: Some(years_before(until, 3).max(member.born)),
        ended_on: Some(until),
        is_current: Some(false),
        division_code: Some(scribe.county.divisions.villages[village].code.clone()),
        ..current.clone()
    }
}
