//! What a purpose needs at most: beyond it nothing is read but by its owner, whatever policies and grants say.

use chrono::NaiveDate;
use yimen_policy::{CaseRule, Codes, Decision, GrantRow, Grants, Policies, Reason, bundled_sources};

use crate::world::{CATALOGUE, POLICIES, id, profile};

const HEAD: &str = "code,group,name_en,name_zh,basis,departments,case,needs\n";

/// The bundled purposes with what one of them needs written anew.
fn needing(purpose: &str, needs: &str) -> Codes {
    let lines = include_str!("../../purposes.csv").lines().map(|line| match line.split_once(',') {
        Some((code, _)) if code == purpose => {
            format!("{},{needs}", line.rsplit_once(',').map_or(line, |(head, _)| head))
        }
        _ => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    Codes::with_purposes("purposes.csv", &text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn beyond_the_need_nothing_is_read_but_by_the_owner() {
    let codes = needing("UNION_FILE_CHECK", "HOUSEHOLD_REGISTRATION|UNION_FILE");
    let policies = Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect("policies");
    let union = profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let table = policies.table(&union);
    let band = id("TaxSummary.incomeBand");
    assert_eq!(POLICIES.table(&union).decision(band), Decision::Clear, "with the need it is read");
    assert_eq!(table.grant(band).err(), Some(Reason::Purpose));
    assert_eq!(table.decision(id("Person.labourCapacity")), Decision::Clear, "what is needed stays");
    let tax = policies.table(&profile("TAX", "REVIEWER", "UNION_FILE_CHECK"));
    assert_eq!(tax.decision(band), Decision::Clear, "the owner's own");
    assert!(policies.without_effect().iter().any(|problem| problem.file == "TAX.cedar"), "and it is told");
}

#[test]
fn a_resource_may_be_needed_without_its_section() {
    let codes = needing("UNION_FILE_CHECK", "HOUSEHOLD_REGISTRATION|UNION_FILE|TaxSummary");
    let policies = Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect("policies");
    let table = policies.table(&profile("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"));
    assert_eq!(table.decision(id("TaxSummary.incomeBand")), Decision::Clear);
}

#[test]
fn a_grant_opens_nothing_beyond_the_need() {
    let text = str::to_owned;
    let row = GrantRow {
        id: text("2026-0017"),
        owner: text("TAX"),
        department: text("EDUCATION"),
        role: text("REVIEWER"),
        purpose: text("EDUCATION_AID"),
        items: text(r#"["TaxSummary.incomeBand"]"#),
        effect: text("CLEAR"),
        basis: text("003 四(一)"),
        valid_from: text("2026-03-01"),
        valid_until: text("2026-03-31"),
        ..GrantRow::default()
    };
    let opened = |policies: &std::sync::Arc<Policies>| {
        let (grants, problems) = Grants::read(policies, std::slice::from_ref(&row));
        assert_eq!(problems, []);
        let education = profile("EDUCATION", "REVIEWER", "EDUCATION_AID");
        let day: NaiveDate = "2026-03-15".parse().expect("a day");
        let applied = grants.applying(&education, "410727000000", day);
        let table = policies.table_with(&policies.table(&education), &applied);
        table.grant(id("TaxSummary.incomeBand")).map(|_| ())
    };
    assert_eq!(opened(&POLICIES), Err(Reason::Purpose), "education aid needs nothing of tax");
    let codes = needing("EDUCATION_AID", "HOUSEHOLD_REGISTRATION|UNION_FILE|TAX");
    let needed = Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect("policies");
    assert_eq!(opened(&needed), Ok(()));
}

#[test]
fn no_bundled_policy_is_without_effect() {
    assert_eq!(POLICIES.without_effect(), []);
}

#[test]
fn a_department_states_its_own_purposes() {
    let codes = POLICIES.codes();
    let stated = |purpose: &str, department: &str| {
        codes.purpose(purpose).is_some_and(|purpose| purpose.is_stated_by(department))
    };
    assert!(stated("UNION_FILE_CHECK", "UNION") && !stated("UNION_FILE_CHECK", "FINANCE"));
    assert!(stated("STATISTICS", "FINANCE") && !stated("CURIOSITY", "UNION"));
    assert_eq!(codes.purpose("DATA_MATCHING").map(|purpose| purpose.case), Some(CaseRule::None));
}

#[test]
fn a_table_of_purposes_that_is_wrong_is_refused_line_by_line() {
    let refused = |line: &str, message: &str| {
        let error = Codes::with_purposes("purposes.csv", &format!("{HEAD}{line}\n")).expect_err(line);
        assert!(error.to_string().contains(message) && error.to_string().contains("line 2"), "{error}");
    };
    refused("A,CASEWORK,x,x,basis,*,REQUIRED", "8 fields");
    refused("A,CASEWORK,x,x,,*,REQUIRED,TAX", "must not be empty");
    refused("A,CASEWORK,x,x,basis,,REQUIRED,TAX", "departments must be named");
    refused("A,CASEWORK,x,x,basis,*,PERHAPS,TAX", "`REQUIRED`, `OPTIONAL` or `NONE`");
    let twice = format!("{HEAD}A,C,x,x,b,*,NONE,\nA,C,x,x,b,*,NONE,\n");
    assert!(Codes::with_purposes("purposes.csv", &twice).is_err());
    assert!(Codes::with_purposes("purposes.csv", "code,group\n").is_err());
}

#[test]
fn a_purpose_that_names_what_there_is_not_is_refused() {
    let unknown = |codes: Codes, message: &str| {
        let error = Policies::load(CATALOGUE.clone(), codes, &bundled_sources()).expect_err(message);
        assert!(error.to_string().contains(message), "{error}");
    };
    unknown(needing("STATISTICS", "SECRETS"), "needs `SECRETS`, which is neither a section nor a resource");
    let text = include_str!("../../purposes.csv")
        .replace("STATISTICS,Statistics,统计,002 三(三),*", "STATISTICS,Statistics,统计,002 三(三),CUSTOMS");
    unknown(
        Codes::with_purposes("purposes.csv", &text).expect("codes"),
        "department `CUSTOMS`, which doesn't exist",
    );
}
