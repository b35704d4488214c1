//! Tests of property, visits, spot checks and appraisals, of civil affairs.

use chrono::{Datelike, NaiveDate};
use yimen_entity::household::{democratic_appraisal, household_survey, property_assessment, spot_check};

use crate::calendar::{days_before, months_before};
use crate::chunk::Chunk;
use crate::name;
use crate::scribe::{Scribe, text};

pub(super) fn assessments(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    if hardship.mla.is_none() && !hardship.is_low_income && !hardship.is_expenditure_poor {
        return;
    }
    let is_compliant = scribe.dice.chance(0.95);
    let findings = match is_compliant {
        true => "房产、车辆、存款均在示例限额以内",
        false => "名下车辆评估价值超过示例限额，待复核",
    };
    let assessed_on = scribe.dice.day(months_before(scribe.as_of, 14), days_before(scribe.as_of, 9));
    let latest = property_assessment::Model {
        id: scribe.id("PA"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: scribe.family.head().citizen_id.clone(),
        is_compliant: Some(is_compliant),
        findings: text(findings),
        rule_version: text("SAMPLE-1"),
        assessed_on: Some(assessed_on),
        is_current: Some(true),
        division_code: scribe.home(),
        as_of: scribe.on(),
    };
    if scribe.dice.chance(0.3) {
        chunk.property_assessment.push(property_assessment::Model {
            id: scribe.id("PA"),
            is_compliant: Some(true),
            findings: text("房产、车辆、存款均在示例限额以内"),
            assessed_on: Some(months_before(assessed_on, 12)),
            is_current: Some(false),
            ..latest.clone()
        });
    }
    chunk.property_assessment.push(latest);
}

pub(super) fn surveys(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let is_mla = hardship.mla.is_some();
    if !is_mla && !hardship.is_surveyed && !hardship.is_low_income {
        return;
    }
    let visited_on = scribe.dice.day(months_before(scribe.as_of, 16), days_before(scribe.as_of, 12));
    let row = survey(scribe, visited_on, is_mla);
    chunk.household_survey.push(row);
    if is_mla {
        let row = appraisal(scribe, visited_on);
        chunk.democratic_appraisal.push(row);
        if scribe.dice.chance(0.3) {
            let row = spot_check(scribe, visited_on);
            chunk.spot_check.push(row);
        }
    }
}

fn survey(scribe: &mut Scribe<'_>, visited_on: NaiveDate, is_mla: bool) -> household_survey::Model {
    let kinds = [("APPLICATION", 5), ("REVIEW", 4), ("COMPLAINT", 1)];
    let kind = if is_mla { scribe.dice.weighted(&kinds) } else { "DISCOVERY" };
    let surveyors = [name::anybody(&mut scribe.dice), name::anybody(&mut scribe.dice)].join("、");
    let findings =
        ["家庭情况属实", "有成员长期患病，支出较大", "劳动力外出务工，老人在家", "住房简陋，需复核收入"];
    household_survey::Model {
        id: scribe.id("SU"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: scribe.family.head().citizen_id.clone(),
        kind: text(kind),
        visited_on: Some(visited_on),
        surveyors: Some(surveyors),
        findings: text(scribe.dice.pick(&findings)),
        attachments: Some(format!("survey/{:07}.pdf", scribe.family.number)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

fn appraisal(scribe: &mut Scribe<'_>, visited_on: NaiveDate) -> democratic_appraisal::Model {
    let results = [("SUPPORTED", 90), ("DISPUTED", 7), ("OPPOSED", 3)];
    democratic_appraisal::Model {
        id: scribe.id("AP"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: scribe.family.head().citizen_id.clone(),
        held_on: Some(crate::calendar::days_after(visited_on, 5)),
        result: text(scribe.dice.weighted(&results)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}

fn spot_check(scribe: &mut Scribe<'_>, visited_on: NaiveDate) -> spot_check::Model {
    let result = scribe.dice.weighted(&[("CONFIRMED", 86), ("DEVIATION", 5), ("PENDING", 9)]);
    let checked_on = (result != "PENDING").then(|| crate::calendar::days_after(visited_on, 9));
    let town = scribe.county.town_of(scribe.family.home) + 1;
    let month = visited_on.month();
    spot_check::Model {
        id: scribe.id("SC"),
        household_id: scribe.family.assistance_view_id(),
        citizen_id: scribe.family.head().citizen_id.clone(),
        batch_id: Some(format!("BATCH-{}{month:02}-{town:02}", visited_on.year())),
        selected_by: text("随机抽取"),
        checked_on,
        result: text(result),
        division_code: scribe.home(),
        as_of: scribe.on(),
    }
}
