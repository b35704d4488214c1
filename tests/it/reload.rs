//! Everything read again at SIGHUP: policies, catalogue and configuration, while requests are answered.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::county::value;
use crate::support::day::days_ago;
use crate::support::{Client, Server, county};

const TAX: &str = include_str!("../../policy/cedar/TAX.cedar");

const WIDER: &str = r#"
@id("tax-paid-to-civil-affairs") @basis("a county's own rule, for this test")
permit (principal in Department::"CIVIL_AFFAIRS", action == Action::"clear", resource == Item::"TaxSummary.taxPaid")
when { principal in Role::"REVIEWER" && context.purpose == Purpose::"MLA_REVIEW" };
"#;

const PAID: &str = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { year taxPaid } } }";

/// A server over the county with policies, SDL files and keys of its own.
struct Own {
    folder: TempDir,
    server: Server,
}

/// A configuration that is the county's own with more lines.
fn write_config(folder: &Path, more: &str) {
    let county = county().display().to_string();
    let text = std::fs::read_to_string(Path::new(&county).join("yimen.toml")).unwrap();
    let text = text.replace("sqlite://", &format!("sqlite://{county}/"));
    let text = text.replace("\"issuer/jwks.json\"", &format!("\"{county}/issuer/jwks.json\""));
    let text = text.replace("\"secret\"", &format!("\"{county}/secret\""));
    let own = "\n[catalogue]\nfolders = [\"sdl\"]\n\n[policy]\nfolders = [\"cedar\"]\napproved = \"approved.csv\"\n";
    std::fs::write(folder.join("yimen.toml"), format!("{text}{own}{more}")).unwrap();
}

impl Own {
    fn start(tax: &str) -> Own {
        let folder = TempDir::new().unwrap();
        for name in ["sdl", "cedar"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("cedar/TAX.cedar"), tax).unwrap();
        std::fs::write(folder.path().join("approved.csv"), format!("{HEAD}\n")).unwrap();
        write_config(folder.path(), "");
        let server = Server::over(&folder.path().join("yimen.toml"));
        Own { folder, server }
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn reviewer(&self) -> Client {
        self.server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
    }

    /// Reads everything again, and gives what the log says of it.
    fn again(&self) -> String {
        self.server.log();
        assert!(Command::new("kill").args(["-HUP", &self.server.pid()]).status().unwrap().success());
        let (mut said, began) = (String::new(), Instant::now());
        while !said.contains("read again") && !said.contains("nothing was changed") {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is said: {said}");
            std::thread::sleep(Duration::from_millis(20));
            said.push_str(&self.server.log().join("\n"));
        }
        said
    }

    /// What records say of the policies in force, since the county was made.
    fn notes(&self) -> Vec<String> {
        let entries = self.server.entries().into_iter().filter(|entry| entry["kind"] == "POLICIES");
        entries.map(|entry| entry["note"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What tax somebody paid, as a reviewer is answered, or why not.
    fn paid(&self) -> Result<Value, String> {
        paid(&self.reviewer())
    }
}

fn taxed() -> String {
    let sql = "SELECT citizen_id FROM tax_summary WHERE tax_paid > 0 ORDER BY tax_paid DESC, id LIMIT 1";
    value("household", sql)
}

fn paid(client: &Client) -> Result<Value, String> {
    let answer = client.send(PAID, json!({ "id": taxed() }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    match json["errors"][0]["extensions"]["reason"].as_str() {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(json["data"]["person"]["taxSummaries"][0]["taxPaid"].clone()),
    }
}

/// The county with two towns, of which the first ended years ago where it has successors.
fn dictionary(ended: &str) -> String {
    format!(
        "code,name,parent,valid_from,valid_until,successors,source\n410727000000,County,,,,,a test\n\
         410727100000,Town,410727000000,{ended},a test\n410727101000,Next,410727000000,,,,a test\n"
    )
}

#[test]
fn divisions_that_open_more_need_an_approval_of_each() {
    let own = Own::start(TAX);
    // Whether the first town's households are found.
    let town = |division: &str| {
        let client = own.server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", division);
        let query = "{ households(first: 200) { nodes { divisionCode } } }";
        let answer = client.send(query, json!({}));
        let found = answer.text.matches("\"410727100").count();
        answer
            .codes()
            .first()
            .cloned()
            .unwrap_or_else(|| if found > 0 { "FOUND" } else { "NOT_FOUND" }.to_owned())
    };
    own.write("cedar/divisions.csv", &dictionary(",,"));
    assert!(
        own.again().contains("everything was read again"),
        "codes that say what their digits say open nothing"
    );
    assert_eq!(["410727100000", "410727101000"].map(town), ["FOUND", "NOT_FOUND"]);
    own.write("cedar/divisions.csv", &dictionary(",2020-12-31,410727101000"));
    let said = own.again();
    let cell = "divisions.csv 410727101000 2021-01-01: 410727101000..410727102 → 410727100000..410727102000";
    assert!(said.contains("nothing was changed") && said.contains(cell), "{said}");
    assert_eq!(["410727100000", "410727101000"].map(town), ["FOUND", "NOT_FOUND"]);
    let cell =
        "-,-,-,divisions.csv 410727101000 2021-01-01,410727101000..410727102,410727100000..410727102000";
    let approval = format!("{HEAD}\n{cell},legal office,{},{},for this test\n", days_ago(1), days_ago(0));
    own.write("approved.csv", &approval);
    assert!(own.again().contains("everything was read again"));
    assert_eq!(["410727100000", "410727101000"].map(town), ["DIVISION_NOT_IN_FORCE", "FOUND"]);
    // A file that is wrong changes nothing, and the log names its line.
    own.write("cedar/divisions.csv", &dictionary(",2020-12-31,410727999000"));
    let said = own.again();
    assert!(said.contains("nothing was changed") && said.contains("line 3"), "{said}");
    assert_eq!(["410727100000", "410727101000"].map(town), ["DIVISION_NOT_IN_FORCE", "FOUND"]);
}

/// Entries of a batch.
const ENTRIES: usize = 60_000;

const HEAD: &str = "department,role,purpose,coordinate,from,to,approved_by,on,until,basis";

#[test]
fn policies_that_narrow_come_into_force_and_those_that_widen_need_an_approval() {
    let own = Own::start(&format!("{TAX}{WIDER}"));
    let before = own.notes();
    assert!(own.paid().unwrap().is_string());
    own.write("cedar/TAX.cedar", TAX);
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    assert_eq!(own.paid(), Err(String::from("NOT_GRANTED")));
    // What widens unseen stays out, with its reason, and what was in force goes on.
    own.write("cedar/TAX.cedar", &format!("{TAX}{WIDER}"));
    let said = own.again();
    let cell = "CIVIL_AFFAIRS REVIEWER MLA_REVIEW TaxSummary.taxPaid: DENY → CLEAR";
    assert!(said.contains("nothing was changed") && said.contains(cell), "{said}");
    assert_eq!(own.paid(), Err(String::from("NOT_GRANTED")));
    let approval = |from: u64, until: u64| {
        let cell = "CIVIL_AFFAIRS,REVIEWER,MLA_REVIEW,TaxSummary.taxPaid,DENY,CLEAR";
        format!("{HEAD}\n{cell},legal office,{},{},for this test\n", days_ago(from), days_ago(until))
    };
    own.write("approved.csv", &approval(60, 2));
    assert!(own.again().contains("nothing was changed"), "an approval that has ended approves nothing");
    own.write("approved.csv", &approval(60, 0));
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    assert!(own.paid().unwrap().is_string());
    // Each version that came into force has its record, and so has each that was refused.
    let after = own.notes();
    let more = |word: &str| {
        let count = |notes: &[String]| notes.iter().filter(|note| note.contains(word)).count();
        count(&after) - count(&before)
    };
    assert_eq!((more("in force"), more("refused")), (2, 2), "{after:?}");
}

#[test]
fn classes_are_read_again_and_those_that_widen_need_an_approval() {
    let own = Own::start(&format!("{TAX}{WIDER}"));
    assert!(own.paid().unwrap().is_string());
    let head = "scope,region,class,basis,certainty,valid_from";
    let closed =
        format!("{head}\nTaxSummary.taxPaid,410727,NOT_SHARED,a county's own,UNVERIFIED,2026-01-01\n");
    own.write("cedar/classes.csv", &closed);
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    assert_eq!(own.paid(), Err(String::from("NOT_SHARED")));
    // A table that can't be right changes nothing, nor does one that opens what is closed.
    own.write("cedar/classes.csv", &format!("{closed}Tax,,NOT_SHARED,a,UNVERIFIED,2026-01-01\n"));
    let said = own.again();
    assert!(said.contains("nothing was changed") && said.contains("`line 3`: `Tax` is no item"), "{said}");
    own.write("cedar/classes.csv", &format!("{head}\n"));
    let said = own.again();
    let cell = "classes.csv TaxSummary.taxPaid 410727 2026-01-01: NOT_SHARED → CONDITIONAL";
    assert!(said.contains("nothing was changed") && said.contains(cell), "{said}");
    assert_eq!(own.paid(), Err(String::from("NOT_SHARED")));
    let named = "-,-,-,classes.csv TaxSummary.taxPaid 410727 2026-01-01,NOT_SHARED,CONDITIONAL";
    let days = format!("{},{}", days_ago(2), days_ago(0));
    own.write("approved.csv", &format!("{HEAD}\n{named},legal office,{days},for this test\n"));
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    assert!(own.paid().unwrap().is_string());
}

#[test]
fn no_request_is_dropped_while_everything_is_read_again() {
    let own = Own::start(&format!("{TAX}{WIDER}"));
    let (stop, wide, narrow) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let clients: Vec<Client> = (0..4).map(|_| own.reviewer()).collect();
    std::thread::scope(|scope| {
        for client in &clients {
            let (stop, wide, narrow) = (&stop, &wide, &narrow);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    // Any other status than 200 fails here.
                    match paid(client) {
                        Ok(_) => wide.fetch_add(1, Ordering::Relaxed),
                        Err(_) => narrow.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        for round in 0..4 {
            // Nothing that decides changes in between: the same files are read again.
            if round == 2 {
                own.write("cedar/TAX.cedar", TAX);
            }
            let said = own.again();
            assert!(said.contains("everything was read again"), "{said}");
        }
        assert_eq!(own.paid(), Err(String::from("NOT_GRANTED")));
        stop.store(true, Ordering::Relaxed);
    });
    let (wide, narrow) = (wide.into_inner(), narrow.into_inner());
    assert!(wide > 0 && narrow > 0, "{wide} {narrow}");
}

#[test]
fn a_catalogue_comes_into_force_whole_or_not_at_all() {
    let own = Own::start(TAX);
    let ask =
        |client: &Client| client.send("{ __type(name: \"TaxSummary\") { fields { name } } }", json!({})).text;
    let plain = ask(&own.reviewer());
    own.write("sdl/more.graphql", "extend type TaxSummary { broken");
    let said = own.again();
    assert!(said.contains("nothing was changed") && said.contains("more.graphql"), "{said}");
    // A table that the department hasn't got.
    own.write(
        "sdl/more.graphql",
        "extend type TaxSummary { \"Surcharge (附加税).\" surcharge: Money @item(class: CONDITIONAL, level: L3) }",
    );
    let said = own.again();
    assert!(said.contains("nothing was changed") && said.contains("surcharge"), "{said}");
    assert_eq!(ask(&own.reviewer()), plain);
    // A second name for a column that is there is a field more, which nobody has been granted.
    own.write(
        "sdl/more.graphql",
        "extend type TaxSummary { \"Tax paid, once more (已缴税额).\" \
         paidAgain: Money @item(class: CONDITIONAL, level: L3, column: \"tax_paid\") }",
    );
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    let again = PAID.replace("taxPaid", "paidAgain");
    let answer = own.reviewer().send(&again, json!({ "id": taxed() }));
    assert_eq!(
        answer.json()["errors"][0]["extensions"]["coordinate"],
        "TaxSummary.paidAgain",
        "{}",
        answer.text
    );
}

#[test]
fn keys_that_can_change_do_and_others_are_named() {
    let own = Own::start(TAX);
    let ask = || own.reviewer().send("{ a: viewer { role } b: viewer { role } }", json!({}));
    assert_eq!(ask().codes(), Vec::<String>::new());
    write_config(
        own.folder.path(),
        "\n[limits]\nroot_fields = 1\n\n[operations]\nlisten = \"127.0.0.1:1\"\n\n[redis]\nprefix = \"other:\"\n",
    );
    let said = own.again();
    assert!(said.contains("everything was read again"), "{said}");
    let said = format!("{said}{}", own.server.log().join("\n"));
    assert!(
        said.contains("operations.listen, redis.prefix") && !said.contains("limits.root_fields"),
        "{said}"
    );
    assert_eq!(ask().codes().len(), 1, "{}", ask().text);
    // An unknown key is a mistake, and nothing of the file comes into force.
    write_config(own.folder.path(), "\n[limits]\nroot_feilds = 9\n");
    let said = own.again();
    assert!(said.contains("nothing was changed") && said.contains("root_feilds"), "{said}");
    assert_eq!(ask().codes().len(), 1);
}

#[test]
fn a_batch_is_held_to_what_is_in_force() {
    use std::io::{BufRead, BufReader};
    let own = Own::start(&format!("{TAX}{WIDER}"));
    // More than the buffers between the two hold, so that most of it waits until somebody reads.
    let rows =
        |alias: &str| format!("{alias}: taxSummaries {{ year taxPaid again: taxPaid incomeBand asOf }}");
    let rows: Vec<String> = ["a", "b", "c", "d"].into_iter().map(rows).collect();
    let query = format!("query($id: CitizenId!) {{ person(citizenId: $id) {{ {} }} }}", rows.join(" "));
    let ids = vec![json!({ "id": taxed() }); ENTRIES];
    let body = json!({ "query": query, "variables": ids });
    let client = own.reviewer();
    let response = client.post().header("accept", "application/jsonl").json(&body).send().unwrap();
    let mut lines = BufReader::new(response).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("taxPaid") && !first.contains("errors"), "{first}");
    own.write("cedar/TAX.cedar", TAX);
    assert!(own.again().contains("everything was read again"));
    // What was on its way when the policies changed may come; then the batch says why it ends.
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let last = rest.last().unwrap();
    assert!(last.contains("DECISIONS_CHANGED") && rest.len() < ENTRIES - 1, "{} {last}", rest.len());
}
