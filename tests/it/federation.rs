//! `_entities`, by which a router of a larger graph reaches what roots reach: every answer must be the root's.

use serde_json::{Value, json};

use crate::support::county::value;
use crate::support::{Answer, Client, Server};

/// Each entity with the root that finds it: type, key, the root's argument, a row of the county.
fn entities() -> Vec<(&'static str, &'static str, &'static str, String)> {
    let first = |database: &str, column: &str, table: &str| {
        value(
            database,
            &format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} LIMIT 1"),
        )
    };
    vec![
        ("Person", "person", "citizenId", first("household", "citizen_id", "person")),
        ("Household", "household", "id", first("household", "id", "household")),
        ("UnionFile", "unionFile", "fileNo", first("union", "file_no", "union_file")),
    ]
}

const ENTITIES: &str = "query($r: [_Any!]!) { _entities(representations: $r)";

fn representation(ty: &str, key: &str, value: &str) -> Value {
    json!({ "__typename": ty, key: value })
}

fn ask(client: &Client, ty: &str, fields: &str, representations: &[Value]) -> Answer {
    client.send(
        &format!("{ENTITIES} {{ __typename ... on {ty} {{ {fields} }} }} }}"),
        json!({ "r": representations }),
    )
}

/// What an error says, but where it stands and which record it is of.
fn said(answer: &Answer) -> Vec<Value> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let said = |error: &Value| {
        let told = &error["extensions"];
        json!([told["code"], told["reason"], told["coordinate"], error["path"].as_array().map(Vec::len)])
    };
    errors.iter().map(said).collect()
}

/// What is selected of each type: own values, values of others, links and summaries.
fn fields(ty: &str) -> &'static str {
    match ty {
        "Person" => {
            "citizenId name phone household { id address head { name } } taxSummaries { taxPaid incomeBand } \
             hasStudentLoan dwellingCount"
        }
        "Household" => "id address memberCount head { name citizenId } mlaMonthlyAmount",
        _ => "fileNo monthlyIncome depth person { name } aidTotal",
    }
}

#[test]
fn an_entity_is_answered_as_by_its_root_to_whoever_asks() {
    let server = Server::start();
    let callers = [
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("HOUSING", "REVIEWER", "HOUSING_SECURITY"),
        ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
    ];
    let (mut withheld, mut answered, mut closed) = (0, 0, 0);
    for (department, role, purpose) in callers {
        let client = server.client(department, role, purpose);
        for (ty, root, key, id) in entities() {
            let document = format!("{{ {root}({key}: \"{id}\") {{ __typename {} }} }}", fields(ty));
            let plain = client.send(&document, json!({}));
            let entity = ask(&client, ty, fields(ty), &[representation(ty, key, &id)]);
            assert_eq!((plain.status, entity.status), (200, 200), "{}\n{}", plain.text, entity.text);
            let found = &entity.json()["data"]["_entities"][0];
            assert_eq!(*found, plain.json()["data"][root], "{department} {ty}: {}", entity.text);
            assert_eq!(said(&entity), said(&plain), "{department} {ty}: {}", entity.text);
            withheld += said(&entity).len();
            match found.is_null() {
                true => closed += 1,
                false => answered += 1,
            }
        }
    }
    assert!(withheld > 5 && answered > 3 && closed > 0, "{withheld} {answered} {closed}");
}

#[test]
fn a_denied_value_is_denied_on_the_union_too() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let (_, _, _, id) = entities().remove(0);
    let r = json!({ "r": [representation("Person", "citizenId", &id)] });
    let denied = "hasMajorIllness";
    for selection in [
        format!("{{ ... on Person {{ {denied} }} }}"),
        format!("{{ ... on Person {{ name: {denied} }} }}"),
        format!(
            "{{ ... on Person {{ x: {denied} x: {denied} }} ... on Household {{ x: hasMemberNeedingCare }} }}"
        ),
        format!("{{ ... on _Entity {{ ... on Person {{ ... {{ {denied} }} }} }} }}"),
        format!("{{ ... @include(if: true) {{ ... on Person @skip(if: false) {{ {denied} }} }} }}"),
        format!(
            "{{ ...E }} }} fragment E on _Entity {{ ...P }} fragment P on Person {{ {denied} }} query X {{ __typename"
        ),
    ] {
        let document = format!("query Q($r: [_Any!]!) {{ _entities(representations: $r) {selection} }}");
        let body = json!({ "query": document, "variables": r, "operationName": "Q" });
        let answer = Answer::of(client.post().json(&body));
        assert_eq!(answer.status, 200, "{document}: {}", answer.text);
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(errors.len(), 1, "{document}: {}", answer.text);
        assert_eq!(errors[0]["extensions"]["reason"], "NOT_GRANTED", "{document}");
        let found = &answer.json()["data"]["_entities"][0];
        assert!(found.as_object().unwrap().values().all(Value::is_null), "{document}: {}", answer.text);
    }
}

#[test]
fn whoever_is_out_of_the_division_is_as_whoever_is_not_there() {
    let server = Server::start();
    let (_, _, _, id) = entities().remove(0);
    let at = |division: &str, number: &str| {
        let client = server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", division);
        ask(&client, "Person", "name household { id }", &[representation("Person", "citizenId", number)])
    };
    let elsewhere = at("410726000000", &id);
    assert_eq!(elsewhere.text, at("410726000000", "11010519491231002X").text);
    assert_eq!(elsewhere.json()["data"]["_entities"], json!([null]));
    assert!(!at("410727000000", &id).json()["data"]["_entities"][0].is_null());
}

#[test]
fn entities_of_many_types_come_in_the_order_of_their_representations() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let [person, household, _] = entities().try_into().unwrap();
    let of = |(ty, _, key, id): &(&str, &str, &str, String)| representation(ty, key, id);
    let absent = representation("Person", "citizenId", "11010519491231002X");
    let r = [of(&household), of(&person), absent, of(&household)];
    let answer = client.send(
        &format!("{ENTITIES} {{ __typename ... on Person {{ citizenId }} ... on Household {{ id }} }} }}"),
        json!({ "r": r }),
    );
    let household = json!({ "__typename": "Household", "id": household.3 });
    let person = json!({ "__typename": "Person", "citizenId": person.3 });
    assert_eq!(
        answer.json()["data"]["_entities"],
        json!([household, person, null, household]),
        "{}",
        answer.text
    );
    // One record, which names the person who isn't there too.
    let record = server.records().pop().unwrap();
    assert!(record["people"]["count"].as_u64().unwrap() >= 2, "{record}");
}

#[test]
fn representations_that_do_not_fit_are_told_so_and_never_repeated() {
    let server = Server::start();
    let client = server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    let number = "110105194912310021";
    for wrong in [
        json!({}),
        json!("Person"),
        json!({ "citizenId": number }),
        json!({ "__typename": "Person" }),
        json!({ "__typename": "Person", "citizenId": number }),
        json!({ "__typename": "Person", "citizenId": [number] }),
        json!({ "__typename": "Person", "citizenId": null }),
        json!({ "__typename": "TaxSummary", "id": number }),
        json!({ "__typename": "Household", "id": number }),
    ] {
        let answer = ask(&client, "Person", "name", std::slice::from_ref(&wrong));
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{wrong}: {}", answer.text);
        assert!(!answer.text.contains(number) && answer.json().get("data").is_none(), "{}", answer.text);
    }
    let many = |count: usize| vec![representation("Person", "citizenId", "11010519491231002X"); count];
    assert_eq!(ask(&client, "Person", "name", &many(1_000)).codes(), Vec::<String>::new());
    assert_eq!(ask(&client, "Person", "name", &many(1_001)).codes(), ["BAD_USER_INPUT"]);
}

#[test]
fn the_subgraph_is_what_the_caller_may_use() {
    let server = Server::start();
    let sdl = |department: &str, role: &str, purpose: &str| {
        let data =
            server.client(department, role, purpose).data("{ _service { sdl __typename } }", json!({}));
        assert_eq!(data["_service"]["__typename"], "_Service");
        data["_service"]["sdl"].as_str().unwrap().to_owned()
    };
    let reviewer = sdl("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW");
    assert!(reviewer.starts_with("extend schema @link("), "{}", &reviewer[..80]);
    assert!(reviewer.contains("type Person @key(fields: \"citizenId\")"), "{reviewer}");
    assert!(!reviewer.contains("_Any") && !reviewer.contains("_entities"));
    let education = sdl("EDUCATION", "REVIEWER", "EDUCATION_AID");
    assert!(!education.contains("type UnionFile @key("), "{education}");
}
