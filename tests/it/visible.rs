//! Introspection and `/schema.graphql` show what the caller may use, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Server};

const TYPES: &str = "{ __schema { types { name kind fields { name description }
    inputFields { name } enumValues { name } } } viewer { access { coordinate decision } } }";

/// Introspection and the caller's decisions, of one answer.
fn seen(client: &Client) -> (BTreeMap<String, Value>, BTreeMap<String, String>) {
    let data = client.data(TYPES, json!({}));
    let types = data["__schema"]["types"].as_array().unwrap();
    let types = types.iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone())).collect();
    let access = data["viewer"]["access"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let access = access.map(|row| (text(&row["coordinate"]), text(&row["decision"]))).collect();
    (types, access)
}

fn names(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn introspection_agrees_with_every_decision() {
    let server = Server::start();
    let mut held = 0;
    for (department, role, purpose) in [
        ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
        ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
        ("CIVIL_AFFAIRS", "CITIZEN", "OWN_RECORDS"),
    ] {
        let (types, access) = seen(&server.client(department, role, purpose));
        assert!(access.len() > 500, "{}", access.len());
        for (coordinate, decision) in &access {
            let (ty, field) = coordinate.split_once('.').unwrap();
            // A type that no root leads to isn't shown, whatever is granted of it.
            let Some(fields) = types.get(ty).map(|ty| ty["fields"].as_array().unwrap()) else { continue };
            let shown = fields.iter().find(|shown| shown["name"] == field);
            assert_eq!(shown.is_some(), decision != "DENY", "{department} {coordinate} {decision}");
            held += 1;
            if let Some(shown) = shown {
                let reduced = shown["description"].as_str().unwrap_or_default().contains("Answered reduced");
                assert_eq!(reduced, decision == "MASK", "{department} {coordinate} {decision}");
            }
        }
    }
    assert!(held > 500, "only {held} decisions could be held against introspection");
}

#[test]
fn what_is_reduced_or_withheld_is_no_filter_and_no_order() {
    let server = Server::start();
    let (mut filters, mut orders) = (0, 0);
    for (department, role, purpose) in
        [("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"), ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")]
    {
        let (types, access) = seen(&server.client(department, role, purpose));
        for (name, ty) in &types {
            let Some(resource) = name.strip_suffix("Filter") else { continue };
            for field in names(&ty["inputFields"]) {
                let Some(decision) = access.get(&format!("{resource}.{field}")) else { continue };
                assert_eq!(decision, "CLEAR", "{name}.{field}");
                filters += 1;
            }
        }
        for (name, ty) in types.iter().filter(|(name, _)| name.ends_with("Order")) {
            let resource = name.trim_end_matches("Order");
            for value in names(&ty["enumValues"]) {
                let field = value.trim_end_matches("_ASC").trim_end_matches("_DESC");
                let is_field = |coordinate: &str| {
                    let field = field.replace('_', "").to_lowercase();
                    coordinate.to_lowercase() == format!("{}.{field}", resource.to_lowercase())
                };
                let decision = access.iter().find(|(coordinate, _)| is_field(coordinate)).unwrap().1;
                assert_eq!(decision, "CLEAR", "{name} {value}");
                orders += 1;
            }
        }
    }
    assert!(filters > 3 && orders > 3, "{filters} {orders}");
}

#[test]
fn two_callers_see_two_schemas() {
    let server = Server::start();
    let (union, _) = seen(&server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"));
    let (citizen, _) = seen(&server.client("CIVIL_AFFAIRS", "CITIZEN", "OWN_RECORDS"));
    assert!(union.contains_key("UnionFile") && !citizen.contains_key("UnionFile"));
    assert!(names(&citizen["Query"]["fields"]).contains("accessesTo"));
    assert!(!names(&citizen["Query"]["fields"]).contains("person"));
    assert!(!names(&union["Query"]["fields"]).contains("accessesTo"));
    // What isn't shown can be asked for all the same, and is withheld with its reason.
    let asked = server
        .client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK")
        .send("{ accessRecords { nodes { id } } }", json!({}));
    assert_eq!(asked.codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"]);
}

fn sdl(client: &Client, path: &str) -> Answer {
    Answer::of(client.request(Method::GET, path))
}

#[test]
fn the_schema_of_a_token_fits_its_permissions() {
    let server = Server::start();
    let help_centre = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let for_one = sdl(&help_centre, "/schema.graphql");
    assert_eq!(for_one.status, 200, "{}", for_one.text);
    assert!(for_one.text.contains("type UnionFile ") && !for_one.text.contains("type HousingApplication "));
    // Without a purpose it is what any purpose lets the caller use.
    let types = |answer: &Answer| {
        let types = answer.text.lines().filter(|line| line.starts_with("type "));
        types.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let reviewer = server.client("CIVIL_AFFAIRS", "REVIEWER", "STATISTICS");
    let (for_one, for_any) =
        (sdl(&reviewer, "/schema.graphql"), sdl(&reviewer.purpose(None), "/schema.graphql"));
    assert_eq!((for_one.status, for_any.status), (200, 200));
    let (for_one, for_any) = (types(&for_one), types(&for_any));
    assert!(for_one.is_subset(&for_any) && for_one.len() < for_any.len(), "{for_one:?} {for_any:?}");
    let unknown = sdl(&help_centre.purpose(Some("CURIOSITY")), "/schema.graphql");
    assert_eq!((unknown.status, unknown.codes()), (400, vec![String::from("PURPOSE_REQUIRED")]));
}

#[test]
fn the_whole_schema_is_for_stewards() {
    let server = Server::start();
    let steward = sdl(&server.client("HOUSING", "STEWARD", "STATISTICS"), "/schema.graphql?whole");
    assert_eq!(steward.text, include_str!("../../docs/schema.graphql"));
    let officer = sdl(&server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"), "/schema.graphql?whole");
    assert_eq!((officer.status, officer.codes()), (403, vec![String::from("FORBIDDEN")]));
}
