//! A department is added by one SDL file, one policy file and one connection string.

use std::path::Path;

use serde_json::json;

use crate::support::county::value;
use crate::support::{Server, county, yimen};

const SDL: &str = r#"
extend enum Department { "Forestry (林业)." FORESTRY }

extend type Person {
  "This person's felling permits."
  fellingPermits: [FellingPermit!] @link(from: "citizenId", to: "holder", limit: 10)
  "Whether this person has a felling permit in force."
  hasFellingPermit: Boolean @summary(of: "FellingPermit", from: "citizenId", to: "holder", fn: EXISTS, where: ["isInForce=true"], class: CONDITIONAL, level: L3)
}

"A felling permit (采伐许可证)."
type FellingPermit @resource(owner: FORESTRY, section: BUSINESS, table: "felling_permit", key: "number", subject: "holder", division: "divisionCode", order: ["-asOf"]) {
  "Number (许可证号)." number: ID @item(class: CONDITIONAL, level: L2)
  "Holder (持证人)." holder: CitizenId @item(class: CONDITIONAL, level: L4, mask: CITIZEN_ID)
  "Cubic metres (立方米)." volume: Decimal @item(class: CONDITIONAL, level: L3, unit: "m3", sort: true)
  "In force (有效)." isInForce: Boolean @item(class: CONDITIONAL, level: L2, filter: true)
  "Residence (居住地)." divisionCode: DivisionCode @item(class: CONDITIONAL, level: L3, filter: true)
  "As of (截至)." asOf: Date @item(class: CONDITIONAL, level: L2, sort: true)
}

extend type Query {
  "One felling permit."
  fellingPermit(number: ID!): FellingPermit @one(by: "number")
}
"#;

const POLICY: &str = r#"
@id("forestry.own") @basis("a county's own rule, for this test")
permit (principal in Department::"FORESTRY", action in [Action::"clear", Action::"lookup"], resource)
when { principal in Role::"CASEWORK" };

@id("forestry.union") @basis("a county's own rule, for this test")
permit (principal in Department::"UNION", action == Action::"clear", resource)
when { principal in Role::"CASEWORK" && [Item::"FellingPermit.number", Item::"Person.hasFellingPermit"].contains(resource) };
"#;

/// A configuration that is the county's own with three lines more.
fn add_forestry(folder: &Path, worker: &str) -> std::path::PathBuf {
    std::fs::create_dir_all(folder.join("sdl")).unwrap();
    std::fs::create_dir_all(folder.join("cedar")).unwrap();
    std::fs::write(folder.join("sdl/forestry.graphql"), SDL).unwrap();
    std::fs::write(folder.join("cedar/FORESTRY.cedar"), POLICY).unwrap();
    let connection = rusqlite::Connection::open(folder.join("forestry.db")).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TABLE felling_permit (number TEXT PRIMARY KEY, holder TEXT, volume REAL, is_in_force INTEGER, division_code TEXT, as_of TEXT);
             CREATE INDEX felling_permit_holder ON felling_permit (holder);
             INSERT INTO felling_permit VALUES
               ('F-1', '{worker}', 12.5, 1, '410727100000', '2026-01-01'),
               ('F-2', '{worker}', 7, 0, '410727100000', '2026-02-01'),
               ('F-3', '{worker}', 9, 1, '410728100000', '2026-03-01');"
        ))
        .unwrap();
    let county = county().display().to_string();
    let text = std::fs::read_to_string(Path::new(&county).join("yimen.toml")).unwrap();
    let text = text.replace("sqlite://", &format!("sqlite://{county}/"));
    let text = text.replace("\"issuer/jwks.json\"", &format!("\"{county}/issuer/jwks.json\""));
    let text = text.replace("\"secret\"", &format!("\"{county}/secret\""));
    let more = "\n[catalogue]\nfolders = [\"sdl\"]\n\n[policy]\nfolders = [\"cedar\"]\n\n\
                [departments.FORESTRY]\nurl = \"sqlite://forestry.db\"\n";
    let config = folder.join("yimen.toml");
    std::fs::write(&config, text + more).unwrap();
    config
}

fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

#[test]
fn a_seventh_department_joins_by_files_alone() {
    let own = tempfile::tempdir().unwrap();
    let worker = worker();
    let server = Server::over(&add_forestry(own.path(), &worker));
    let query = "query($id: CitizenId!) {
      person(citizenId: $id) { hasFellingPermit fellingPermits(orderBy: [VOLUME_ASC]) { number volume } }
    }";
    let union = server.checking(&[&worker]);
    // The union may read numbers, and so may not order by volumes, nor see one.
    let answer = union.send(query, json!({ "id": worker })).json();
    assert_eq!(
        answer["data"]["person"],
        json!({ "hasFellingPermit": true, "fellingPermits": null }),
        "{answer}"
    );
    let plain = "query($id: CitizenId!) { person(citizenId: $id) { fellingPermits { number volume } } }";
    let answer = union.send(plain, json!({ "id": worker })).json();
    // Newest first, and the permit of the next county isn't there.
    let expected = json!([{ "number": "F-2", "volume": null }, { "number": "F-1", "volume": null }]);
    assert_eq!(answer["data"]["person"]["fellingPermits"], expected, "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "FellingPermit.volume");
    assert_eq!(answer["errors"][0]["extensions"]["department"], "FORESTRY");
    let own_reader = server.client("FORESTRY", "REVIEWER", "SUPERVISION");
    let data = own_reader.data("{ fellingPermit(number: \"F-1\") { volume isInForce holder } }", json!({}));
    assert_eq!(data["fellingPermit"], json!({ "volume": "12.5", "isInForce": true, "holder": worker }));
    // Who isn't named reads nothing of it.
    let housing = server.client("HOUSING", "REVIEWER", "HOUSING_SECURITY");
    let answer = housing.send("{ fellingPermit(number: \"F-1\") { number } }", json!({}));
    assert_eq!(answer.codes(), ["UNAUTHORIZED_FIELD_OR_TYPE"]);
}

#[test]
fn a_department_without_a_policy_keeps_the_process_from_starting() {
    let own = tempfile::tempdir().unwrap();
    let config = add_forestry(own.path(), &worker());
    std::fs::remove_file(own.path().join("cedar/FORESTRY.cedar")).unwrap();
    let output =
        yimen().args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&config).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("FORESTRY.cedar") && text.contains("FellingPermit.number"), "{text}");
}

#[test]
fn a_broken_file_is_named_with_line_and_coordinate() {
    let own = tempfile::tempdir().unwrap();
    let config = add_forestry(own.path(), &worker());
    let check = |file: &str, text: &str| {
        std::fs::write(own.path().join(file), text).unwrap();
        let output = yimen().args(["policy", "check", "--config"]).arg(&config).output().unwrap();
        assert!(!output.status.success(), "{file}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let text = check(
        "sdl/forestry.graphql",
        &SDL.replace("\"Number (许可证号).\" number: ID ", "\"Number (许可证号).\" number: ID! "),
    );
    assert!(text.contains("forestry.graphql:") && text.contains("`FellingPermit.number`"), "{text}");
    check("sdl/forestry.graphql", "type {");
    std::fs::write(own.path().join("sdl/forestry.graphql"), SDL).unwrap();
    let text = check("cedar/FORESTRY.cedar", &POLICY.replace("FellingPermit.number", "FellingPermit.price"));
    assert!(
        text.contains("FORESTRY.cedar")
            && text.contains("forestry.union")
            && text.contains("FellingPermit.price"),
        "{text}"
    );
}
