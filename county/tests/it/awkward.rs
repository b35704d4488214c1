//! The cases that are easy to overlook are there to be found.

use std::collections::{HashMap, HashSet};

use crate::rows;

/// Household views with the citizen numbers of their members.
fn members() -> HashMap<&'static str, HashSet<&'static str>> {
    let mut views: HashMap<_, HashSet<_>> = HashMap::new();
    for row in rows!(household_member) {
        let Some(number) = row.citizen_id.as_deref() else { continue };
        views.entry(row.household_id.as_deref().unwrap()).or_default().insert(number);
    }
    views
}

#[test]
fn every_kind_of_household_view_exists() {
    let kinds: HashSet<_> = rows!(household).filter_map(|row| row.kind.as_deref()).collect();
    let all = ["HUKOU", "MLA_UNIT", "UNION_FILE", "POVERTY_REGISTER", "HOUSING", "SURVEY"];
    assert_eq!(kinds, HashSet::from(all));
}

#[test]
fn every_household_that_a_row_names_exists() {
    let views: HashSet<_> = rows!(household).map(|row| row.id.as_str()).collect();
    let named = rows!(person)
        .filter_map(|row| row.household_id.as_deref())
        .chain(rows!(mla_award).filter_map(|row| row.household_id.as_deref()))
        .chain(rows!(union_file).filter_map(|row| row.household_id.as_deref()))
        .chain(rows!(household_income).filter_map(|row| row.household_id.as_deref()))
        .chain(rows!(poverty_household).filter_map(|row| row.household_id.as_deref()))
        .chain(rows!(housing_application).filter_map(|row| row.household_id.as_deref()));
    let unknown: Vec<_> = named.filter(|id| !views.contains(id)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn views_of_one_family_differ_in_their_members() {
    let members = members();
    let book_of: HashMap<_, _> = rows!(person)
        .filter_map(|row| Some((row.citizen_id.as_deref()?, row.household_id.as_deref()?)))
        .collect();
    let differs = |id: &str, applicant: &str| {
        let book = book_of.get(applicant).and_then(|book| members.get(book));
        book != members.get(id)
    };
    let units = rows!(household).filter(|row| row.kind.as_deref() == Some("MLA_UNIT"));
    let units: Vec<_> =
        units.filter_map(|row| Some(differs(&row.id, row.applicant_citizen_id.as_deref()?))).collect();
    assert!(units.iter().any(|differs| *differs) && units.iter().any(|differs| !differs));
    let single = rows!(mla_award).filter(|row| row.unit_type.as_deref() == Some("SINGLE_PERSON"));
    assert!(single.count() > 10);
}

#[test]
fn a_spouse_who_is_not_in_the_book_is_married_all_the_same() {
    let book: HashMap<_, _> = rows!(person)
        .filter_map(|row| Some((row.citizen_id.as_deref()?, row.household_id.as_deref()?)))
        .collect();
    let apart = rows!(marriage_registration).filter(|row| row.is_current == Some(true)).filter(|row| {
        let of = |number: &Option<String>| number.as_deref().and_then(|number| book.get(number));
        matches!((of(&row.citizen_id), of(&row.spouse_citizen_id)), (Some(a), Some(b)) if a != b)
    });
    assert!(apart.count() > 50);
}

#[test]
fn some_live_elsewhere_than_they_are_registered() {
    let elsewhere =
        rows!(hukou_registration).filter(|row| row.registered_division_code != row.division_code).count();
    assert!(elsewhere > 2_000, "{elsewhere}");
    let away = rows!(person).filter(|row| !row.division_code.as_deref().unwrap().starts_with("410727"));
    assert!(away.count() > 100);
    let foreign = rows!(hukou_registration)
        .filter(|row| !row.registered_division_code.as_deref().unwrap().starts_with("410727"));
    assert!(foreign.count() > 100);
}

#[test]
fn some_awards_outlive_their_receivers() {
    let dead: HashSet<_> = rows!(person)
        .filter(|row| row.deceased_on.is_some())
        .filter_map(|row| row.citizen_id.as_deref())
        .collect();
    let is_dead = |number: &Option<String>| number.as_deref().is_some_and(|it| dead.contains(it));
    let shares = rows!(mla_award_member).filter(|row| row.is_in_payment == Some(true));
    assert!(shares.filter(|row| is_dead(&row.citizen_id)).count() > 2);
    let pensions = rows!(pension_benefit).filter(|row| row.status.as_deref() == Some("ACTIVE"));
    assert!(pensions.filter(|row| is_dead(&row.citizen_id)).count() > 5);
}

#[test]
fn some_families_with_an_allowance_own_vehicles() {
    let receivers: HashSet<_> = rows!(mla_award_member).filter_map(|row| row.citizen_id.as_deref()).collect();
    let owners = rows!(vehicle).filter_map(|row| row.owner_citizen_id.as_deref());
    assert!(owners.filter(|owner| receivers.contains(owner)).count() > 5);
}

#[test]
fn old_files_have_old_numbers_and_small_letters() {
    let owners = || rows!(real_estate_right).filter_map(|row| row.owner_citizen_id.as_deref());
    assert!(owners().any(|number| number.len() == 15));
    assert!(owners().any(|number| number.ends_with('x')));
    assert!(rows!(poverty_person).any(|row| row.citizen_id.as_ref().unwrap().ends_with('x')));
}

#[test]
fn offices_differ_about_the_same_fact() {
    let register: HashMap<_, _> = rows!(person)
        .filter_map(|row| Some((row.citizen_id.as_deref()?, row.birth_date?.to_string())))
        .collect();
    let differing = rows!(union_form).filter(|row| {
        let said = row.content_json.as_deref().unwrap();
        !said.contains(&register[row.citizen_id.as_deref().unwrap()])
    });
    assert!(differing.count() > 3);
    let divorced: HashSet<_> = rows!(marriage_registration)
        .filter(|row| row.kind.as_deref() == Some("DIVORCE"))
        .filter_map(|row| row.citizen_id.as_deref())
        .collect();
    let late = rows!(person).filter(|row| row.marital_status_code.as_deref() == Some("20"));
    let late = late.filter(|row| row.citizen_id.as_deref().is_some_and(|it| divorced.contains(it)));
    assert!(late.count() > 3);
}

#[test]
fn some_families_have_two_files_where_one_is_the_rule() {
    let mut families: HashMap<_, usize> = HashMap::new();
    for file in rows!(union_file).filter(|row| row.is_active == Some(true)) {
        *families.entry(file.file_no.trim_end_matches("-2").to_owned()).or_default() += 1;
    }
    assert!(families.values().any(|files| *files == 2));
}

#[test]
fn registers_lack_some_of_the_people() {
    let registered: HashSet<_> =
        rows!(hukou_registration).filter_map(|row| row.citizen_id.as_deref()).collect();
    let people = rows!(person).filter_map(|row| row.citizen_id.as_deref());
    let missing = people.filter(|number| !registered.contains(number)).count();
    assert!((100..400).contains(&missing), "{missing}");
    let rare = ['䶮', '㛃', '𠅤', '𬎆'];
    assert!(rows!(person).any(|row| row.name.as_ref().unwrap().contains(rare)));
}
