//! The families that a demonstration shows are in the rows.

use crate::{chunks, options};

#[test]
fn a_small_county_has_every_sample_family() {
    let sample = yimen_county::sample(&options(2_000, 1)).unwrap();
    let chunks = chunks(2_000, 1);
    let chunk = &chunks[0];
    let allowance = sample.allowance.unwrap();
    let award = chunk.mla_award.iter().find(|row| row.household_id == allowance.household_id).unwrap();
    assert_eq!(award.citizen_id, Some(allowance.citizen_id));
    let union = sample.union.unwrap();
    let file = chunk.union_file.iter().find(|row| Some(&row.file_no) == union.file_no.as_ref()).unwrap();
    assert_eq!(file.citizen_id, Some(union.citizen_id));
    assert_eq!(file.household_id, union.household_id);
    let student = sample.student.unwrap();
    let mut enrolments = chunk.student_enrolment.iter();
    let enrolled = enrolments.find(|row| row.citizen_id.as_ref() == Some(&student.citizen_id)).unwrap();
    assert_eq!(enrolled.is_tertiary, Some(true));
    let permit = sample.permit.unwrap();
    assert!(chunk.residence_permit.iter().any(|row| row.citizen_id.as_ref() == Some(&permit.citizen_id)));
}

#[test]
fn a_county_of_one_person_has_no_sample_of_a_family() {
    assert_eq!(yimen_county::sample(&options(1, 1)).unwrap().allowance, None);
}
