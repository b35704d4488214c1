//! Household views with their members, and duties of support, of civil affairs.

use yimen_entity::household::{household, household_member, support_obligation};

use super::registration::relation;
use crate::calendar::days_before;
use crate::chunk::Chunk;
use crate::family::{Family, Marriage, Member, Role, Sex, View, ViewKind};
use crate::scribe::{Scribe, division, text};

pub(super) fn views(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    for view in family.views() {
        chunk.household.push(household(scribe, family, &view));
        for (at, is_counted) in &view.members {
            let row = member(scribe, family, &view, *at, *is_counted);
            chunk.household_member.push(row);
        }
    }
}

fn household(scribe: &Scribe<'_>, family: &Family, view: &View) -> household::Model {
    let number = |at: usize| family.members[at].citizen_id.clone();
    let counted = view.members.iter().filter(|(_, is_counted)| *is_counted).count();
    let divisions = &scribe.county.divisions;
    household::Model {
        id: view.id.clone(),
        kind: text(view.kind.code()),
        head_citizen_id: number(view.head),
        applicant_citizen_id: view.applicant.and_then(number),
        member_count: i32::try_from(counted).ok(),
        urban_rural: text(if family.is_urban { "URBAN" } else { "RURAL" }),
        division_code: scribe.home(),
        address: Some(divisions.address(family.home, family.house)),
        as_of: scribe.on(),
    }
}

fn member(
    scribe: &mut Scribe<'_>,
    family: &Family,
    view: &View,
    at: usize,
    is_counted: bool,
) -> household_member::Model {
    let member = &family.members[at];
    let needs_care = member.is_severely_disabled() || member.age >= 88;
    let to_applicant = view.applicant.map(|applicant| between(family, at, applicant, view.kind).to_owned());
    household_member::Model {
        id: scribe.id("HM"),
        household_id: text(&view.id),
        citizen_id: member.citizen_id.clone(),
        relation_to_head_code: text(match view.kind {
            ViewKind::Hukou => relation(member),
            _ => between(family, at, view.head, view.kind),
        }),
        relation_to_applicant_code: to_applicant,
        is_counted: Some(is_counted),
        needs_care: Some(needs_care),
        needs_care_reason: needs_care
            .then(|| String::from(if member.age >= 88 { "高龄失能" } else { "重度残疾" })),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// GB/T 4761: what one member is to another one.
fn between(family: &Family, at: usize, to: usize, kind: ViewKind) -> &'static str {
    let (member, other) = (&family.members[at], &family.members[to]);
    if at == to {
        // “Self” towards an applicant, “head” within a household.
        return if kind == ViewKind::Hukou { "02" } else { "01" };
    }
    let generation = |role: Role| match role {
        Role::Parent => -1,
        Role::Head | Role::Spouse => 0,
        Role::Child => 1,
        Role::Grandchild => 2,
    };
    let is_couple = member.role != other.role || member.role == Role::Parent;
    match (generation(member.role) - generation(other.role), member.sex) {
        (0, Sex::Male) if is_couple => "11",
        (0, Sex::Female) if is_couple => "12",
        (0, Sex::Male) => "70",
        (0, Sex::Female) => "75",
        (1, Sex::Male) => "20",
        (1, Sex::Female) => "30",
        (-1, Sex::Male) => "51",
        (-1, Sex::Female) => "52",
        (2.., Sex::Male) => "41",
        (2.., Sex::Female) => "42",
        (_, Sex::Male) => "61",
        (_, Sex::Female) => "62",
    }
}

/// Duties of support, where an office had reason to ask for them.
pub(super) fn obligations(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let is_asked = hardship.mla.is_some() || hardship.is_surveyed || hardship.is_low_income;
    if !is_asked && !scribe.dice.chance(0.08) {
        return;
    }
    for (person, number) in scribe.family.known() {
        let bound = |other: &Member| match person.role {
            Role::Parent => Some((other.role == Role::Head, "SUPPORT_PARENT")),
            Role::Child if person.age < 18 => {
                Some((matches!(other.role, Role::Head | Role::Spouse), "RAISE_CHILD"))
            }
            Role::Grandchild => Some((other.role == Role::Head, "MAINTAIN_KIN")),
            _ => None,
        };
        for (obligor, obligor_number) in scribe.family.known() {
            if let Some((true, kind)) = bound(obligor) {
                let row = obligation(scribe, (person, number), (obligor, obligor_number), kind);
                chunk.support_obligation.push(row);
            }
        }
    }
    divorced_parent(scribe, chunk);
}

fn obligation(
    scribe: &mut Scribe<'_>,
    (person, number): (&Member, &str),
    (obligor, obligor_number): (&Member, &str),
    kind: &str,
) -> support_obligation::Model {
    let has_capacity = obligor.earnings() > 0 && !obligor.is_severely_disabled();
    support_obligation::Model {
        id: scribe.id("SO"),
        citizen_id: text(number),
        obligor_citizen_id: text(obligor_number),
        kind: text(kind),
        has_capacity: Some(has_capacity),
        assessed_on: Some(days_before(scribe.as_of, scribe.dice.between(20, 600).unsigned_abs())),
        division_code: division(person),
        as_of: scribe.on(),
    }
}

/// A divorced parent who lives elsewhere still owes the children support.
fn divorced_parent(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let head = scribe.family.head();
    if !matches!(head.marriage, Marriage::Divorced { .. }) {
        return;
    }
    let sex = if head.sex == Sex::Male { Sex::Female } else { Sex::Male };
    let former = crate::citizen_number::stranger(&mut scribe.dice, head.born, sex);
    for (child, number) in scribe.family.known() {
        if child.role == Role::Child && child.age < 18 {
            let row = obligation(scribe, (child, number), (head, &former), "RAISE_CHILD");
            chunk.support_obligation.push(row);
        }
    }
}
