//! The register of poor rural households.

use yimen_entity::household::{poverty_household, poverty_person};

use crate::chunk::Chunk;
use crate::family::{Book, PovertyCase, ViewKind};
use crate::scribe::{Scribe, division, text};

pub(super) fn register(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let Some(case) = &scribe.family.hardship.poverty else { return };
    let household = household(scribe, case);
    for member in &scribe.family.members {
        let Some(number) = &member.citizen_id else { continue };
        // Whoever came to the family later, or never moved over, isn't always entered.
        let is_late = member.born > case.registered_on || member.book == Book::Own;
        let is_after = case.relisted_on.or(case.exited_on).is_some_and(|end| member.born > end);
        if is_after || is_late && scribe.dice.chance(0.4) {
            continue;
        }
        chunk.poverty_person.push(poverty_person::Model {
            id: scribe.id("PP"),
            citizen_id: scribe.number_in_old_file(number),
            poverty_household_id: text(&household.id),
            status: household.status.clone(),
            is_current: household.is_current,
            registered_on: Some(case.registered_on.max(member.born)),
            exited_on: case.exited_on.filter(|day| *day >= member.born),
            relisted_on: case.relisted_on,
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
    chunk.poverty_household.push(household);
}

fn household(scribe: &mut Scribe<'_>, case: &PovertyCase) -> poverty_household::Model {
    let status = match (case.exited_on, case.relisted_on) {
        (_, Some(_)) => "RELISTED",
        (Some(_), None) => "EXITED",
        (None, None) => "REGISTERED",
    };
    let from = case.relocated.map(|(village, _)| village);
    poverty_household::Model {
        id: scribe.id("PH"),
        citizen_id: scribe.family.head().citizen_id.clone(),
        household_id: scribe.family.view_id(ViewKind::PovertyRegister),
        status: text(status),
        is_current: Some(status != "EXITED"),
        registered_on: Some(case.registered_on),
        exited_on: case.exited_on,
        relisted_on: case.relisted_on,
        cause_code: text(case.cause),
        is_relocated: Some(case.relocated.is_some()),
        relocated_on: case.relocated.map(|(_, day)| day),
        from_division_code: from.map(|at| scribe.county.divisions.villages[at].code.clone()),
        to_division_code: from.and_then(|_| scribe.home()),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}
