//! Pseudonyms of citizen numbers: one person is the same to one department, another to the next, and a pseudonym
//! leads nobody to anybody.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::county::value;
use crate::support::{Client, Server};

const NUMBER: &str = "query($id: CitizenId!) { person(citizenId: $id) { citizenId birthDate } }";

/// Policies by which education and housing are told of people by pseudonyms.
fn policies() -> (TempDir, String) {
    let own = TempDir::new().unwrap();
    let bundled = include_str!("../../policy/cedar/PUBLIC_SECURITY.cedar");
    let more = r#"
@id("pseudonyms") @basis("a county's own rule, for this test")
permit (principal in Role::"REVIEWER", action == Action::"pseudonym", resource == Item::"Person.citizenId")
when { principal in [Department::"EDUCATION", Department::"HOUSING"] };
"#;
    std::fs::write(own.path().join("PUBLIC_SECURITY.cedar"), format!("{bundled}{more}")).unwrap();
    let folders = format!("[\"{}\"]", own.path().display());
    (own, folders)
}

fn person() -> String {
    value(
        "household",
        "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 ORDER BY citizen_id LIMIT 1",
    )
}

#[track_caller]
fn told(client: &Client, id: &str) -> String {
    let data =
        client.data("query($id: CitizenId!) { person(citizenId: $id) { citizenId } }", json!({ "id": id }));
    data["person"]["citizenId"].as_str().unwrap().to_owned()
}

#[test]
fn one_person_is_the_same_to_one_department_and_another_to_the_next() {
    let (_own, folders) = policies();
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    let education = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let housing = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let id = person();
    let own = told(&education, &id);
    assert!(own.starts_with("PSN-20260101-"), "{own}");
    assert_eq!(own, told(&education, &id));
    assert_ne!(own, told(&housing, &id));
    let other = value(
        "household",
        "SELECT citizen_id FROM person WHERE length(citizen_id) = 18 ORDER BY citizen_id DESC LIMIT 1",
    );
    assert_ne!(own, told(&education, &other));
    let access = "{ viewer { access(type: \"Person\") { coordinate decision mask } } }";
    let access = education.data(access, json!({}))["viewer"]["access"].as_array().unwrap().clone();
    let number = access.iter().find(|entry| entry["coordinate"] == "Person.citizenId").unwrap();
    assert_eq!((&number["decision"], &number["mask"]), (&json!("MASK"), &json!("PSEUDONYM")));
    // Whoever isn't named gets no pseudonym.
    let civil = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    assert_eq!(told(&civil, &id), id);
    assert!(!told(&server.client("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW"), &id).starts_with("PSN"));
    // Two replicas with one secret agree; a key of a later day is another one.
    let later = Server::set(&[
        ("YIMEN__POLICY__FOLDERS", &folders),
        ("YIMEN__SECRET__PSEUDONYM_KEYS", "[\"2026-01-01\",\"2026-02-01\",\"2999-01-01\"]"),
    ]);
    let rotated = told(&later.client("EDUCATION", "REVIEWER", "EDUCATION_AID"), &id);
    assert!(rotated.starts_with("PSN-20260201-") && rotated[13..] != own[13..], "{rotated}");
    let replica = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    assert_eq!(told(&replica.client("EDUCATION", "REVIEWER", "EDUCATION_AID"), &id), own);
}

#[test]
fn a_pseudonym_is_an_answer_and_never_an_argument() {
    let (_own, folders) = policies();
    let server = Server::set(&[("YIMEN__POLICY__FOLDERS", &folders)]);
    let education = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let pseudonym = told(&education, &person());
    let civil = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let security = server.client("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW");
    // Its owner and those who read numbers clear can't use it either.
    for client in [&education, &server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY"), &civil, &security] {
        for (query, variables) in [
            (NUMBER, json!({ "id": pseudonym })),
            (
                "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { birthDate } }",
                json!({ "ids": [person(), pseudonym] }),
            ),
            (
                "query($id: CitizenId!) { accessesTo(citizenId: $id) { nodes { id } } }",
                json!({ "id": pseudonym }),
            ),
        ] {
            let answer = client.send(query, variables);
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{query}: {}", answer.text);
            assert!(!answer.text.contains(&pseudonym), "{}", answer.text);
        }
        let written = format!("{{ person(citizenId: \"{pseudonym}\") {{ birthDate }} }}");
        assert_eq!(client.send(&written, json!({})).codes(), ["BAD_USER_INPUT"]);
    }
    let open = json!({ "input": {
        "caseNo": "P-1", "purpose": "MLA_REVIEW", "division": "410727000000", "applicant": pseudonym,
        "items": [{ "department": "HRSS", "section": "SOCIAL_INSURANCE" }],
    } });
    let opened = civil.send("mutation($input: OpenCase!) { openCase(input: $input) { caseNo } }", open);
    assert_eq!(opened.codes(), ["BAD_USER_INPUT"], "{}", opened.text);
    // Nor are rows compared or ordered by what is answered as one.
    let filtered =
        "query($id: CitizenId!) { studentEnrolments(filter: { citizenId: { eq: $id } }) { nodes { asOf } } }";
    let answer = education.send(filtered, json!({ "id": pseudonym }));
    assert!(!answer.codes().is_empty(), "{}", answer.text);
    let records = server.records();
    assert!(!Value::from(records).to_string().contains(&pseudonym), "a record repeats a pseudonym");
}

#[test]
fn keys_of_pseudonyms_are_days_in_order_and_at_most_a_hundred() {
    let check = |keys: &str| {
        let mut command = crate::support::yimen();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(crate::support::county());
        let output = command.env("YIMEN__SECRET__PSEUDONYM_KEYS", keys).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let days = |count: u32| {
        let day = |at: u32| format!("\"{}-01-01\"", 1_900 + at);
        format!("[{}]", (0..count).map(day).collect::<Vec<_>>().join(","))
    };
    for keys in [String::from("[]"), days(101), String::from("[\"2026-02-01\",\"2026-01-01\"]")] {
        let (started, text) = check(&keys);
        assert!(!started && text.contains("secret.pseudonym_keys"), "{keys}: {text}");
    }
    let server = Server::set(&[("YIMEN__SECRET__PSEUDONYM_KEYS", &days(100))]);
    drop(server);
}
