//! The catalogue at work: what a department is told of its items, its history and its gaps.

mod classes;
mod quality;

use serde_json::{Value, json};

use crate::support::{Client, Server};

const ITEMS: &str =
    "query($department: Department, $section: Section, $text: String, $first: Int, $after: String) {
  catalogue(department: $department, section: $section, text: $text, first: $first, after: $after) {
    nodes {
      coordinate name owner section class level mask refs decision reason mayBeRequested
      terms { basis refresh certainty validFrom } quality { openObjections corrected }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const CHANGES: &str = "query($since: DateTime!) {
  catalogueChanges(since: $since) { nodes { coordinate kind property before after version } }
}";

fn reviewer(server: &Server) -> Client {
    server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY")
}

fn nodes(client: &Client, variables: Value) -> Vec<Value> {
    client.data(ITEMS, variables)["catalogue"]["nodes"].as_array().unwrap().clone()
}

fn item(client: &Client, coordinate: &str) -> Value {
    let found = nodes(client, json!({ "text": coordinate, "first": 200 }));
    found.into_iter().find(|node| node["coordinate"] == coordinate).unwrap()
}

#[test]
fn an_item_tells_its_terms_and_what_the_caller_may_read_of_it() {
    let server = Server::start();
    let reviewer = reviewer(&server);
    let reason = item(&reviewer, "UnionFile.closeReason");
    assert_eq!((&reason["owner"], &reason["class"]), (&json!("UNION"), &json!("CONDITIONAL")));
    assert_eq!((&reason["decision"], &reason["reason"]), (&json!("DENY"), &json!("NOT_GRANTED")));
    assert_eq!(reason["mayBeRequested"], true);
    assert_eq!(reason["terms"]["refresh"], "MONTHLY");
    assert_eq!(reason["terms"]["certainty"], "SAMPLE", "nothing here is official");
    assert_eq!(reason["quality"]["openObjections"], Value::Null);
    let never = item(&reviewer, "UnionForm.contentJson");
    assert_eq!((&never["reason"], &never["mayBeRequested"]), (&json!("NOT_SHARED"), &json!(false)));
    let own = item(&reviewer, "RentalSubsidyContract.id");
    assert_eq!(own["mayBeRequested"], false, "nobody asks for what is their own");
    assert_eq!(item(&reviewer, "Person.citizenId")["mask"], "CITIZEN_ID");
}

#[test]
fn items_are_found_by_owner_section_and_text_and_come_in_pages() {
    let server = Server::start();
    let reviewer = reviewer(&server);
    let unions = nodes(&reviewer, json!({ "department": "UNION", "first": 200 }));
    assert!(!unions.is_empty() && unions.iter().all(|node| node["owner"] == "UNION"));
    let marriage = nodes(&reviewer, json!({ "section": "MARRIAGE", "first": 200 }));
    assert!(!marriage.is_empty() && marriage.iter().all(|node| node["section"] == "MARRIAGE"));
    assert!(
        nodes(&reviewer, json!({ "text": "档案编号" })).iter().any(|n| n["coordinate"] == "UnionFile.fileNo")
    );
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "department": "UNION", "first": 7, "after": after });
        let page = reviewer.data(ITEMS, variables)["catalogue"].clone();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["coordinate"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
        assert!(seen.len() < 1_000, "pages come to an end");
    }
    let whole: Vec<Value> = unions.iter().map(|node| node["coordinate"].clone()).collect();
    assert_eq!(seen[..whole.len()], whole);
    for (first, codes) in [
        (0, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
        (1, vec![]),
        (200, vec![]),
        (201, vec!["COST_INVALID_SLICING_ARGUMENTS"]),
    ] {
        assert_eq!(reviewer.send(ITEMS, json!({ "first": first })).codes(), codes, "{first}");
    }
    assert_eq!(reviewer.send(ITEMS, json!({ "after": "x" })).codes(), ["BAD_USER_INPUT"]);
    let citizen = server.citizen("11010519491231002X");
    assert_eq!(citizen.send(ITEMS, json!({})).codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"]);
}

#[test]
fn gaps_are_told_as_such() {
    let server = Server::start();
    let gaps = reviewer(&server).data("{ catalogueGaps { item why } }", json!({}))["catalogueGaps"].clone();
    let gap = gaps.as_array().unwrap().iter().find(|gap| gap["item"] == "D056").unwrap();
    assert!(gap["why"].as_str().unwrap().starts_with("kept by the hub"), "{gap}");
}

#[test]
fn what_changed_is_written_when_a_process_comes_up_with_another_catalogue() {
    let server = Server::start();
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    let changes = |server: &Server| {
        let told = reviewer(server).data(CHANGES, since.clone());
        told["catalogueChanges"]["nodes"].as_array().unwrap().clone()
    };
    assert_eq!(changes(&server), Vec::<Value>::new(), "the first catalogue is no change");
    let folder = server.stop();
    let file = folder.path().join("hub.db");
    // As if the catalogue had been another: one item more, one less, and one of another class.
    let hub = rusqlite::Connection::open(&file).unwrap();
    hub.execute_batch(
        "UPDATE catalogue_version SET version = 'earlier';
         DELETE FROM catalogue_item WHERE coordinate = 'UnionFile.status';
         INSERT INTO catalogue_item (coordinate, properties) VALUES ('UnionFile.gone', '{}');
         UPDATE catalogue_item SET properties = replace(properties, '\"CONDITIONAL\"', '\"UNCONDITIONAL\"')
         WHERE coordinate = 'UnionFile.fileNo';",
    )
    .unwrap();
    drop(hub);
    let url = format!("sqlite://{}", file.display());
    let server = Server::set(&[("YIMEN__HUB__URL", &url)]);
    let mut told: Vec<String> = changes(&server)
        .iter()
        .map(|change| {
            let text = |name: &str| change[name].as_str().unwrap_or("-").to_owned();
            ["coordinate", "kind", "property", "before", "after"].map(text).join(" ")
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "UnionFile.fileNo CHANGED class UNCONDITIONAL CONDITIONAL",
            "UnionFile.gone REMOVED - - -",
            "UnionFile.status ADDED - - -",
        ]
    );
    let later = json!({ "since": "2100-01-01T00:00:00Z" });
    let none = reviewer(&server).data(CHANGES, later);
    assert_eq!(none["catalogueChanges"]["nodes"], json!([]));
}
