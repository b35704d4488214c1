//! The main job: one authorised query, one family, five departments.

use serde_json::{Value, json};

use crate::support::county::value;
use crate::support::{Client, Server, yimen};

const FAMILY: &str = include_str!("../../examples/family.graphql");

/// The help centre, which checks the file of that worker, whose family consents.
fn help_centre(server: &Server) -> Client {
    let family = crate::commands::household_of(&worker());
    server.checking(&family.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Somebody with a union file.
fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

fn errors(answer: &Value) -> Vec<(String, String)> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value, key: &str| error["extensions"][key].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(error, "coordinate"), text(error, "reason"))).collect()
}

#[test]
fn one_family_is_read_across_five_departments() {
    let server = Server::start();
    let client = help_centre(&server);
    let answer = client.send(FAMILY, json!({ "citizenId": worker() }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let person = &answer["data"]["person"];
    assert!(person["name"].is_string(), "{answer}");
    let members = person["household"]["members"].as_array().unwrap();
    assert!(!members.is_empty(), "{answer}");
    for field in ["siEnrolments", "realEstateRights", "studentAids", "unionFiles"] {
        assert!(members.iter().all(|member| member["person"].get(field).is_some()), "{field}: {answer}");
    }
    let files = members.iter().filter_map(|member| member["person"]["unionFiles"].as_array()).flatten();
    assert!(files.count() >= 1, "{answer}");
}

#[test]
fn another_department_sees_another_part_of_the_same_family() {
    let server = Server::start();
    let variables = json!({ "citizenId": worker() });
    let union = help_centre(&server).send(FAMILY, variables.clone()).json();
    let education = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID").send(FAMILY, variables).json();
    assert_ne!(errors(&union), errors(&education));
    // The union may not see which houses a family has; it gets their number.
    let withheld: Vec<String> = errors(&union).into_iter().map(|(coordinate, _)| coordinate).collect();
    for coordinate in &withheld {
        assert!(
            !coordinate.starts_with("UnionFile."),
            "the union's own data is withheld from it: {coordinate}"
        );
    }
}

#[test]
fn every_withheld_field_says_why_and_tells_nothing_else() {
    let server = Server::start();
    let client = server.client("EDUCATION", "REVIEWER", "EDUCATION_AID");
    let query = "query($id: CitizenId!) { person(citizenId: $id) { taxSummaries { declaredIncome } } }";
    let present = client.send(query, json!({ "id": worker() })).json();
    let absent = client.send(query, json!({ "id": "11010519491231002X" })).json();
    let error = &present["errors"][0];
    assert_eq!(error["message"], "Unauthorized field or type");
    assert_eq!(error["path"], json!(["person", "taxSummaries"]));
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "UNAUTHORIZED_FIELD_OR_TYPE");
    assert_eq!(extensions["reason"], "NOT_GRANTED");
    assert_eq!(extensions["coordinate"], "Person.taxSummaries");
    assert_eq!(extensions["department"], "TAX");
    assert!(extensions["decisionId"].is_string());
    // Whether the person exists makes no difference to what is said about the field.
    let without_id = |answer: &Value| {
        let mut errors = answer["errors"].clone();
        errors[0]["extensions"]["decisionId"] = Value::Null;
        errors
    };
    assert_eq!(without_id(&present), without_id(&absent));
}

#[test]
fn another_purpose_is_another_decision() {
    let server = Server::start();
    let client = help_centre(&server);
    let query = "query($id: CitizenId!) { person(citizenId: $id) { unionFiles { fileNo } } }";
    let variables = json!({ "id": worker() });
    assert!(client.send(query, variables.clone()).codes().is_empty());
    let statistics = server.client("UNION", "HELP_CENTRE", "STATISTICS");
    let elsewhere = statistics.send(query, variables.clone()).json();
    assert_eq!(elsewhere["data"]["person"], Value::Null);
    assert!(errors(&elsewhere).iter().all(|(_, reason)| reason == "PURPOSE"), "{elsewhere}");
    for purpose in [None, Some("CURIOSITY")] {
        let answer = client.purpose(purpose).send(query, variables.clone());
        assert_eq!(answer.codes(), ["PURPOSE_REQUIRED"], "{purpose:?}");
        assert!(answer.json().get("data").is_none());
    }
}

#[test]
fn another_county_reads_nothing_here() {
    let server = Server::start();
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name unionFiles { fileNo } } }";
    let id = worker();
    let read = |division: &str| {
        let client = server.client_in("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", division);
        client.open_case_in(division, division, &[&id]);
        client.in_case(division).data(query, json!({ "id": id }))
    };
    let here = read("410727000000");
    assert!(here["person"]["name"].is_string());
    let there = read("410728000000");
    assert_eq!(there, json!({ "person": null }), "a row of another county is the same as no row");
    assert_eq!(read("410000000000"), here);
}

#[test]
fn a_union_reads_nothing_of_others_outside_a_case_and_its_own_all_the_same() {
    let server = Server::start();
    let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let (id, nobody) = (worker(), "11010519491231002X");
    let person =
        "query($id: CitizenId!) { person(citizenId: $id) { name hasUnionFile unionFiles { fileNo } } }";
    let refused = client.send(person, json!({ "id": id })).json();
    assert_eq!(refused["data"]["person"], Value::Null);
    assert_eq!(
        errors(&refused),
        [(String::from("Person.citizenId"), String::from("NO_CONSENT"))],
        "{refused}"
    );
    // That somebody is registered is another department's to tell.
    let without_id = |mut answer: Value| {
        answer["errors"][0]["extensions"]["decisionId"] = Value::Null;
        answer
    };
    assert_eq!(without_id(refused), without_id(client.send(person, json!({ "id": nobody })).json()));
    let files = "{ unionFiles(first: 50) { nodes { fileNo person { hasUnionFile } } } }";
    let own = client.send(files, json!({})).json();
    let nodes = own["data"]["unionFiles"]["nodes"].as_array().unwrap();
    assert!(!nodes.is_empty() && nodes.iter().all(|node| node["fileNo"].is_string()), "{own}");
    assert!(nodes.iter().all(|node| node["person"].is_null()), "{own}");
    assert!(errors(&own).iter().all(|(_, reason)| reason == "NO_CONSENT"), "{own}");
    // In a case, with the worker's consent, the same is answered.
    let checked = help_centre(&server).data(person, json!({ "id": id }));
    assert!(checked["person"]["name"].is_string(), "{checked}");
}

#[test]
fn every_answer_has_its_record_and_no_record_names_anybody() {
    let server = Server::start();
    let client = help_centre(&server);
    let worker = worker();
    for _ in 0..3 {
        client.send(FAMILY, json!({ "citizenId": worker }));
    }
    let statistics = server.client("UNION", "HELP_CENTRE", "STATISTICS");
    let refused = statistics.send(FAMILY, json!({ "citizenId": worker }));
    let mut records = server.records();
    // The case was opened, and each of the family consented.
    records.retain(|record| record["kind"] == "QUERY");
    assert_eq!(records.len(), 4);
    let last = records.last().unwrap();
    assert_eq!(refused.headers["yimen-record"].to_str().unwrap(), last["id"]);
    assert!(
        last["coordinates"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["decision"] == "DENY" && c["reason"] == "PURPOSE")
    );
    assert_eq!(records[0]["purpose"], "UNION_FILE_CHECK");
    assert!(records[0]["people"]["count"].as_u64().unwrap() > 0, "{}", records[0]);
    let text = serde_json::to_string(&records).unwrap();
    assert!(!text.contains(&worker), "a record names somebody");
}

#[test]
fn the_bulk_root_keeps_the_callers_order_and_says_who_is_not_there() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let known = worker();
    let asked = json!({ "ids": ["11010519491231002X", known, known] });
    let data = client.data("query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId } }", asked);
    assert_eq!(data["persons"], json!([null, { "citizenId": known }, { "citizenId": known }]));
}

#[test]
fn the_plan_and_its_statements_can_be_looked_at() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/family.graphql");
    let data = crate::support::county();
    let variables = json!({ "citizenId": worker() }).to_string();
    let output =
        yimen().args(["explain", path, "--variables", &variables, "--data"]).arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("statements") && text.contains("FROM \"person\""), "{text}");
    assert!(!text.contains(&worker()), "{text}");
}

#[test]
fn a_purpose_of_other_departments_is_refused() {
    let server = Server::start();
    let query = "{ viewer { purpose } }";
    let stated = server.client("FINANCE", "REVIEWER", "MLA_REVIEW").send(query, json!({}));
    assert_eq!(stated.json()["data"]["viewer"]["purpose"], "MLA_REVIEW");
    let foreign = server.client("FINANCE", "REVIEWER", "UNION_FILE_CHECK").send(query, json!({}));
    assert_eq!(foreign.codes(), ["PURPOSE_FORBIDDEN"]);
    assert!(foreign.json().get("data").is_none());
    let unstated = Client::purpose(&server.client("FINANCE", "REVIEWER", "MLA_REVIEW"), None);
    let told = unstated.send(query, json!({})).text;
    assert!(told.contains("MLA_REVIEW") && !told.contains("UNION_FILE_CHECK"), "{told}");
}

/// Rows are scoped by where somebody lives: who is registered in another province is read where their permit is.
#[test]
fn who_lives_here_on_a_residence_permit_is_read_here_and_not_where_they_are_registered() {
    let server = Server::start();
    let sql = |column: &str| {
        format!(
            "SELECT {column} FROM residence_permit AS p JOIN hukou_registration AS h ON h.citizen_id = p.citizen_id \
             WHERE p.status = 'VALID' AND length(p.citizen_id) = 18 \
             AND substr(h.registered_division_code, 1, 6) <> '410727' ORDER BY p.citizen_id LIMIT 1"
        )
    };
    let (id, registered) =
        (value("household", &sql("p.citizen_id")), value("household", &sql("h.registered_division_code")));
    let query = "query($id: CitizenId!) { person(citizenId: $id) {
      holdsResidencePermit hukouRegistrations { registeredDivisionCode } residencePermits { status }
    } }";
    let read = |division: &str| {
        let client = server.client_in("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW", division);
        client.data(query, json!({ "id": id }))["person"].clone()
    };
    let here = read("410727000000");
    assert_eq!(here["holdsResidencePermit"], true, "{here}");
    assert_eq!(here["hukouRegistrations"][0]["registeredDivisionCode"], registered.as_str(), "{here}");
    assert!(!here["residencePermits"].as_array().unwrap().is_empty(), "{here}");
    assert_eq!(read(&format!("{}000000", &registered[..6])), Value::Null, "registered there, living here");
}
