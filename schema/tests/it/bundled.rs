//! The bundled SDL files.

use std::collections::HashSet;

use yimen_schema::{bundled_sources, load};

#[test]
fn the_bundled_catalogue_loads() {
    let catalogue = load(&bundled_sources()).unwrap_or_else(|error| panic!("{error}"));
    assert!(catalogue.resources.len() >= 100, "{}", catalogue.resources.len());
    assert!(catalogue.coordinate_named("UnionFile.monthlyIncome").is_some());
    assert!(catalogue.coordinate_named("UnionFile.salary").is_none());
    assert_eq!(catalogue.version.len(), 64);
}

#[test]
fn every_data_item_of_the_requirements_is_carried_or_has_a_reason() {
    let catalogue = load(&bundled_sources()).unwrap_or_else(|error| panic!("{error}"));
    let mut known: HashSet<String> = catalogue.coordinates.iter().flat_map(|c| c.refs.clone()).collect();
    let elsewhere = include_str!("../../items-elsewhere.csv");
    known.extend(elsewhere.lines().skip(1).filter_map(|line| Some(line.split_once(',')?.0.to_owned())));
    let missing: Vec<String> =
        (1..=149).map(|n| format!("D{n:03}")).filter(|item| !known.contains(item)).collect();
    assert_eq!(missing, Vec::<String>::new());
}
