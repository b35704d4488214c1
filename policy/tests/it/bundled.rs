//! The policy files as they are shipped.

use std::collections::BTreeSet;

use yimen_policy::{Decision, RowScope, bundled_sources};
use yimen_schema::{FieldDef, Level, Mask, ShareClass};

use crate::world::{CATALOGUE, POLICIES, decide, def, id, name, open, table, tables, telling};

#[test]
fn the_bundled_policies_come_into_force() {
    assert_eq!(POLICIES.version().len(), 64);
}

#[test]
fn every_owner_has_a_file_and_every_file_an_owner() {
    let owners: BTreeSet<String> =
        CATALOGUE.resources.iter().map(|resource| resource.owner.to_string()).collect();
    let files = bundled_sources().into_iter().map(|source| {
        let stem = source.name.strip_prefix("policy/cedar/").and_then(|name| name.strip_suffix(".cedar"));
        stem.expect("files are named for departments").to_owned()
    });
    assert_eq!(files.collect::<BTreeSet<_>>(), owners);
}

/// The values of an annotation, in the order of the files.
fn annotations(key: &str) -> Vec<String> {
    let start = format!("@{key}(\"");
    let sources = bundled_sources();
    let lines = sources.iter().flat_map(|source| source.text.lines());
    lines.filter_map(|line| Some(line.strip_prefix(&start)?.strip_suffix("\")")?.to_owned())).collect()
}

#[test]
fn every_policy_rests_on_clauses_of_the_notices() {
    for basis in annotations("basis") {
        for clause in basis.split("; ") {
            let (notice, place) = clause.split_once(' ').unwrap_or_default();
            assert!(["000", "001", "002", "003", "004"].contains(&notice), "{basis}");
            assert!(place.starts_with(['一', '二', '三', '四', '五']), "{basis}");
        }
    }
}

#[test]
fn a_policy_has_one_name_in_all_files() {
    let ids = annotations("id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
}

#[test]
fn a_file_begins_by_saying_whose_data_it_is_and_comes_to_its_owner_first() {
    for source in bundled_sources() {
        assert!(source.text.starts_with("// "), "{}", source.name);
        let owner =
            source.name.rsplit('/').next().and_then(|name| name.strip_suffix(".cedar")).unwrap_or_default();
        let first = source.text.split("@id(").nth(1).unwrap_or_default();
        assert!(first.contains(&format!("Department::\"{owner}\"")), "{}", source.name);
    }
}

#[test]
fn a_help_centre_officer_sees_a_family_as_the_check_of_a_file_needs_it() {
    let table = table("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK");
    let decided = |coordinate: &str| decide(&table, id(coordinate));
    assert!(open(&table).lookup(id("Person.citizenId")).is_ok());
    assert_eq!(decided("Person.name"), Decision::Clear);
    assert_eq!(decided("Person.citizenId"), Decision::Mask(Mask::CitizenId));
    assert_eq!(decided("Person.birthDate"), Decision::Mask(Mask::Year));
    assert_eq!(decided("HouseholdIncomeSummary.perCapitaMonthly"), Decision::Mask(Mask::Band));
    assert_eq!(decided("Person.dwellingCount"), Decision::Clear);
    assert_eq!(decided("RealEstateRight.address"), Decision::Deny);
    assert_eq!(decided("Person.hasMajorIllness"), Decision::Clear);
    assert_eq!(decided("Diagnosis.diseaseCode"), Decision::Deny);
    assert_eq!(decided("StudentEnrolment.isTertiary"), Decision::Clear);
    assert_eq!(decided("StudentEnrolment.schoolId"), Decision::Deny);
    assert_eq!(decided("Person.hasFinancialAssetAboveLimit"), Decision::Clear);
    assert_eq!(decided("FinancialAsset.balance"), Decision::Deny);
}

#[test]
fn whoever_works_on_cases_may_name_the_number_that_a_case_begins_with() {
    let named = [
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "HOUSING_SECURITY", "Person.citizenId"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "TEMPORARY_ASSISTANCE", "Household.id"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW", "MlaAward.id"),
        ("CIVIL_AFFAIRS", "REVIEWER", "ECONOMIC_VERIFICATION", "Person.citizenId"),
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "UnionFile.fileNo"),
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "BusinessRegistration.uscc"),
        ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE", "Person.citizenId"),
        ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE", "BusinessRegistration.uscc"),
        ("MEDICAL_SECURITY", "REVIEWER", "MEDICAL_ASSISTANCE", "Person.citizenId"),
        ("HOUSING", "REVIEWER", "HOUSING_SECURITY", "Person.citizenId"),
        ("EDUCATION", "REVIEWER", "EDUCATION_AID", "Person.citizenId"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "Person.citizenId"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "UnionFile.fileNo"),
        ("UNION_HELP_CENTRE", "HELP_CENTRE", "EDUCATION_AID", "Person.citizenId"),
        ("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION", "Person.citizenId"),
    ];
    for (department, role, purpose, number) in named {
        let table = table(department, role, purpose);
        assert!(open(&table).lookup(id(number)).is_ok(), "{department} as {role} for {purpose}: {number}");
    }
    let unnamed = [
        ("FINANCE", "REVIEWER", "MLA_REVIEW"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "UNION_FILE_CHECK"),
        ("UNION", "HELP_CENTRE", "MLA_REVIEW"),
        ("PUBLIC", "CITIZEN", "MLA_REVIEW"),
    ];
    for (department, role, purpose) in unnamed {
        let table = table(department, role, purpose);
        assert!(open(&table).lookup(id("Person.citizenId")).is_err(), "{department} as {role} for {purpose}");
    }
}

#[test]
fn the_window_lists_its_households_and_awards() {
    let table = table("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW");
    let listed = [
        "Household.divisionCode",
        "Household.kind",
        "MlaAward.status",
        "MlaAward.startedOn",
        "UnionFile.status",
    ];
    for coordinate in listed {
        assert!(open(&table).argument(id(coordinate)).is_ok(), "{coordinate}");
    }
}

#[test]
fn the_county_lists_union_files_and_the_union_lists_households() {
    let county = table("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    for coordinate in
        ["UnionFile.divisionCode", "UnionFile.status", "UnionFile.openedOn", "UnionFile.targetClass"]
    {
        assert!(open(&county).argument(id(coordinate)).is_ok(), "{coordinate}");
    }
    let union = table("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    for coordinate in ["Household.divisionCode", "Household.kind", "UnionFile.status", "UnionAid.givenOn"] {
        assert!(open(&union).argument(id(coordinate)).is_ok(), "{coordinate}");
    }
}

#[test]
fn the_county_spot_checks_without_the_township_knowing_whom() {
    for table in tables("TOWNSHIP_GOV") {
        assert!(open(&table).enter(CATALOGUE.resource_named("SpotCheck").expect("a resource")).is_err());
    }
}

/// The kind of a household view is `MLA_UNIT`, `UNION_FILE`, `POVERTY_REGISTER`: the name of a register.
#[test]
fn a_household_does_not_tell_which_registers_know_it() {
    for department in ["HRSS", "MEDICAL_SECURITY", "HOUSING", "EDUCATION", "FINANCE"] {
        for table in tables(department) {
            assert_eq!(decide(&table, id("Household.kind")), Decision::Deny, "{department}");
        }
    }
}

#[test]
fn what_is_published_is_read_by_every_clerk_and_every_citizen() {
    let published = || telling().filter(|id| CATALOGUE.coordinate(*id).class == ShareClass::Unconditional);
    let clerk = table("WATER", "WINDOW_CLERK", "STATISTICS");
    let steward = table("HOUSING", "STEWARD", "DATA_MATCHING");
    let citizen = table("PUBLIC", "CITIZEN", "MLA_REVIEW");
    for id in published() {
        assert_eq!(decide(&clerk, id), Decision::Clear, "{}", name(id));
        assert_eq!(decide(&steward, id), Decision::Clear, "{}", name(id));
        let expected =
            if CATALOGUE.coordinate(id).level == Level::L1 { Decision::Clear } else { Decision::Deny };
        assert_eq!(decide(&citizen, id), expected, "{}", name(id));
    }
}

#[test]
fn the_public_reads_nothing_else() {
    for table in tables("PUBLIC") {
        let read = telling().find(|id| {
            let coordinate = CATALOGUE.coordinate(*id);
            let published = coordinate.class == ShareClass::Unconditional && coordinate.level == Level::L1;
            !published && decide(&table, *id) != Decision::Deny
        });
        assert_eq!(read.map(name), None);
    }
}

#[test]
fn rows_with_a_division_are_read_in_the_own_division_only() {
    for department in ["PUBLIC_SECURITY", "SUPERVISION_OFFICE", "CIVIL_AFFAIRS", "UNION"] {
        for table in
            [table(department, "REVIEWER", "MLA_REVIEW"), table(department, "SUPERVISOR", "SUPERVISION")]
        {
            for resource in CATALOGUE.resource_ids() {
                let open_to = open(&table).rows(resource);
                let has_division = CATALOGUE.resource(resource).division.is_some();
                assert_eq!(
                    open_to == RowScope::OwnDivision,
                    has_division,
                    "{}",
                    CATALOGUE.resource(resource).name
                );
            }
        }
    }
}

/// What somebody reads with no way to it helps nobody, and hides what the policy was meant for.
#[test]
fn whatever_is_granted_can_be_reached_from_a_root() {
    let profiles = [
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW"),
        ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
        ("MEDICAL_SECURITY", "REVIEWER", "MEDICAL_ASSISTANCE"),
        ("HOUSING", "REVIEWER", "HOUSING_SECURITY"),
        ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("FINANCE", "REVIEWER", "MLA_REVIEW"),
        ("FINANCE", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
        ("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION"),
    ];
    for (department, role, purpose) in profiles {
        let table = table(department, role, purpose);
        let reached = reached_from_roots(open(&table));
        let lost: Vec<&str> = telling()
            .filter(|id| CATALOGUE.coordinate(*id).class != ShareClass::Unconditional)
            .filter(|id| decide(&table, *id) != Decision::Deny)
            .filter(|id| !reached.contains(&CATALOGUE.coordinate(*id).resource))
            .map(name)
            .collect();
        assert!(lost.is_empty(), "{department} for {purpose}: {lost:?}");
    }
}

fn reached_from_roots(table: &yimen_policy::DecisionTable) -> BTreeSet<yimen_schema::ResourceId> {
    use yimen_schema::RootKind;
    let may_start = |root: &&yimen_schema::Root| {
        let named = match root.kind {
            RootKind::One { by } | RootKind::Many { by, .. } => {
                table.lookup(CATALOGUE.resource(root.resource).fields[by].coordinate).is_ok()
            }
            RootKind::Page { .. } => true,
        };
        named && table.enter(root.resource).is_ok()
    };
    let mut open: Vec<_> = CATALOGUE.roots.values().filter(may_start).map(|root| root.resource).collect();
    let mut reached = BTreeSet::new();
    while let Some(resource) = open.pop() {
        if !reached.insert(resource) {
            continue;
        }
        for field in &CATALOGUE.resource(resource).fields {
            if let FieldDef::Link(link) = def(field.coordinate)
                && table.decision(field.coordinate) == Decision::Clear
            {
                open.push(link.target);
            }
        }
    }
    reached
}
