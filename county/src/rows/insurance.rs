//! Enrolments, contributions and their sums, of human resources and social security.

use chrono::NaiveDate;
use yimen_entity::social_insurance::{si_contribution, si_contribution_summary, si_enrolment};

use crate::calendar::{days_after, month, months_before, months_until, years_before};
use crate::chunk::Chunk;
use crate::division::COUNTY;
use crate::family::{Member, Work};
use crate::scribe::{Scribe, division, text, yuan};

/// Months of contribution that the exchange database keeps one by one.
const MONTHS: u32 = 12;

/// The lowest base of contributions in the sample, in yuan a month.
const LOWEST_BASE: i64 = 3_200;

/// One insurance of a person.
struct Cover {
    kind: &'static str,
    status: &'static str,
    payer: &'static str,
    employer: Option<String>,
    since: NaiveDate,
    months: i64,
}

pub(super) fn enrolments(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        for cover in covers(scribe, member) {
            let row = enrolment(scribe, member, number, &cover);
            chunk.si_enrolment.push(row);
            if cover.kind.ends_with("PENSION") || cover.kind.ends_with("_MEDICAL") {
                contributions(scribe, chunk, (member, number), &cover);
            }
        }
    }
}

fn covers(scribe: &mut Scribe<'_>, member: &Member) -> Vec<Cover> {
    match member.work {
        Work::Employee { employer, .. } => as_employee(scribe, member, employer),
        Work::LaidOff { employer } => stopped(scribe, member, employer),
        Work::Migrant { employer, .. } if scribe.dice.chance(0.25) => as_employee(scribe, member, employer),
        Work::Flexible { .. } if scribe.dice.chance(0.35) => flexible(scribe, member),
        Work::Retired { is_employee: true } => {
            vec![cover(scribe, member, ("EMPLOYEE_MEDICAL", "ACTIVE", "EMPLOYER"), None)]
        }
        _ => as_resident(scribe, member),
    }
}

fn cover(
    scribe: &mut Scribe<'_>,
    member: &Member,
    (kind, status, payer): (&'static str, &'static str, &'static str),
    employer: Option<usize>,
) -> Cover {
    let earliest = match kind {
        "RESIDENT_MEDICAL" => member.born.max(years_before(scribe.as_of, 22)).min(scribe.as_of),
        _ => scribe.first_working_day(member, 22),
    };
    let since = scribe.dice.day(earliest, months_before(scribe.as_of, 1).max(earliest));
    let months = (scribe.as_of - since).num_days() / 30;
    let employer = employer.map(|at| scribe.county.employers[at].uscc.clone());
    Cover { kind, status, payer, employer, since, months }
}

fn as_employee(scribe: &mut Scribe<'_>, member: &Member, employer: usize) -> Vec<Cover> {
    let kinds = [
        ("EMPLOYEE_PENSION", 1.0),
        ("EMPLOYEE_MEDICAL", 0.97),
        ("UNEMPLOYMENT", 0.6),
        ("WORK_INJURY", 0.7),
        ("MATERNITY", 0.1),
        ("LARGE_MEDICAL_SUPPLEMENT", 0.12),
    ];
    let has = kinds.into_iter().filter(|(_, share)| scribe.dice.chance(*share)).collect::<Vec<_>>();
    let covers = has.into_iter();
    covers.map(|(kind, _)| cover(scribe, member, (kind, "ACTIVE", "EMPLOYER"), Some(employer))).collect()
}

/// Laid off: the employer has stopped paying; some went over to residents' insurance.
fn stopped(scribe: &mut Scribe<'_>, member: &Member, employer: usize) -> Vec<Cover> {
    let pension = ("EMPLOYEE_PENSION", "SUSPENDED", "EMPLOYER");
    let mut covers = vec![cover(scribe, member, pension, Some(employer))];
    let medical = match scribe.dice.chance(0.6) {
        true => ("RESIDENT_MEDICAL", "ACTIVE", "RESIDENT"),
        false => ("EMPLOYEE_MEDICAL", "SUSPENDED", "EMPLOYER"),
    };
    covers.push(cover(scribe, member, medical, None));
    covers
}

fn flexible(scribe: &mut Scribe<'_>, member: &Member) -> Vec<Cover> {
    let pension = cover(scribe, member, ("EMPLOYEE_PENSION", "ACTIVE", "FLEXIBLE"), None);
    let medical = cover(scribe, member, ("EMPLOYEE_MEDICAL", "ACTIVE", "FLEXIBLE"), None);
    vec![pension, medical]
}

/// Residents: the government pays for the poor, and a few are in no insurance at all.
fn as_resident(scribe: &mut Scribe<'_>, member: &Member) -> Vec<Cover> {
    let hardship = &scribe.family.hardship;
    let is_helped = hardship.mla.is_some() || hardship.destitution.is_some();
    let payer = if is_helped { "GOVERNMENT" } else { "RESIDENT" };
    let mut covers = Vec::new();
    if scribe.dice.chance(0.94) {
        covers.push(cover(scribe, member, ("RESIDENT_MEDICAL", "ACTIVE", payer), None));
    }
    let is_of_age = member.is_adult() && !member.is_at_school();
    if is_of_age && scribe.dice.chance(0.93) {
        let status =
            scribe.dice.weighted(&[("ACTIVE", 93), ("SUSPENDED", 4), ("TRANSFERRED", 2), ("ENDED", 1)]);
        covers.push(cover(scribe, member, ("RESIDENT_PENSION", status, payer), None));
    }
    covers
}

fn enrolment(scribe: &mut Scribe<'_>, member: &Member, number: &str, cover: &Cover) -> si_enrolment::Model {
    let has_ended = matches!(cover.status, "TRANSFERRED" | "ENDED");
    let until = scribe.dice.between(1, 14);
    si_enrolment::Model {
        id: scribe.id("SE"),
        citizen_id: text(number),
        insurance_type: text(cover.kind),
        status: text(cover.status),
        place_division_code: place(member),
        employer_uscc: cover.employer.clone(),
        started_on: Some(cover.since),
        ended_on: has_ended
            .then(|| months_before(scribe.as_of, u32::try_from(until).unwrap_or(1)).max(cover.since)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

/// Where somebody is insured: the county, or the city that they work in.
fn place(member: &Member) -> Option<String> {
    let division = &member.residence.division;
    if division.starts_with("410727") { text(COUNTY) } else { Some(division.clone()) }
}

fn contributions(
    scribe: &mut Scribe<'_>,
    chunk: &mut Chunk,
    (member, number): (&Member, &str),
    cover: &Cover,
) {
    let is_paying = cover.status == "ACTIVE";
    let is_monthly = cover.kind.starts_with("EMPLOYEE");
    let gap = if is_paying { 0 } else { u32::try_from(scribe.dice.between(3, 20)).unwrap_or(3) };
    let last = months_before(scribe.as_of, gap);
    let latest = months_until(last, 1).next().unwrap_or(last);
    if is_monthly {
        let kept = months_before(scribe.as_of, MONTHS);
        for day in months_until(last, MONTHS).filter(|day| *day >= kept && *day >= cover.since) {
            let row = contribution(scribe, (member, number), cover, day);
            chunk.si_contribution.push(row);
        }
    } else if is_paying {
        let row = contribution(scribe, (member, number), cover, latest);
        chunk.si_contribution.push(row);
    }
    let row = summary(scribe, (member, number), cover, latest);
    chunk.si_contribution_summary.push(row);
}

fn contribution(
    scribe: &mut Scribe<'_>,
    (member, number): (&Member, &str),
    cover: &Cover,
    day: NaiveDate,
) -> si_contribution::Model {
    let base = member.earnings().max(LOWEST_BASE);
    let (base, personal, employer) = match (cover.payer, cover.kind) {
        ("EMPLOYER", "EMPLOYEE_PENSION") => (yuan(base), yuan(base * 8 / 100), yuan(base * 16 / 100)),
        ("EMPLOYER", _) => (yuan(base), yuan(base * 2 / 100), yuan(base * 7 / 100)),
        ("FLEXIBLE", _) => (yuan(LOWEST_BASE), yuan(LOWEST_BASE * 20 / 100), None),
        ("GOVERNMENT", _) => (None, yuan(0), None),
        _ => (None, yuan(300), None),
    };
    si_contribution::Model {
        id: scribe.id("SC"),
        citizen_id: text(number),
        insurance_type: text(cover.kind),
        year_month: Some(month(day)),
        base,
        personal,
        employer,
        paid_on: Some(days_after(day, 19)),
        payer_kind: text(cover.payer),
        employer_uscc: cover.employer.clone(),
        place_division_code: place(member),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

fn summary(
    scribe: &mut Scribe<'_>,
    (member, number): (&Member, &str),
    cover: &Cover,
    latest: NaiveDate,
) -> si_contribution_summary::Model {
    si_contribution_summary::Model {
        id: scribe.id("SS"),
        citizen_id: text(number),
        insurance_type: text(cover.kind),
        place_division_code: place(member),
        months: i32::try_from(cover.months.max(1) * 9 / 10 + 1).ok(),
        first_month: Some(month(cover.since)),
        last_month: Some(month(latest.max(cover.since))),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
