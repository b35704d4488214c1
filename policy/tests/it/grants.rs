//! Grants beside the policies: what they open, for whom, for how long, and all that refuses one.

use chrono::NaiveDate;
use yimen_policy::{
    Applied, Codes, Decision, DecisionTable, GrantRow, Grants, MAX_BASIS, MAX_ID, MAX_ITEMS, Policies,
    Profile, Reason, Table, Tables, bundled_sources,
};
use yimen_schema::Mask;

use crate::world::{CATALOGUE, POLICIES, id, name, profile};

/// What no policy grants: taxes paid, to the officers of a help centre.
fn row() -> GrantRow {
    let text = str::to_owned;
    GrantRow {
        id: text("2026-0017"),
        owner: text("TAX"),
        department: text("UNION"),
        role: text("HELP_CENTRE"),
        purpose: text("UNION_FILE_CHECK"),
        division: String::new(),
        items: text(r#"["TaxSummary.taxPaid"]"#),
        effect: text("CLEAR"),
        basis: text("003 四(一)"),
        valid_from: text("2026-03-01"),
        valid_until: text("2026-03-31"),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn grants(rows: &[GrantRow]) -> Grants {
    let (grants, problems) = Grants::read(&POLICIES, rows);
    assert_eq!(problems, []);
    grants
}

fn union() -> Profile {
    profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
}

const FENGQIU: &str = "410727000000";

fn table_on(grants: &Grants, profile: &Profile, division: &str, on: &str) -> DecisionTable {
    let applied = grants.applying(profile, division, day(on));
    POLICIES.table_with(&POLICIES.table(profile), &applied)
}

#[test]
fn a_grant_opens_its_item_for_its_term_and_no_longer() {
    let grants = grants(&[row()]);
    for (on, expected) in [
        ("2026-02-28", Decision::Deny),
        ("2026-03-01", Decision::Clear),
        ("2026-03-31", Decision::Clear),
        ("2026-04-01", Decision::Deny),
    ] {
        let table = table_on(&grants, &union(), FENGQIU, on);
        assert_eq!(table.decision(id("TaxSummary.taxPaid")), expected, "{on}");
    }
}

#[test]
fn a_table_says_until_when_its_grants_stand() {
    let later = GrantRow { id: "later".to_owned(), valid_from: "2026-03-10".to_owned(), ..row() };
    let grants = grants(&[row(), later]);
    let until = |on: &str| grants.applying(&union(), FENGQIU, day(on)).until().map(|day| day.to_string());
    assert_eq!(until("2026-02-01").as_deref(), Some("2026-03-01"));
    assert_eq!(until("2026-03-01").as_deref(), Some("2026-03-10"));
    assert_eq!(until("2026-03-10").as_deref(), Some("2026-04-01"));
    assert_eq!(until("2026-04-01"), None);
}

#[test]
fn a_grant_changes_nothing_for_anybody_else() {
    let grants = grants(&[row()]);
    for other in [
        profile("UNION_HELP_CENTRE", "HELP_CENTRE", "UNION_FILE_CHECK"),
        profile("UNION", "REVIEWER", "UNION_FILE_CHECK"),
        profile("UNION", "HELP_CENTRE", "ECONOMIC_VERIFICATION"),
    ] {
        assert_eq!(grants.applying(&other, FENGQIU, day("2026-03-15")).grants().len(), 0, "{other:?}");
    }
}

#[test]
fn a_grant_leaves_every_other_decision_as_it_was() {
    let base = POLICIES.table(&union());
    let table = table_on(&grants(&[row()]), &union(), FENGQIU, "2026-03-15");
    let changed: Vec<&str> =
        CATALOGUE.coordinate_ids().filter(|id| base.decision(*id) != table.decision(*id)).map(name).collect();
    assert_eq!(changed, ["TaxSummary.taxPaid"]);
    assert_eq!(base.policy_version().as_ref(), POLICIES.version());
    assert!(table.policy_version().starts_with(&format!("{}+", POLICIES.version())));
    assert_eq!(table.grants(), ["2026-0017"]);
}

#[test]
fn a_division_limits_a_grant_to_its_callers() {
    let town = GrantRow { division: "410727100000".to_owned(), ..row() };
    let grants = grants(&[town]);
    let applied = |division: &str| grants.applying(&union(), division, day("2026-03-15")).grants().len();
    assert_eq!(applied("410727100000"), 1);
    assert_eq!(applied("410727100201"), 1, "a village of the town");
    assert_eq!(applied("410727101000"), 0, "the next town");
    assert_eq!(applied(FENGQIU), 0, "the county is more than the town");
}

/// The bundled policies over a county of which a town has ended and another lies in the next one. It is invented.
fn with_divisions() -> std::sync::Arc<Policies> {
    let text = "code,name,parent,valid_from,valid_until,successors,source\n\
                410726000000,Next county,,,,,a test\n\
                410726100000,Taken in,410727000000,2026-01-01,,,a test\n\
                410727000000,County,,,,,a test\n\
                410727100000,Ended,410727000000,,2026-03-14,410727101000,a test\n\
                410727101000,Successor,410727000000,,,,a test\n";
    let table = Table { name: "divisions.csv".to_owned(), text: text.to_owned() };
    let codes = Codes::read(Tables::bundled().with("divisions.csv", table)).expect("a good dictionary");
    Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect("good policies")
}

#[test]
fn a_grant_for_a_division_that_has_ended_means_nobody_and_a_county_means_what_lies_in_it() {
    let policies = with_divisions();
    let applied = |of: &str, division: &str, on: &str| {
        let (grants, problems) = Grants::read(&policies, &[GrantRow { division: of.to_owned(), ..row() }]);
        assert_eq!(problems, []);
        grants.applying(&union(), division, day(on)).grants().len()
    };
    assert_eq!(applied("410727100000", "410727100000", "2026-03-14"), 1);
    for division in ["410727100000", "410727101000", FENGQIU] {
        assert_eq!(applied("410727100000", division, "2026-03-15"), 0, "{division}");
    }
    assert_eq!(applied(FENGQIU, "410726100000", "2026-03-15"), 1, "by its parent");
    assert_eq!(applied("410726000000", "410726100000", "2026-03-15"), 0, "by its digits");
    let (grants, _) = Grants::read(&policies, &[row()]);
    let until = |on| grants.applying(&union(), FENGQIU, day(on)).until();
    assert_eq!(
        until("2026-03-10"),
        Some(day("2026-03-15")),
        "another set may apply as soon as a division ends"
    );
    assert_eq!(until("2026-03-15"), Some(day("2026-04-01")));
}

#[test]
fn a_group_of_roles_means_each_of_them() {
    let grants = grants(&[GrantRow { role: "CASEWORK".to_owned(), ..row() }]);
    for (role, expected) in [("WINDOW_CLERK", 1), ("REVIEWER", 1), ("HELP_CENTRE", 1), ("ANALYST", 0)] {
        let profile = profile("UNION", role, "UNION_FILE_CHECK");
        assert_eq!(grants.applying(&profile, FENGQIU, day("2026-03-15")).grants().len(), expected, "{role}");
    }
}

#[test]
fn a_masked_grant_answers_reduced_and_is_never_searched_by() {
    let masked = GrantRow { effect: "MASK".to_owned(), ..row() };
    let table = table_on(&grants(&[masked]), &union(), FENGQIU, "2026-03-15");
    let paid = id("TaxSummary.taxPaid");
    assert_eq!(table.decision(paid), Decision::Mask(Mask::Band));
    assert_eq!(table.argument(paid).err(), Some(Reason::NotGranted));
}

#[test]
fn a_pseudonym_is_granted_of_citizen_numbers_alone_goes_before_the_mask_and_is_never_searched_by() {
    let number = GrantRow {
        owner: "PUBLIC_SECURITY".to_owned(),
        items: serde_json_list(&["Person.citizenId"]),
        effect: "PSEUDONYM".to_owned(),
        ..row()
    };
    let id = id("Person.citizenId");
    let before = POLICIES.table(&union());
    assert_eq!(before.decision(id), Decision::Mask(Mask::CitizenId));
    let table = table_on(&grants(std::slice::from_ref(&number)), &union(), FENGQIU, "2026-03-15");
    assert_eq!(table.decision(id), Decision::Mask(Mask::Pseudonym));
    assert_eq!(table.argument(id).err(), Some(Reason::NotGranted));
    assert_ne!(table.fingerprint(), before.fingerprint(), "plans of the two are never shared");
    let name = GrantRow { items: serde_json_list(&["Person.name"]), ..number };
    let problems = POLICIES.check_grant(&name).expect_err("a name has no pseudonym");
    assert!(problems.iter().any(|problem| problem.message.contains("no citizen number")), "{problems:?}");
}

/// A grant can't make a number of a few people of what only whoever reads these people may be told.
#[test]
fn a_figure_over_people_is_told_to_whoever_may_read_them_alone() {
    let figure = GrantRow {
        owner: "HRSS".to_owned(),
        items: serde_json_list(&["PublicWelfarePost.placementCount"]),
        ..row()
    };
    let (count, who) = (id("PublicWelfarePost.placementCount"), id("PostPlacement.citizenId"));
    assert_eq!(CATALOGUE.counts_people(count), Some(who));
    let alone = table_on(&grants(std::slice::from_ref(&figure)), &union(), FENGQIU, "2026-03-15");
    assert_ne!(alone.decision(who), Decision::Clear);
    assert_eq!(alone.decision(count), Decision::Deny);
    let items = serde_json_list(&["PublicWelfarePost.placementCount", "PostPlacement.citizenId"]);
    let both = table_on(&grants(&[GrantRow { items, ..figure.clone() }]), &union(), FENGQIU, "2026-03-15");
    assert_eq!((both.decision(who), both.decision(count)), (Decision::Clear, Decision::Clear));
    let items = serde_json_list(&["PostPlacement.citizenId", "PublicWelfarePost.placementCount"]);
    let masked = GrantRow { items, effect: "MASK".to_owned(), ..figure };
    assert!(POLICIES.check_grant(&masked).is_err(), "a number has no mask");
}

/// The figures over several people that the catalogue has; a new one is looked at before it stands here.
#[test]
fn every_figure_over_people_is_known() {
    let figures = CATALOGUE.coordinate_ids().filter(|id| CATALOGUE.counts_people(*id).is_some());
    let figures: Vec<&str> = figures.map(|id| CATALOGUE.coordinate(id).name.as_str()).collect();
    assert_eq!(figures, ["PublicWelfarePost.placementCount"]);
    let fields = CATALOGUE.public_sdl.lines().filter(|line| line.trim_start().starts_with("totalCount"));
    assert_eq!(fields.count(), 0, "a connection tells how many rows lie behind a scope");
}

#[test]
fn an_explanation_names_the_grant_and_its_clause() {
    let grants = grants(&[row()]);
    let applied = grants.applying(&union(), FENGQIU, day("2026-03-15"));
    let explained = POLICIES.explain(&union(), (POLICIES.own_classes(), &applied), id("TaxSummary.taxPaid"));
    assert_eq!(explained.decision, Decision::Clear);
    assert_eq!(explained.permitted_by, [("grant:2026-0017".to_owned(), "003 四(一)".to_owned())]);
    let without =
        POLICIES.explain(&union(), (POLICIES.own_classes(), &Applied::default()), id("TaxSummary.taxPaid"));
    assert_eq!((without.decision, without.permitted_by.len()), (Decision::Deny, 0));
}

/// Cedar, asked about the owner's file with the grant written into it as text, answers as the overlay does.
#[test]
fn a_grant_decides_as_a_policy_of_its_owner_would() {
    let text = "@id(\"as-written\") @basis(\"003 四(一)\")\n\
         permit (principal in Department::\"UNION\", action == Action::\"clear\", resource)\n\
         when { principal in Role::\"CASEWORK\" && context.purpose == Purpose::\"UNION_FILE_CHECK\" }\n\
         when { resource in [Item::\"TaxSummary.taxPaid\", Item::\"DonationDeduction.id\"] };";
    let mut sources = bundled_sources();
    let tax = sources.iter_mut().find(|source| source.name.ends_with("/TAX.cedar")).expect("a file");
    tax.text.push_str(text);
    let written = Policies::load(CATALOGUE.clone(), Codes::bundled(), &sources).expect("policies");
    let row = GrantRow {
        role: "CASEWORK".to_owned(),
        items: serde_json_list(&["TaxSummary.taxPaid", "DonationDeduction.id"]),
        ..row()
    };
    let grants = grants(&[row]);
    for role in ["WINDOW_CLERK", "REVIEWER", "HELP_CENTRE", "ANALYST"] {
        for purpose in ["UNION_FILE_CHECK", "MLA_REVIEW"] {
            let profile = profile("UNION", role, purpose);
            let (overlay, whole) =
                (table_on(&grants, &profile, FENGQIU, "2026-03-15"), written.table(&profile));
            for id in CATALOGUE.coordinate_ids() {
                assert_eq!(overlay.decision(id), whole.decision(id), "{} for {profile:?}", name(id));
            }
        }
    }
}

fn serde_json_list(items: &[&str]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// What an owner's file forbids stays forbidden, whatever is granted.
#[test]
fn a_grant_never_beats_what_the_owner_forbids() {
    let mut sources = bundled_sources();
    let tax = sources.iter_mut().find(|source| source.name.ends_with("/TAX.cedar")).expect("a file");
    tax.text.push_str(
        "@id(\"tax-paid-stays\") @basis(\"003 四(一)\")\n\
         forbid (principal in Department::\"UNION\", action, resource == Item::\"TaxSummary.taxPaid\");",
    );
    let policies = Policies::load(CATALOGUE.clone(), Codes::bundled(), &sources).expect("policies");
    let (grants, _) = Grants::read(&policies, &[row()]);
    let applied = grants.applying(&union(), FENGQIU, day("2026-03-15"));
    let table = policies.table_with(&policies.table(&union()), &applied);
    assert_eq!(applied.grants().len(), 1);
    assert_eq!(table.decision(id("TaxSummary.taxPaid")), Decision::Deny);
}

fn is_refused(row: GrantRow, message: &str) {
    let (grants, problems) = Grants::read(&POLICIES, std::slice::from_ref(&row));
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(told.iter().any(|told| told.contains(message)), "`{message}` isn't among {told:?}");
    assert!(grants.all().is_empty(), "{row:?}");
}

#[test]
fn whatever_of_a_grant_is_wrong_refuses_all_of_it() {
    let with = |change: &dyn Fn(&mut GrantRow)| {
        let mut row = row();
        change(&mut row);
        row
    };
    let year = r#"["TaxSummary.year"]"#.to_owned();
    let masked = GrantRow { effect: "MASK".to_owned(), items: year, ..row() };
    let items = |items: &str| with(&|row| row.items = items.to_owned());
    for (row, message) in [
        (
            items(r#"["TaxSummary.taxPaid", "Person.name"]"#),
            "`Person.name`, which belongs to `PUBLIC_SECURITY`",
        ),
        (items(r#"["TaxSummary.taxPaid", "TaxSummary.nothing"]"#), "which is not in the catalogue"),
        (items("[]"), "1 to 500 items"),
        (items("TaxSummary.taxPaid"), "aren't a JSON list"),
        (with(&|row| row.department = "CUSTOMS".to_owned()), "department `CUSTOMS`, which doesn't exist"),
        (with(&|row| row.role = "CLERK".to_owned()), "role `CLERK`, which doesn't exist"),
        (with(&|row| row.role = "STEWARD".to_owned()), "reads nothing on behalf of its department"),
        (with(&|row| row.role = "PORTAL".to_owned()), "reads nothing on behalf of its department"),
        (with(&|row| row.purpose = "CASEWORK".to_owned()), "purpose `CASEWORK`, which doesn't exist"),
        (with(&|row| row.effect = "FULL".to_owned()), "none of `CLEAR`, `MASK` and `PSEUDONYM`"),
        (masked, "which has no mask"),
        (with(&|row| row.basis = " ".to_owned()), "must name a clause"),
        (with(&|row| row.valid_from = "2026-04-01".to_owned()), "the last day is before the first"),
        (with(&|row| row.valid_until = "2026-4-1".to_owned()), "isn't written `YYYY-MM-DD`"),
        (with(&|row| row.division = "410727".to_owned()), "neither empty nor 12 digits"),
        (with(&|row| row.id = "17'; --".to_owned()), "the name must be"),
    ] {
        is_refused(row, message);
    }
}

#[test]
fn what_is_never_shared_and_links_are_no_items_of_a_grant() {
    let of = |owner: &str, item: &str| GrantRow {
        owner: owner.to_owned(),
        items: format!("[\"{item}\"]"),
        ..row()
    };
    is_refused(of("UNION", "UnionForm.contentJson"), "which is never shared");
    is_refused(of("TAX", "Person.taxSummaries"), "is a link");
}

#[test]
fn bounds_hold_to_the_last_one() {
    let basis = |count: usize| GrantRow { basis: "条".repeat(count), ..row() };
    let named = |count: usize| GrantRow { id: "x".repeat(count), ..row() };
    let many =
        |count: usize| GrantRow { items: serde_json_list(&vec!["TaxSummary.taxPaid"; count]), ..row() };
    for row in [basis(MAX_BASIS), named(MAX_ID), many(MAX_ITEMS)] {
        assert_eq!(grants(&[row]).all().len(), 1);
    }
    is_refused(basis(MAX_BASIS + 1), "must name a clause");
    is_refused(named(MAX_ID + 1), "the name must be");
    is_refused(many(MAX_ITEMS + 1), "1 to 500 items");
}

#[test]
fn a_second_grant_of_one_name_is_refused() {
    let (grants, problems) = Grants::read(&POLICIES, &[row(), row()]);
    assert_eq!((grants.all().len(), problems.len()), (1, 1));
    assert!(problems[0].message.contains("a second grant"), "{}", problems[0]);
}

#[test]
fn the_order_of_rows_doesnt_matter() {
    let other = GrantRow { id: "2026-0003".to_owned(), ..row() };
    let name = |rows: &[GrantRow]| grants(rows).applying(&union(), FENGQIU, day("2026-03-15")).name();
    assert_eq!(name(&[row(), other.clone()]), name(&[other.clone(), row()]));
    assert_ne!(name(&[row()]), name(&[other]));
}
