//! Sharing classes by region and day: what they close, what they open, and all that refuses a table.

use std::sync::Arc;

use chrono::NaiveDate;
use yimen_policy::{
    Codes, Decision, DecisionTable, GrantRow, Grants, Policies, Profile, Reason, Table, Tables,
    bundled_sources, differences,
};
use yimen_schema::ShareClass;

use crate::world::{CATALOGUE, POLICIES, id, profile};

const HEAD: &str = "scope,region,class,basis,certainty,valid_from\n";

const FENGQIU: &str = "410727000000";
const TOWN: &str = "410727100000";
const XINXIANG: &str = "410700000000";
const ELSEWHERE: &str = "140581000000";

fn tables(lines: &str) -> Tables {
    let table = Table { name: String::from("classes.csv"), text: format!("{HEAD}{lines}") };
    Tables::bundled().with("classes.csv", table)
}

/// The bundled policies with a table of classes.
fn policies(lines: &str) -> Arc<Policies> {
    let codes = Codes::read(tables(lines)).unwrap_or_else(|error| panic!("{error}"));
    Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).unwrap_or_else(|error| panic!("{error}"))
}

fn problems(lines: &str) -> Vec<String> {
    let loaded = Codes::read(tables(lines))
        .and_then(|codes| Policies::load(CATALOGUE.clone(), codes, &bundled_sources()));
    let problems = loaded.err().map(|error| error.problems).unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn table(policies: &Arc<Policies>, profile: &Profile, division: &str, on: &str) -> DecisionTable {
    policies.table_by(profile, &policies.classed(division, day(on)))
}

fn union() -> Profile {
    profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

const CLOSED: &str = "TaxSummary.incomeBand,410727,NOT_SHARED,a county's own,UNVERIFIED,2026-03-01\n";

#[test]
fn what_a_county_closes_from_a_day_others_no_longer_read_there() {
    let policies = policies(CLOSED);
    let band = id("TaxSummary.incomeBand");
    let decided = |profile: &Profile, division: &str, on: &str| {
        let table = table(&policies, profile, division, on);
        table.grant(band).map(|_| ()).err()
    };
    for (division, on, expected) in [
        (FENGQIU, "2026-02-28", None),
        (FENGQIU, "2026-03-01", Some(Reason::NotShared)),
        (TOWN, "2026-03-01", Some(Reason::NotShared)),
        // The city reads the county's rows among others.
        (XINXIANG, "2026-03-01", Some(Reason::NotShared)),
        (ELSEWHERE, "2026-03-01", None),
    ] {
        assert_eq!(decided(&union(), division, on), expected, "{division} {on}");
    }
    let own = profile("TAX", "REVIEWER", "UNION_FILE_CHECK");
    assert_eq!(decided(&own, FENGQIU, "2026-03-01"), None, "the owner's own");
    let other = table(&policies, &union(), FENGQIU, "2026-03-01");
    assert_eq!(other.decision(id("Person.labourCapacity")), Decision::Clear, "other items stay");
    assert_eq!(other.class(band), ShareClass::NotShared);
}

#[test]
fn what_a_code_closed_stays_closed_for_whoever_reads_its_rows_today() {
    let divisions = "code,name,parent,valid_from,valid_until,successors,source\n\
                     410727000000,County B,,,,,a test\n\
                     410727100000,First,410727000000,,2025-12-31,410727102000,a test\n\
                     410727102000,Merged,410727000000,2026-01-01,,,a test\n\
                     410727106000,Another,410727000000,,,,a test\n";
    let table = Table { name: String::from("divisions.csv"), text: divisions.to_owned() };
    let lines = "TaxSummary.incomeBand,410727100,NOT_SHARED,a,UNVERIFIED,2025-06-01\n";
    let codes =
        Codes::read(tables(lines).with("divisions.csv", table)).unwrap_or_else(|error| panic!("{error}"));
    let policies = Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect("policies");
    let class = |division: &str, on: &str| {
        policies.classes().find(id("TaxSummary.incomeBand"), division, day(on)).class
    };
    assert_eq!(class("410727100000", "2025-12-31"), ShareClass::NotShared);
    assert_eq!(class("410727102000", "2026-01-01"), ShareClass::NotShared, "it took its place");
    assert_eq!(class("410727106000", "2026-01-01"), ShareClass::Conditional);
    let until = policies.classes().until("410727106000", day("2025-12-01"));
    assert_eq!(until, Some(day("2026-01-01")), "whose rows are read changes then");
}

#[test]
fn without_lines_of_their_own_items_have_the_classes_of_the_catalogue() {
    let classed = POLICIES.classed(FENGQIU, day("2026-03-01"));
    assert!(Arc::ptr_eq(&classed, POLICIES.own_classes()), "one table for all");
    for coordinate in CATALOGUE.coordinate_ids() {
        let class = POLICIES.classes().find(coordinate, FENGQIU, day("2026-03-01"));
        assert_eq!(class.class, CATALOGUE.coordinate(coordinate).class);
        let before = POLICIES.classes().find(coordinate, FENGQIU, day("2025-07-31"));
        assert_eq!((before.class, before.line), (class.class, None), "no line holds yet");
    }
    let name = POLICIES.classes().find(id("Person.name"), FENGQIU, day("2026-03-01"));
    assert!(name.line.is_some_and(|line| line.scope == "CONDITIONAL"));
    assert_eq!(POLICIES.wider_classes(), []);
}

#[test]
fn the_narrowest_scope_the_nearest_region_and_the_newest_day_decide() {
    let policies = policies(
        "TAX,,NOT_SHARED,a,UNVERIFIED,2026-01-01\n\
         TaxSummary,,CONDITIONAL,b,UNVERIFIED,2026-01-01\n\
         TaxSummary,41,NOT_SHARED,c,UNVERIFIED,2026-01-01\n\
         TaxSummary,4107,CONDITIONAL,d,UNVERIFIED,2026-01-01\n\
         TaxSummary,4107,NOT_SHARED,e,UNVERIFIED,2026-06-01\n\
         TaxSummary.year,,CONDITIONAL,f,COPY_READ,2026-01-01\n",
    );
    let basis = |item: &str, division: &str, on: &str| {
        let class = policies.classes().find(id(item), division, day(on));
        class.line.map(|line| line.basis.clone())
    };
    for (item, division, on, expected) in [
        ("TaxSummary.year", FENGQIU, "2026-01-01", Some("f")),
        ("TaxSummary.taxPaid", FENGQIU, "2025-12-31", None),
        ("TaxSummary.taxPaid", FENGQIU, "2026-01-01", Some("d")),
        ("TaxSummary.taxPaid", FENGQIU, "2026-05-31", Some("d")),
        ("TaxSummary.taxPaid", FENGQIU, "2026-06-01", Some("e")),
        ("TaxSummary.taxPaid", "411600000000", "2026-06-01", Some("c")),
        ("TaxSummary.taxPaid", ELSEWHERE, "2026-06-01", Some("b")),
        ("Person.name", FENGQIU, "2026-06-01", None),
    ] {
        assert_eq!(basis(item, division, on).as_deref(), expected, "{item} {division} {on}");
    }
}

#[test]
fn what_is_coming_is_known_and_a_table_says_until_when_it_stands() {
    let policies = policies(
        "TaxSummary.taxPaid,,CONDITIONAL,a,UNVERIFIED,2026-01-01\n\
         TaxSummary.taxPaid,41,NOT_SHARED,b,UNVERIFIED,2026-03-01\n\
         Person.name,14,NOT_SHARED,c,UNVERIFIED,2026-02-01\n",
    );
    let classes = policies.classes();
    let next = |division: &str, on: &str| {
        let next = classes.next(id("TaxSummary.taxPaid"), division, day(on));
        next.map(|(day, class)| (day.to_string(), class.class))
    };
    assert_eq!(next(FENGQIU, "2025-01-01"), Some((String::from("2026-01-01"), ShareClass::Conditional)));
    assert_eq!(next(FENGQIU, "2026-01-01"), Some((String::from("2026-03-01"), ShareClass::NotShared)));
    assert_eq!(next(FENGQIU, "2026-03-01"), None);
    assert_eq!(next(ELSEWHERE, "2026-01-01"), None, "another province's");
    let until = |division: &str, on: &str| classes.until(division, day(on)).map(|day| day.to_string());
    assert_eq!(until(FENGQIU, "2026-01-01").as_deref(), Some("2026-03-01"));
    assert_eq!(until(ELSEWHERE, "2026-01-01").as_deref(), Some("2026-02-01"));
    assert_eq!(until(FENGQIU, "2026-03-01"), None);
}

#[test]
fn a_sum_is_closed_with_the_item_that_it_sums_up_unless_a_line_names_it() {
    let sum = "Household.mlaMonthlyAmount";
    assert!(CATALOGUE.coordinate_named(sum).is_some());
    let closed = "MlaAward.monthlyAmount,,NOT_SHARED,a,UNVERIFIED,2026-01-01\n";
    let class = |lines: &str| policies(lines).classes().find(id(sum), FENGQIU, day("2026-03-01")).class;
    assert_eq!(class(""), ShareClass::Conditional);
    assert_eq!(class(closed), ShareClass::NotShared);
    let named = format!("{closed}{sum},,CONDITIONAL,b,UNVERIFIED,2026-01-01\n");
    assert_eq!(class(&named), ShareClass::Conditional);
}

#[test]
fn policies_that_speak_of_a_class_mean_the_one_in_force() {
    // Organisations are published: whoever works on a case may look them up, because their class says so.
    let reader = profile("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let name = id("Organisation.name");
    let open = table(&POLICIES, &reader, FENGQIU, "2026-03-01");
    assert_eq!(open.decision(name), Decision::Clear);
    let policies = policies("Organisation.name,41,CONDITIONAL,a,UNVERIFIED,2026-03-01\n");
    let narrowed = table(&policies, &reader, FENGQIU, "2026-03-01");
    assert_eq!(narrowed.decision(name), Decision::Deny);
    assert_ne!(narrowed.grant(name).err(), Some(Reason::NotShared), "it can be asked for");
    assert_eq!(table(&policies, &reader, FENGQIU, "2026-02-28").decision(name), Decision::Clear);
    assert_ne!(narrowed.fingerprint(), open.fingerprint(), "no plan of one serves the other");
}

#[test]
fn a_grant_opens_nothing_that_is_closed_meanwhile() {
    let text = str::to_owned;
    let row = GrantRow {
        id: text("2026-0017"),
        owner: text("TAX"),
        department: text("UNION"),
        role: text("HELP_CENTRE"),
        purpose: text("UNION_FILE_CHECK"),
        items: text(r#"["TaxSummary.taxPaid"]"#),
        effect: text("CLEAR"),
        basis: text("003 四(一)"),
        valid_from: text("2026-01-01"),
        valid_until: text("2026-12-31"),
        ..GrantRow::default()
    };
    let policies = policies("TaxSummary.taxPaid,41,NOT_SHARED,a,UNVERIFIED,2026-03-01\n");
    let (grants, problems) = Grants::read(&policies, &[row]);
    assert_eq!(problems, []);
    let decided = |division: &str, on: &str| {
        let applied = grants.applying(&union(), division, day(on));
        let table = policies.table_with(&table(&policies, &union(), division, on), &applied);
        table.grant(id("TaxSummary.taxPaid")).map(|_| ()).err()
    };
    assert_eq!(decided(FENGQIU, "2026-02-28"), None);
    assert_eq!(decided(FENGQIU, "2026-03-01"), Some(Reason::NotShared));
    assert_eq!(decided(ELSEWHERE, "2026-03-01"), None);
}

#[test]
fn what_is_wider_than_the_catalogue_is_told_with_its_day() {
    let wider = policies(
        "TaxSummary.year,41,UNCONDITIONAL,a,UNVERIFIED,2026-03-01\n\
         TaxSummary.taxPaid,41,NOT_SHARED,b,UNVERIFIED,2026-03-01\n\
         UnionForm.contentJson,,CONDITIONAL,c,UNVERIFIED,2026-04-01\n",
    );
    let told: Vec<String> = wider
        .wider_classes()
        .iter()
        .map(|(cell, day)| format!("{} {} {} {day}", cell.about, cell.from, cell.to))
        .collect();
    assert_eq!(
        told,
        [
            "classes.csv TaxSummary.year 41 2026-03-01 CONDITIONAL UNCONDITIONAL 2026-03-01",
            "classes.csv UnionForm.contentJson - 2026-04-01 NOT_SHARED CONDITIONAL 2026-04-01",
        ]
    );
}

#[test]
fn two_versions_differ_by_the_classes_of_items() {
    let (old, new) = (policies(CLOSED), policies(""));
    let told = |old: &Arc<Policies>, new: &Arc<Policies>| -> Vec<(String, bool)> {
        let found = differences(old, new);
        found
            .into_iter()
            .map(|cell| (format!("{} {}→{}", cell.about, cell.from, cell.to), cell.widens))
            .collect()
    };
    let about = "classes.csv TaxSummary.incomeBand 410727 2026-03-01";
    assert_eq!(told(&old, &new), [(format!("{about} NOT_SHARED→CONDITIONAL"), true)]);
    assert_eq!(told(&new, &old), [(format!("{about} CONDITIONAL→NOT_SHARED"), false)]);
    assert_ne!(old.version(), new.version(), "records name the version");
    assert_eq!(told(&old, &old), []);
}

#[test]
fn a_table_that_cant_be_right_is_refused_with_its_line() {
    let right = "TAX,41,NOT_SHARED,a,UNVERIFIED,2026-01-01\n";
    assert_eq!(problems(right), [""; 0]);
    for (line, told) in [
        ("Tax,41,NOT_SHARED,a,UNVERIFIED,2026-01-01", "`Tax` is no item, type, section or class"),
        ("TaxSummary.wealth,41,NOT_SHARED,a,UNVERIFIED,2026-01-01", "`TaxSummary.wealth` is no item"),
        ("Person.taxSummaries,41,NOT_SHARED,a,UNVERIFIED,2026-01-01", "`Person.taxSummaries` is a link"),
        (",41,NOT_SHARED,a,UNVERIFIED,2026-01-01", "a line needs a scope"),
        ("TAX,41,NOT_SHARED,,UNVERIFIED,2026-01-01", "the clause that it rests on"),
        ("TAX,henan,NOT_SHARED,a,UNVERIFIED,2026-01-01", "`henan` of `TAX` isn't the 2, 4, 6"),
        ("TAX,410,NOT_SHARED,a,UNVERIFIED,2026-01-01", "`410` of `TAX` isn't the 2, 4, 6"),
        ("TAX,41,CLOSED,a,UNVERIFIED,2026-01-01", "`CLOSED` of `TAX` is none of UNCONDITIONAL"),
        ("TAX,41,NOT_SHARED,a,OFFICIAL,2026-01-01", "`OFFICIAL` of `TAX` is none of COPY_READ"),
        ("TAX,41,NOT_SHARED,a,UNVERIFIED,2026-1-1", "the day of `TAX` isn't"),
        ("TAX,41,NOT_SHARED,a,UNVERIFIED", "a line has 6 fields"),
        ("TAX,41,CONDITIONAL,b,UNVERIFIED,2026-01-01", "a second class of `TAX` there from that day"),
    ] {
        let problems = problems(&format!("{right}{line}\n"));
        assert!(problems.len() == 1 && problems[0].contains(told), "{line}: {problems:?}");
        assert!(problems[0].starts_with("classes.csv: `line 3`"), "{problems:?}");
    }
}

#[test]
fn a_table_has_at_most_two_thousand_lines() {
    let lines = |count: usize| -> String {
        let line = |at: usize| format!("TAX,{:06},NOT_SHARED,a,UNVERIFIED,2026-01-01\n", 110_000 + at);
        (0..count).map(line).collect()
    };
    assert!(Codes::read(tables(&lines(2_000))).is_ok());
    let error = Codes::read(tables(&lines(2_001))).expect_err("one too many");
    assert!(error.to_string().contains("more than 2000 lines"), "{error}");
}
