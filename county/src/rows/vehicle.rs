//! Vehicles. No plate in use has the letter I, which these plates all have.

use yimen_entity::household::vehicle;

use crate::calendar::{days_before, years_before};
use crate::chunk::Chunk;
use crate::family::{Means, Member};
use crate::scribe::{Scribe, division, text, yuan};

/// Kinds of plate, type of vehicle, and the value of a new one in yuan.
const KINDS: [((&str, &str, i64), u32); 4] = [
    (("02", "K33", 98_000), 62),
    (("02", "H31", 62_000), 8),
    (("01", "H11", 240_000), 3),
    (("07", "M21", 6_500), 27),
];

pub(super) fn vehicles(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let share = match scribe.family.means {
        Means::Poor => 0.04,
        Means::Modest => 0.12,
        Means::Middling => 0.22,
        Means::Well => 0.42,
    };
    for (member, number) in scribe.family.known() {
        if (20..68).contains(&member.age) && scribe.dice.chance(share) {
            let row = vehicle(scribe, member, number);
            chunk.vehicle.push(row);
        }
    }
}

fn vehicle(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> vehicle::Model {
    let (plate_kind, vehicle_type, new_value) = scribe.dice.weighted(&KINDS);
    let as_of = scribe.as_of;
    let registered_on = scribe.dice.day(years_before(as_of, 13), days_before(as_of, 30));
    let years = i64::from(crate::calendar::age_on(as_of, registered_on));
    // Normal, seized, cancelled, scrapped.
    let status = scribe.dice.weighted(&[("A", 90), ("H", 2), ("E", 5), ("M", 3)]);
    vehicle::Model {
        id: scribe.id("VH"),
        owner_citizen_id: text(number),
        plate_no: Some(format!("豫GI{}", scribe.dice.digits(4))),
        plate_kind_code: text(plate_kind),
        vehicle_type_code: text(vehicle_type),
        use_nature_code: text(if scribe.dice.chance(0.94) { "A" } else { "B" }),
        registered_on: Some(registered_on),
        status_code: text(status),
        is_in_use: Some(matches!(status, "A" | "H")),
        assessed_value: yuan(new_value * (15 - years).max(1) / 15),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
