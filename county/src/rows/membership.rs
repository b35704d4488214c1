//! Union membership and what the union knows of people at work.

use yimen_entity::union_aid::{union_membership, worker_profile};

use crate::calendar::{days_before, months_before};
use crate::chunk::Chunk;
use crate::family::{Member, Work};
use crate::rows::employment::employer_of;
use crate::rows::organisation::union_of;
use crate::scribe::{Scribe, division, text};

pub(super) fn workers(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let has_file = scribe.family.hardship.union.is_some();
    for (member, number) in scribe.family.known() {
        let Some((status, share)) = status(member) else { continue };
        let is_member = scribe.dice.chance(if has_file { 0.9 } else { share });
        if is_member {
            let row = membership(scribe, member, number);
            chunk.union_membership.push(row);
        }
        if is_member || has_file {
            let is_migrant = matches!(member.work, Work::Migrant { .. });
            chunk.worker_profile.push(worker_profile::Model {
                id: scribe.id("WK"),
                citizen_id: text(number),
                status: text(status),
                is_migrant_worker: Some(is_migrant),
                employer_uscc: employer_of(scribe, member),
                division_code: division(member),
                as_of: scribe.on(),
            });
        }
    }
}

/// State at work, and how many of such people are members.
fn status(member: &Member) -> Option<(&'static str, f64)> {
    Some(match member.work {
        Work::Employee { .. } if member.illness.is_some_and(|illness| illness.is_major) => {
            ("ON_SICK_LEAVE", 0.6)
        }
        Work::Employee { .. } => ("ON_POST", 0.6),
        Work::Migrant { .. } => ("ON_POST", 0.2),
        Work::LaidOff { .. } if member.age >= 50 => ("RETIRED_EARLY", 0.6),
        Work::LaidOff { .. } => ("LAID_OFF", 0.6),
        Work::Unemployed => ("UNEMPLOYED", 0.1),
        Work::Flexible { .. } => ("FLEXIBLE", 0.08),
        Work::Retired { is_employee: true } => ("RETIRED", 0.4),
        _ => return None,
    })
}

fn membership(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> union_membership::Model {
    let earliest = scribe.first_working_day(member, 18);
    let joined_on = scribe.dice.day(earliest, months_before(scribe.as_of, 2).max(earliest));
    let has_left = scribe.dice.chance(0.06);
    union_membership::Model {
        id: scribe.id("UM"),
        citizen_id: scribe.number_in_old_file(number),
        union_id: Some(union_of(scribe.county, scribe.family, member)),
        joined_on: Some(joined_on),
        left_on: has_left.then(|| days_before(scribe.as_of, 80).max(joined_on)),
        is_current: Some(!has_left),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
