//! What tables and permits refuse, and why.

use std::collections::HashMap;

use yimen_policy::{Applied, Decision, Reason};
use yimen_schema::{CoordinateId, Mask, ShareClass};

use crate::world::{
    CATALOGUE, POLICIES, Table, decide, id, name, of_role, open, profile, purposes, table, tables, telling,
};

/// The first thing read that isn't shared without condition.
fn personal(table: &Table) -> Option<&'static str> {
    let conditional = |id: &CoordinateId| CATALOGUE.coordinate(*id).class != ShareClass::Unconditional;
    telling().filter(conditional).find(|id| decide(table, *id) != Decision::Deny).map(name)
}

#[test]
fn a_steward_reads_nothing_personal() {
    for department in ["CIVIL_AFFAIRS", "UNION", "HRSS", "SUPERVISION_OFFICE", "TOWNSHIP_GOV"] {
        for table in of_role(department, "STEWARD") {
            assert_eq!(personal(&table), None, "{department}");
        }
    }
}

#[test]
fn a_village_committee_reads_nothing_personal() {
    for table in tables("VILLAGE_COMMITTEE") {
        assert_eq!(personal(&table), None);
        assert!(open(&table).lookup(id("Person.citizenId")).is_err());
    }
}

#[test]
fn a_citizen_role_reads_nothing_personal_in_any_department() {
    for department in ["CIVIL_AFFAIRS", "UNION", "PUBLIC"] {
        for table in of_role(department, "CITIZEN") {
            assert_eq!(personal(&table), None, "{department}");
        }
    }
}

#[test]
fn supervisors_and_auditors_read_in_the_supervision_office_and_for_supervision_only() {
    for role in ["SUPERVISOR", "AUDITOR"] {
        assert!(personal(&table("SUPERVISION_OFFICE", role, "SUPERVISION")).is_some());
        for purpose in purposes() {
            assert_eq!(personal(&table("CIVIL_AFFAIRS", role, purpose)), None, "{role} for {purpose}");
            if purpose != "SUPERVISION" {
                assert_eq!(
                    personal(&table("SUPERVISION_OFFICE", role, purpose)),
                    None,
                    "{role} for {purpose}"
                );
            }
        }
    }
    assert_eq!(personal(&table("SUPERVISION_OFFICE", "REVIEWER", "SUPERVISION")), None);
}

#[test]
fn an_analyst_reads_the_own_department_for_matching_only() {
    for purpose in purposes() {
        let table = table("CIVIL_AFFAIRS", "ANALYST", purpose);
        if purpose != "DATA_MATCHING" {
            assert_eq!(personal(&table), None, "{purpose}");
            continue;
        }
        assert_eq!(decide(&table, id("MlaAward.status")), Decision::Clear);
        assert_eq!(decide(&table, id("HouseholdSurvey.attachments")), Decision::Deny);
        let foreign = telling().find(|id| {
            *CATALOGUE.coordinate(*id).owner != *"CIVIL_AFFAIRS" && decide(&table, *id) != Decision::Deny
        });
        assert_eq!(foreign.map(name), None);
    }
}

#[test]
fn nobody_reads_anything_personal_for_statistics() {
    for department in ["CIVIL_AFFAIRS", "TOWNSHIP_GOV", "UNION", "FINANCE", "SUPERVISION_OFFICE"] {
        for role in ["WINDOW_CLERK", "REVIEWER", "HELP_CENTRE", "ANALYST", "SUPERVISOR"] {
            assert_eq!(personal(&table(department, role, "STATISTICS")), None, "{department} as {role}");
        }
    }
}

#[test]
fn a_masked_item_is_answered_but_never_searched_by() {
    let table = table("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let number = id("Person.citizenId");
    let granted = open(&table).grant(number).expect("the masked number is answered");
    assert_eq!(granted.mask(), Some(Mask::CitizenId));
    assert_eq!(open(&table).argument(number), Err(Reason::NotGranted));
    assert_eq!(open(&table).argument(id("Person.birthDate")), Err(Reason::NotGranted));
    assert!(open(&table).argument(id("Person.labourCapacity")).is_ok());
}

#[test]
fn a_number_at_hand_is_named_without_being_read() {
    let table = table("HEALTH", "REVIEWER", "MEDICAL_ASSISTANCE");
    let number = id("Person.citizenId");
    assert!(open(&table).lookup(number).is_ok());
    assert_eq!(open(&table).grant(number).err(), Some(Reason::NotGranted));
    assert_eq!(decide(&table, id("Person.name")), Decision::Deny);
    let outside = crate::world::table("WATER", "REVIEWER", "MEDICAL_ASSISTANCE");
    assert_eq!(open(&outside).lookup(number).err(), Some(Reason::NotGranted));
}

#[test]
fn another_purpose_is_told_apart_from_another_department() {
    let band = id("TaxSummary.incomeBand");
    assert_eq!(decide(&table("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"), band), Decision::Clear);
    let other_purpose = table("UNION", "HELP_CENTRE", "EDUCATION_AID");
    assert_eq!(open(&other_purpose).grant(band).err(), Some(Reason::Purpose));
    let other_department = table("EDUCATION", "REVIEWER", "EDUCATION_AID");
    assert_eq!(open(&other_department).grant(band).err(), Some(Reason::NotGranted));
    let other_role = table("UNION", "STEWARD", "UNION_FILE_CHECK");
    assert_eq!(open(&other_role).grant(band).err(), Some(Reason::NotGranted));
}

#[test]
fn what_is_never_shared_stays_with_its_owner_even_where_a_section_is_read_in_full() {
    let form = id("UnionForm.contentJson");
    assert_eq!(decide(&table("UNION", "REVIEWER", "UNION_FILE_CHECK"), form), Decision::Clear);
    for (department, role, purpose) in [
        ("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION"),
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
    ] {
        let table = table(department, role, purpose);
        assert_eq!(open(&table).grant(form).err(), Some(Reason::NotShared), "{department}");
    }
}

#[test]
fn a_link_is_followed_to_where_something_may_be_read() {
    let union = table("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let business = CATALOGUE.resource_named("BusinessRegistration").expect("a resource");
    // Of the employer itself nothing is told, but whether it owes contributions is.
    assert!(open(&union).follow(id("WorkerProfile.employer"), business).is_ok());
    let rights = CATALOGUE.resource_named("RealEstateRight").expect("a resource");
    assert!(open(&union).follow(id("Person.realEstateRights"), rights).is_err());
    let education = table("EDUCATION", "REVIEWER", "EDUCATION_AID");
    assert!(open(&education).follow(id("WorkerProfile.employer"), business).is_err());
}

/// Public security owns the way from an award to its applicant. The way isn't a right to the list of awards.
#[test]
fn owning_what_a_row_leads_to_opens_no_list_of_such_rows() {
    let table = table("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW");
    for name in ["MlaAward", "UnionFile", "DisabilityCertificate", "MedicalAssistance", "StudentEnrolment"] {
        let resource = CATALOGUE.resource_named(name).expect("a resource");
        assert_eq!(open(&table).enter(resource).err(), Some(Reason::NotGranted), "{name}");
    }
}

#[test]
fn tables_that_decide_anything_differently_have_different_fingerprints() {
    let mut seen: HashMap<u64, Vec<Decision>> = HashMap::new();
    for department in ["CIVIL_AFFAIRS", "TOWNSHIP_GOV", "UNION", "EDUCATION"] {
        for table in of_role(department, "REVIEWER") {
            let decisions: Vec<Decision> = CATALOGUE.coordinate_ids().map(|id| decide(&table, id)).collect();
            let known = seen.entry(open(&table).fingerprint()).or_insert_with(|| decisions.clone());
            assert!(*known == decisions, "{department} shares a fingerprint with another table");
        }
    }
    assert!(seen.len() > 4);
}

#[test]
fn tables_that_decide_everything_alike_have_one_fingerprint() {
    let clerk = table("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW");
    let reviewer = table("TOWNSHIP_GOV", "REVIEWER", "MLA_REVIEW");
    assert_eq!(open(&clerk).fingerprint(), open(&reviewer).fingerprint());
}

#[test]
fn an_explanation_names_the_policy_and_its_clause() {
    let union = profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let explained = POLICIES.explain(
        &union,
        (POLICIES.own_classes(), &Applied::default()),
        id("TaxSummary.declaredIncome"),
    );
    assert_eq!(explained.decision, Decision::Mask(Mask::Band));
    assert_eq!(explained.permitted_by, [("tax-to-union-masked".to_owned(), "003 四(一)".to_owned())]);
    let refused =
        POLICIES.explain(&union, (POLICIES.own_classes(), &Applied::default()), id("TaxSummary.taxPaid"));
    assert_eq!((refused.decision, refused.reason), (Decision::Deny, Some(Reason::NotGranted)));
    assert!(refused.permitted_by.is_empty());
}
