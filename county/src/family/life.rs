//! What people do and suffer: school, work, disability, illness, death.

use chrono::NaiveDate;

use super::{Disability, Illness, Means, School, Stage, Work};
use crate::calendar::{days_before, years_before};
use crate::family::structure::{Sketch, Tie};
use crate::random::Dice;
use crate::reference::County;

/// Illnesses by their code (GB/T 14396), whether major, and a weight.
const ILLNESSES: [((&str, bool), u32); 8] = [
    (("I63.900", true), 20),
    (("C34.900", true), 12),
    (("C50.900", true), 8),
    (("N18.001", true), 10),
    (("I25.101", false), 18),
    (("E11.900", false), 18),
    (("J44.900", false), 10),
    (("M06.900", false), 8),
];

/// Kinds of work, before employers and wages are known.
#[derive(Clone, Copy)]
enum Trade {
    Employee,
    Migrant,
    Flexible,
    SelfEmployed,
    Farmer,
    LaidOff,
    Unemployed,
    None,
}

/// Weights of [`Trade`] for people in towns, in villages, and for poor families.
const URBAN: [(Trade, u32); 8] = [
    (Trade::Employee, 50),
    (Trade::Migrant, 4),
    (Trade::Flexible, 14),
    (Trade::SelfEmployed, 11),
    (Trade::Farmer, 2),
    (Trade::LaidOff, 3),
    (Trade::Unemployed, 5),
    (Trade::None, 11),
];
const RURAL: [(Trade, u32); 8] = [
    (Trade::Employee, 11),
    (Trade::Migrant, 29),
    (Trade::Flexible, 8),
    (Trade::SelfEmployed, 6),
    (Trade::Farmer, 38),
    (Trade::LaidOff, 1),
    (Trade::Unemployed, 2),
    (Trade::None, 5),
];
const POOR: [(Trade, u32); 8] = [
    (Trade::Employee, 3),
    (Trade::Migrant, 6),
    (Trade::Flexible, 13),
    (Trade::SelfEmployed, 1),
    (Trade::Farmer, 36),
    (Trade::LaidOff, 7),
    (Trade::Unemployed, 9),
    (Trade::None, 25),
];

pub(super) fn disability(dice: &mut Dice, age: i64, means: Means) -> Option<Disability> {
    let by_age = match age {
        0..15 => 0.012,
        15..50 => 0.02,
        50..70 => 0.045,
        _ => 0.085,
    };
    let by_means = match means {
        Means::Poor => 3.4,
        Means::Modest => 1.3,
        Means::Middling | Means::Well => 0.7,
    };
    if !dice.chance(by_age * by_means) {
        return None;
    }
    let category = dice.weighted(&[(1, 15), (2, 17), (3, 2), (4, 42), (5, 9), (6, 11), (7, 4)]);
    Some(Disability { category, grade: dice.weighted(&[(1, 17), (2, 26), (3, 28), (4, 29)]) })
}

pub(super) fn illness(dice: &mut Dice, as_of: NaiveDate, age: i64, means: Means) -> Option<Illness> {
    let by_age = if age < 40 { 0.006 } else { 0.035 };
    let share = if means == Means::Poor { by_age * 3.0 } else { by_age };
    if !dice.chance(share) {
        return None;
    }
    let (code, is_major) = dice.weighted(&ILLNESSES);
    let years = u32::try_from(age.min(12)).unwrap_or(0);
    let since = dice.day(years_before(as_of, years), days_before(as_of, 20));
    Some(Illness { code, is_major, since })
}

/// The day of death of some of the old; their rows stay in the registers for a while.
pub(super) fn death(dice: &mut Dice, as_of: NaiveDate, sketch: &Sketch) -> Option<NaiveDate> {
    let share = match (sketch.tie, sketch.age) {
        // Whoever is married is kept alive, so that nobody is both married and widowed.
        (Tie::Couple(_), _) => 0.0,
        (_, 80..) => 0.24,
        (_, 68..80) => 0.1,
        _ => 0.001,
    };
    dice.chance(share).then(|| dice.day(years_before(as_of, 2), days_before(as_of, 15)))
}

pub(super) fn school(dice: &mut Dice, age: i64, disability: Option<Disability>) -> Option<School> {
    let years = i32::try_from(age).unwrap_or(0);
    let at = |stage, first: i32| School { stage, grade: years - first + 1, has_left: false };
    let special = disability.is_some_and(Disability::is_severe) && (6..16).contains(&age);
    if special {
        return dice.chance(0.6).then(|| at(Stage::Special, 6));
    }
    match age {
        3..6 => dice.chance(0.8).then(|| at(Stage::Preschool, 3)),
        6..12 => Some(at(Stage::Primary, 6)),
        12..15 => Some(at(Stage::Junior, 12)),
        15..18 => {
            let stage = if dice.chance(0.58) { Stage::Senior } else { Stage::Vocational };
            Some(School { has_left: dice.chance(0.06), ..at(stage, 15) })
        }
        18..22 => match dice.chance(0.48) {
            true => Some(at(Stage::Tertiary, 18)),
            false => dice.chance(0.3).then(|| School { has_left: true, ..at(Stage::Senior, 16) }),
        },
        22..26 => dice.chance(0.25).then_some(School { stage: Stage::Tertiary, grade: 4, has_left: true }),
        _ => None,
    }
}

/// What decides about somebody's work.
pub(super) struct Condition {
    pub(super) age: i64,
    pub(super) is_retired: bool,
    pub(super) is_urban: bool,
    pub(super) is_away: bool,
    pub(super) means: Means,
    pub(super) is_at_school: bool,
    pub(super) is_severely_disabled: bool,
}

pub(super) fn work(county: &County, dice: &mut Dice, condition: &Condition) -> Work {
    if condition.is_at_school {
        return Work::Student;
    }
    if condition.age < 16 {
        return Work::None;
    }
    if condition.is_retired {
        return retirement(dice, condition);
    }
    if condition.is_severely_disabled && dice.chance(0.75) {
        return Work::None;
    }
    let trade = if condition.is_away { Trade::Migrant } else { trade(dice, condition) };
    let employer = dice.index(county.employers.len());
    let wage = wage(dice, condition.means);
    match trade {
        Trade::Employee => Work::Employee { employer, wage },
        Trade::Migrant => Work::Migrant { employer, wage: wage + 600 },
        Trade::Flexible => Work::Flexible { wage: wage * 2 / 3 },
        Trade::SelfEmployed => Work::SelfEmployed { wage: wage * 5 / 4 },
        Trade::Farmer => Work::Farmer,
        Trade::LaidOff => Work::LaidOff { employer },
        Trade::Unemployed => Work::Unemployed,
        Trade::None => Work::None,
    }
}

fn trade(dice: &mut Dice, condition: &Condition) -> Trade {
    let weights = match (condition.means, condition.is_urban) {
        (Means::Poor, _) => &POOR,
        (_, true) => &URBAN,
        (_, false) => &RURAL,
    };
    dice.weighted(weights)
}

fn retirement(dice: &mut Dice, condition: &Condition) -> Work {
    let share = match (condition.means, condition.is_urban) {
        (Means::Poor, _) => 0.01,
        (_, true) => 0.5,
        (_, false) => 0.05,
    };
    if !dice.chance(share) && !condition.is_urban && condition.age < 72 && dice.chance(0.5) {
        return Work::Farmer;
    }
    Work::Retired { is_employee: dice.chance(share) }
}

/// Yuan a month, in steps of ten.
fn wage(dice: &mut Dice, means: Means) -> i64 {
    let (low, high) = match means {
        Means::Poor => (120, 210),
        Means::Modest => (190, 320),
        Means::Middling => (280, 520),
        Means::Well => (450, 1200),
    };
    dice.between(low, high) * 10
}
