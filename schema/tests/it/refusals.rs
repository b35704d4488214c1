//! What loading refuses, each with file, line and coordinate.

use yimen_schema::{Problem, Source, bundled_sources, load};

/// The problems of the bundled vocabulary with one more file.
fn problems(text: &str) -> Vec<Problem> {
    let vocabulary = ["schema/departments.graphql", "schema/directives.graphql"];
    let mut sources: Vec<Source> = bundled_sources();
    sources.retain(|source| vocabulary.contains(&source.name.as_str()));
    sources.push(Source { name: String::from("schema/forestry.graphql"), text: text.to_owned() });
    match load(&sources) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems,
    }
}

/// A catalogue of two types that loads; tests replace one phrase of it.
const SOUND: &str = r#"
extend enum Department { "Forestry (林业)." FORESTRY }
type Query { "One permit." permit(number: ID!): Permit @one(by: "number") }
"A felling permit."
type Permit @resource(owner: FORESTRY, section: PARAMETER, table: "permit", key: "number", subject: "holder", division: "divisionCode") {
  "Number." number: ID @item(class: CONDITIONAL, level: L2)
  "Holder." holder: CitizenId @item(class: CONDITIONAL, level: L4, mask: CITIZEN_ID)
  "Where." divisionCode: DivisionCode @item(class: CONDITIONAL, level: L2, filter: true)
  "When." asOf: Date @item(class: CONDITIONAL, level: L2)
  "Plots." plots: [Plot!] @link(from: "number", to: "permit")
}
"A plot."
type Plot @resource(owner: FORESTRY, section: PARAMETER, table: "plot", key: "id") {
  "Id." id: ID @item(class: CONDITIONAL, level: L2)
  "Permit." permit: ID @item(class: CONDITIONAL, level: L2)
  "When." asOf: Date @item(class: CONDITIONAL, level: L2)
}
"#;

#[track_caller]
fn refused(phrase: &str, replacement: &str, coordinate: &str, message: &str) {
    assert!(SOUND.contains(phrase), "the phrase `{phrase}` must stand in the sound catalogue");
    let problems = problems(&SOUND.replacen(phrase, replacement, 1));
    let found = problems.iter().any(|problem| {
        problem.file == "schema/forestry.graphql"
            && problem.line > 0
            && problem.coordinate == coordinate
            && problem.message.contains(message)
    });
    assert!(found, "no problem at `{coordinate}` with `{message}` in {problems:#?}");
}

#[test]
fn the_sound_catalogue_loads() {
    assert_eq!(problems(SOUND), Vec::new());
}

#[test]
fn an_unknown_directive_is_refused() {
    refused("\"Id.\" id: ID @item(", "\"Id.\" id: ID @hidden @item(", "", "@hidden");
}

#[test]
fn a_type_without_owner_is_refused() {
    refused(
        "@resource(owner: FORESTRY, section: PARAMETER, table: \"plot\", key: \"id\")",
        "",
        "Plot",
        "@resource",
    );
    refused(
        "owner: FORESTRY, section: PARAMETER, table: \"plot\"",
        "section: PARAMETER, table: \"plot\"",
        "",
        "owner",
    );
}

#[test]
fn an_item_without_class_or_level_is_refused() {
    refused(
        "\"Id.\" id: ID @item(class: CONDITIONAL, level: L2)",
        "\"Id.\" id: ID @item(level: L2)",
        "",
        "class",
    );
    refused(
        "\"Id.\" id: ID @item(class: CONDITIONAL, level: L2)",
        "\"Id.\" id: ID @item(class: CONDITIONAL)",
        "",
        "level",
    );
    refused(
        "\"Id.\" id: ID @item(class: CONDITIONAL, level: L2)",
        "\"Id.\" id: ID",
        "Plot.id",
        "exactly one of",
    );
}

#[test]
fn a_non_null_policy_bearing_field_is_refused() {
    refused("\"Id.\" id: ID ", "\"Id.\" id: ID! ", "Plot.id", "must be nullable");
}

#[test]
fn a_link_whose_ends_are_missing_or_of_different_types_is_refused() {
    refused("to: \"permit\"", "to: \"permits\"", "Permit.plots", "no item");
    refused("\"Permit.\" permit: ID", "\"Permit.\" permit: String", "Permit.plots", "one type");
}

#[test]
fn a_name_collision_is_refused() {
    refused("\"A plot.\"\ntype Plot", "\"A plot.\"\ntype Permit", "", "Permit");
    refused("table: \"plot\"", "table: \"permit\"", "Plot", "also that of `Permit`");
}

#[test]
fn a_mask_that_does_not_fit_its_type_is_refused() {
    refused("mask: CITIZEN_ID", "mask: BAND", "Permit.holder", "doesn't fit");
}

#[test]
fn rows_about_a_person_without_a_division_are_refused() {
    refused(", division: \"divisionCode\"", "", "Permit", "row scope");
}

#[test]
fn a_table_or_column_that_is_no_plain_name_is_refused() {
    refused("table: \"plot\"", "table: \"plot\\\"; drop table x\"", "Plot", "lower-case");
    refused("\"Id.\" id: ID @item(", "\"Id.\" id: ID @item(column: \"a b\", ", "Plot.id", "lower-case");
}

#[test]
fn places_of_residence_are_told_by_a_day_and_a_person() {
    let with = |until: &str| format!("division: \"divisionCode\", livedUntil: \"{until}\"");
    let sound = SOUND.replacen("division: \"divisionCode\"", &with("asOf"), 1);
    assert_eq!(problems(&sound), Vec::new());
    refused("division: \"divisionCode\"", &with("number"), "Permit", "`@resource(livedUntil:)`");
    refused("division: \"divisionCode\"", &with("plots"), "Permit", "no item of this type");
    refused("table: \"plot\"", "table: \"plot\", livedUntil: \"asOf\"", "Plot", "rows about a person");
}
