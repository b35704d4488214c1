//! Where people live and in which household book they are, which is often not the same place.

use super::{Book, Residence, Role};
use crate::calendar::{days_after, years_before};
use crate::family::structure::Sketch;
use crate::random::Dice;
use crate::reference::County;

/// Cities that people from the county work or study in.
const CITIES: [(&str, &str); 6] = [
    ("410100000000", "河南省郑州市"),
    ("410700000000", "河南省新乡市"),
    ("320500000000", "江苏省苏州市"),
    ("440300000000", "广东省深圳市"),
    ("330100000000", "浙江省杭州市"),
    ("110000000000", "北京市"),
];

/// The village of the household book; one family in seven lives in another one.
pub(super) fn book(county: &County, dice: &mut Dice, home: usize) -> usize {
    if dice.chance(0.15) { county.divisions.village_by_chance(dice) } else { home }
}

/// A spouse who was never moved over, and now and then a grown-up child, has a book of their own.
pub(super) fn kept(dice: &mut Dice, sketch: &Sketch) -> Book {
    let share = match sketch.role {
        Role::Spouse => 0.06,
        Role::Child if sketch.age >= 19 => 0.05,
        _ => 0.0,
    };
    if share > 0.0 && dice.chance(share) { Book::Own } else { Book::Shared }
}

/// A member's residence: with the family, with another village, or in another city.
pub(super) fn residence(
    county: &County,
    dice: &mut Dice,
    family: (usize, i64),
    sketch: &Sketch,
) -> Residence {
    let as_of = county.options.as_of;
    let years = u32::try_from(dice.between(1, sketch.age.clamp(1, 25))).unwrap_or(1);
    let since = days_after(years_before(as_of, years), dice.between(0, 300).unsigned_abs());
    if sketch.is_away && dice.chance(0.6) {
        let (division, city) = dice.weighted(&CITIES.map(|city| (city, 1)));
        let address = format!("{city}示例路{}号", dice.between(1, 300));
        return Residence { division: division.to_owned(), address, since, is_away: true };
    }
    // Separated couples, and grown-up children who moved to the county seat.
    let is_away = sketch.role != Role::Head && sketch.age >= 22 && dice.chance(0.025);
    let (village, house) = match is_away {
        true => (county.divisions.village_by_chance(dice), dice.between(1, 300)),
        false => family,
    };
    Residence {
        division: county.divisions.villages[village].code.clone(),
        address: county.divisions.address(village, house),
        since,
        is_away: is_away || sketch.is_away,
    }
}
