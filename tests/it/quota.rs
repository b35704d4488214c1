//! What operations cost, and how much of it a caller may ask for in a time.

use serde_json::{Value, json};

use crate::batch::{Lines, end, officer, people};
use crate::export::{of_people, start, until};
use crate::support::{Answer, Server};

/// A page of so many rows, each of which costs one.
pub(crate) fn page(first: usize) -> String {
    format!("{{ unionFiles(first: {first}) {{ nodes {{ fileNo }} }} }}")
}

/// One person, and what one person's files are as a rule: two rows.
pub(crate) const TWO: &str =
    "query($id: CitizenId!) { person(citizenId: $id) { citizenId unionFiles { fileNo } } }";

pub(crate) fn header(answer: &Answer, name: &str) -> Option<u64> {
    answer.headers.get(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

/// The rule that all of a caller of civil affairs at once may cost 20.
pub(crate) fn rules(client: &str, per_minute: u32) -> String {
    format!(
        "[{{department=\"CIVIL_AFFAIRS\",purpose=\"MLA_REVIEW\",client=\"{client}\",units_per_minute={per_minute},burst=20,\
         from=\"2026-11-01\",basis=\"a test\"}}]"
    )
}

/// A server on which an operation may cost 20, and so may all of a caller of civil affairs at once.
fn narrow(client: &str, per_minute: u32) -> Server {
    let rules = rules(client, per_minute);
    Server::set(&[
        ("YIMEN__QUOTA__RULES", rules.as_str()),
        ("YIMEN__LIMITS__COST", "20"),
        ("YIMEN__FETCH__BULK_CHUNK", "10"),
    ])
}

#[test]
fn an_answer_tells_what_it_cost_and_one_more_than_the_limit_is_refused_before_work() {
    let server = Server::set(&[("YIMEN__LIMITS__COST", "20")]);
    let client = officer(&server);
    let answer = client.send(&page(20), json!({}));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    assert_eq!((header(&answer, "x-cost-requested"), header(&answer, "x-cost-limit")), (Some(20), Some(20)));
    assert_eq!(header(&answer, "x-cost-remaining"), Some(20_000_000 - 20));
    let refused = client.send(&page(21), json!({}));
    assert_eq!(refused.codes(), ["COST_ESTIMATED_TOO_EXPENSIVE"]);
    assert_eq!(
        (header(&refused, "x-cost-requested"), header(&refused, "x-cost-limit")),
        (Some(21), Some(20))
    );
    let record = server.records().pop().unwrap();
    assert_eq!((&record["kind"], &record["departments"]), (&json!("REFUSED"), &Value::Null), "{record}");
    let two = client.send(TWO, json!({ "id": people(1)[0] }));
    assert_eq!(header(&two, "x-cost-requested"), Some(2));
}

#[test]
fn a_caller_whose_quota_is_spent_waits_and_others_do_not() {
    let server = narrow("INTERACTIVE", 60);
    let client = officer(&server);
    let first = client.send(&page(19), json!({}));
    assert_eq!((first.status, header(&first, "x-cost-remaining")), (200, Some(1)));
    let refused = client.send(&page(20), json!({}));
    assert_eq!((refused.status, refused.codes()), (429, vec![String::from("REQUEST_RATE_LIMITED")]));
    let wait = header(&refused, "retry-after").unwrap();
    assert!((15..=20).contains(&wait), "{wait}");
    assert_eq!(
        (header(&refused, "x-cost-requested"), header(&refused, "x-cost-remaining")),
        (Some(20), Some(0))
    );
    let record = server.records().pop().unwrap();
    assert_eq!((&record["kind"], &record["note"]), (&json!("REFUSED"), &json!("REQUEST_RATE_LIMITED")));
    // What little is left is enough for little.
    assert_eq!(client.send("{ viewer { role } }", json!({})).status, 200);
    let other = server.client("CIVIL_AFFAIRS", "REVIEWER", "TEMPORARY_ASSISTANCE").send(&page(20), json!({}));
    assert_eq!(
        (other.status, header(&other, "x-cost-remaining")),
        (200, None),
        "another purpose has no rule"
    );
    let other = server.client("TOWNSHIP_GOV", "REVIEWER", "MLA_REVIEW").send(&page(20), json!({}));
    assert_eq!(other.status, 200, "another department has none");
}

#[test]
fn a_batch_ends_where_the_quota_does_and_says_so() {
    let server = narrow("BATCH", 60);
    let entries: Value = people(30).iter().map(|id| json!({ "id": id })).collect();
    let lines: Vec<String> = Lines::of(&officer(&server), TWO, &entries).collect();
    assert_eq!(lines.len(), 11, "one chunk of ten costs 20");
    assert_eq!(end(lines.last().unwrap()), "REQUEST_RATE_LIMITED");
}

#[test]
fn an_export_waits_for_its_owners_quota() {
    let server = narrow("EXPORT", 600);
    let client = officer(&server);
    let id = start(&client, &of_people(TWO, &people(30)));
    let began = std::time::Instant::now();
    let job = until(&client, &id, |job| !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")));
    assert_eq!((&job["state"], &job["done"]), (&json!("DONE"), &json!(30)), "{job}");
    assert!(began.elapsed().as_secs_f64() > 3.0, "sixty units at ten a second, twenty of them at once");
}

#[test]
fn a_rule_that_refuses_what_the_limit_lets_pass_keeps_the_process_from_starting() {
    let mut command = crate::support::yimen();
    let rule = "[{department=\"*\",purpose=\"*\",client=\"BATCH\",units_per_minute=1,burst=199999,from=\"2026-11-01\",\
                basis=\"a test\"}]";
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
    command.arg(crate::support::county().join("yimen.toml")).env("YIMEN__QUOTA__RULES", rule);
    // It must be told before the hub is looked for.
    command.env("YIMEN__HUB__URL", "sqlite:///nowhere/hub.db");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("`limits.cost`"), "{told}");
}
