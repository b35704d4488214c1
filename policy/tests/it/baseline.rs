//! The policies agree with every cell of `policy/baseline.csv`.
//!
//! A row speaks of a section of the catalogue, or of one resource that is split off its section. The answers:
//!
//! * `OWNER`, `FULL`: one role and purpose of the reader reads every item and summary clear; what is never shared
//!   is read by its owner alone.
//! * `PARTIAL`: something is read and something isn't, whatever the role and purpose, and no citizen number is clear.
//! * `BAND`: yes, no or a count, and money as a band. An item is clear only if it says of which day or year a band
//!   is, or is the band.
//! * `PSEUDONYM`: as `PARTIAL`, and citizen numbers as pseudonyms or not at all.
//! * `NONE`: no role reads anything for any purpose.
//! * `AGGREGATE`: figures, which are no items of the catalogue.

use std::collections::{BTreeSet, HashSet};

use yimen_policy::Decision;
use yimen_schema::{CoordinateId, FieldDef, Level, Mask, Scalar, ShareClass, SummaryFn};

use crate::world::{CATALOGUE, Table, decide, def, name, reached, table, tables, telling};

struct Cell {
    row: &'static str,
    reader: &'static str,
    answer: &'static str,
    clause: &'static str,
}

fn cells() -> impl Iterator<Item = Cell> {
    let lines = include_str!("../../baseline.csv").lines();
    lines.skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let [row, reader, answer, clause] = fields[..] else { panic!("not four fields: `{line}`") };
        Cell { row, reader, answer, clause }
    })
}

/// The resources with rows of their own, which their section's rows don't speak of.
fn split_off() -> HashSet<&'static str> {
    cells().map(|cell| cell.row).filter(|row| CATALOGUE.resource_named(row).is_some()).collect()
}

/// What a row speaks of.
fn told(row: &str) -> Vec<CoordinateId> {
    let split_off = split_off();
    let speaks_of = |id: &CoordinateId| {
        let resource = reached(*id);
        if split_off.contains(resource.name.as_str()) {
            resource.name == row
        } else {
            *resource.section == *row
        }
    };
    telling().filter(speaks_of).collect()
}

/// The items that a `BAND` may answer clear beside its summaries, all named in requirements 4.15: the year of an
/// income band, the band as tax or a bank gave it, the latest month with a deposit.
const BANDS: [&str; 4] =
    ["TaxSummary.year", "TaxSummary.incomeBand", "FinancialAsset.band", "Person.lastHousingFundMonth"];

fn check(reader: &str) {
    let all = tables(reader);
    for cell in cells().filter(|cell| cell.reader == reader) {
        let told = told(cell.row);
        let at = format!("{} of {reader}", cell.row);
        match cell.answer {
            "OWNER" | "FULL" => is_full(&at, reader, &all, &told),
            // The long-term notice of an award has a fixed list of fields of its own and is no read of the catalogue.
            "PARTIAL" if reader == "PUBLIC" => is_none(&at, &all, &told),
            "PARTIAL" => is_partial(&at, &all, &told),
            "PSEUDONYM" => is_pseudonym(&at, &all, &told),
            "BAND" => is_band(&at, &all, &told),
            "NONE" => is_none(&at, &all, &told),
            "AGGREGATE" => assert!(told.is_empty(), "{at}: figures aren't items"),
            other => panic!("{at}: unknown answer `{other}`"),
        }
    }
}

fn is_full(at: &str, reader: &str, all: &[Table], told: &[CoordinateId]) {
    let withheld = |table: &Table| {
        let due = told.iter().filter(|id| {
            let coordinate = CATALOGUE.coordinate(**id);
            coordinate.class != ShareClass::NotShared || *coordinate.owner == *reader
        });
        due.filter(|id| decide(table, **id) != Decision::Clear).map(|id| name(*id)).collect::<Vec<_>>()
    };
    let least = all.iter().map(withheld).min_by_key(Vec::len).unwrap_or_default();
    assert!(!told.is_empty() && least.is_empty(), "{at}: withheld {least:?}");
}

fn is_partial(at: &str, all: &[Table], told: &[CoordinateId]) {
    let read = |id: &CoordinateId| all.iter().any(|table| decide(table, *id) != Decision::Deny);
    assert!(told.iter().any(read), "{at}: nothing is read");
    assert!(!told.iter().all(read), "{at}: everything is read");
    no_number_is_clear(at, all, told);
}

/// Of citizen numbers something is told, and nothing but pseudonyms.
fn is_pseudonym(at: &str, all: &[Table], told: &[CoordinateId]) {
    is_partial(at, all, told);
    let numbers = told
        .iter()
        .filter(|id| matches!(def(**id), FieldDef::Item(item) if item.scalar == Scalar::CitizenId));
    let decided: Vec<Decision> = numbers
        .flat_map(|id| all.iter().map(|table| decide(table, *id)))
        .filter(|d| *d != Decision::Deny)
        .collect();
    assert!(!decided.is_empty(), "{at}: no citizen number is told");
    assert!(decided.iter().all(|decision| *decision == Decision::Mask(Mask::Pseudonym)), "{at}: {decided:?}");
}

fn is_band(at: &str, all: &[Table], told: &[CoordinateId]) {
    let mut read = 0;
    for (table, id) in all.iter().flat_map(|table| told.iter().map(move |id| (table, *id))) {
        let coordinate = CATALOGUE.coordinate(id);
        let fits = match (decide(table, id), def(id)) {
            (Decision::Deny, _) => continue,
            (Decision::Mask(mask), _) => mask == Mask::Band,
            (Decision::Clear, _) if BANDS.contains(&name(id)) => true,
            (Decision::Clear, FieldDef::Summary(summary)) => {
                matches!(summary.function, SummaryFn::Exists | SummaryFn::Count)
            }
            (Decision::Clear, _) => name(id).ends_with(".asOf") && coordinate.level <= Level::L2,
        };
        assert!(fits, "{at}: {} is more than a yes, a no or a band", name(id));
        read += 1;
    }
    assert!(read > 0, "{at}: nothing is read");
}

fn is_none(at: &str, all: &[Table], told: &[CoordinateId]) {
    for table in all {
        let read = told.iter().find(|id| decide(table, **id) != Decision::Deny);
        assert!(read.is_none(), "{at}: {:?} is read", read.map(|id| name(*id)));
    }
}

fn no_number_is_clear(at: &str, all: &[Table], told: &[CoordinateId]) {
    let numbers =
        told.iter().filter(|id| matches!(def(**id), FieldDef::Item(i) if i.scalar == Scalar::CitizenId));
    for id in numbers {
        let clear = all.iter().any(|table| decide(table, *id) == Decision::Clear);
        assert!(!clear, "{at}: {} is clear", name(*id));
    }
}

macro_rules! readers {
    ($($test:ident: $reader:literal),+ $(,)?) => {
        const READERS: &[&str] = &[$($reader),+];
        $(
            #[test]
            fn $test() {
                check($reader);
            }
        )+
    };
}

readers! {
    civil_affairs_reads_what_the_matrix_says: "CIVIL_AFFAIRS",
    the_township_reads_what_the_matrix_says: "TOWNSHIP_GOV",
    human_resources_reads_what_the_matrix_says: "HRSS",
    medical_security_reads_what_the_matrix_says: "MEDICAL_SECURITY",
    housing_reads_what_the_matrix_says: "HOUSING",
    education_reads_what_the_matrix_says: "EDUCATION",
    the_union_reads_what_the_matrix_says: "UNION",
    the_help_centre_reads_what_the_matrix_says: "UNION_HELP_CENTRE",
    finance_reads_what_the_matrix_says: "FINANCE",
    supervision_reads_what_the_matrix_says: "SUPERVISION_OFFICE",
    the_public_reads_what_the_matrix_says: "PUBLIC",
}

#[test]
fn the_matrix_has_one_cell_for_every_section_and_reader() {
    let mut seen = BTreeSet::new();
    for cell in cells() {
        assert!(seen.insert((cell.row, cell.reader)), "{} of {} twice", cell.row, cell.reader);
        assert!(!cell.clause.is_empty(), "{} of {} names no clause", cell.row, cell.reader);
        let is_section = CATALOGUE.resources.iter().any(|resource| *resource.section == *cell.row);
        let is_resource = CATALOGUE.resource_named(cell.row).is_some();
        assert!(
            is_section || is_resource || cell.row == "STATISTICS",
            "no section or resource `{}`",
            cell.row
        );
    }
    let sections = CATALOGUE.resources.iter().map(|resource| &*resource.section);
    for row in sections.chain(split_off()).chain(["STATISTICS"]) {
        let readers: Vec<&str> =
            READERS.iter().copied().filter(|reader| !seen.contains(&(row, *reader))).collect();
        assert!(readers.is_empty(), "{row} has no cell for {readers:?}");
    }
    assert!(cells().all(|cell| READERS.contains(&cell.reader)));
}

#[test]
fn what_is_sensitive_leaves_its_owner_by_name_only() {
    let mut found = BTreeSet::new();
    for cell in cells().filter(|cell| matches!(cell.answer, "PARTIAL" | "BAND")) {
        let sensitive = told(cell.row).into_iter().filter(|id| CATALOGUE.coordinate(*id).level == Level::L4);
        let all = tables(cell.reader);
        let clear = sensitive.filter(|id| all.iter().any(|table| decide(table, *id) == Decision::Clear));
        found.extend(clear.map(|id| (cell.reader, name(id))));
    }
    let expected: BTreeSet<(&str, &str)> = SENSITIVE.iter().copied().collect();
    assert_eq!(found, expected);
}

/// Every sensitive item (L4) that a reader gets clear without having the section in full. A line more is a
/// decision for the owner's legal office.
const SENSITIVE: &[(&str, &str)] = &[
    ("CIVIL_AFFAIRS", "FinancialAsset.band"),
    ("CIVIL_AFFAIRS", "HousingFundAccount.base"),
    ("CIVIL_AFFAIRS", "MedicalAssistance.targetClass"),
    ("CIVIL_AFFAIRS", "Person.hasFinancialAssetAboveLimit"),
    ("CIVIL_AFFAIRS", "Person.ownPayTotal"),
    ("CIVIL_AFFAIRS", "Person.receivesWorkInjuryBenefit"),
    ("CIVIL_AFFAIRS", "RealEstateRight.areaSqm"),
    ("CIVIL_AFFAIRS", "RealEstateRight.isDwelling"),
    ("CIVIL_AFFAIRS", "RealEstateRight.rightKind"),
    ("CIVIL_AFFAIRS", "RealEstateRight.share"),
    ("CIVIL_AFFAIRS", "TaxSummary.incomeBand"),
    ("TOWNSHIP_GOV", "Household.hasMemberNeedingCare"),
    ("TOWNSHIP_GOV", "Household.isPropertyCompliant"),
    ("TOWNSHIP_GOV", "HouseholdIncomeSummary.perCapitaMonthly"),
    ("TOWNSHIP_GOV", "PropertyAssessment.isCompliant"),
    ("HRSS", "Household.hasMemberNeedingCare"),
    ("HRSS", "Person.isDisabled"),
    ("HRSS", "Person.isSeverelyDisabled"),
    ("MEDICAL_SECURITY", "Person.isDisabled"),
    ("MEDICAL_SECURITY", "Person.isSeverelyDisabled"),
    ("HOUSING", "Household.isPropertyCompliant"),
    ("HOUSING", "Person.hasFinancialAssetAboveLimit"),
    ("HOUSING", "TaxSummary.incomeBand"),
    ("EDUCATION", "Person.isDisabled"),
    ("UNION", "Household.isPropertyCompliant"),
    ("UNION", "Person.hasFinancialAssetAboveLimit"),
    ("UNION", "Person.hasMajorIllness"),
    ("UNION", "Person.hasSevereChronicIllness"),
    ("UNION", "Person.isDisabled"),
    ("UNION", "Person.ownPayTotal"),
    ("UNION", "TaxSummary.incomeBand"),
    ("UNION_HELP_CENTRE", "Household.isPropertyCompliant"),
    ("UNION_HELP_CENTRE", "Person.hasFinancialAssetAboveLimit"),
    ("UNION_HELP_CENTRE", "Person.hasMajorIllness"),
    ("UNION_HELP_CENTRE", "Person.hasSevereChronicIllness"),
    ("UNION_HELP_CENTRE", "Person.isDisabled"),
    ("UNION_HELP_CENTRE", "Person.ownPayTotal"),
    ("UNION_HELP_CENTRE", "TaxSummary.incomeBand"),
    ("SUPERVISION_OFFICE", "ChildRegister.kind"),
    ("SUPERVISION_OFFICE", "EmergencyIllnessRelief.amount"),
    ("SUPERVISION_OFFICE", "FinancialAsset.isAboveLimit"),
    ("SUPERVISION_OFFICE", "HousingFundAccount.base"),
    ("SUPERVISION_OFFICE", "MedicalAssistance.amount"),
    ("SUPERVISION_OFFICE", "MedicalAssistance.targetClass"),
    ("SUPERVISION_OFFICE", "Person.hasFinancialAssetAboveLimit"),
    ("SUPERVISION_OFFICE", "TaxSummary.incomeBand"),
];

#[test]
fn what_the_matrix_does_not_name_is_read_by_its_owner_alone() {
    let published: Vec<CoordinateId> =
        telling().filter(|id| CATALOGUE.coordinate(*id).class == ShareClass::Unconditional).collect();
    let others = CATALOGUE.departments.iter().filter(|department| !READERS.contains(&department.as_str()));
    for department in others {
        for (role, purpose) in
            [("REVIEWER", "MLA_REVIEW"), ("HELP_CENTRE", "UNION_FILE_CHECK"), ("AUDITOR", "SUPERVISION")]
        {
            let table = table(department, role, purpose);
            let read = telling().find(|id| {
                let own = *CATALOGUE.coordinate(*id).owner == **department;
                !own && !published.contains(id) && decide(&table, *id) != Decision::Deny
            });
            assert_eq!(read.map(name), None, "{department} as {role} for {purpose}");
        }
    }
}
