//! The child register of civil affairs.

use yimen_entity::household::child_register;

use crate::calendar::{months_before, years_before};
use crate::chunk::Chunk;
use crate::family::{Family, Marriage, Means, Member, Role};
use crate::scribe::{Scribe, division, text};

pub(super) fn children(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for (child, number) in family.known() {
        if child.age >= 16 || matches!(child.role, Role::Head | Role::Spouse | Role::Parent) {
            continue;
        }
        let Some(kind) = kind(family, child) else { continue };
        if !scribe.dice.chance(0.7) {
            continue;
        }
        let earliest = years_before(scribe.as_of, 4).max(child.born);
        let registered_on = scribe.dice.day(earliest, months_before(scribe.as_of, 1));
        chunk.child_register.push(child_register::Model {
            id: scribe.id("CR"),
            citizen_id: scribe.number_in_old_file(number),
            kind: text(kind),
            guardian_citizen_id: family.head().citizen_id.clone(),
            registered_on: Some(registered_on.max(child.born)),
            is_current: Some(scribe.dice.chance(0.93)),
            division_code: division(child),
            as_of: scribe.on(),
        });
    }
}

fn kind(family: &Family, child: &Member) -> Option<&'static str> {
    let has_parent_away =
        family.living().any(|(_, member)| member.role == Role::Child && member.residence.is_away);
    let is_alone = matches!(family.head().marriage, Marriage::Divorced { .. } | Marriage::Widowed { .. });
    let has_dead_parent =
        family.members.iter().any(|member| member.role == Role::Child && member.died_on.is_some());
    match child.role {
        Role::Grandchild if has_dead_parent || family.number.is_multiple_of(7) => Some("ORPHAN"),
        Role::Grandchild if has_parent_away => Some("LEFT_BEHIND"),
        _ if child.disability.is_some() && family.means != Means::Well => Some("POOR_DISABLED"),
        _ if is_alone && family.means == Means::Poor => Some("IN_DIFFICULTY"),
        _ => None,
    }
}
