//! Rights in real estate. The codes of units begin with a county that was never assigned.

use yimen_entity::housing::real_estate_right;

use crate::calendar::{days_before, years_before};
use crate::chunk::Chunk;
use crate::family::{Family, Means, Member, Role};
use crate::scribe::{Scribe, division, hundredths, text};

/// The dwelling of the family, owned by its head alone or with the spouse, and perhaps a second one.
pub(super) fn rights(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let (first, second) = match (family.means, family.is_urban) {
        (Means::Poor, true) => (0.2, 0.01),
        (Means::Poor, false) => (0.35, 0.01),
        (Means::Modest, _) => (0.45, 0.03),
        (Means::Middling, _) => (0.6, 0.1),
        (Means::Well, _) => (0.75, 0.35),
    };
    for (share, is_second) in [(first, false), (second, true)] {
        if family.origin.is_none() && scribe.dice.chance(share) {
            dwelling(scribe, chunk, family, is_second);
        }
    }
    if !family.is_urban && scribe.dice.chance(0.08) {
        land(scribe, chunk, family);
    }
}

fn dwelling(scribe: &mut Scribe<'_>, chunk: &mut Chunk, family: &Family, is_second: bool) {
    let village =
        if is_second { scribe.county.divisions.village_by_chance(&mut scribe.dice) } else { family.home };
    let unit = Unit {
        code: unit_code(scribe),
        kind: if family.is_urban || is_second { "OWNERSHIP" } else { "HOMESTEAD" },
        area: scribe.dice.between(4500, 16_500),
        is_dwelling: !is_second || scribe.dice.chance(0.85),
        village,
    };
    let is_couple = |member: &Member| matches!(member.role, Role::Head | Role::Spouse);
    let owners: Vec<_> = family.known().filter(|(member, _)| is_couple(member)).collect();
    let is_joint = owners.len() == 2 && scribe.dice.chance(0.6);
    let count = if is_joint { 2 } else { 1 };
    for (member, number) in owners.into_iter().take(count) {
        let row = right(scribe, (member, number), &unit, if is_joint { 50 } else { 100 });
        chunk.real_estate_right.push(row);
    }
}

fn land(scribe: &mut Scribe<'_>, chunk: &mut Chunk, family: &Family) {
    let Some(owner) = family.known().next() else { return };
    let unit = Unit {
        code: unit_code(scribe),
        kind: scribe.dice.pick(&["LAND_USE", "RESIDENCE", "OTHER"]),
        area: scribe.dice.between(8000, 90_000),
        is_dwelling: false,
        village: family.home,
    };
    let row = right(scribe, owner, &unit, 100);
    chunk.real_estate_right.push(row);
}

/// A unit of real property; the area is in hundredths of square metres.
struct Unit {
    code: String,
    kind: &'static str,
    area: i64,
    is_dwelling: bool,
    village: usize,
}

/// 28 characters as in GB/T 37346, in the unassigned county 410799.
fn unit_code(scribe: &mut Scribe<'_>) -> String {
    let parcel = scribe.dice.digits(6);
    let house = scribe.dice.digits(8);
    format!("410799{parcel}GB{:05}F{house}", scribe.family.number % 100_000)
}

fn right(
    scribe: &mut Scribe<'_>,
    (member, number): (&Member, &str),
    unit: &Unit,
    share: i64,
) -> real_estate_right::Model {
    let status =
        scribe.dice.weighted(&[("CURRENT", 90), ("ADVANCE_NOTICE", 3), ("SEIZED", 2), ("HISTORICAL", 5)]);
    let registered_on = scribe.dice.day(years_before(scribe.as_of, 20), days_before(scribe.as_of, 20));
    let divisions = &scribe.county.divisions;
    real_estate_right::Model {
        id: scribe.id("RE"),
        owner_citizen_id: owner(scribe, member, number),
        unit_code: text(&unit.code),
        right_kind: text(unit.kind),
        share: hundredths(share),
        area_sqm: hundredths(unit.area),
        use_code: text(if unit.is_dwelling { "0701" } else { "0501" }),
        is_dwelling: Some(unit.is_dwelling),
        address: Some(divisions.address(unit.village, scribe.family.house)),
        location_division_code: Some(divisions.villages[unit.village].code.clone()),
        registered_on: Some(registered_on),
        status: text(status),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Old books name owners by the number of 15 digits.
fn owner(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> Option<String> {
    match &member.legacy {
        Some(legacy) if scribe.dice.chance(0.2) => text(legacy),
        _ => scribe.number_in_old_file(number),
    }
}
