//! Rows that belong to no family: bodies, enterprises, and sample standards.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use yimen_entity::household::{mla_standard, poverty_line, price_index};
use yimen_entity::social_insurance::{min_wage, serious_illness_band, serious_illness_rule};

use super::{enterprise, organisation};
use crate::calendar::{days_before, july, month, months_until};
use crate::chunk::Chunk;
use crate::division::{COUNTY, PROVINCE};
use crate::reference::standard::{FIRST_YEAR, LEGAL_BASIS, mla_monthly_of};
use crate::reference::{County, Office};
use crate::scribe::{hundredths, text, yuan};

const TOPIC: u64 = 2;

/// Months of the price index that are kept.
const INDEX_MONTHS: u32 = 36;

/// Adds what all families share.
pub(crate) fn of_county(county: &County, chunk: &mut Chunk) {
    organisation::register(county, chunk);
    enterprise::register(county, chunk);
    let last = county.options.as_of.year();
    for year in FIRST_YEAR..=last {
        let valid_from = july(year);
        if valid_from <= county.options.as_of {
            let valid_to =
                Some(days_before(july(year + 1), 1)).filter(|_| july(year + 1) <= county.options.as_of);
            allowance(county, chunk, year, (valid_from, valid_to));
            wage(county, chunk, year, (valid_from, valid_to));
        }
        poverty_line(county, chunk, year);
    }
    prices(county, chunk);
    serious_illness(county, chunk);
}

type Period = (NaiveDate, Option<NaiveDate>);

fn allowance(county: &County, chunk: &mut Chunk, year: i32, (valid_from, valid_to): Period) {
    for (is_urban, urban_rural) in [(true, "URBAN"), (false, "RURAL")] {
        chunk.mla_standard.push(mla_standard::Model {
            id: format!("MLA-STD-{year}-{urban_rural}"),
            division_code: text(COUNTY),
            urban_rural: text(urban_rural),
            class_code: None,
            monthly: yuan(mla_monthly_of(is_urban, year)),
            valid_from: Some(valid_from),
            valid_to,
            legal_basis: text(LEGAL_BASIS),
            is_sample: Some(true),
            as_of: Some(Office::CivilAffairs.as_of(county.options.as_of)),
        });
    }
}

fn wage(county: &County, chunk: &mut Chunk, year: i32, (valid_from, valid_to): Period) {
    let monthly = 1_500 + 50 * i64::from(year - FIRST_YEAR);
    chunk.min_wage.push(min_wage::Model {
        id: format!("MIN-WAGE-{year}"),
        division_code: text(COUNTY),
        monthly: yuan(monthly),
        hourly: Some(Decimal::new(monthly, 2)),
        valid_from: Some(valid_from),
        valid_to,
        legal_basis: text(LEGAL_BASIS),
        is_sample: Some(true),
        as_of: Some(Office::HumanResources.as_of(county.options.as_of)),
    });
}

fn poverty_line(county: &County, chunk: &mut Chunk, year: i32) {
    chunk.poverty_line.push(poverty_line::Model {
        id: format!("POVERTY-LINE-{year}"),
        division_code: text(PROVINCE),
        year: Some(year),
        annual: yuan(3_500 + 300 * i64::from(year - FIRST_YEAR)),
        legal_basis: text(LEGAL_BASIS),
        is_sample: Some(true),
        as_of: Some(Office::PovertyAlleviation.as_of(county.options.as_of)),
    });
}

fn prices(county: &County, chunk: &mut Chunk) {
    let mut dice = county.dice(TOPIC);
    let as_of = Office::Development.as_of(county.options.as_of);
    for day in months_until(as_of, INDEX_MONTHS) {
        chunk.price_index.push(price_index::Model {
            id: format!("CPI-{}", month(day)),
            division_code: text(PROVINCE),
            year_month: Some(month(day)),
            value: hundredths(10_000 + dice.between(-60, 420)),
            legal_basis: text(LEGAL_BASIS),
            is_sample: Some(true),
            as_of: Some(as_of),
        });
    }
}

/// Two sample rules: the poor have half the deductible and a higher ratio.
fn serious_illness(county: &County, chunk: &mut Chunk) {
    let as_of = Office::MedicalSecurity.as_of(county.options.as_of);
    for (group, deductible, bonus) in [("GENERAL", 11_000, 0), ("RURAL_POOR", 5_500, 5)] {
        let id = format!("SIR-{group}");
        for (band, (low, high)) in
            [(0, Some(100_000)), (100_000, Some(200_000)), (200_000, None)].into_iter().enumerate()
        {
            let ratio = 60 + 5 * i64::try_from(band).unwrap_or(0) + bonus;
            chunk.serious_illness_band.push(serious_illness_band::Model {
                id: format!("SIB-{group}-{}", band + 1),
                rule_id: text(&id),
                lower_bound: yuan(low),
                upper_bound: high.and_then(yuan),
                ratio: hundredths(ratio),
                as_of: Some(as_of),
            });
        }
        chunk.serious_illness_rule.push(serious_illness_rule::Model {
            id,
            division_code: text(COUNTY),
            target_group: text(group),
            deductible: yuan(deductible),
            annual_cap: if bonus > 0 { None } else { yuan(400_000) },
            valid_from: Some(july(FIRST_YEAR)),
            valid_to: None,
            legal_basis: text(LEGAL_BASIS),
            is_sample: Some(true),
            as_of: Some(as_of),
        });
    }
}
