//! The organisation register and the officers, of civil affairs.

use chrono::NaiveDate;
use yimen_entity::household::{officer, organisation};

use crate::calendar::{months_after, months_before};
use crate::chunk::Chunk;
use crate::credit_code::{Register, credit_code};
use crate::division::COUNTY;
use crate::family::{Composer, Family, Member, Work};
use crate::random::Dice;
use crate::reference::{County, Office};
use crate::scribe::text;

/// Officers of the county: of civil affairs, of the help centre, and two of each town.
pub(super) const OFFICERS: usize = 48;

const TOPIC: u64 = 3;

pub(super) fn officer_id(number: usize) -> String {
    format!("OFF-{:04}", number + 1)
}

/// The union that keeps a person: the employer's, or the town's.
pub(super) fn union_of(county: &County, family: &Family, member: &Member) -> String {
    if let Work::Employee { employer, .. } | Work::LaidOff { employer } = member.work
        && county.employers[employer].has_union
    {
        return employer_union_id(employer);
    }
    county.bodies.id(county.bodies.town_unions[county.town_of(family.home)])
}

fn employer_union_id(employer: usize) -> String {
    format!("ORG-U{:05}", employer + 1)
}

pub(super) fn register(county: &County, chunk: &mut Chunk) {
    let as_of = Office::CivilAffairs.as_of(county.options.as_of);
    for body in &county.bodies.all {
        chunk.organisation.push(organisation::Model {
            id: body.id.clone(),
            uscc: text(&body.uscc),
            name: text(&body.name),
            function_code: text(body.function),
            industry_code: text(body.industry),
            economic_type_code: text("110"),
            level: text(body.level),
            parent_id: body.parent.clone(),
            division_code: text(&body.division),
            as_of: Some(as_of),
        });
    }
    employer_unions(county, as_of, chunk);
    officers(county, as_of, chunk);
}

fn employer_unions(county: &County, as_of: NaiveDate, chunk: &mut Chunk) {
    for (at, employer) in county.employers.iter().enumerate().filter(|(_, it)| it.has_union) {
        let town = county.town_of(employer.village);
        chunk.organisation.push(organisation::Model {
            id: employer_union_id(at),
            uscc: Some(credit_code(Register::TradeUnion, 100_000 + at as u64)),
            name: Some(format!("{}工会委员会", employer.name)),
            function_code: text("UNION"),
            industry_code: text("S9511"),
            economic_type_code: None,
            level: text("GRASS_ROOTS"),
            parent_id: Some(county.bodies.id(county.bodies.town_unions[town])),
            division_code: Some(county.divisions.villages[employer.village].code.clone()),
            as_of: Some(as_of),
        });
    }
}

/// Officers are people of the county, so that kinship with an applicant can be found.
fn officers(county: &County, as_of: NaiveDate, chunk: &mut Chunk) {
    let mut dice = county.dice(TOPIC);
    let is_eligible = |member: &Member| member.is_alive() && (25..58).contains(&member.age);
    let mut composer = Composer::new();
    let families = std::iter::from_fn(|| composer.next_family(county));
    let mut people = families.flat_map(|family| family.members).filter(is_eligible).step_by(5);
    let bodies = &county.bodies;
    for number in 0..OFFICERS {
        let (organisation, division, roles) = match number {
            0..6 => (bodies.civil_affairs, COUNTY, "REVIEWER,DECIDER"),
            6..10 => (bodies.help_centre, COUNTY, "HELP_CENTRE"),
            _ => {
                let town = (number - 10) / 2;
                let roles = if number.is_multiple_of(2) { "WINDOW_CLERK" } else { "SURVEYOR" };
                (bodies.town_offices[town], county.divisions.towns[town].code.as_str(), roles)
            }
        };
        let person = people.next();
        chunk.officer.push(officer::Model {
            id: officer_id(number),
            citizen_id: person.as_ref().and_then(|person| person.citizen_id.clone()),
            organisation_id: Some(bodies.id(organisation)),
            name: person.map(|person| person.name),
            roles: text(roles),
            trained_until: Some(trained_until(&mut dice, as_of)),
            is_active: Some(dice.chance(0.95)),
            division_code: text(division),
            as_of: Some(as_of),
        });
    }
}

/// One officer in eight is overdue for training.
fn trained_until(dice: &mut Dice, as_of: NaiveDate) -> NaiveDate {
    if dice.chance(0.125) { months_before(as_of, 2) } else { months_after(as_of, 10) }
}
