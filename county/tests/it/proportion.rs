//! The county is roughly as a county is.

use std::collections::{BTreeMap, HashSet};

use crate::{TOWNSHIP, rows};

/// Asserts that a share of all people lies between two bounds.
fn is_share_of_people(what: &str, count: usize, low: f64, high: f64) {
    let share = count as f64 / 20_000.0;
    assert!((low..=high).contains(&share), "{what}: {share:.4}");
}

#[test]
fn every_table_has_rows_at_a_townships_size() {
    let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
    for chunk in TOWNSHIP.iter() {
        for (_, table, count) in chunk.counts() {
            *tables.entry(table).or_default() += count;
        }
    }
    assert_eq!(tables.len(), 103);
    let empty: Vec<_> = tables.iter().filter(|(_, count)| **count == 0).collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn assistance_is_as_frequent_as_in_a_county() {
    let in_payment = rows!(mla_award_member).filter(|row| row.is_in_payment == Some(true)).count();
    is_share_of_people("allowance", in_payment, 0.03, 0.055);
    is_share_of_people("union files", rows!(union_file).count(), 0.003, 0.008);
    is_share_of_people("registered poor", rows!(poverty_person).count(), 0.045, 0.075);
    is_share_of_people("disability", rows!(disability_certificate).count(), 0.028, 0.055);
    is_share_of_people("permits", rows!(residence_permit).count(), 0.005, 0.02);
    let nameless = rows!(person).filter(|row| row.citizen_id.is_none()).count();
    is_share_of_people("without a number", nameless, 0.001, 0.004);
}

#[test]
fn property_and_work_are_as_frequent_as_in_a_county() {
    let adults = rows!(person).filter(|row| row.retirement_date.is_some()).count();
    is_share_of_people("adults", adults, 0.7, 0.85);
    let owners: HashSet<_> = rows!(real_estate_right).map(|row| &row.owner_citizen_id).collect();
    is_share_of_people("owners of real estate", owners.len(), 0.18, 0.33);
    is_share_of_people("vehicles", rows!(vehicle).count(), 0.08, 0.17);
    is_share_of_people("provident fund", rows!(housing_fund_account).count(), 0.04, 0.09);
    let traders: HashSet<_> = rows!(business_role).map(|row| &row.citizen_id).collect();
    is_share_of_people("people with a business", traders.len(), 0.025, 0.06);
    let savers: HashSet<_> = rows!(financial_asset).map(|row| &row.citizen_id).collect();
    is_share_of_people("people with financial assets", savers.len(), 0.18, 0.35);
    let insured: HashSet<_> = rows!(si_enrolment).map(|row| &row.citizen_id).collect();
    is_share_of_people("insured people", insured.len(), 0.9, 1.0);
    let at_school = rows!(student_enrolment).filter(|row| row.status.as_deref() == Some("ENROLLED"));
    is_share_of_people("pupils and students", at_school.count(), 0.13, 0.27);
}

#[test]
fn every_village_has_people_and_every_town_has_many() {
    let homes: HashSet<_> = rows!(household).filter_map(|row| row.division_code.as_deref()).collect();
    assert!(homes.len() > 580, "{}", homes.len());
    let towns: HashSet<_> = homes.iter().map(|code| &code[..9]).collect();
    assert_eq!(towns.len(), 19);
}

#[test]
fn offices_deliver_on_different_days() {
    let days: HashSet<_> = [
        rows!(person).map(|row| row.as_of).next(),
        rows!(household).map(|row| row.as_of).next(),
        rows!(tax_summary).map(|row| row.as_of).next(),
        rows!(student_enrolment).map(|row| row.as_of).next(),
        rows!(union_file).map(|row| row.as_of).next(),
        rows!(real_estate_right).map(|row| row.as_of).next(),
    ]
    .into_iter()
    .collect();
    assert_eq!(days.len(), 6);
}
