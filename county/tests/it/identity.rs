//! Numbers are well formed and nobody's.

use std::collections::HashSet;

use chrono::NaiveDate;
use yimen_county::check_character;

use crate::rows;

#[test]
fn every_citizen_number_is_well_formed() {
    for person in rows!(person) {
        let Some(number) = &person.citizen_id else { continue };
        assert_eq!(number.len(), 18, "{number}");
        assert_eq!(number.chars().last().unwrap(), check_character(&number[..17]), "{number}");
        let born = NaiveDate::parse_from_str(&number[6..14], "%Y%m%d").unwrap();
        assert_eq!(person.birth_date, Some(born));
        let is_male = number[14..17].parse::<u32>().unwrap() % 2 == 1;
        assert_eq!(person.sex_code.as_deref(), Some(if is_male { "1" } else { "2" }));
    }
}

#[test]
fn no_number_has_a_division_that_any_county_has() {
    for person in rows!(person) {
        for number in person.citizen_id.iter().chain(&person.citizen_id_legacy) {
            assert_eq!(&number[4..6], "99", "{number}");
        }
    }
    let spouses = rows!(marriage_registration).filter_map(|row| row.spouse_citizen_id.as_ref());
    let obligors = rows!(support_obligation).filter_map(|row| row.obligor_citizen_id.as_ref());
    assert!(spouses.chain(obligors).all(|number| &number[4..6] == "99"));
    assert!(rows!(business_registration).all(|row| &row.uscc[2..8] == "410799"));
    assert!(rows!(real_estate_right).all(|row| row.unit_code.as_ref().unwrap().starts_with("410799")));
    let places = include_str!("../../data/divisions.csv").lines().skip(1);
    assert!(places.into_iter().all(|line| &line[4..6] != "99"));
}

#[test]
fn no_number_is_given_twice() {
    let mut seen = HashSet::new();
    for person in rows!(person) {
        if let Some(number) = &person.citizen_id {
            assert!(seen.insert(number), "{number}");
        }
    }
}

#[test]
fn phones_and_plates_are_out_of_use() {
    assert!(rows!(person).filter_map(|row| row.phone.as_ref()).all(|phone| phone.starts_with("129")));
    let cards = rows!(union_contact_card).filter_map(|row| row.contact_phone.as_ref());
    assert!(cards.into_iter().all(|phone| phone.starts_with("129")));
    assert!(rows!(vehicle).filter_map(|row| row.plate_no.as_ref()).all(|plate| plate.contains('I')));
}

#[test]
fn every_standard_says_that_it_is_a_sample() {
    let allowances = rows!(mla_standard).map(|row| (row.is_sample, &row.legal_basis));
    let wages = rows!(min_wage).map(|row| (row.is_sample, &row.legal_basis));
    let lines = rows!(poverty_line).map(|row| (row.is_sample, &row.legal_basis));
    let prices = rows!(price_index).map(|row| (row.is_sample, &row.legal_basis));
    let rules = rows!(serious_illness_rule).map(|row| (row.is_sample, &row.legal_basis));
    for (is_sample, basis) in allowances.chain(wages).chain(lines).chain(prices).chain(rules) {
        assert_eq!(is_sample, Some(true));
        assert!(basis.as_ref().unwrap().contains("sample figure, not official"));
    }
}

#[test]
fn every_body_and_business_says_that_it_is_a_sample() {
    let bodies = rows!(organisation).filter_map(|row| row.name.as_ref());
    let businesses = rows!(business_registration).filter_map(|row| row.name.as_ref());
    for name in bodies.chain(businesses) {
        assert!(name.contains("示例"), "{name}");
    }
}
