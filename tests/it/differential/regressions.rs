//! Single operations that were once answered otherwise than the specification has it.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use yimen::config::Config;
use yimen_migration::ExchangeDatabase;

use crate::differential::compare::Bench;
use crate::differential::databases::sqlite;
use crate::differential::operation::Message;
use crate::differential::resolve::Asking;
use crate::differential::setup::{Foundation, Ready};
use crate::differential::walk::Walk;
use crate::support::county;

/// The county that all tests share, and somebody who asks.
struct World {
    bench: Bench,
    asking: Arc<Asking>,
}

impl World {
    fn of(department: &str, purpose: &str) -> World {
        let url = |department: &str| sqlite(county(), ExchangeDatabase::of_department(department).unwrap());
        World::with(Config::read(None).unwrap(), &url, department, purpose)
    }

    fn with(config: Config, url: &dyn Fn(&str) -> String, department: &str, purpose: &str) -> World {
        let ready = Ready::new(Foundation::of(config), url);
        World { bench: ready.bench(url, url), asking: ready.asking(department, "REVIEWER", purpose) }
    }

    /// The gateway's `data`, which must be the reference's.
    #[track_caller]
    fn data(&self, document: &str, variables: Json) -> Json {
        let (answered, expected) = self.both(document, variables);
        assert_eq!(answered, expected);
        answered
    }

    /// What the gateway and the reference answer.
    #[track_caller]
    fn both(&self, document: &str, variables: Json) -> (Json, Json) {
        let given: Map<String, Json> = serde_json::from_value(variables).unwrap();
        let message =
            Message { document: document.to_owned(), name: None, given_or_default: given.clone(), given };
        block_on(async {
            let answered = self.bench.sqlite.answer(&self.asking, &message).await.unwrap();
            let expected = self.bench.expected_data(&self.asking, &message).await.unwrap();
            let answered: Json = serde_json::from_str(&answered.body).unwrap();
            (answered["data"].clone(), serde_json::from_str(&expected).unwrap())
        })
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}

/// How many values of an answer have this text.
fn count(answer: &Json, text: &str) -> usize {
    answer.to_string().matches(&format!("\"{text}\"")).count()
}

#[test]
fn a_variable_among_the_values_of_a_condition_is_compared_with() {
    let world = World::of("CIVIL_AFFAIRS", "MLA_REVIEW");
    let document = "query ($kind: HouseholdKind!) {
      households(filter: {kind: {in: [$kind, UNION_FILE]}}, first: 200) { nodes { kind } }
    }";
    let answer = world.data(document, json!({ "kind": "MLA_UNIT" }));
    assert!(count(&answer, "MLA_UNIT") > 0 && count(&answer, "UNION_FILE") > 0, "{answer}");
}

#[test]
fn a_variable_among_the_terms_of_an_order_orders() {
    let world = World::of("CIVIL_AFFAIRS", "MLA_REVIEW");
    let document = "query ($first: HouseholdOrder!) {
      households(orderBy: [$first, AS_OF_ASC], first: 9) { nodes { id memberCount } }
    }";
    let answer = world.data(document, json!({ "first": "MEMBER_COUNT_DESC" }));
    let nodes = answer["households"]["nodes"].as_array().unwrap();
    let sizes: Vec<i64> = nodes.iter().map(|node| node["memberCount"].as_i64().unwrap()).collect();
    // By number alone, the first nine would have families of any size among them.
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes[8] > 3, "{answer}");
}

#[test]
fn a_default_of_one_value_stands_for_a_list_of_one() {
    let world = World::of("CIVIL_AFFAIRS", "MLA_REVIEW");
    let document =
        "query ($kinds: [HouseholdKind!] = MLA_UNIT, $whole: HouseholdFilter = {kind: {in: HUKOU}}) {
      units: households(filter: {kind: {in: $kinds}}, first: 3) { nodes { kind } }
      books: households(filter: $whole, first: 3) { nodes { kind } }
    }";
    let answer = world.data(document, json!({}));
    assert_eq!((count(&answer, "MLA_UNIT"), count(&answer, "HUKOU")), (3, 3), "{answer}");
}

#[test]
fn an_object_whose_fields_are_all_skipped_is_an_empty_object() {
    let world = World::of("CIVIL_AFFAIRS", "MLA_REVIEW");
    let document = "query ($no: Boolean = true) { households(first: 1) { nodes { id @skip(if: $no) } } }";
    let (answered, _) = world.both(document, json!({}));
    assert_eq!(answered, json!({ "households": { "nodes": [{}] } }));
}

#[test]
fn a_sum_of_decimals_is_exact_in_every_database() {
    let world = World::of("HOUSING", "HOUSING_SECURITY");
    let rows = &world.bench.county.rows;
    let person = world.bench.county.catalogue.resource_named("Person").unwrap();
    let key = world.bench.county.catalogue.resource(person).key;
    let numbers = (0..rows.count(person)).map(|row| rows.value(person, row, key));
    let numbers: Vec<Json> = numbers.filter_map(|number| number.text().map(Json::from)).collect();
    let document = "query ($all: [CitizenId!]!) { persons(citizenIds: $all) { dwellingArea } }";
    let answer = world.data(document, json!({ "all": numbers }));
    assert!(answer["persons"].as_array().unwrap().iter().any(|person| person["dwellingArea"].is_string()));
}

const PLOTS: &str = r#"
extend enum Department { "Tea (茶业)." TEA }

extend type Query {
  "Plots, page by page." plots: [Plot!] @page(limit: 5)
}

"A plot (茶园)."
type Plot @resource(owner: TEA, section: PARAMETER, table: "plot", key: "id") {
  "Number (编号)." id: ID @item(class: CONDITIONAL, level: L1)
  "Organic (有机)." isOrganic: Boolean @item(class: CONDITIONAL, level: L1, filter: true, sort: true)
  "As of (截至)." asOf: Date @item(class: CONDITIONAL, level: L1)
}
"#;

const TEA: &str = r#"
@id("tea.own") @basis("a rule of this test's own")
permit (principal in Department::"TEA", action == Action::"clear", resource) when { principal in Role::"CASEWORK" };
"#;

/// A database with plots that are organic, that aren't, and of which nobody knows.
fn plots(folder: &Path) -> Config {
    std::fs::write(folder.join("tea.graphql"), PLOTS).unwrap();
    std::fs::write(folder.join("TEA.cedar"), TEA).unwrap();
    let connection = rusqlite::Connection::open(folder.join("tea.db")).unwrap();
    let rows = "('1', 1), ('2', 0), ('3', NULL), ('4', 1), ('5', 0), ('6', NULL), ('7', 1)";
    let table = "CREATE TABLE plot (id TEXT PRIMARY KEY, is_organic INTEGER, as_of TEXT)";
    connection.execute_batch(&format!("{table}; INSERT INTO plot (id, is_organic) VALUES {rows}")).unwrap();
    let mut config = Config::read(None).unwrap();
    config.catalogue.folders.push(folder.to_owned());
    config.policy.folders.push(folder.to_owned());
    config
}

#[test]
fn pages_in_the_order_of_a_yes_or_no_hold_every_row_once() {
    let own = tempfile::tempdir().unwrap();
    let config = plots(own.path());
    let url = |department: &str| match ExchangeDatabase::of_department(department) {
        Some(database) => sqlite(county(), database),
        None => format!("sqlite://{}", own.path().join("tea.db").display()),
    };
    let world = World::with(config, &url, "TEA", "SUPERVISION");
    for order in ["IS_ORGANIC_ASC", "IS_ORGANIC_DESC"] {
        let walk = Walk { root: "plots".into(), key: "id".into(), order: vec![order.into()], size: 1 };
        let walked = block_on(walk.compare(&world.bench, &world.asking));
        assert_eq!(walked, Ok(7), "{order}");
    }
}
