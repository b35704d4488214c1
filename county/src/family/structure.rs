//! Who a family consists of: roles, sexes and ages, before anybody has a name.

use super::{Role, Sex};
use crate::random::Dice;

/// A member as roughly as chance draws them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    pub(super) role: Role,
    pub(super) sex: Sex,
    pub(super) age: i64,
    pub(super) tie: Tie,
    /// Works far away and sees the family at the spring festival.
    pub(super) is_away: bool,
}

/// Marital state; a couple of the family shares a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    None,
    Couple(usize),
    Elsewhere,
    Divorced,
    Widowed,
}

/// The couples that one family can have: the head's, and that of the head's parents.
pub(super) const COUPLES: usize = 2;

#[derive(Clone, Copy)]
enum Structure {
    Single,
    Couple,
    Nuclear,
    ThreeGenerations,
    SingleParent,
    SkippedGeneration,
}

const STRUCTURES: [(Structure, u32); 6] = [
    (Structure::Single, 12),
    (Structure::Couple, 17),
    (Structure::Nuclear, 39),
    (Structure::ThreeGenerations, 24),
    (Structure::SingleParent, 5),
    (Structure::SkippedGeneration, 3),
];

/// The members of a family by chance, the head first.
pub(super) fn draw(dice: &mut Dice) -> Vec<Sketch> {
    match dice.weighted(&STRUCTURES) {
        Structure::Single => vec![single(dice)],
        Structure::Couple => couple_alone(dice),
        Structure::Nuclear => nuclear(dice, 26, 58),
        Structure::ThreeGenerations => three_generations(dice),
        Structure::SingleParent => single_parent(dice),
        Structure::SkippedGeneration => skipped_generation(dice),
    }
}

fn sketch(role: Role, sex: Sex, age: i64, tie: Tie) -> Sketch {
    Sketch { role, sex, age, tie, is_away: false }
}

fn sex(dice: &mut Dice, male: f64) -> Sex {
    if dice.chance(male) { Sex::Male } else { Sex::Female }
}

fn other(sex: Sex) -> Sex {
    match sex {
        Sex::Male => Sex::Female,
        Sex::Female => Sex::Male,
    }
}

fn single(dice: &mut Dice) -> Sketch {
    if dice.chance(0.55) {
        let tie = dice.weighted(&[(Tie::Widowed, 56), (Tie::None, 34), (Tie::Divorced, 10)]);
        let male = if tie == Tie::Widowed { 0.3 } else { 0.85 };
        return sketch(Role::Head, sex(dice, male), dice.between(60, 92), tie);
    }
    let age = dice.between(20, 59);
    let tie = if age > 27 && dice.chance(0.35) { Tie::Divorced } else { Tie::None };
    sketch(Role::Head, sex(dice, 0.7), age, tie)
}

/// Head and spouse.
fn couple(dice: &mut Dice, age: i64) -> Vec<Sketch> {
    let head = sex(dice, 0.85);
    let spouse_age = (age + dice.between(-4, 2)).max(21);
    vec![
        sketch(Role::Head, head, age, Tie::Couple(0)),
        sketch(Role::Spouse, other(head), spouse_age, Tie::Couple(0)),
    ]
}

fn couple_alone(dice: &mut Dice) -> Vec<Sketch> {
    let age = if dice.chance(0.65) { dice.between(58, 86) } else { dice.between(23, 40) };
    couple(dice, age)
}

fn nuclear(dice: &mut Dice, youngest: i64, oldest: i64) -> Vec<Sketch> {
    let age = dice.between(youngest, oldest);
    let mut members = couple(dice, age);
    let parent = members[0].age.min(members[1].age);
    let count = dice.weighted(&[(1, 43), (2, 43), (3, 14)]);
    add_children(dice, &mut members, parent, count);
    members
}

fn add_children(dice: &mut Dice, members: &mut Vec<Sketch>, parent: i64, count: i64) {
    for _ in 0..count {
        let age = parent - dice.between(21, 34);
        let age = if age < 0 { dice.between(0, 3) } else { age };
        let tie = if age > 27 && dice.chance(0.2) { Tie::Elsewhere } else { Tie::None };
        let child = sketch(Role::Child, sex(dice, 0.53), age, tie);
        members.push(Sketch { is_away: age >= 19 && dice.chance(0.25), ..child });
    }
}

fn three_generations(dice: &mut Dice) -> Vec<Sketch> {
    let mut members = nuclear(dice, 26, 50);
    let age = members[0].age + dice.between(21, 30);
    let (father, mother) = dice.weighted(&[((true, true), 45), ((false, true), 38), ((true, false), 17)]);
    let tie = if father && mother { Tie::Couple(1) } else { Tie::Widowed };
    if father {
        members.push(sketch(Role::Parent, Sex::Male, age, tie));
    }
    if mother {
        members.push(sketch(Role::Parent, Sex::Female, age - dice.between(-1, 4), tie));
    }
    members
}

fn single_parent(dice: &mut Dice) -> Vec<Sketch> {
    let age = dice.between(28, 52);
    let tie = if dice.chance(0.7) { Tie::Divorced } else { Tie::Widowed };
    let mut members = vec![sketch(Role::Head, sex(dice, 0.5), age, tie)];
    let count = dice.weighted(&[(1, 68), (2, 32)]);
    add_children(dice, &mut members, age, count);
    members
}

/// Grandparents who bring up children whose parents work far away or have left.
fn skipped_generation(dice: &mut Dice) -> Vec<Sketch> {
    let age = dice.between(54, 73);
    let mut members = couple(dice, age);
    let parent = age - dice.between(22, 27);
    let tie = if dice.chance(0.6) { Tie::Elsewhere } else { Tie::Divorced };
    let away = sketch(Role::Child, sex(dice, 0.7), parent, tie);
    members.push(Sketch { is_away: true, ..away });
    for _ in 0..dice.between(1, 2) {
        let age = (parent - dice.between(21, 28)).max(1);
        members.push(sketch(Role::Grandchild, sex(dice, 0.5), age, Tie::None));
    }
    members
}
