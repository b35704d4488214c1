//! `yimen policy`: one decision explained, two versions compared, and nothing that widens unapproved.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::county::{county, value};
use crate::support::{Server, yimen};

const WIDER: &str = r#"
@id("tax-paid-to-help-centres") @basis("a county's own rule, for this test")
permit (principal in Department::"UNION", action == Action::"clear", resource == Item::"TaxSummary.taxPaid")
when { principal in Role::"HELP_CENTRE" && context.purpose == Purpose::"UNION_FILE_CHECK" };
"#;

const CELL: &str = "UNION,HELP_CENTRE,UNION_FILE_CHECK,TaxSummary.taxPaid";

fn policy(arguments: &[&str]) -> Output {
    yimen().arg("policy").args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder with the tax file and one policy more, an empty one, and a configuration that has the first.
struct Folders {
    own: TempDir,
}

impl Folders {
    fn new() -> Folders {
        let own = TempDir::new().unwrap();
        for folder in ["old", "new"] {
            std::fs::create_dir(own.path().join(folder)).unwrap();
        }
        let tax = include_str!("../../policy/cedar/TAX.cedar");
        std::fs::write(own.path().join("new/TAX.cedar"), format!("{tax}{WIDER}")).unwrap();
        std::fs::write(own.path().join("yimen.toml"), "[policy]\nfolders = [\"new\"]\n").unwrap();
        Folders { own }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.own.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn check(&self, more: &[&str]) -> Output {
        let (config, old) = (self.text("yimen.toml"), self.text("old"));
        policy(&[&["check", "--config", &config, "--against", &old], more].concat())
    }

    fn approve(&self, line: &str) -> String {
        let head = "department,role,purpose,coordinate,from,to,approved_by,on,basis";
        std::fs::write(self.path("approved.csv"), format!("{head}\n{line}\n")).unwrap();
        self.text("approved.csv")
    }
}

#[test]
fn two_versions_are_compared_cell_by_cell() {
    let folders = Folders::new();
    let wider = policy(&["diff", &folders.text("old"), &folders.text("new")]);
    assert!(wider.status.success(), "{}", text(&wider));
    let line = "widens  UNION HELP_CENTRE UNION_FILE_CHECK TaxSummary.taxPaid: DENY → CLEAR";
    assert_eq!(text(&wider), format!("{line}\n1 cells widen, 0 narrow\n"));
    let narrower = policy(&["diff", "--json", &folders.text("new"), &folders.text("old")]);
    let cells: Value = serde_json::from_slice(&narrower.stdout).unwrap();
    assert_eq!(cells.as_array().unwrap().len(), 1);
    assert_eq!(
        (&cells[0]["from"], &cells[0]["to"], &cells[0]["widens"]),
        (&"CLEAR".into(), &"DENY".into(), &false.into())
    );
    let same = policy(&["diff", &folders.text("old"), &folders.text("old")]);
    assert_eq!(text(&same), "0 cells widen, 0 narrow\n");
}

#[test]
fn a_cell_that_widens_needs_an_approval_that_names_it() {
    let folders = Folders::new();
    let unapproved = folders.check(&[]);
    assert!(!unapproved.status.success());
    assert!(text(&unapproved).contains("TaxSummary.taxPaid: DENY → CLEAR"), "{}", text(&unapproved));
    let approved = folders.approve(&format!("{CELL},DENY,CLEAR,county legal office,2026-03-02,a test's own"));
    let passed = folders.check(&["--approved", &approved]);
    assert!(passed.status.success(), "{}", text(&passed));
    assert!(text(&passed).contains("1 cells widen, 1 of them approved"), "{}", text(&passed));
    // An approval of less, of somebody else, or by nobody isn't one.
    for line in [
        format!("{CELL},DENY,MASK,county legal office,2026-03-02,a test's own"),
        format!(
            "{},DENY,CLEAR,county legal office,2026-03-02,a test's own",
            CELL.replace("UNION,", "FINANCE,")
        ),
        format!("{CELL},DENY,CLEAR,,2026-03-02,a test's own"),
        format!("{CELL},DENY,CLEAR,county legal office,soon,a test's own"),
        format!(
            "{},DENY,CLEAR,county legal office,2026-03-02,a test's own",
            CELL.replace("HELP_CENTRE", "*")
        ),
    ] {
        let approved = folders.approve(&line);
        assert!(!folders.check(&["--approved", &approved]).status.success(), "{line}");
    }
}

fn explain(
    data: &Path,
    (department, role, purpose): (&str, &str, &str),
    coordinate: &str,
    more: &[&str],
) -> String {
    let data = data.display().to_string();
    let who = ["--department", department, "--role", role, "--purpose", purpose, "--coordinate", coordinate];
    let output = policy(&[&["explain", "--data", &data], &who[..], more].concat());
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

#[test]
fn one_decision_is_one_sentence_with_its_rule_and_its_clause() {
    let own = TempDir::new().unwrap();
    let union = ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let told = |coordinate: &str| explain(own.path(), union, coordinate, &[]);
    let masked = told("TaxSummary.declaredIncome");
    assert!(
        masked.contains("reads it reduced (BAND)")
            && masked.contains("`tax-to-union-masked` on the basis of 003 四(一)")
            && masked.contains("in a case only, of people whose consent holds"),
        "{masked}"
    );
    let link = told("Person.taxSummaries");
    assert!(
        link.contains("may follow it, because TaxSummary.year behind it is permitted by `tax-to-union`"),
        "{link}"
    );
    let closed = told("Person.realEstateRights");
    assert!(closed.contains("DENY") && closed.contains("is refused it"), "{closed}");
    let never =
        explain(own.path(), ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"), "UnionForm.contentJson", &[]);
    assert!(never.contains("never shared outside its owner"), "{never}");
    let purpose = explain(own.path(), ("UNION", "HELP_CENTRE", "STATISTICS"), "TaxSummary.incomeBand", &[]);
    assert!(
        purpose.contains("DENY PURPOSE") && purpose.contains("permits it for another purpose"),
        "{purpose}"
    );
}

#[test]
fn a_grant_and_a_need_are_explained_too() {
    let own = TempDir::new().unwrap();
    for file in ["hub.db", "yimen.toml"] {
        std::fs::copy(county().join(file), own.path().join(file)).unwrap();
    }
    let hub = rusqlite::Connection::open(own.path().join("hub.db")).unwrap();
    for (id, department, role, purpose) in [
        ("2026-0017", "UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("2026-0018", "EDUCATION", "REVIEWER", "EDUCATION_AID"),
    ] {
        hub.execute(
            "INSERT INTO sharing_grant VALUES (?1, 'TAX', ?2, ?3, ?4, '', '[\"TaxSummary.taxPaid\"]', 'CLEAR', \
             '003 四(一)', '2026-03-01', '2026-03-31', 'IN_FORCE')",
            [id, department, role, purpose],
        )
        .unwrap();
    }
    drop(hub);
    let told = |who, more: &[&str]| explain(own.path(), who, "TaxSummary.taxPaid", more);
    let union = ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let granted = told(union, &["--grants", "--on", "2026-03-15"]);
    assert!(granted.contains("permitted by `grant:2026-0017` on the basis of 003 四(一)"), "{granted}");
    assert!(told(union, &[]).contains("DENY NOT_GRANTED"), "without the hub's grants");
    let education = ("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let beyond = told(education, &["--grants", "--on", "2026-03-15"]);
    assert!(
        beyond.contains("DENY PURPOSE") && beyond.contains("EDUCATION_AID needs nothing of its section"),
        "{beyond}"
    );
}

#[test]
fn what_was_asked_is_replayed_against_another_version() {
    let (folders, server) = (Folders::new(), Server::start());
    let worker = value(
        "union",
        "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1",
    );
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name taxSummaries { taxPaid } } }";
    let client = server.checking(&[&worker]);
    for _ in 0..3 {
        client.send(query, json!({ "id": worker }));
    }
    server.client("EDUCATION", "REVIEWER", "EDUCATION_AID").send(query, json!({ "id": worker }));
    let hub = format!("sqlite://{}", server.hub().display());
    let _left = server.stop();
    let replay = |folder: &str, days: [&str; 2], more: &[&str]| {
        let mut command = yimen();
        command.args(["policy", "replay", "--officer", "li", "--policy", &folders.text(folder), "--data"]);
        command
            .arg(county())
            .args(["--from", days[0], "--to", days[1]])
            .args(more)
            .env("YIMEN__HUB__URL", &hub);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let always = ["2026-01-01", "2099-12-31"];
    let wider = replay("new", always, &[]);
    let cell = "widens  UNION HELP_CENTRE UNION_FILE_CHECK TaxSummary.taxPaid: DENY → CLEAR (3 operations)";
    assert!(wider.lines().any(|line| line == cell), "{wider}");
    assert!(
        wider.contains("4 operations replayed, 0 of unknown codes left out: 1 cells widen, 0 narrow"),
        "{wider}"
    );
    assert!(!wider.contains(&worker), "a replay names a person");
    let json: Value = serde_json::from_str(&replay("new", always, &["--json"])).unwrap();
    assert_eq!((&json["operations"], &json["cells"][0]["operations"]), (&json!(4), &json!(3)), "{json}");
    // The policies that were in force decide as they did, and other days hold nothing.
    assert!(
        replay("old", always, &[]).starts_with("4 operations replayed, 0 of unknown codes left out: 0 cells")
    );
    assert!(replay("new", ["2025-01-01", "2025-01-02"], &[]).starts_with("0 operations replayed"));
    let searches = crate::support::hub::entries(&server_hub(&hub));
    let notes = searches.iter().filter_map(|record| record["note"].as_str());
    assert_eq!(notes.filter(|note| note.starts_with("replay of ")).count(), 4, "each replay has its record");
}

fn server_hub(url: &str) -> PathBuf {
    PathBuf::from(url.trim_start_matches("sqlite://"))
}
