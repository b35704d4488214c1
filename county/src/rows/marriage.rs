//! Marriage registrations, one row for each party, of civil affairs.

use chrono::NaiveDate;
use yimen_entity::household::marriage_registration;

use crate::calendar::days_before;
use crate::chunk::Chunk;
use crate::citizen_number::stranger;
use crate::family::{Family, Marriage, Member, Role, Sex};
use crate::scribe::{Scribe, division, text};

/// What was registered, and with whom.
struct Event {
    kind: &'static str,
    spouse: Option<String>,
    on: NaiveDate,
    is_current: bool,
}

pub(super) fn marriages(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for (at, member) in family.members.iter().enumerate() {
        let Some(number) = &member.citizen_id else { continue };
        // Old marriages were often never registered.
        let is_registered = member.age < 62 || scribe.dice.chance(0.7);
        if !is_registered {
            continue;
        }
        for event in events(scribe, family, at) {
            let row = registration(scribe, member, number, event);
            chunk.marriage_registration.push(row);
        }
    }
}

fn events(scribe: &mut Scribe<'_>, family: &Family, at: usize) -> Vec<Event> {
    let marriage = |spouse, on, is_current| Event { kind: "MARRIAGE", spouse, on, is_current };
    let member = &family.members[at];
    match member.marriage {
        Marriage::None => Vec::new(),
        Marriage::Here { since, .. } => here(scribe, family, at, since),
        Marriage::Elsewhere { since } => vec![marriage(unknown(scribe, member), since, true)],
        Marriage::Widowed { since } => vec![marriage(unknown(scribe, member), since, false)],
        Marriage::Divorced { since, on } => {
            let spouse = unknown(scribe, member);
            let divorce = Event { kind: "DIVORCE", spouse: spouse.clone(), on, is_current: true };
            vec![marriage(spouse, since, false), divorce]
        }
    }
}

/// A spouse outside the county's register.
fn unknown(scribe: &mut Scribe<'_>, member: &Member) -> Option<String> {
    let sex = if member.sex == Sex::Male { Sex::Female } else { Sex::Male };
    Some(stranger(&mut scribe.dice, member.born, sex))
}

/// A couple of the family; now and then a lost certificate was issued anew.
fn here(scribe: &mut Scribe<'_>, family: &Family, at: usize, since: NaiveDate) -> Vec<Event> {
    let spouse = spouse_of(family, at).and_then(|spouse| spouse.citizen_id.clone());
    let is_reissued = scribe.dice.chance(0.02);
    let first = Event { kind: "MARRIAGE", spouse: spouse.clone(), on: since, is_current: !is_reissued };
    if !is_reissued {
        return vec![first];
    }
    let on = scribe.dice.day(since, days_before(scribe.as_of, 10));
    vec![first, Event { kind: "REISSUE", spouse, on, is_current: true }]
}

/// The other half of a couple of the family.
fn spouse_of(family: &Family, at: usize) -> Option<&Member> {
    let member = &family.members[at];
    let wanted = match member.role {
        Role::Head => Role::Spouse,
        Role::Spouse => Role::Head,
        role => role,
    };
    let mut others = family.members.iter().enumerate().filter(|(other, _)| *other != at);
    others.find(|(_, other)| other.role == wanted).map(|(_, other)| other)
}

fn registration(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    event: Event,
) -> marriage_registration::Model {
    let Event { kind, spouse, on, is_current } = event;
    let letter = if kind == "DIVORCE" { 'L' } else { 'J' };
    let digits = scribe.dice.digits(6);
    marriage_registration::Model {
        id: scribe.id("MR"),
        citizen_id: text(number),
        spouse_citizen_id: spouse,
        kind: text(kind),
        certificate_no: Some(format!("{letter}410799-{}-{digits}", on.format("%Y"))),
        registered_on: Some(on),
        is_current: Some(is_current),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
