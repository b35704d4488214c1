//! A county is a function of its options.

use crate::{chunks, options};

#[test]
fn the_same_options_give_the_same_rows() {
    assert_eq!(chunks(5_000, 7), chunks(5_000, 7));
}

#[test]
fn another_seed_gives_other_rows() {
    assert_ne!(chunks(500, 7)[0].person, chunks(500, 8)[0].person);
}

#[test]
fn a_county_has_exactly_as_many_people_as_were_asked_for() {
    for persons in [1, 2, 999, 4_001, 9_000] {
        let rows: usize = chunks(persons, 3).iter().map(|chunk| chunk.person.len()).sum();
        assert_eq!(rows, persons as usize);
    }
}

#[test]
fn the_numbers_for_measurements_are_those_of_the_rows() {
    let numbers: Vec<_> = yimen_county::citizen_numbers(&options(5_000, 7)).unwrap().collect();
    let people = chunks(5_000, 7).into_iter().flat_map(|chunk| chunk.person);
    assert_eq!(numbers, people.filter_map(|person| person.citizen_id).collect::<Vec<_>>());
}

#[test]
fn more_people_than_numbers_are_refused() {
    let refused = yimen_county::citizen_numbers(&options(20_000_001, 1)).err().unwrap();
    assert!(refused.to_string().contains("more than the 20000000"), "{refused}");
}
