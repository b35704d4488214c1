//! Policies that are tried beside those in force: they act on nothing, and what they would have decided otherwise is
//! counted, operation by operation.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::county::county;
use crate::support::{Answer, Server, yimen};

/// One field more for reviewers of civil affairs, and one of theirs less.
const MORE: &str = r#"
@id("tax-paid-to-reviewers") @basis("a county's own rule, for this test")
permit (principal in Department::"CIVIL_AFFAIRS", action == Action::"clear", resource == Item::"TaxSummary.taxPaid")
when { principal in Role::"REVIEWER" && context.purpose == Purpose::"MLA_REVIEW" };

@id("no-bands") @basis("a county's own rule, for this test")
forbid (principal in Department::"CIVIL_AFFAIRS", action in [Action::"clear", Action::"mask"], resource == Item::"TaxSummary.incomeBand");
"#;

const QUERY: &str =
    "query($id: CitizenId!) { person(citizenId: $id) { name taxSummaries { taxPaid incomeBand year } } }";

struct Trial {
    folder: TempDir,
}

impl Trial {
    fn new(tax: &str) -> Trial {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("TAX.cedar"), tax).unwrap();
        Trial { folder }
    }

    fn path(&self) -> String {
        self.folder.path().display().to_string()
    }
}

fn wider() -> Trial {
    Trial::new(&format!("{}{MORE}", include_str!("../../policy/cedar/TAX.cedar")))
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn shadow(hub: &Path, folder: &str, more: &[&str]) -> Output {
    let hub = format!("sqlite://{}", hub.display());
    let mut command = yimen();
    command.args(["policy", "shadow", "--data"]).arg(county()).args(more);
    command.env("YIMEN__HUB__URL", hub).env("YIMEN__POLICY__SHADOW", folder).output().unwrap()
}

#[test]
fn a_trial_changes_no_answer_and_counts_each_operation() {
    let (trial, alone) = (wider(), Server::start());
    let beside = Server::set(&[("YIMEN__POLICY__SHADOW", &trial.path())]);
    let ask = |server: &Server, who: (&str, &str, &str), id: &str| {
        let answer = server.client(who.0, who.1, who.2).send(QUERY, json!({ "id": id })).json();
        without_ids(answer)
    };
    let reviewer = ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let people = county_people();
    for (at, id) in people.iter().enumerate() {
        let answer = ask(&beside, reviewer, id);
        assert_eq!(answer, ask(&alone, reviewer, id));
        assert_eq!(
            answer["errors"][0]["extensions"]["reason"], "NOT_GRANTED",
            "person {at}: the wider policy acts"
        );
    }
    // Two whom the change doesn't concern, one of them as often refused as before.
    for who in [("HOUSING", "REVIEWER", "HOUSING_SECURITY"), ("EDUCATION", "REVIEWER", "EDUCATION_AID")] {
        assert_eq!(ask(&beside, who, &people[0]), ask(&alone, who, &people[0]));
    }
    // What isn't run is decided by nobody.
    beside.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW").send("{ nothing }", json!({}));
    let hub = beside.hub();
    // What is still to be compared is compared at the end.
    let _left = (alone.stop(), beside.stop());
    let output = shadow(&hub, &trial.path(), &[]);
    assert!(output.status.success(), "{}", told(&output));
    let expected = format!(
        "narrows CIVIL_AFFAIRS REVIEWER MLA_REVIEW TaxSummary.incomeBand: CLEAR → DENY ({0} operations)\n\
         widens  CIVIL_AFFAIRS REVIEWER MLA_REVIEW TaxSummary.taxPaid: DENY → CLEAR ({0} operations)\n\
         {1} operations decided by both, 0 not compared: 1 cells widen, 1 narrow\n",
        people.len(),
        people.len() + 2
    );
    assert_eq!(told(&output), expected);
    let json: Value = serde_json::from_slice(&shadow(&hub, &trial.path(), &["--json"]).stdout).unwrap();
    assert_eq!(json["operations"], people.len() + 2);
    assert_eq!(json["cells"][1]["operations"], people.len());
    // Another trial begins at nothing.
    let other = Trial::new(include_str!("../../policy/cedar/TAX.cedar"));
    assert!(told(&shadow(&hub, &other.path(), &[])).starts_with("0 operations decided by both"));
    assert_eq!(told(&shadow(&hub, &trial.path(), &["--forget"])), "1 trials forgotten\n");
    assert!(told(&shadow(&hub, &trial.path(), &[])).starts_with("0 operations decided by both"));
}

fn county_people() -> Vec<String> {
    let path = county().join("union.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let union = rusqlite::Connection::open_with_flags(path, flags).unwrap();
    let sql =
        "SELECT DISTINCT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 7";
    let mut statement = union.prepare(sql).unwrap();
    let people = statement.query_map([], |row| row.get(0)).unwrap();
    people.map(Result::unwrap).collect()
}

fn without_ids(mut answer: Value) -> Value {
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("decisionId");
    }
    answer
}

#[test]
fn a_batch_counts_its_entries() {
    let trial = wider();
    let server = Server::set(&[("YIMEN__POLICY__SHADOW", &trial.path())]);
    let people = county_people();
    let variables: Vec<Value> = people.iter().map(|id| json!({ "id": id })).collect();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let body = json!({ "query": QUERY, "variables": variables });
    let lines = Answer::of(client.post().header("Accept", "application/jsonl").json(&body));
    assert_eq!(lines.text.lines().count(), people.len(), "{}", lines.text);
    let hub = server.hub();
    let _left = server.stop();
    let output = told(&shadow(&hub, &trial.path(), &[]));
    assert!(
        output.contains(&format!("TaxSummary.taxPaid: DENY → CLEAR ({} operations)", people.len())),
        "{output}"
    );
    assert!(output.contains(&format!("{} operations decided by both", people.len())), "{output}");
}

#[test]
fn a_trial_that_cant_be_is_told_at_the_start() {
    for (folder, problem) in [
        (Trial::new("permit (everything);").path(), "isn't Cedar"),
        (String::from("/nowhere/at/all"), "folder `/nowhere/at/all`"),
    ] {
        let mut serve = yimen();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(county().join("yimen.toml"));
        let output = serve.env("YIMEN__POLICY__SHADOW", &folder).output().unwrap();
        assert!(!output.status.success(), "{}", told(&output));
        assert!(
            told(&output).contains("`policy.shadow`") && told(&output).contains(problem),
            "{}",
            told(&output)
        );
    }
    let unset = shadow(&county().join("hub.db"), "", &[]);
    assert!(!unset.status.success());
    assert!(told(&unset).contains("`policy.shadow` names no folder"), "{}", told(&unset));
}
