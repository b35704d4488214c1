//! Supervision is bound to its task: what it asks for, where, of whom, by whom and until when; and nothing without one.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::divisions;
use crate::support::county::value;
use crate::support::day::{days_ago, months_after};
use crate::support::{Answer, Client, Server, county, yimen};

const READ: &str =
    "query($id: CitizenId!) { person(citizenId: $id) { name taxSummaries { year } unionFiles { fileNo } } }";

/// A file that describes a task over these items.
struct Described {
    own: TempDir,
    text: String,
}

impl Described {
    fn new(number: &str, division: &str, items: &[(&str, &str)]) -> Described {
        let (from, until) = (days_ago(1), months_after(days_ago(1), 1));
        let mut text = format!(
            "number = \"{number}\"\ndepartment = \"SUPERVISION_OFFICE\"\ndivision = \"{division}\"\nfrom = \"{from}\"\n\
             until = \"{until}\"\nbasis = \"001 三(四)\"\nofficers = [\"demo-officer\"]\n"
        );
        for (department, section) in items {
            text.push_str(&format!("[[items]]\ndepartment = \"{department}\"\nsection = \"{section}\"\n"));
        }
        Described { own: TempDir::new().unwrap(), text }
    }

    fn with(mut self, old: &str, new: &str) -> Described {
        assert!(self.text.contains(old), "{old}");
        self.text = self.text.replace(old, new);
        self
    }

    fn file(&self) -> PathBuf {
        let file = self.own.path().join("task.toml");
        std::fs::write(&file, &self.text).unwrap();
        file
    }

    /// Runs `yimen task open`; gives what it says, and whether it succeeded.
    fn open(&self, server: &Server, more: &[&str]) -> (bool, String) {
        let file = self.file();
        task(server, &[&["open", file.to_str().unwrap()], more].concat())
    }

    #[track_caller]
    fn opened(&self, server: &Server, more: &[&str]) {
        let (done, text) = self.open(server, &[&["--yes"], more].concat());
        assert!(done, "{text}");
    }
}

fn task(server: &Server, arguments: &[&str]) -> (bool, String) {
    task_with(server, &[], arguments)
}

/// The same with keys set otherwise.
fn task_with(server: &Server, environment: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
    let mut command = yimen();
    command.envs(environment.iter().copied());
    command.arg("task").args(arguments).args(["--officer", "chief", "--data"]).arg(county());
    let output = command.env("YIMEN__HUB__URL", server.hub_url()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn supervisor(server: &Server, division: &str) -> Client {
    server.client_in("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION", division)
}

fn read(client: &Client, id: &str) -> Answer {
    client.send(READ, json!({ "id": id }))
}

fn reasons(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value, key: &str| error["extensions"][key].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(error, "coordinate"), text(error, "reason"))).collect()
}

const REGISTER: (&str, &str) = ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION");
const TAX: (&str, &str) = ("TAX", "TAX");
const COUNTY: &str = "410727000000";

/// Two people with tax who live in different towns, and the town of the first.
fn taxed() -> (String, String, String) {
    let sql = |condition: &str, column: &str| {
        format!(
            "SELECT {column} FROM person AS p JOIN tax_summary AS t ON t.citizen_id = p.citizen_id \
             WHERE length(p.citizen_id) = 18 {condition} ORDER BY p.citizen_id LIMIT 1"
        )
    };
    let town = format!("{}000", value("household", &sql("", "substr(p.division_code, 1, 9)")));
    let here = value("household", &sql("", "p.citizen_id"));
    let elsewhere = value(
        "household",
        &sql(&format!("AND substr(p.division_code, 1, 9) <> '{}'", &town[..9]), "p.citizen_id"),
    );
    (here, elsewhere, town)
}

#[test]
fn without_a_task_supervision_reads_nothing_of_other_departments() {
    let server = Server::start();
    let (id, ..) = taxed();
    let answer = read(&supervisor(&server, COUNTY), &id);
    assert_eq!(answer.json()["data"]["person"], Value::Null);
    assert_eq!(
        reasons(&answer),
        [(String::from("Person.citizenId"), String::from("NO_TASK"))],
        "{}",
        answer.text
    );
    // Published figures are nobody's, and what the gateway keeps itself is told as before.
    let figures = supervisor(&server, COUNTY).send("{ mlaStandards(first: 1) { nodes { id } } }", json!({}));
    assert_eq!(figures.codes(), Vec::<String>::new(), "{}", figures.text);
    let cases = supervisor(&server, COUNTY).send("{ cases { nodes { caseNo } } }", json!({}));
    assert_eq!(cases.codes(), Vec::<String>::new(), "{}", cases.text);
}

#[test]
fn a_task_opens_what_it_asks_for_in_its_division_and_no_more() {
    let server = Server::start();
    let (here, elsewhere, town) = taxed();
    Described::new("T-1", &town, &[REGISTER, TAX]).opened(&server, &[]);
    let client = supervisor(&server, COUNTY).in_case("T-1");
    let answer = read(&client, &here);
    let person = &answer.json()["data"]["person"];
    assert!(
        person["name"].is_string() && !person["taxSummaries"].as_array().unwrap().is_empty(),
        "{}",
        answer.text
    );
    assert_eq!(person["unionFiles"], Value::Null);
    assert_eq!(reasons(&answer), [(String::from("Person.unionFiles"), String::from("NOT_IN_TASK"))]);
    // The county's supervisor reads in the task's town alone.
    let other = read(&client, &elsewhere).json();
    assert_eq!(other["data"]["person"], Value::Null, "{other}");
    Described::new("T-2", COUNTY, &[REGISTER, TAX]).opened(&server, &[]);
    let wider = read(&supervisor(&server, COUNTY).in_case("T-2"), &elsewhere).json();
    assert!(wider["data"]["person"]["name"].is_string(), "{wider}");
    // The record names the task as it names a case.
    let name = answer.headers["yimen-record"].to_str().unwrap().to_owned();
    let record = server.records().into_iter().find(|record| record["id"] == name.as_str()).unwrap();
    assert_eq!((&record["case"], &record["purpose"]), (&json!("T-1"), &json!("SUPERVISION")));
}

#[test]
fn a_task_that_is_not_the_callers_is_refused_like_one_that_is_not_there() {
    let server = Server::start();
    let (id, _, town) = taxed();
    let day = |days| days_ago(days).to_string();
    let (from, until) = (day(1), months_after(days_ago(1), 1).to_string());
    Described::new("T-3", COUNTY, &[REGISTER]).opened(&server, &[]);
    Described::new("T-4", COUNTY, &[REGISTER]).with("demo-officer", "somebody-else").opened(&server, &[]);
    Described::new("T-5", COUNTY, &[REGISTER])
        .with(&from, &day(9))
        .with(&until, &day(2))
        .opened(&server, &[]);
    let later = months_after(days_ago(0), 1).to_string();
    Described::new("T-6", COUNTY, &[REGISTER])
        .with(&format!("from = \"{from}\""), &format!("from = \"{later}\""))
        .with(&format!("until = \"{until}\""), &format!("until = \"{later}\""))
        .opened(&server, &[]);
    let told = |client: &Client, number: &str| {
        let answer = read(&client.in_case(number), &id);
        assert_eq!(answer.codes(), ["TASK_NOT_FOUND"], "{number}: {}", answer.text);
        (answer.status, answer.text)
    };
    let county = supervisor(&server, COUNTY);
    assert_eq!(
        read(&county.in_case("T-3"), &id).codes().first().map(String::as_str),
        Some("UNAUTHORIZED_FIELD_OR_TYPE")
    );
    let unknown = told(&county, "T-none");
    for (what, client, number) in [
        ("another officer's", county.clone(), "T-4"),
        ("ended", county.clone(), "T-5"),
        ("not begun", county.clone(), "T-6"),
        ("wider than the caller's division", supervisor(&server, &town), "T-3"),
        ("another department's", server.client("HRSS", "SUPERVISOR", "SUPERVISION"), "T-3"),
    ] {
        assert_eq!(told(&client, number), unknown, "{what}");
    }
    let (closed, text) = task(&server, &["close", "T-3", "--yes"]);
    assert!(closed, "{text}");
    assert_eq!(told(&county, "T-3"), unknown, "closed");
}

#[test]
fn a_task_reads_what_its_division_took_over_and_nothing_once_its_division_has_ended() {
    let server = divisions::server(&divisions::merged(), &[]);
    let (old, other) = (divisions::somebody(divisions::OLD), divisions::somebody("410727102000"));
    let folder = divisions::merged();
    let folders = format!("[\"{}\"]", folder.path().display());
    let ended = Described::new("T-21", divisions::OLD, &[REGISTER]);
    let ended = ended.file();
    let open = ["open", ended.to_str().unwrap(), "--yes"];
    let (done, said) = task_with(&server, &[("YIMEN__POLICY__FOLDERS", &folders)], &open);
    assert!(!done && said.contains("isn't in force"), "{said}");
    // Where the command knows of no history it opens whatever is ordered.
    Described::new("T-20", divisions::NEXT, &[REGISTER]).opened(&server, &[]);
    Described::new("T-21", divisions::OLD, &[REGISTER]).opened(&server, &[]);
    let county = supervisor(&server, COUNTY);
    let name = |id: &str| read(&county.in_case("T-20"), id).json()["data"]["person"]["name"].clone();
    assert!(name(&old).is_string() && name(&other).is_null());
    assert_eq!(read(&county.in_case("T-21"), &old).codes(), ["TASK_NOT_FOUND"]);
    let successor = supervisor(&server, divisions::NEXT);
    assert!(read(&successor.in_case("T-20"), &old).json()["data"]["person"]["name"].is_string());
}

#[test]
fn a_task_that_names_people_is_about_nobody_else() {
    let server = Server::start();
    let (named, other, _) = taxed();
    let described = Described::new("T-7", COUNTY, &[REGISTER, TAX]);
    let people = described.own.path().join("people");
    std::fs::write(&people, format!("{named}\n")).unwrap();
    described.opened(&server, &["--people-file", people.to_str().unwrap()]);
    let client = supervisor(&server, COUNTY).in_case("T-7");
    assert!(read(&client, &named).json()["data"]["person"]["name"].is_string());
    let absent = read(&client, "11010519491231002X").text;
    let strip = |text: &str| crate::batch::equal::anonymous(text);
    assert_eq!(strip(&read(&client, &other).text), strip(&absent));
    let hub = std::fs::read(server.hub()).unwrap();
    let found = hub.windows(18).any(|window| window == named.as_bytes());
    assert!(!found, "the hub shows whom the task names");
}

#[test]
fn a_task_is_checked_shown_and_recorded_before_it_is_opened() {
    let server = Server::start();
    let good = || Described::new("T-8", COUNTY, &[REGISTER]);
    let (done, text) = good().open(&server, &[]);
    assert!(done && text.contains("task T-8") && text.contains("add --yes"), "{text}");
    let client = supervisor(&server, COUNTY).in_case("T-8");
    let (id, ..) = taxed();
    assert_eq!(read(&client, &id).codes(), ["TASK_NOT_FOUND"], "nothing was changed");
    let until = months_after(days_ago(1), 1).to_string();
    for (what, described) in [
        ("a department that isn't there", good().with("SUPERVISION_OFFICE", "ATLANTIS")),
        ("a division of 6 digits", good().with("410727000000", "410727")),
        ("backwards", good().with(&until, "2020-01-01")),
        ("no officers", good().with("[\"demo-officer\"]", "[]")),
        ("a section of others", good().with("HOUSEHOLD_REGISTRATION", "TAX")),
        ("an unknown key", good().with("basis", "reason")),
        ("a number that names a person", good().with("T-8", "11010519491231002X")),
        ("51 officers", good().with("[\"demo-officer\"]", &format!("{:?}", vec!["li"; 51]))),
        ("101 items", Described::new("T-8", COUNTY, &[REGISTER; 101])),
    ] {
        let (done, text) = described.open(&server, &["--yes"]);
        assert!(!done, "{what}: {text}");
        assert!(!text.contains("11010519491231002X"), "{what}: {text}");
    }
    good().with("[\"demo-officer\"]", &format!("{:?}", vec!["demo-officer"; 50])).opened(&server, &[]);
    let (again, text) = good().open(&server, &["--yes"]);
    assert!(!again && text.contains("there already"), "{text}");
    Described::new("T-9", COUNTY, &[REGISTER; 100]).opened(&server, &[]);
    let (unknown, _) = task(&server, &["close", "T-none", "--yes"]);
    assert!(!unknown);
    let entries = server.entries();
    let tasks: Vec<&Value> = entries.iter().filter(|entry| entry["kind"] == "TASK").collect();
    assert_eq!(tasks.len(), 2, "one record for each that was opened");
    assert!(tasks.iter().all(|entry| entry["subject"] == "chief"), "{tasks:?}");
}

#[test]
fn a_covert_inspection_is_kept_from_the_person_by_the_rule_for_its_task() {
    let server = Server::start();
    let (id, ..) = taxed();
    Described::new("T-10", COUNTY, &[REGISTER]).opened(&server, &[]);
    let name = read(&supervisor(&server, COUNTY).in_case("T-10"), &id).headers["yimen-record"].clone();
    let name = name.to_str().unwrap().to_owned();
    let told = |client: &Client| {
        let query = "query($id: CitizenId!) { accessesTo(citizenId: $id, first: 100) { nodes { id } } }";
        client.data(query, json!({ "id": id })).to_string().contains(&name)
    };
    let (citizen, auditor) =
        (server.citizen(&id), server.client("SUPERVISION_OFFICE", "AUDITOR", "SUPERVISION"));
    let since = std::time::Instant::now();
    while !told(&citizen) {
        assert!(since.elapsed() < std::time::Duration::from_secs(10), "the access is never told");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let rule = [
        "evidence",
        "withhold",
        "--case",
        "T-10",
        "--department",
        "SUPERVISION_OFFICE",
        "--until",
        "2099-12-31",
    ];
    let mut command = yimen();
    command.args(rule).args(["--basis", "001 三(四)", "--officer", "chief", "--data"]).arg(county());
    let output = command.env("YIMEN__HUB__URL", server.hub_url()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!told(&citizen), "withheld from the person");
    assert!(told(&auditor), "and from nobody who audits");
}
