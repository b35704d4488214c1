//! What brought a family to a department's register: allowance, poverty, a union file, housing.
//!
//! A case is the truth that several departments write down, each with its own errors and dates.

use chrono::NaiveDate;

use super::{Family, Marriage, Means, Member, Work};
use crate::calendar::{days_before, months_before, years_after, years_before};
use crate::random::Dice;
use crate::reference::{County, standard};

/// The cases of one family.
#[derive(Debug, Default)]
pub(crate) struct Hardship {
    pub(crate) mla: Option<MlaCase>,
    pub(crate) destitution: Option<Destitution>,
    pub(crate) poverty: Option<PovertyCase>,
    pub(crate) union: Option<UnionCase>,
    pub(crate) housing: Option<HousingCase>,
    pub(crate) is_low_income: bool,
    pub(crate) is_expenditure_poor: bool,
    pub(crate) is_surveyed: bool,
    pub(crate) disaster: Option<NaiveDate>,
}

/// A minimum living allowance for a family or for one person of it.
#[derive(Debug)]
pub(crate) struct MlaCase {
    /// Indexes of members; the applicant comes first.
    pub(crate) members: Vec<usize>,
    pub(crate) single_reason: Option<&'static str>,
    pub(crate) status: &'static str,
    /// Yuan a month for all members together.
    pub(crate) monthly: i64,
    pub(crate) since: NaiveDate,
    pub(crate) taper_since: Option<NaiveDate>,
    pub(crate) ended_on: Option<NaiveDate>,
}

/// Support of a person without family, means or capacity for work (特困).
#[derive(Debug)]
pub(crate) struct Destitution {
    pub(crate) is_in_institution: bool,
    pub(crate) since: NaiveDate,
}

/// The register of the rural poor (建档立卡).
#[derive(Debug)]
pub(crate) struct PovertyCase {
    pub(crate) registered_on: NaiveDate,
    pub(crate) exited_on: Option<NaiveDate>,
    pub(crate) relisted_on: Option<NaiveDate>,
    /// Village that the family was relocated from, and when.
    pub(crate) relocated: Option<(usize, NaiveDate)>,
    pub(crate) cause: &'static str,
}

/// A file of a worker in difficulty.
#[derive(Debug)]
pub(crate) struct UnionCase {
    pub(crate) worker: usize,
    pub(crate) class: UnionClass,
    pub(crate) status: &'static str,
    pub(crate) opened_on: NaiveDate,
    pub(crate) is_deep: bool,
    /// A second worker of the family with a second file, which the rule of one file forbids.
    pub(crate) second: Option<usize>,
}

/// The five classes of the county's notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnionClass {
    MlaFamily,
    MlaMargin,
    Accident,
    MigrantWorker,
    StructuralReform,
}

/// An application for housing security.
#[derive(Debug)]
pub(crate) struct HousingCase {
    pub(crate) applicant: usize,
    pub(crate) is_rental_subsidy: bool,
    pub(crate) class: &'static str,
    pub(crate) status: &'static str,
    pub(crate) applied_on: NaiveDate,
}

pub(super) fn draw(county: &County, dice: &mut Dice, family: &Family) -> Hardship {
    let as_of = county.options.as_of;
    let destitution = destitution(dice, as_of, family);
    let mla = if destitution.is_some() { None } else { mla(dice, as_of, family) };
    let poverty = poverty(county, dice, family);
    let union = union(dice, as_of, family, mla.is_some(), poverty.is_some());
    let housing = housing(dice, as_of, family, mla.is_some());
    let has_illness = family.members.iter().any(|member| member.illness.is_some());
    let is_without = mla.is_none() && destitution.is_none() && family.means != Means::Well;
    let is_low_income = is_without && family.means == Means::Modest && dice.chance(0.05);
    let is_hit = !family.is_urban && dice.chance(0.004);
    Hardship {
        is_surveyed: if mla.is_some() { dice.chance(0.5) } else { dice.chance(0.005) },
        is_expenditure_poor: is_without && !is_low_income && has_illness && dice.chance(0.08),
        disaster: is_hit.then(|| days_before(as_of, 200)),
        is_low_income,
        destitution,
        mla,
        poverty,
        union,
        housing,
    }
}

fn destitution(dice: &mut Dice, as_of: NaiveDate, family: &Family) -> Option<Destitution> {
    let head = family.head();
    let share = match family.means {
        Means::Poor => 0.9,
        Means::Modest => 0.6,
        Means::Middling => 0.1,
        Means::Well => 0.0,
    };
    let is_alone = family.members.len() == 1 && head.age >= 60 && head.marriage == Marriage::None;
    (is_alone && family.origin.is_none() && dice.chance(share)).then(|| Destitution {
        is_in_institution: dice.chance(0.3),
        since: dice.day(years_before(as_of, 9), months_before(as_of, 3)),
    })
}

fn mla(dice: &mut Dice, as_of: NaiveDate, family: &Family) -> Option<MlaCase> {
    let single = single_unit(family);
    let (for_family, for_one) = match family.means {
        Means::Poor => (0.5, 0.55),
        Means::Modest => (0.012, 0.28),
        Means::Middling => (0.0, 0.08),
        Means::Well => (0.0, 0.0),
    };
    // Awards of people who died alone are the ones that nobody cancels.
    let for_family = if family.head().is_alive() { for_family } else { f64::max(for_family, 0.15) };
    // A permit holder of another province applies at home; a few were accepted here all the same.
    let factor = if family.origin.is_some() { 0.3 } else { 1.0 };
    if let Some(person) = single
        && dice.chance(for_one * factor)
    {
        let reason = match family.members[person].disability {
            Some(_) => "无法单独立户的重度残疾人",
            None => "重病患者单人保障",
        };
        return Some(award(dice, as_of, family, vec![person], Some(reason)));
    }
    if !dice.chance(for_family * factor) {
        return None;
    }
    let members = unit(dice, family);
    Some(award(dice, as_of, family, members, None))
}

/// A member who may be a unit alone: severely disabled or majorly ill, and grown up.
fn single_unit(family: &Family) -> Option<usize> {
    if family.members.len() == 1 {
        return None;
    }
    let is_eligible = |member: &Member| {
        let is_ill = member.illness.is_some_and(|illness| illness.is_major);
        member.is_adult() && (member.is_severely_disabled() || is_ill)
    };
    family.living().find(|(_, member)| is_eligible(member)).map(|(at, _)| at)
}

/// The members of a family unit. Some who died are still in it, some who work far away are not.
fn unit(dice: &mut Dice, family: &Family) -> Vec<usize> {
    let mut unit = vec![0];
    for (at, member) in family.members.iter().enumerate().skip(1) {
        let share = match (member.is_alive(), member.residence.is_away) {
            (false, _) => 0.8,
            (true, true) => 0.6,
            (true, false) => 1.0,
        };
        if dice.chance(share) {
            unit.push(at);
        }
    }
    unit
}

fn award(
    dice: &mut Dice,
    as_of: NaiveDate,
    family: &Family,
    members: Vec<usize>,
    single_reason: Option<&'static str>,
) -> MlaCase {
    let since = dice.day(years_before(as_of, 6), months_before(as_of, 3));
    let status =
        dice.weighted(&[("ACTIVE", 80), ("TAPERING", 6), ("REDUCED", 3), ("SUSPENDED", 3), ("ENDED", 8)]);
    let count = i64::try_from(members.len()).unwrap_or(1);
    let gap = (standard::mla_monthly(family.is_urban, as_of) - family.income).max(60);
    let recently = |dice: &mut Dice| dice.day(since.max(months_before(as_of, 10)), as_of);
    MlaCase {
        members,
        single_reason,
        status,
        monthly: gap * count,
        since,
        taper_since: (status == "TAPERING").then(|| recently(dice)),
        ended_on: (status == "ENDED").then(|| recently(dice)),
    }
}

fn poverty(county: &County, dice: &mut Dice, family: &Family) -> Option<PovertyCase> {
    let share = match family.means {
        Means::Poor => 0.52,
        Means::Modest => 0.11,
        Means::Middling | Means::Well => 0.0,
    };
    if family.is_urban || family.origin.is_some() || !dice.chance(share) {
        return None;
    }
    let as_of = county.options.as_of;
    let registered_on = dice.day(years_before(as_of, 11), years_before(as_of, 7));
    let exited_on = dice
        .chance(0.82)
        .then(|| dice.day(years_after(registered_on, 1), years_before(as_of, 3)))
        .filter(|exited| *exited > registered_on);
    let relisted = exited_on.filter(|_| dice.chance(0.08));
    let relisted_on =
        relisted.map(|exited| dice.day(years_after(exited, 1).min(as_of), days_before(as_of, 30)));
    let relocated = dice
        .chance(0.06)
        .then(|| (county.divisions.village_by_chance(dice), dice.day(registered_on, years_before(as_of, 4))));
    let cause = dice.weighted(&[("因病", 42), ("因残", 20), ("缺劳力", 14), ("缺技术", 12), ("因学", 12)]);
    Some(PovertyCase { registered_on, exited_on, relisted_on, relocated, cause })
}

/// Where a file stands, most of them in the middle of their way.
const FILE_STATES: [(&str, u32); 12] = [
    ("HELPING", 46),
    ("FILED", 18),
    ("RELIEVED", 11),
    ("EXITED", 10),
    ("VERIFYING", 4),
    ("FORM_FILLED", 2),
    ("PRELIMINARY", 2),
    ("FOUND", 1),
    ("CLOSED", 2),
    ("REOPENED", 1),
    ("REJECTED", 2),
    ("FRAUD_REVIEW", 1),
];

fn union(
    dice: &mut Dice,
    as_of: NaiveDate,
    family: &Family,
    is_mla: bool,
    is_poor: bool,
) -> Option<UnionCase> {
    let share = match family.means {
        Means::Poor => 0.3,
        Means::Modest => 0.062,
        Means::Middling => 0.003,
        Means::Well => 0.0,
    };
    let mut workers = family.living().filter(|(_, member)| is_worker(member)).map(|(at, _)| at);
    let worker = workers.next()?;
    if !dice.chance(share) {
        return None;
    }
    let class = class(dice, &family.members[worker], is_mla);
    // The register of the rural poor excludes class 4; one file in ten overlooks that.
    if class == UnionClass::MigrantWorker && is_poor && !dice.chance(0.1) {
        return None;
    }
    Some(UnionCase {
        worker,
        class,
        status: dice.weighted(&FILE_STATES),
        opened_on: dice.day(years_before(as_of, 5), months_before(as_of, 2)),
        is_deep: dice.chance(0.3),
        second: workers.next().filter(|_| dice.chance(0.03)),
    })
}

fn is_worker(member: &Member) -> bool {
    let is_worker =
        matches!(member.work, Work::Employee { .. } | Work::LaidOff { .. } | Work::Migrant { .. });
    is_worker && member.citizen_id.is_some()
}

fn class(dice: &mut Dice, worker: &Member, is_mla: bool) -> UnionClass {
    match worker.work {
        Work::LaidOff { .. } => UnionClass::StructuralReform,
        Work::Migrant { .. } => UnionClass::MigrantWorker,
        _ if is_mla => UnionClass::MlaFamily,
        _ if dice.chance(0.5) => UnionClass::MlaMargin,
        _ => UnionClass::Accident,
    }
}

fn housing(dice: &mut Dice, as_of: NaiveDate, family: &Family, is_mla: bool) -> Option<HousingCase> {
    let share = match (family.origin.is_some(), family.is_urban, family.means) {
        (true, ..) => 0.25,
        (_, true, Means::Poor) => 0.3,
        (_, true, Means::Modest) => 0.15,
        (_, false, Means::Poor) => 0.02,
        _ => 0.004,
    };
    let (applicant, member) = family.living().find(|(_, member)| member.is_adult())?;
    if member.citizen_id.is_none() || !dice.chance(share) {
        return None;
    }
    let class = match (family.origin.is_some(), is_mla, family.means) {
        (true, ..) => "MIGRANT_WORKER",
        (_, true, _) => "MLA",
        (_, _, Means::Poor) => "LOW_INCOME",
        _ if member.age < 30 => "NEW_EMPLOYEE",
        _ => "LOWER_MIDDLE_INCOME",
    };
    let status = dice.weighted(&[
        ("APPROVED", 62),
        ("WAITING", 16),
        ("CHECKING", 7),
        ("APPLIED", 5),
        ("REFUSED", 7),
        ("WITHDRAWN", 3),
    ]);
    Some(HousingCase {
        applicant,
        is_rental_subsidy: dice.chance(0.5),
        class,
        status,
        applied_on: dice.day(years_before(as_of, 4), months_before(as_of, 1)),
    })
}
