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

/// Who approves, when, until when, and on which basis.
const BY: &str = "county legal office,2026-03-02,2027-03-01,a test's own";

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
        let head = "department,role,purpose,coordinate,from,to,approved_by,on,until,basis";
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
    let approved = folders.approve(&format!("{CELL},DENY,CLEAR,{BY}"));
    let on = |day| folders.check(&["--approved", &approved, "--on", day]);
    let passed = on("2026-03-02");
    assert!(passed.status.success() && on("2027-03-01").status.success(), "{}", text(&passed));
    assert!(text(&passed).contains("1 cells widen, 1 of them approved"), "{}", text(&passed));
    // An approval doesn't hold before its first day nor after its last.
    for day in ["2026-03-01", "2027-03-02"] {
        let ended = on(day);
        assert!(!ended.status.success(), "{day}");
        assert!(text(&ended).contains("its approval has ended or hasn't begun"), "{}", text(&ended));
    }
}

/// A table with one line more, or with one part of it written anew.
fn changed(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() {
        return format!("{text}{to}\n");
    }
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn whatever_widens_in_a_table_needs_an_approval_too() {
    let folders = Folders::new();
    std::fs::remove_file(folders.path("new/TAX.cedar")).unwrap();
    let tables = [
        (
            "commands.csv",
            include_str!("../../policy/commands.csv"),
            "",
            "Query.case,STEWARD,UNION,DATA_SHARING,DIVISION,a test's own",
            "UNION,STEWARD,DATA_SHARING,Query.case,NONE,DIVISION",
        ),
        (
            "consents.csv",
            include_str!("../../policy/consents.csv"),
            "*,ECONOMIC_VERIFICATION,*,WITHHELD",
            "*,ECONOMIC_VERIFICATION,*,OPEN",
            "CIVIL_AFFAIRS,-,ECONOMIC_VERIFICATION,TAX,CASE,CONSENT",
        ),
        (
            "purposes.csv",
            include_str!("../../policy/purposes.csv"),
            "003 四(二)6,UNION|",
            "003 四(二)6,FINANCE|UNION|",
            "FINANCE,-,UNION_FILE_CHECK,Yimen-Purpose,FORBIDDEN,STATED",
        ),
        (
            "traces.csv",
            include_str!("../../policy/traces.csv"),
            "",
            "SUPERVISOR,SUPERVISION,ANYBODY,a test's own",
            "-,SUPERVISOR,SUPERVISION,Query.accessesTo,NONE,ANYBODY",
        ),
        (
            "sharing.csv",
            include_str!("../../policy/sharing.csv"),
            "",
            "UNCONDITIONAL,41,GRANT,a test's own,UNVERIFIED,2025-01-01",
            "-,-,-,sharing.csv UNCONDITIONAL 41 2025-01-01,ASK,GRANT",
        ),
        (
            "clocks.csv",
            include_str!("../../policy/clocks.csv"),
            "SHARING_ANSWER,,10,",
            "SHARING_ANSWER,,20,",
            "-,-,-,clocks.csv SHARING_ANSWER - 2025-08-01,10 WORKING,20 WORKING",
        ),
    ];
    for (file, bundled, from, to, _) in tables {
        std::fs::write(folders.path("new").join(file), changed(bundled, from, to)).unwrap();
    }
    let refused = folders.check(&[]);
    assert!(!refused.status.success());
    let lines = cells(&text(&refused));
    for (file, .., cell) in tables {
        assert!(lines.iter().any(|line| line == cell), "{file}: {lines:?}");
    }
    let approvals: Vec<String> = lines.iter().map(|line| format!("{line},{BY}")).collect();
    let approved = folders.approve(&approvals.join("\n"));
    let passed = folders.check(&["--approved", &approved, "--on", "2026-03-02"]);
    assert!(passed.status.success(), "{}", text(&passed));
    // Without one of its lines it doesn't pass.
    let fewer = folders.approve(&approvals[1..].join("\n"));
    let lacking = folders.check(&["--approved", &fewer, "--on", "2026-03-02"]);
    assert_eq!(cells(&text(&lacking)), lines[..1], "{}", text(&lacking));
}

#[test]
fn a_class_that_widens_needs_an_approval_and_one_that_narrows_does_not() {
    let folders = Folders::new();
    std::fs::remove_file(folders.path("new/TAX.cedar")).unwrap();
    let head = "scope,region,class,basis,certainty,valid_from\n";
    let closed = format!("{head}TaxSummary.taxPaid,41,NOT_SHARED,a test's own,UNVERIFIED,2026-01-01\n");
    std::fs::write(folders.path("old/classes.csv"), &closed).unwrap();
    std::fs::write(folders.path("new/classes.csv"), head).unwrap();
    let cell = "classes.csv TaxSummary.taxPaid 41 2026-01-01";
    let wider = text(&policy(&["diff", &folders.text("old"), &folders.text("new")]));
    assert_eq!(wider, format!("widens  - - - {cell}: NOT_SHARED → CONDITIONAL\n1 cells widen, 0 narrow\n"));
    let narrower = text(&policy(&["diff", &folders.text("new"), &folders.text("old")]));
    assert_eq!(
        narrower,
        format!("narrows - - - {cell}: CONDITIONAL → NOT_SHARED\n0 cells widen, 1 narrow\n")
    );
    let refused = folders.check(&[]);
    assert!(!refused.status.success());
    assert_eq!(cells(&text(&refused)), [format!("-,-,-,{cell},NOT_SHARED,CONDITIONAL")]);
    let approved = folders.approve(&format!("-,-,-,{cell},NOT_SHARED,CONDITIONAL,{BY}"));
    let passed = folders.check(&["--approved", &approved, "--on", "2026-03-02"]);
    assert!(passed.status.success(), "{}", text(&passed));
    std::fs::write(folders.path("new/classes.csv"), closed).unwrap();
    assert!(folders.check(&[]).status.success(), "what is as it was needs none");
}

/// The cells of a refusal, as an approval names them.
fn cells(told: &str) -> Vec<String> {
    let line = |line: &str| {
        let (cell, to) = line.trim().strip_prefix("widens")?.split_once(" → ")?;
        let (cell, from) = cell.trim().rsplit_once(": ")?;
        let mut parts = cell.splitn(4, ' ');
        let mut next = || parts.next();
        Some(format!("{},{},{},{},{from},{to}", next()?, next()?, next()?, next()?))
    };
    told.lines().filter_map(line).collect()
}

#[test]
fn a_role_of_another_group_is_wider_and_the_other_way_about_narrower() {
    let folders = Folders::new();
    std::fs::remove_file(folders.path("new/TAX.cedar")).unwrap();
    let roles =
        include_str!("../../policy/roles.csv").replace("SUPERVISOR,SUPERVISION,", "SUPERVISOR,CASEWORK,");
    std::fs::write(folders.path("new/roles.csv"), roles).unwrap();
    let told = text(&policy(&["diff", &folders.text("new"), &folders.text("old")]));
    for line in [
        "narrows TAX SUPERVISOR MLA_REVIEW TaxSummary.taxPaid: CLEAR → DENY",
        "narrows - SUPERVISOR MLA_REVIEW Query.case: DEPARTMENT → NONE",
        "widens  - SUPERVISOR SUPERVISION Query.case: NONE → DIVISION",
    ] {
        assert!(told.lines().any(|found| found == line), "{line}");
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
fn the_class_in_force_is_explained_with_what_is_coming() {
    let own = TempDir::new().unwrap();
    std::fs::create_dir(own.path().join("cedar")).unwrap();
    let lines = "scope,region,class,basis,certainty,valid_from\n\
                 TaxSummary.incomeBand,410727,NOT_SHARED,a county's own,COPY_READ,2026-03-01\n";
    std::fs::write(own.path().join("cedar/classes.csv"), lines).unwrap();
    std::fs::write(own.path().join("yimen.toml"), "[policy]\nfolders = [\"cedar\"]\n").unwrap();
    let union = ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let told = |division: &str, on: &str| {
        explain(own.path(), union, "TaxSummary.incomeBand", &["--division", division, "--on", on])
    };
    let line = "NOT_SHARED by `TaxSummary.incomeBand` in 410727 since 2026-03-01 on the basis of a county's own, COPY_READ";
    let before = told("410727000000", "2026-02-28");
    assert!(
        before.contains("→ CLEAR") && before.contains(&format!("from 2026-03-01 class {line}")),
        "{before}"
    );
    let after = told("410727000000", "2026-03-01");
    assert!(after.contains("DENY NOT_SHARED") && after.contains("never shared outside its owner"), "{after}");
    assert!(after.contains(&format!("  class {line}; the catalogue says CONDITIONAL")), "{after}");
    let elsewhere = told("140581000000", "2026-03-01");
    assert!(elsewhere.contains("→ CLEAR") && !elsewhere.contains("NOT_SHARED"), "{elsewhere}");
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
