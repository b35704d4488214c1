//! Events of hardship, aid and visits, of the trade unions.

use yimen_entity::union_aid::{hardship_event, union_aid, union_visit};

use crate::calendar::{days_before, years_before};
use crate::chunk::Chunk;
use crate::family::{Family, Member, UnionClass, ViewKind, Work};
use crate::rows::organisation::{OFFICERS, officer_id};
use crate::rows::union_file::file_no;
use crate::scribe::{Scribe, division, text, yuan};

pub(super) fn help(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(case) = &family.hardship.union else {
        without_file(scribe, chunk);
        return;
    };
    let worker = &family.members[case.worker];
    let file = file_no(family, false);
    if case.class == UnionClass::Accident || scribe.dice.chance(0.12) {
        let row = event(scribe, worker, &file);
        chunk.hardship_event.push(row);
    }
    if matches!(case.status, "FILED" | "HELPING" | "RELIEVED" | "EXITED" | "REOPENED") {
        for _ in 0..scribe.dice.between(0, 3) {
            let row = aid(scribe, worker, Some(&file), kind(family));
            chunk.union_aid.push(row);
        }
    }
    // Families in deep poverty are visited again and again.
    let visits = if case.is_deep { scribe.dice.between(2, 5) } else { scribe.dice.between(0, 2) };
    for _ in 0..visits {
        let row = visit(scribe, worker, &file);
        chunk.union_visit.push(row);
    }
}

/// Aid by which a student of the family is helped, where there is one.
fn kind(family: &Family) -> &'static [(&'static str, u32)] {
    if family.living().any(|(_, member)| member.is_at_university()) {
        return &[("GOLDEN_AUTUMN", 6), ("STUDY", 2), ("VISIT", 2)];
    }
    &[
        ("VISIT", 4),
        ("SEND_POST", 1),
        ("COOL", 2),
        ("WARMTH", 3),
        ("MUTUAL_AID", 1),
        ("TEMP_LIVING", 2),
        ("OTHER", 1),
    ]
}

/// Small gifts to workers who have no file.
fn without_file(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let is_worker = |member: &Member| matches!(member.work, Work::Employee { .. } | Work::Migrant { .. });
    let Some((member, _)) = scribe.family.known().find(|(member, _)| is_worker(member)) else {
        return;
    };
    if scribe.dice.chance(0.01) {
        let row = aid(scribe, member, None, &[("COOL", 3), ("WARMTH", 2), ("VISIT", 1)]);
        chunk.union_aid.push(row);
    }
}

fn event(scribe: &mut Scribe<'_>, worker: &Member, file: &str) -> hardship_event::Model {
    let kind = scribe.dice.weighted(&[("MAJOR_ILLNESS", 5), ("ACCIDENT", 3), ("SUDDEN", 2), ("OTHER", 1)]);
    let loss = if kind == "SUDDEN" { scribe.dice.between(20, 400) * 100 } else { 0 };
    hardship_event::Model {
        id: scribe.id("HV"),
        file_no: text(file),
        citizen_id: worker.citizen_id.clone(),
        kind: text(kind),
        occurred_on: Some(scribe.dice.day(years_before(scribe.as_of, 3), days_before(scribe.as_of, 60))),
        expense: yuan(scribe.dice.between(80, 1500) * 100),
        loss: (loss > 0).then(|| yuan(loss)).flatten(),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}

fn aid(
    scribe: &mut Scribe<'_>,
    worker: &Member,
    file: Option<&str>,
    kinds: &[(&'static str, u32)],
) -> union_aid::Model {
    let kind = scribe.dice.weighted(kinds);
    let is_in_kind = matches!(kind, "COOL" | "WARMTH") && scribe.dice.chance(0.5);
    let amount = if kind == "GOLDEN_AUTUMN" { 4000 } else { scribe.dice.between(3, 30) * 100 };
    let in_kind = scribe.dice.pick(&["米面油", "棉被", "防暑用品"]);
    union_aid::Model {
        id: scribe.id("UA"),
        file_no: file.and_then(text),
        citizen_id: worker.citizen_id.clone(),
        household_id: scribe.family.view_id(ViewKind::UnionFile),
        kind: text(kind),
        amount: if is_in_kind { None } else { yuan(amount) },
        in_kind: if is_in_kind { text(in_kind) } else { None },
        given_on: Some(scribe.dice.day(years_before(scribe.as_of, 2), days_before(scribe.as_of, 5))),
        fund: text(scribe.dice.pick(&["中央帮扶资金（示例）", "县级工会经费（示例）"])),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}

fn visit(scribe: &mut Scribe<'_>, worker: &Member, file: &str) -> union_visit::Model {
    let findings = ["家庭生活平稳", "医疗支出仍然较大", "子女学费有缺口", "希望介绍就近就业"];
    union_visit::Model {
        id: scribe.id("UV"),
        file_no: text(file),
        citizen_id: worker.citizen_id.clone(),
        visited_on: Some(scribe.dice.day(years_before(scribe.as_of, 1), scribe.as_of)),
        officer_id: Some(officer_id(scribe.dice.index(OFFICERS))),
        findings: text(scribe.dice.pick(&findings)),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}
