//! Enrolments, aid, loans and fees, of the education office.

use chrono::NaiveDate;
use yimen_entity::education::{student_aid, student_enrolment, student_loan, tuition_charge};

use crate::calendar::{july, school_year, september};
use crate::chunk::Chunk;
use crate::family::{Member, School, Stage};
use crate::scribe::{Scribe, division, text, yuan};

impl Stage {
    fn code(self) -> &'static str {
        match self {
            Stage::Preschool => "PRESCHOOL",
            Stage::Primary => "PRIMARY",
            Stage::Junior => "JUNIOR_SECONDARY",
            Stage::Senior => "SENIOR_SECONDARY",
            Stage::Vocational => "VOCATIONAL",
            Stage::Tertiary => "TERTIARY",
            Stage::Special => "SPECIAL",
        }
    }

    /// How many years it takes.
    fn years(self) -> i32 {
        match self {
            Stage::Preschool | Stage::Junior | Stage::Senior | Stage::Vocational => 3,
            Stage::Primary => 6,
            Stage::Tertiary => 4,
            Stage::Special => 10,
        }
    }

    /// Fees and lodging of a year in yuan; compulsory school is free.
    fn fees(self) -> (i64, i64) {
        match self {
            Stage::Preschool => (2_400, 0),
            Stage::Primary | Stage::Junior | Stage::Special => (0, 0),
            Stage::Senior => (1_600, 600),
            Stage::Vocational => (2_600, 500),
            Stage::Tertiary => (4_800, 1_000),
        }
    }
}

pub(super) fn enrolments(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let Some(school) = member.school else { continue };
        // One pupil in fifty is at a school whose register isn't the county's.
        if scribe.dice.chance(0.98) {
            let row = enrolment(scribe, member, number, school);
            chunk.student_enrolment.push(row);
        }
    }
}

fn enrolment(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    school: School,
) -> student_enrolment::Model {
    let body = body(scribe, school.stage);
    let grade = school.grade.clamp(1, school.stage.years());
    let enrolled = school_year(scribe.as_of) - grade + 1 - i32::from(school.has_left);
    let graduation = enrolled + school.stage.years();
    let is_secondary = matches!(school.stage, Stage::Junior | Stage::Senior | Stage::Vocational);
    let status = match school.has_left {
        true if is_secondary => scribe.dice.weighted(&[("GRADUATED", 6), ("LEFT", 4)]),
        true => "GRADUATED",
        false => scribe.dice.weighted(&[("ENROLLED", 985), ("SUSPENDED", 10), ("TRANSFERRED", 5)]),
    };
    let number_of_student = match school.stage {
        Stage::Tertiary => format!("{enrolled}{:06}", member.row_no % 1_000_000),
        // National student numbers are the citizen number after a letter.
        _ => format!("G{number}"),
    };
    student_enrolment::Model {
        id: scribe.id("SN"),
        citizen_id: text(number),
        student_no: Some(number_of_student),
        school_id: Some(scribe.county.bodies.id(body)),
        school_code: Some(format!("SAMPLE{body:05}")),
        stage: text(school.stage.code()),
        grade: Some(grade),
        status: text(status),
        enrolled_on: Some(september(enrolled)),
        expected_graduation_on: Some(july(graduation)),
        is_tertiary: Some(school.stage == Stage::Tertiary),
        graduation_year: Some(graduation),
        is_fresh_graduate: Some(status == "GRADUATED" && july(graduation) > months_ago(scribe)),
        is_not_continuing: Some(school.has_left && is_secondary),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Whoever graduated after this day is a fresh graduate.
fn months_ago(scribe: &Scribe<'_>) -> NaiveDate {
    crate::calendar::months_before(scribe.as_of, 12)
}

fn body(scribe: &mut Scribe<'_>, stage: Stage) -> usize {
    let bodies = &scribe.county.bodies;
    let town = scribe.county.town_of(scribe.family.home);
    let any = |scribe: &mut Scribe<'_>, from: &[usize]| from[scribe.dice.index(from.len())];
    match stage {
        Stage::Preschool => bodies.kindergartens[town],
        Stage::Primary => bodies.primary[town],
        Stage::Junior => bodies.junior[town],
        Stage::Senior => any(scribe, &bodies.senior),
        Stage::Vocational => any(scribe, &bodies.vocational),
        Stage::Tertiary => any(scribe, &bodies.universities),
        Stage::Special => any(scribe, &bodies.special),
    }
}

/// Aid, loans and fees of those who are at school now.
pub(super) fn aid(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let is_helped = hardship.mla.is_some() || hardship.poverty.is_some() || hardship.union.is_some();
    for (member, number) in scribe.family.known() {
        let Some(school) = member.school.filter(|school| !school.has_left) else { continue };
        let share = if is_helped { 0.7 } else { 0.04 };
        let is_aided = scribe.dice.chance(share);
        if is_aided {
            let row = award(scribe, member, number, school.stage);
            chunk.student_aid.push(row);
        }
        if school.stage == Stage::Tertiary && scribe.dice.chance(if is_helped { 0.5 } else { 0.12 }) {
            let row = loan(scribe, member, number, school);
            chunk.student_loan.push(row);
        }
        charges(scribe, chunk, (member, number), (school.stage, is_aided));
    }
}

fn award(scribe: &mut Scribe<'_>, member: &Member, number: &str, stage: Stage) -> student_aid::Model {
    let kind = match stage {
        Stage::Tertiary => scribe.dice.weighted(&[
            ("SCHOLARSHIP", 2),
            ("GRANT", 5),
            ("LOAN", 3),
            ("WORK_STUDY", 1),
            ("REDUCTION", 1),
        ]),
        _ => scribe.dice.weighted(&[("GRANT", 5), ("REDUCTION", 2), ("EXEMPTION", 3)]),
    };
    let year = school_year(scribe.as_of);
    student_aid::Model {
        id: scribe.id("SD"),
        citizen_id: text(number),
        kind: text(kind),
        amount: yuan(if stage == Stage::Tertiary { 3_300 } else { 1_000 }),
        school_year: Some(year),
        provider: text(if stage == Stage::Tertiary { "学校" } else { "县教育体育局（示例）" }),
        granted_on: Some(crate::calendar::days_after(september(year), 70).min(scribe.as_of)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn loan(scribe: &mut Scribe<'_>, member: &Member, number: &str, school: School) -> student_loan::Model {
    let years = i64::from(school.grade.clamp(1, 4));
    student_loan::Model {
        id: scribe.id("LN"),
        citizen_id: text(number),
        balance: yuan(years * scribe.dice.between(60, 120) * 100),
        is_active: Some(true),
        granted_on: Some(september(school_year(scribe.as_of) - school.grade.clamp(1, 4) + 1)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn charges(
    scribe: &mut Scribe<'_>,
    chunk: &mut Chunk,
    (member, number): (&Member, &str),
    (stage, is_aided): (Stage, bool),
) {
    let (tuition, lodging) = stage.fees();
    let textbook = if tuition > 0 { 300 } else { 0 };
    for (item, due) in [("TUITION", tuition), ("LODGING", lodging), ("TEXTBOOK", textbook)] {
        if due == 0 {
            continue;
        }
        let waived = if is_aided && item != "LODGING" { due * scribe.dice.between(2, 10) / 10 } else { 0 };
        chunk.tuition_charge.push(tuition_charge::Model {
            id: scribe.id("TC"),
            citizen_id: text(number),
            item: text(item),
            school_year: Some(school_year(scribe.as_of)),
            due: yuan(due),
            waived: yuan(waived),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}
