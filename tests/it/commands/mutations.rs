//! Mutations: by POST, one an operation, allowed by a row, with their record or not at all, and once.

use serde_json::{Value, json};

use crate::commands::{CASE, OPEN, family, officer, opening, record, send_once};
use crate::support::postgres::Database;
use crate::support::{Answer, Server};

#[test]
fn a_mutation_and_its_record_come_together() {
    let server = Server::start();
    let family = family();
    let answer = officer(&server).send(OPEN, opening("M-1", "UNION_FILE_CHECK", &family));
    assert_eq!(answer.json()["data"]["openCase"]["version"], 1, "{}", answer.text);
    let record = record(&server, &answer);
    assert_eq!((&record["kind"], &record["note"]), (&json!("MUTATION"), &json!("opened case M-1")));
    assert_eq!(record["people"]["count"], family.len());
    assert_eq!(record["coordinates"], json!([{ "coordinate": "Mutation.openCase", "decision": "CLEAR" }]));
}

#[test]
fn a_mutation_whose_record_cannot_be_written_does_not_happen() {
    let server = Server::start();
    let client = officer(&server);
    let hub = rusqlite::Connection::open(server.hub()).unwrap();
    hub.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    hub.execute_batch(
        "CREATE TRIGGER no_records BEFORE INSERT ON evidence_pending \
         WHEN NEW.entry LIKE '%MUTATION%' BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .unwrap();
    let answer = client.send(OPEN, opening("M-2", "UNION_FILE_CHECK", &family()));
    assert_eq!((answer.status, answer.codes()), (503, vec![String::from("EVIDENCE_UNAVAILABLE")]));
    let cases = |hub: &rusqlite::Connection| -> u32 {
        hub.query_row("SELECT count(*) FROM assistance_case", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(cases(&hub), 0, "nothing happened");
    hub.execute_batch("DROP TRIGGER no_records").unwrap();
    client.data(OPEN, opening("M-2", "UNION_FILE_CHECK", &family()));
    assert_eq!(cases(&hub), 1);
}

#[test]
fn nothing_changes_by_get() {
    let server = Server::start();
    let client = officer(&server);
    let variables = opening("M-3", "UNION_FILE_CHECK", &family()).to_string();
    let get = |query: &str, variables: &str| {
        let get = client.request(reqwest::Method::GET, "/graphql");
        Answer::of(get.query(&[("query", query), ("variables", variables)]))
    };
    let answer = get(OPEN, &variables);
    assert_eq!((answer.status, answer.codes()), (405, vec![String::from("METHOD_NOT_ALLOWED")]));
    assert_eq!(answer.headers["allow"], "POST");
    assert_eq!(record(&server, &answer)["kind"], "REFUSED");
    let case = get(CASE, "{\"caseNo\":\"M-3\"}");
    assert_eq!((case.status, case.codes()), (200, vec![String::from("CASE_NOT_FOUND")]));
}

#[test]
fn an_operation_changes_one_thing() {
    let server = Server::start();
    let client = officer(&server);
    let close = |name: &str| {
        format!("{name}: closeCase(input: {{ caseNo: \"M-4\", version: 1, outcome: \"x\" }}) {{ caseNo }}")
    };
    let two = client.send(&format!("mutation {{ {} {} }}", close("a"), close("b")), json!({}));
    assert_eq!(two.codes(), ["MAX_ROOT_FIELDS_LIMIT"]);
    let one = client.send(&format!("mutation {{ __typename {} }}", close("a")), json!({}));
    assert_eq!(one.json()["data"], json!({ "__typename": "Mutation", "a": null }));
    assert_eq!(one.codes(), ["CASE_NOT_FOUND"]);
    let skipped = "mutation($no: Boolean = true) {
      __typename closeCase(input: { caseNo: \"M-4\", version: 1, outcome: \"x\" }) @skip(if: $no) { caseNo }
    }";
    let none = client.send(skipped, json!({}));
    assert_eq!(none.json(), json!({ "data": { "__typename": "Mutation" } }));
}

#[test]
fn who_has_no_row_may_not_change_anything() {
    let server = Server::start();
    for (department, role, purpose, reason) in [
        // A village committee must be unable to accept (001 二(四)).
        ("VILLAGE_COMMITTEE", "WINDOW_CLERK", "MLA_REVIEW", "NOT_GRANTED"),
        ("UNION", "STEWARD", "UNION_FILE_CHECK", "NOT_GRANTED"),
        ("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION", "NOT_GRANTED"),
        ("UNION", "HELP_CENTRE", "STATISTICS", "PURPOSE"),
    ] {
        let client = server.client(department, role, purpose);
        let answer = client.send(OPEN, opening("M-5", purpose, &family()));
        let json = answer.json();
        assert_eq!(json["data"], json!({ "openCase": null }), "{}", answer.text);
        let extensions = &json["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "UNAUTHORIZED_FIELD_OR_TYPE", "{}", answer.text);
        assert_eq!(
            (&extensions["reason"], &extensions["coordinate"]),
            (&json!(reason), &json!("Mutation.openCase"))
        );
        let record = record(&server, &answer);
        assert_eq!(record["kind"], "MUTATION");
        assert_eq!(record["coordinates"][0]["reason"], reason);
    }
}

#[test]
fn what_is_sent_again_happens_once() {
    let server = Server::start();
    let client = officer(&server);
    let input = opening("M-6", "UNION_FILE_CHECK", &family());
    let first = send_once(&client, "key-of-m-6", OPEN, &input);
    let again = send_once(&client, "key-of-m-6", OPEN, &input);
    assert_eq!(first.codes(), Vec::<String>::new(), "{}", first.text);
    assert_eq!(first.text, again.text);
    assert_eq!(record(&server, &again)["note"], "sent again");
    // Another request under the same key is none of it, and another caller's key is another key.
    let other = opening("M-7", "UNION_FILE_CHECK", &family());
    assert_eq!(send_once(&client, "key-of-m-6", OPEN, &other).codes(), ["IDEMPOTENCY_KEY_REUSED"]);
    let hrss = server.client("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE");
    let theirs = send_once(&hrss, "key-of-m-6", OPEN, &opening("M-7", "EMPLOYMENT_ASSISTANCE", &family()));
    assert_eq!(theirs.codes(), Vec::<String>::new(), "{}", theirs.text);
    // Without a key the number itself tells that it was done.
    assert_eq!(client.send(OPEN, input).codes(), ["CASE_EXISTS"]);
    for key in ["short", &"x".repeat(129)] {
        let refused = send_once(&client, key, OPEN, &opening("M-8", "UNION_FILE_CHECK", &family()));
        assert_eq!(refused.codes(), ["BAD_USER_INPUT"]);
    }
    for key in ["x".repeat(8), "x".repeat(128)] {
        let number = format!("M-{}", key.len());
        let taken = send_once(&client, &key, OPEN, &opening(&number, "UNION_FILE_CHECK", &family()));
        assert_eq!(taken.codes(), Vec::<String>::new(), "{}", taken.text);
    }
}

/// What many send at once, on a hub.
#[track_caller]
fn at_once(server: &Server) {
    let client = officer(server);
    let input = opening("M-9", "UNION_FILE_CHECK", &family());
    let send = || send_once(&client, "one key for all", OPEN, &input);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let texts: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert!(texts.iter().all(|text| *text == texts[0] && text.contains("\"M-9\"")), "{texts:?}");
    let unkeyed = std::thread::scope(|scope| {
        let opening = || client.send(OPEN, opening("M-10", "UNION_FILE_CHECK", &family()));
        let sent: Vec<_> = (0..8).map(|_| scope.spawn(opening)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap().codes()).collect::<Vec<_>>()
    });
    assert_eq!(unkeyed.iter().filter(|codes| codes.is_empty()).count(), 1, "{unkeyed:?}");
    let others = unkeyed.iter().filter(|codes| !codes.is_empty());
    assert!(others.clone().all(|codes| codes == &["CASE_EXISTS"]), "{unkeyed:?}");
}

#[test]
fn what_many_send_at_once_happens_once() {
    at_once(&Server::start());
}

#[test]
fn what_many_send_at_once_happens_once_on_postgresql() {
    let database = Database::new("commands");
    database.migrate_hub();
    let server = Server::set(&[("YIMEN__HUB__URL", &database.url())]);
    at_once(&server);
    let records = database.texts(
        "SELECT entry FROM evidence_pending WHERE entry LIKE '%MUTATION%' \
         UNION ALL SELECT entry FROM evidence_record WHERE kind = 'MUTATION'",
    );
    assert_eq!(records.len(), 16, "each has its record");
    server.stop();
}

#[test]
fn a_value_that_does_not_fit_is_refused_before_anything_is_done() {
    let server = Server::start();
    let client = officer(&server);
    let mut wrong = opening("M-11", "UNION_FILE_CHECK", &family());
    wrong["input"]["applicant"] = json!("110105194912310021");
    let answer = client.send(OPEN, wrong);
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    assert!(!answer.text.contains("110105") && answer.text.contains("input.applicant"), "{}", answer.text);
    let mut unknown = opening("M-11", "UNION_FILE_CHECK", &family());
    unknown["input"]["nothing"] = Value::Null;
    assert_eq!(client.send(OPEN, unknown).codes(), ["BAD_USER_INPUT"]);
}
