//! Sharing classes by region and day, through the program: what they close, what is told of them, what isn't taken.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::county::{county, value};
use crate::support::{Client, Server, yimen};

const ITEM: &str = "query($text: String) { catalogue(text: $text, first: 200) { nodes {
  coordinate class decision reason mayBeRequested
  classTerms { region basis certainty validFrom }
  classComing { class from terms { basis validFrom } }
} } }";

const HEAD: &str = "scope,region,class,basis,certainty,valid_from\n";

const LINES: &str = "TaxSummary.year,410727,NOT_SHARED,a county's own,UNVERIFIED,2026-01-01\n\
                     TaxSummary.incomeBand,41,NOT_SHARED,a province's own,UNVERIFIED,2999-01-01\n\
                     Organisation.name,410727,CONDITIONAL,a county's own,UNVERIFIED,2026-01-01\n";

/// A server over the county with a table of classes.
fn server(lines: &str) -> (TempDir, Server) {
    let own = TempDir::new().unwrap();
    std::fs::write(own.path().join("classes.csv"), format!("{HEAD}{lines}")).unwrap();
    let folders = format!("[\"{}\"]", own.path().display());
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    (own, server)
}

fn item(client: &Client, coordinate: &str) -> Value {
    let found = client.data(ITEM, json!({ "text": coordinate }))["catalogue"]["nodes"].clone();
    found.as_array().unwrap().iter().find(|node| node["coordinate"] == coordinate).unwrap().clone()
}

fn taxed() -> String {
    value("household", "SELECT citizen_id FROM tax_summary ORDER BY id LIMIT 1")
}

/// The year of somebody's taxes, or why it isn't told.
fn year(client: &Client) -> Result<Value, String> {
    let query = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { year } } }";
    let answer = client.send(query, json!({ "id": taxed() }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    match answer.json()["errors"][0]["extensions"]["reason"].as_str() {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(answer.json()["data"]["person"]["taxSummaries"][0]["year"].clone()),
    }
}

#[test]
fn what_a_region_closed_is_told_with_its_basis_and_read_by_its_owner_alone() {
    let (_own, server) = server(LINES);
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    assert_eq!(year(&reviewer), Err(String::from("NOT_SHARED")));
    let own = item(&server.client("TAX", "REVIEWER", "MLA_REVIEW"), "TaxSummary.year");
    assert_eq!((&own["class"], &own["decision"]), (&json!("NOT_SHARED"), &json!("CLEAR")), "the owner's own");
    let closed = item(&reviewer, "TaxSummary.year");
    assert_eq!((&closed["class"], &closed["reason"]), (&json!("NOT_SHARED"), &json!("NOT_SHARED")));
    assert_eq!(closed["mayBeRequested"], false);
    let terms = json!({
        "region": "410727", "basis": "a county's own", "certainty": "UNVERIFIED", "validFrom": "2026-01-01"
    });
    assert_eq!((&closed["classTerms"], &closed["classComing"]), (&terms, &Value::Null));
    // Elsewhere it is as the catalogue says.
    let elsewhere = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "140581000000");
    let open = item(&elsewhere, "TaxSummary.year");
    assert_eq!((&open["class"], &open["decision"]), (&json!("CONDITIONAL"), &json!("CLEAR")));
    assert_eq!(open["classTerms"], Value::Null, "the test's table says nothing of it there");
    // A city's reader reads the county's rows among others.
    let city = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410700000000");
    assert_eq!(item(&city, "TaxSummary.year")["class"], "NOT_SHARED");
}

#[test]
fn what_is_coming_is_told_and_closes_nothing_before_its_day() {
    let (_own, server) = server(LINES);
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let band = item(&reviewer, "TaxSummary.incomeBand");
    assert_eq!((&band["class"], &band["decision"]), (&json!("CONDITIONAL"), &json!("CLEAR")));
    let coming = json!({
        "class": "NOT_SHARED", "from": "2999-01-01",
        "terms": { "basis": "a province's own", "validFrom": "2999-01-01" }
    });
    assert_eq!(band["classComing"], coming);
    let elsewhere = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "140581000000");
    assert_eq!(item(&elsewhere, "TaxSummary.incomeBand")["classComing"], Value::Null);
}

#[test]
fn the_catalogues_own_classes_have_a_basis_that_says_it_is_unverified() {
    let server = Server::start();
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    for (coordinate, class) in [
        ("Organisation.name", "UNCONDITIONAL"),
        ("TaxSummary.year", "CONDITIONAL"),
        ("UnionForm.contentJson", "NOT_SHARED"),
    ] {
        let item = item(&reviewer, coordinate);
        assert_eq!((&item["class"], &item["classTerms"]["certainty"]), (&json!(class), &json!("UNVERIFIED")));
        assert!(item["classTerms"]["basis"].as_str().unwrap().contains("article to be checked"), "{item}");
        assert_eq!(item["classComing"], Value::Null);
    }
    assert!(year(&reviewer).unwrap().is_number());
}

#[test]
fn classes_beside_the_catalogue_are_a_change_of_it() {
    let server = Server::start();
    let folder = server.stop();
    let hub = format!("sqlite://{}", folder.path().join("hub.db").display());
    let own = TempDir::new().unwrap();
    std::fs::write(own.path().join("classes.csv"), format!("{HEAD}{LINES}")).unwrap();
    let folders = format!("[\"{}\"]", own.path().display());
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders), ("YIMEN__HUB__URL", &hub)]);
    let query = "{ catalogueChanges(since: \"2020-01-01T00:00:00Z\") { nodes { coordinate property before after } } }";
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let told = reviewer.data(query, json!({}))["catalogueChanges"]["nodes"].clone();
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    let year = told.iter().find(|change| change["coordinate"] == "TaxSummary.year").unwrap();
    let said = "NOT_SHARED by `TaxSummary.year` in 410727 since 2026-01-01 on the basis of a county's own, UNVERIFIED";
    assert_eq!((&year["property"], &year["before"]), (&json!("classes"), &Value::Null));
    assert_eq!(year["after"], said);
}

/// `yimen config check` with a table of classes, and approvals.
fn check(lines: &str, approved: &str) -> (bool, String) {
    let own = TempDir::new().unwrap();
    std::fs::write(own.path().join("classes.csv"), format!("{HEAD}{lines}")).unwrap();
    let head = "department,role,purpose,coordinate,from,to,approved_by,on,until,basis";
    std::fs::write(own.path().join("approved.csv"), format!("{head}\n{approved}")).unwrap();
    let mut command = yimen();
    command.args(["config", "check", "--config"]).arg(county().join("yimen.toml"));
    command.env("YIMEN__POLICY__FOLDERS", format!("[\"{}\"]", own.path().display()));
    command.env("YIMEN__POLICY__APPROVED", own.path().join("approved.csv"));
    let output = command.output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn a_wider_class_needs_an_approval_that_holds_on_its_first_day() {
    let wider = "TaxSummary.year,41,UNCONDITIONAL,a,UNVERIFIED,2026-03-02\n";
    let cell = "-,-,-,classes.csv TaxSummary.year 41 2026-03-02,CONDITIONAL,UNCONDITIONAL";
    let (passed, said) = check(wider, "");
    let named = "classes.csv TaxSummary.year 41 2026-03-02: CONDITIONAL → UNCONDITIONAL";
    assert!(!passed && said.contains(named), "{said}");
    // It held on the first day: that it ended since doesn't matter.
    let (passed, said) = check(wider, &format!("{cell},legal office,2026-03-02,2026-03-02,for this test\n"));
    assert!(passed, "{said}");
    for approval in [
        format!("{cell},legal office,2026-03-03,2026-12-31,for this test\n"),
        format!("{cell},legal office,2026-01-01,2026-03-01,for this test\n"),
        format!("{},legal office,2026-03-02,2026-12-31,for this test\n", cell.replace(" 41 ", " 42 ")),
    ] {
        let (passed, said) = check(wider, &approval);
        assert!(!passed && said.contains(named), "{approval}: {said}");
    }
    assert!(check(LINES, "").0, "what is narrower needs none");
}

#[test]
fn a_table_that_cant_be_right_stops_the_start_with_its_line() {
    for (line, told) in [
        ("Tax.year,41,NOT_SHARED,a,UNVERIFIED,2026-01-01\n", "`line 5`: `Tax.year` is no item"),
        ("TAX,4107a,NOT_SHARED,a,UNVERIFIED,2026-01-01\n", "`line 5`: `4107a` of `TAX`"),
    ] {
        let (passed, said) = check(&format!("{LINES}{line}"), "");
        assert!(!passed && said.contains(told), "{said}");
    }
}
