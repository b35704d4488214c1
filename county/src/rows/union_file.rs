//! Files of workers in difficulty with causes, forms, cards, measures and evaluations.

use chrono::NaiveDate;
use yimen_entity::union_aid::{
    union_contact_card, union_exit_evaluation, union_file, union_file_cause, union_form, union_measure,
};

use crate::calendar::{days_after, days_before, months_before};
use crate::chunk::Chunk;
use crate::family::{Family, Member, UnionCase, UnionClass, ViewKind, Work};
use crate::name;
use crate::rows::organisation::union_of;
use crate::scribe::{Scribe, division, text, yuan};

impl UnionClass {
    /// Its code and its number in the county's notice.
    fn code(self) -> (&'static str, i32) {
        match self {
            UnionClass::MlaFamily => ("MLA_FAMILY", 1),
            UnionClass::MlaMargin => ("MLA_MARGIN", 2),
            UnionClass::Accident => ("ACCIDENT", 3),
            UnionClass::MigrantWorker => ("MIGRANT_WORKER", 4),
            UnionClass::StructuralReform => ("STRUCTURAL_REFORM", 5),
        }
    }
}

/// The number of a family's first or second file.
pub(super) fn file_no(family: &Family, is_second: bool) -> String {
    let suffix = if is_second { "-2" } else { "" };
    format!("KN-{:07}{suffix}", family.number)
}

pub(super) fn files(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(case) = &family.hardship.union else { return };
    let first = file(scribe, family, case, (case.worker, false));
    parts(scribe, chunk, case, &first);
    chunk.union_file.push(first);
    if let Some(worker) = case.second {
        let second = file(scribe, family, case, (worker, true));
        parts(scribe, chunk, case, &second);
        chunk.union_file.push(second);
    }
}

fn file(
    scribe: &mut Scribe<'_>,
    family: &Family,
    case: &UnionCase,
    (worker, is_second): (usize, bool),
) -> union_file::Model {
    let worker = &family.members[worker];
    let (target_class, difficulty_class) = case.class.code();
    let status = if is_second { "FILED" } else { case.status };
    let is_closed = matches!(status, "EXITED" | "CLOSED" | "REJECTED");
    let closed_on = is_closed.then(|| days_before(scribe.as_of, 35).max(case.opened_on));
    let count = i64::try_from(family.members.len()).unwrap_or(1);
    let household_id = match is_second {
        true => Some(family.second_union_view_id()),
        false => family.view_id(ViewKind::UnionFile),
    };
    union_file::Model {
        file_no: file_no(family, is_second),
        citizen_id: worker.citizen_id.clone(),
        household_id,
        keeping_union_id: Some(union_of(scribe.county, family, worker)),
        level: text(if scribe.dice.chance(0.6) { "COUNTY" } else { "GRASS_ROOTS" }),
        target_class: text(target_class),
        difficulty_class: Some(difficulty_class),
        depth: text(if case.is_deep { "DEEP" } else { "ORDINARY" }),
        status: text(status),
        is_active: Some(matches!(status, "FILED" | "HELPING" | "RELIEVED" | "REOPENED")),
        opened_on: Some(case.opened_on),
        closed_on,
        close_reason: closed_on
            .and_then(|_| text(if status == "EXITED" { "已脱困" } else { "不符合建档条件" })),
        // The form's figure is the family's own and older than the verified one.
        monthly_income: yuan((family.income + scribe.dice.between(-150, 50)).max(0) * count),
        responsible_officer: Some(name::anybody(&mut scribe.dice)),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}

/// What hangs from a file that got beyond its first steps.
fn parts(scribe: &mut Scribe<'_>, chunk: &mut Chunk, case: &UnionCase, file: &union_file::Model) {
    let worker = &scribe.family.members[case.worker];
    causes(scribe, chunk, worker, file);
    if matches!(case.status, "FOUND" | "PRELIMINARY") {
        return;
    }
    for kind in ["REGISTRATION", "CONTACT_CARD"] {
        let row = form(scribe, (worker, file), kind, case.opened_on);
        chunk.union_form.push(row);
    }
    if file.is_active != Some(true) && case.status != "EXITED" {
        return;
    }
    let row = card(scribe, worker, file, case.opened_on);
    chunk.union_contact_card.push(row);
    measures(scribe, chunk, worker, file, case.opened_on);
    if matches!(case.status, "RELIEVED" | "EXITED") || scribe.dice.chance(0.3) {
        let row = evaluation(scribe, worker, file, case.status);
        chunk.union_exit_evaluation.push(row);
    }
}

/// What can be seen in the family; where nothing can, a cause by chance.
fn cause_codes(scribe: &mut Scribe<'_>, worker: &Member) -> Vec<&'static str> {
    let family = scribe.family;
    let has = |test: fn(&Member) -> bool| family.living().any(|(_, member)| test(member));
    let mut codes = Vec::new();
    if has(|member| member.illness.is_some_and(|illness| illness.is_major)) {
        codes.push("ILLNESS");
    }
    if has(|member| member.illness.is_some_and(|illness| !illness.is_major)) {
        codes.push("SEVERE_CHRONIC_ILLNESS");
    }
    if has(Member::is_at_university) {
        codes.push("CHILD_AT_UNIVERSITY");
    }
    if matches!(worker.work, Work::LaidOff { .. }) {
        codes.push("LAY_OFF");
    }
    if codes.is_empty() {
        codes.push(scribe.dice.pick(&[
            "ACCIDENT",
            "SUDDEN_EVENT",
            "INSURANCE_ARREARS",
            "NO_LABOUR_CAPACITY",
            "OTHER",
        ]));
    }
    codes
}

fn causes(scribe: &mut Scribe<'_>, chunk: &mut Chunk, worker: &Member, file: &union_file::Model) {
    for (at, code) in cause_codes(scribe, worker).into_iter().enumerate() {
        let is_resolved = file.status.as_deref() == Some("EXITED") || scribe.dice.chance(0.08);
        chunk.union_file_cause.push(union_file_cause::Model {
            id: scribe.id("UC"),
            file_no: text(&file.file_no),
            citizen_id: file.citizen_id.clone(),
            code: text(code),
            is_main: Some(at == 0),
            description: text("示例：家庭困难原因说明"),
            is_resolved: Some(is_resolved),
            resolved_on: is_resolved.then(|| days_before(scribe.as_of, 60)),
            division_code: division(worker),
            as_of: scribe.on(),
        });
    }
}

/// The form's entries; its date of birth isn't always the register's.
fn form(
    scribe: &mut Scribe<'_>,
    (worker, file): (&Member, &union_file::Model),
    kind: &str,
    opened_on: NaiveDate,
) -> union_form::Model {
    let said = match scribe.dice.chance(0.12) {
        true => days_before(worker.born, scribe.dice.between(1, 400).unsigned_abs()),
        false => worker.born,
    };
    let content = format!(
        r#"{{"name":"{}","birthDate":"{said}","members":{}}}"#,
        worker.name,
        scribe.family.members.len()
    );
    union_form::Model {
        id: scribe.id("UO"),
        file_no: text(&file.file_no),
        citizen_id: file.citizen_id.clone(),
        kind: text(kind),
        version: text("SAMPLE-1"),
        content_json: Some(content),
        signed_on: Some(days_before(opened_on, 7)),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}

fn card(
    scribe: &mut Scribe<'_>,
    worker: &Member,
    file: &union_file::Model,
    opened_on: NaiveDate,
) -> union_contact_card::Model {
    let phone = format!("129{}", scribe.dice.digits(8));
    union_contact_card::Model {
        id: scribe.id("CC"),
        file_no: text(&file.file_no),
        citizen_id: file.citizen_id.clone(),
        contact_person: Some(name::anybody(&mut scribe.dice)),
        contact_phone: Some(phone),
        is_active: file.is_active,
        issued_on: Some(opened_on),
        division_code: division(worker),
        as_of: scribe.on(),
    }
}

/// Measures in words, with batch and responsible department.
const MEASURES: [(&str, &str, &str); 6] = [
    ("EMPLOYMENT", "技能培训和岗位推荐", "HRSS"),
    ("SOCIAL_INSURANCE", "督促企业补缴社会保险费", "HRSS"),
    ("MEDICAL", "纳入医疗救助", "MEDICAL_SECURITY"),
    ("BACKSTOP", "符合条件的纳入低保", "CIVIL_AFFAIRS"),
    ("EDUCATION", "学费减免", "EDUCATION"),
    ("UNION_HELP", "定期走访慰问", "UNION"),
];

fn measures(
    scribe: &mut Scribe<'_>,
    chunk: &mut Chunk,
    worker: &Member,
    file: &union_file::Model,
    opened_on: NaiveDate,
) {
    for _ in 0..scribe.dice.between(1, 3) {
        let (batch, kind, department) = MEASURES[scribe.dice.index(MEASURES.len())];
        let planned_on = days_after(opened_on, scribe.dice.between(5, 90).unsigned_abs());
        let is_done = planned_on < months_before(scribe.as_of, 2) && scribe.dice.chance(0.8);
        chunk.union_measure.push(union_measure::Model {
            id: scribe.id("ME"),
            file_no: text(&file.file_no),
            citizen_id: file.citizen_id.clone(),
            batch: text(batch),
            kind: text(kind),
            responsible_department: text(department),
            planned_on: Some(planned_on),
            done_on: is_done.then(|| days_after(planned_on, 25)),
            division_code: division(worker),
            as_of: scribe.on(),
        });
    }
}

fn evaluation(
    scribe: &mut Scribe<'_>,
    worker: &Member,
    file: &union_file::Model,
    status: &str,
) -> union_exit_evaluation::Model {
    let (result, months) = match status {
        "EXITED" => ("EXITED", scribe.dice.between(6, 12)),
        "RELIEVED" => ("RELIEVED", scribe.dice.between(0, 8)),
        _ => ("CONTINUED", scribe.dice.between(0, 5)),
    };
    let evaluated_on = days_before(scribe.as_of, 45);
    union_exit_evaluation::Model {
        id: scribe.id("UE"),
        file_no: text(&file.file_no),
        citizen_id: file.citizen_id.clone(),
        consecutive_months_above: i32::try_from(months).ok(),
        is_cause_resolved: Some(result == "EXITED"),
        result: text(result),
        decided_by: Some(name::anybody(&mut scribe.dice)),
        decided_on: Some(days_after(evaluated_on, 6)),
        division_code: division(worker),
        as_of: Some(evaluated_on),
    }
}
