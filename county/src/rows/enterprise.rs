//! Enterprises, and what the employment service offers to all: posts, vacancies, courses, workshops.

use yimen_entity::household::business_registration;
use yimen_entity::social_insurance::{
    enterprise_credit, enterprise_programme, job_vacancy, poverty_workshop, public_welfare_post, si_arrears,
    training_project,
};

use crate::calendar::{days_before, month, months_before, years_before};
use crate::chunk::Chunk;
use crate::division::COUNTY;
use crate::random::Dice;
use crate::reference::{County, Employer, Office};
use crate::scribe::{text, yuan};

pub(super) const POSTS: usize = 40;
pub(super) const VACANCIES: usize = 80;
pub(super) const PROJECTS: usize = 24;
pub(super) const WORKSHOPS: usize = 20;

const TOPIC: u64 = 4;

pub(super) fn post_id(number: usize) -> String {
    format!("POST-{:03}", number + 1)
}

pub(super) fn vacancy_id(number: usize) -> String {
    format!("JOB-{:04}", number + 1)
}

pub(super) fn project_id(number: usize) -> String {
    format!("COURSE-{:03}", number + 1)
}

pub(super) fn workshop_id(number: usize) -> String {
    format!("SHOP-{:03}", number + 1)
}

pub(super) fn register(county: &County, chunk: &mut Chunk) {
    let mut dice = county.dice(TOPIC);
    for (number, employer) in county.employers.iter().enumerate() {
        registration(county, employer, chunk);
        insurance(county, &mut dice, (number, employer), chunk);
    }
    for number in 0..POSTS {
        post(county, &mut dice, number, chunk);
    }
    for number in 0..VACANCIES {
        vacancy(county, &mut dice, number, chunk);
    }
    for number in 0..PROJECTS {
        project(county, &mut dice, number, chunk);
    }
    for number in 0..WORKSHOPS {
        workshop(county, &mut dice, number, chunk);
    }
}

fn registration(county: &County, employer: &Employer, chunk: &mut Chunk) {
    let as_of = Office::MarketRegulation.as_of(county.options.as_of);
    let is_active = employer.status == "ACTIVE";
    let months = (as_of - employer.established_on).num_days() / 30;
    chunk.business_registration.push(business_registration::Model {
        uscc: employer.uscc.clone(),
        name: text(&employer.name),
        kind: text("ENTERPRISE"),
        established_on: Some(employer.established_on),
        status: text(employer.status),
        registered_capital: yuan(employer.capital),
        industry_code: text(employer.industry),
        economic_type_code: text("173"),
        is_operating_normally: Some(is_active),
        months_operating: i32::try_from(if is_active { months } else { 0 }).ok(),
        division_code: Some(county.divisions.villages[employer.village].code.clone()),
        as_of: Some(as_of),
    });
}

/// Programmes, credit grades and arrears of contributions.
fn insurance(county: &County, dice: &mut Dice, (number, employer): (usize, &Employer), chunk: &mut Chunk) {
    let as_of = Office::HumanResources.as_of(county.options.as_of);
    let division_code = Some(county.divisions.villages[employer.village].code.clone());
    if let Some(programme) = employer.programme {
        chunk.enterprise_programme.push(enterprise_programme::Model {
            id: format!("PG-{:05}", number + 1),
            uscc: text(&employer.uscc),
            kind: text(programme.kind),
            started_on: Some(programme.since),
            ended_on: dice.chance(0.2).then(|| days_before(as_of, 100).max(programme.since)),
            division_code: division_code.clone(),
            as_of: Some(as_of),
        });
    }
    chunk.enterprise_credit.push(enterprise_credit::Model {
        id: format!("CG-{:05}", number + 1),
        uscc: text(&employer.uscc),
        grade: text(dice.weighted(&[("A", 5), ("B", 4), ("C", 1)])),
        valid_from: Some(months_before(as_of, 9)),
        division_code: division_code.clone(),
        as_of: Some(as_of),
    });
    if dice.chance(if employer.programme.is_some() { 0.7 } else { 0.03 }) {
        // One in three has paid since.
        let is_repaid = number.is_multiple_of(3);
        let end = months_before(as_of, 2);
        chunk.si_arrears.push(si_arrears::Model {
            id: format!("AR-{:05}", number + 1),
            uscc: text(&employer.uscc),
            insurance_type: text("EMPLOYEE_PENSION"),
            start_month: Some(month(months_before(end, u32::try_from(dice.between(2, 20)).unwrap_or(2)))),
            end_month: Some(month(end)),
            amount: yuan(dice.between(10, 900) * 1000),
            is_repaid: Some(is_repaid),
            repaid_on: is_repaid.then(|| days_before(as_of, 20)),
            division_code,
            as_of: Some(as_of),
        });
    }
}

fn post(county: &County, dice: &mut Dice, number: usize, chunk: &mut Chunk) {
    let village = county.divisions.village_by_chance(dice);
    let town = county.bodies.town_offices[county.town_of(village)];
    chunk.public_welfare_post.push(public_welfare_post::Model {
        id: post_id(number),
        kind: text(dice.pick(&["FACILITY_MAINTENANCE", "CLEANING_GREENING", "OTHER"])),
        employer_uscc: text(&county.bodies.all[town].uscc),
        quota: i32::try_from(dice.between(1, 12)).ok(),
        funder_level: text(dice.pick(&["PROVINCE", "CITY", "COUNTY"])),
        division_code: Some(county.divisions.villages[village].code.clone()),
        as_of: Some(Office::HumanResources.as_of(county.options.as_of)),
    });
}

fn vacancy(county: &County, dice: &mut Dice, number: usize, chunk: &mut Chunk) {
    let as_of = Office::HumanResources.as_of(county.options.as_of);
    let employer = &county.employers[dice.index(county.employers.len())];
    let wage = dice.between(22, 55) * 100;
    let published_on = dice.day(years_before(as_of, 1), days_before(as_of, 3));
    let is_closed = dice.chance(0.4);
    chunk.job_vacancy.push(job_vacancy::Model {
        id: vacancy_id(number),
        employer_uscc: text(&employer.uscc),
        title: text(dice.pick(&["缝纫工", "包装工", "保洁员", "护理员", "电焊工", "仓库管理员"])),
        occupation_code: text(dice.pick(&["6-04-01", "4-07-05", "4-10-01", "6-18-02"])),
        open_posts: i32::try_from(dice.between(1, 20)).ok(),
        wage_from: yuan(wage),
        wage_to: yuan(wage + dice.between(3, 15) * 100),
        is_for_target_group: Some(dice.chance(0.3)),
        work_division_code: text(COUNTY),
        published_on: Some(published_on),
        closed_on: is_closed.then(|| days_before(as_of, 1).max(published_on)),
        as_of: Some(as_of),
    });
}

fn project(county: &County, dice: &mut Dice, number: usize, chunk: &mut Chunk) {
    let as_of = Office::HumanResources.as_of(county.options.as_of);
    let kinds = [
        ("SKILL", "缝纫技能班"),
        ("STARTUP", "创业培训班"),
        ("POST_UPGRADE", "岗位提升班"),
        ("SPECIAL", "专项能力班"),
        ("PRACTICAL", "实用技术班"),
    ];
    let (kind, name) = kinds[number % kinds.len()];
    let provider = county.bodies.training[dice.index(county.bodies.training.len())];
    chunk.training_project.push(training_project::Model {
        id: project_id(number),
        name: Some(format!("示例{name}第{}期", number / kinds.len() + 1)),
        kind: text(kind),
        days: i32::try_from(dice.between(5, 30)).ok(),
        provider_id: Some(county.bodies.id(provider)),
        is_free: Some(dice.chance(0.7)),
        starts_on: Some(dice.day(years_before(as_of, 2), as_of)),
        place_division_code: text(COUNTY),
        as_of: Some(as_of),
    });
}

fn workshop(county: &County, dice: &mut Dice, number: usize, chunk: &mut Chunk) {
    let village = county.divisions.village_by_chance(dice);
    let employer = &county.employers[dice.index(county.employers.len())];
    let place = &county.divisions.villages[village];
    chunk.poverty_workshop.push(poverty_workshop::Model {
        id: workshop_id(number),
        kind: text(if dice.chance(0.6) { "FACTORY" } else { "HOME_BASED" }),
        name: Some(format!("{}示例扶贫车间", place.name)),
        uscc: text(&employer.uscc),
        division_code: Some(place.code.clone()),
        as_of: Some(Office::HumanResources.as_of(county.options.as_of)),
    });
}
