//! Requests for sharing by HTTP and by command, against the real program.

use std::time::Instant;

use serde_json::{Value, json};

use crate::grants;
use crate::support::{Answer, Client, Server, county, yimen};

const REQUEST: &str = "id version state owner requester items effect until due daysLeft waitsFor \
                       grantedEffect grantedUntil askedBy steps { rule department certainty escalatedAt outcome officer opinion }";

fn steward(server: &Server, department: &str) -> Client {
    server.client(department, "STEWARD", "DATA_SHARING")
}

/// A day some weeks ahead, as the machine's clock has it.
fn soon() -> String {
    use yimen::clock::Clock;
    (yimen::clock::SystemClock.now() + chrono::Duration::days(40)).date_naive().to_string()
}

pub(super) fn asking(items: &[&str]) -> Value {
    json!({ "input": {
        "items": items,
        "purpose": "HOUSING_SECURITY",
        "basis": "004 四(七)",
        "role": "REVIEWER",
        "until": soon(),
        "scene": "review of applications for public rental housing",
        "promise": true,
    } })
}

fn ask(client: &Client, items: &[&str]) -> Answer {
    let query = format!(
        "mutation($input: RequestGrant!) {{ requestGrant(input: $input) {{ authorised requests {{ {REQUEST} }} }} }}"
    );
    client.send(&query, asking(items))
}

fn act(client: &Client, field: &str, input_type: &str, input: Value) -> Answer {
    let query = format!("mutation($input: {input_type}!) {{ {field}(input: $input) {{ {REQUEST} }} }}");
    client.send(&query, json!({ "input": input }))
}

fn answer(client: &Client, id: &Value, version: i64, decision: &str, reason: Option<&str>) -> Answer {
    let input = json!({ "id": id, "version": version, "decision": decision, "reason": reason });
    act(client, "answerGrant", "AnswerGrant", input)
}

#[track_caller]
fn one(answer: &Answer, field: &str) -> Value {
    let value = answer.json()["data"][field].clone();
    assert!(value.is_object(), "{}", answer.text);
    value
}

#[test]
fn a_request_is_asked_answered_and_revoked_and_everything_is_recorded() {
    let server = Server::start();
    let (housing, unions) = (steward(&server, "HOUSING"), steward(&server, "UNION"));
    let asked = ask(&housing, &["UnionFile.closeReason", "Organisation.name"]);
    let requests = one(&asked, "requestGrant")["requests"].as_array().unwrap().clone();
    let waiting = requests.iter().find(|request| request["owner"] == "UNION").unwrap();
    assert_eq!(waiting["state"], "ANSWER", "{}", asked.text);
    assert_eq!(waiting["waitsFor"], "UNION");
    assert_eq!(waiting["steps"][0]["certainty"], "UNVERIFIED");
    let record = crate::commands::record(&server, &asked);
    assert_eq!(record["kind"], "MUTATION");
    assert!(record["note"].as_str().unwrap().contains(waiting["id"].as_str().unwrap()));

    let id = &waiting["id"];
    assert_eq!(answer(&housing, id, 1, "GRANT", None).codes(), ["NOT_RESPONSIBLE"]);
    assert_eq!(answer(&steward(&server, "EDUCATION"), id, 1, "GRANT", None).codes(), ["NOT_FOUND"]);
    assert_eq!(answer(&unions, id, 2, "GRANT", None).codes(), ["STALE_VERSION"]);
    assert_eq!(answer(&unions, id, 1, "REFUSE", None).codes(), ["BAD_USER_INPUT"]);
    let granted = answer(&unions, id, 1, "GRANT", None);
    assert_eq!(one(&granted, "answerGrant")["state"], "IN_FORCE");
    assert_eq!(answer(&unions, id, 2, "REFUSE", Some("changed our mind")).codes(), ["ILLEGAL_TRANSITION"]);

    let page = |client: &Client, field: &str| {
        let query = format!("{{ {field} {{ nodes {{ {REQUEST} }} pageInfo {{ hasNextPage endCursor }} }} }}");
        client.data(&query, json!({}))[field]["nodes"].as_array().unwrap().clone()
    };
    let grants = page(&unions, "grants");
    assert_eq!(grants.len(), 1, "what civil affairs granted doesn't concern the unions");
    assert_eq!(grants[0]["askedBy"], Value::Null, "the other department's officer isn't named");
    assert!(grants[0]["steps"][0]["officer"].is_string(), "the own one is");
    assert_eq!(page(&housing, "grants").len(), requests.len());
    assert_eq!(page(&steward(&server, "EDUCATION"), "grantRequests"), Vec::<Value>::new());
    let supervisor = server.client("SUPERVISION_OFFICE", "SUPERVISOR", "SUPERVISION");
    assert_eq!(page(&supervisor, "grantRequests").len(), requests.len());

    let input = json!({ "id": id, "version": 2, "reason": "the programme has ended" });
    let revoked = act(&unions, "revokeGrant", "RevokeGrant", input);
    assert_eq!(one(&revoked, "revokeGrant")["state"], "REVOKED");
}

#[test]
fn who_may_not_ask_is_told_why() {
    let server = Server::start();
    let reason = |client: &Client| {
        let answer = ask(client, &["UnionFile.closeReason"]);
        let error = answer.json()["errors"][0].clone();
        (error["extensions"]["code"].clone(), error["extensions"]["reason"].clone())
    };
    let denied = |reason: &str| (json!("UNAUTHORIZED_FIELD_OR_TYPE"), json!(reason));
    assert_eq!(reason(&server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY")), denied("NOT_GRANTED"));
    assert_eq!(reason(&server.client("HOUSING", "STEWARD", "STATISTICS")), denied("PURPOSE"));
    let asked = ask(&steward(&server, "HOUSING"), &["UnionForm.contentJson"]);
    assert_eq!(asked.codes(), ["ITEM_NOT_SHARED"]);
    assert_eq!(asked.json()["data"]["requestGrant"], Value::Null);
}

#[test]
fn what_is_authorised_already_is_said_instead_of_asked() {
    let server = Server::start();
    let housing = steward(&server, "HOUSING");
    // What the policies let a reviewer of the housing department read for this purpose.
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let access = reviewer.data("{ viewer { access { coordinate decision } } }", json!({}));
    let entries = access["viewer"]["access"].as_array().unwrap().clone();
    let clear = entries.iter().find(|entry| {
        let name = entry["coordinate"].as_str().unwrap();
        entry["decision"] == "CLEAR"
            && name.starts_with("Person.")
            && name != "Person.unionFiles"
            && !name.ends_with('s')
            && owner(&server, name).as_deref() != Some("HOUSING")
    });
    let clear = clear.unwrap()["coordinate"].as_str().unwrap();
    assert_eq!(ask(&housing, &[clear]).codes(), ["ALREADY_AUTHORIZED"]);
    let asked = ask(&housing, &[clear, "UnionFile.closeReason"]);
    assert_eq!(one(&asked, "requestGrant")["authorised"], json!([clear]));
}

/// The owner of an item, as the catalogue tells; none for links.
fn owner(server: &Server, coordinate: &str) -> Option<String> {
    let query = "query($text: String) { catalogue(text: $text, first: 200) { nodes { coordinate owner } } }";
    let found = steward(server, "HOUSING").data(query, json!({ "text": coordinate }));
    let nodes = found["catalogue"]["nodes"].as_array().unwrap().clone();
    let node = nodes.into_iter().find(|node| node["coordinate"] == coordinate)?;
    Some(node["owner"].as_str().unwrap().to_owned())
}

#[test]
fn an_overdue_step_is_escalated_by_the_command() {
    let server = Server::start();
    let housing = steward(&server, "HOUSING");
    ask(&housing, &["UnionFile.closeReason"]);
    let overdue = "{ grantRequests(overdue: true) { nodes { steps { escalatedAt } } } }";
    let late = |client: &Client| client.data(overdue, json!({}))["grantRequests"]["nodes"].clone();
    assert_eq!(late(&housing), json!([]));
    let hub = rusqlite::Connection::open(server.hub()).unwrap();
    hub.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    hub.execute("UPDATE deadline SET due = '2026-01-05', remind_on = '2026-01-04'", []).unwrap();
    let remind = || {
        let mut command = yimen();
        command.args(["sharing", "remind", "--officer", "clerk-1", "--data"]).arg(county());
        command.env("YIMEN__HUB__URL", format!("sqlite://{}", server.hub().display()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(remind().trim(), "0 reminded, 1 escalated, 0 dated");
    assert_eq!(remind().trim(), "0 reminded, 0 escalated, 0 dated");
    assert!(late(&housing)[0]["steps"][0]["escalatedAt"].is_string());
    // It reaches the department whose step it is, and no other.
    let reminders = "{ sharingReminders { matter step { department rule due escalatedAt } } }";
    let waiting = steward(&server, "UNION").data(reminders, json!({}))["sharingReminders"].clone();
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(
        (&waiting[0]["step"]["department"], &waiting[0]["step"]["due"]),
        (&json!("UNION"), &json!("2026-01-05"))
    );
    assert_eq!(housing.data(reminders, json!({}))["sharingReminders"], json!([]));
    let reviewer = server.client("UNION", "REVIEWER", "UNION_FILE_CHECK").send(reminders, json!({}));
    assert_eq!(reviewer.codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"], "{}", reviewer.text);
    let entries = crate::support::hub::entries(&server.hub());
    let marked: Vec<&Value> = entries.iter().filter(|entry| entry["kind"] == "REMINDERS").collect();
    assert_eq!(marked.len(), 1, "a pass that marks nothing leaves no record");
    assert_eq!(marked[0]["note"], "reminded 0, escalated 1, dated 0");
}

#[test]
fn what_an_owner_grants_is_in_force_on_every_replica_and_gone_when_it_is_revoked() {
    let hub = grants::hub("sharing_in_force");
    let servers = [grants::over(&hub), grants::over(&hub)];
    let clients = [grants::union(&servers[0]), grants::union(&servers[1])];
    for client in &clients {
        assert_eq!(grants::tax_paid(client), Err(String::from("NOT_GRANTED")));
    }
    let mut asking = asking(&["TaxSummary.taxPaid"]);
    asking["input"]["purpose"] = json!("UNION_FILE_CHECK");
    asking["input"]["role"] = json!("HELP_CENTRE");
    let query = "mutation($input: RequestGrant!) { requestGrant(input: $input) { requests { id } } }";
    let asked = steward(&servers[0], "UNION").data(query, asking);
    let id = &asked["requestGrant"]["requests"][0]["id"];
    let tax = steward(&servers[1], "TAX");
    let granted = Instant::now();
    assert!(answer(&tax, id, 1, "GRANT", None).codes().is_empty());
    for client in &clients {
        grants::within_two_seconds(granted, client, |got| got.is_ok());
    }
    let input = json!({ "id": id, "version": 2, "reason": "the programme has ended" });
    let revoked = Instant::now();
    assert!(act(&tax, "revokeGrant", "RevokeGrant", input).codes().is_empty());
    for client in &clients {
        grants::within_two_seconds(revoked, client, |got| *got == Err(String::from("NOT_GRANTED")));
    }
    servers.into_iter().for_each(|server| drop(server.stop()));
}

#[test]
fn of_two_answers_at_once_on_two_replicas_one_counts() {
    let hub = grants::hub("sharing_race");
    let servers = [grants::over(&hub), grants::over(&hub)];
    let housing = steward(&servers[0], "HOUSING");
    let unions = [steward(&servers[0], "UNION"), steward(&servers[1], "UNION")];
    for _ in 0..10 {
        let asked = one(&ask(&housing, &["UnionFile.closeReason"]), "requestGrant");
        let id = &asked["requests"][0]["id"];
        let codes: Vec<Vec<String>> = std::thread::scope(|scope| {
            let answers = [(&unions[0], "GRANT"), (&unions[1], "REFUSE")].map(|(client, decision)| {
                scope.spawn(move || answer(client, id, 1, decision, Some("decided")))
            });
            answers.into_iter().map(|answering| answering.join().unwrap().codes()).collect()
        });
        let done = codes.iter().filter(|codes| codes.is_empty()).count();
        assert_eq!(done, 1, "{codes:?}");
        assert!(codes.contains(&vec![String::from("STALE_VERSION")]), "{codes:?}");
        let query = "query($id: ID!) { grantRequest(id: $id) { state version steps { outcome } } }";
        let request = housing.data(query, json!({ "id": id }))["grantRequest"].clone();
        let granted = codes[0].is_empty();
        let state = if granted { "IN_FORCE" } else { "REFUSED" };
        assert_eq!(request, json!({ "state": state, "version": 2, "steps": [{ "outcome": state }] }));
        let rows = hub
            .texts(&format!("SELECT id FROM sharing_grant WHERE id = {}", id.to_string().replace('"', "'")));
        assert_eq!(rows.len(), usize::from(granted), "a grant stands where it was granted");
        if granted {
            let input = json!({ "id": id, "version": 2, "reason": "for the next round" });
            assert!(act(&unions[0], "revokeGrant", "RevokeGrant", input).codes().is_empty());
            // Until the replicas know, the item counts as authorised.
            std::thread::sleep(std::time::Duration::from_millis(1_200));
        }
    }
    servers.into_iter().for_each(|server| drop(server.stop()));
}

#[test]
fn what_is_asked_again_with_its_key_is_asked_once() {
    let server = Server::start();
    let housing = steward(&server, "HOUSING");
    let query = "mutation($input: RequestGrant!) { requestGrant(input: $input) { requests { id } } }";
    let asking = asking(&["UnionFile.closeReason"]);
    let send =
        || crate::commands::send_once(&housing, "request-2026-0001", query, &asking).json()["data"].clone();
    let first = send();
    assert_eq!(send(), first);
    let listed = housing.data("{ grantRequests { nodes { id } } }", json!({}));
    assert_eq!(listed["grantRequests"]["nodes"].as_array().unwrap().len(), 1);
}

#[test]
fn pseudonyms_are_asked_for_and_granted_for_citizen_numbers_alone() {
    let server = Server::start();
    let (housing, police) = (steward(&server, "HOUSING"), steward(&server, "PUBLIC_SECURITY"));
    let wanted = |items: &[&str], effect: &str| {
        let query =
            "mutation($input: RequestGrant!) { requestGrant(input: $input) { requests { id effect } } }";
        let mut asking = asking(items);
        asking["input"]["effect"] = json!(effect);
        housing.send(query, asking)
    };
    assert_eq!(wanted(&["Person.name"], "PSEUDONYM").codes(), ["BAD_USER_INPUT"]);
    let reviewer = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let id = crate::commands::family().remove(0);
    let number = || {
        let query = "query($id: CitizenId!) { person(citizenId: $id) { citizenId } }";
        reviewer.data(query, json!({ "id": id }))["person"]["citizenId"].as_str().unwrap().to_owned()
    };
    assert!(number().contains("**"), "reduced by its mask until then");
    let asked = one(&wanted(&["Person.citizenId"], "PSEUDONYM"), "requestGrant");
    let request = &asked["requests"][0];
    assert_eq!(request["effect"], "PSEUDONYM");
    // Neither of a mask and a pseudonym is less than the other.
    assert_eq!(answer(&police, &request["id"], 1, "GRANT_MASKED", None).codes(), ["BAD_USER_INPUT"]);
    let granted = one(&answer(&police, &request["id"], 1, "GRANT", None), "answerGrant");
    assert_eq!(granted["grantedEffect"], "PSEUDONYM");
    let since = Instant::now();
    while !number().starts_with("PSN-") {
        assert!(since.elapsed() < std::time::Duration::from_secs(2), "never in force");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // Of a number that is asked for clear the owner may give the pseudonym.
    let clear = one(&wanted(&["Household.headCitizenId"], "CLEAR"), "requestGrant");
    let civil = steward(&server, "CIVIL_AFFAIRS");
    let given = one(&answer(&civil, &clear["requests"][0]["id"], 1, "GRANT_PSEUDONYMS", None), "answerGrant");
    assert_eq!(given["grantedEffect"], "PSEUDONYM");
}
