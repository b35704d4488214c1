//! The county's rows made worse than departments would: rows of one person in several divisions,
//! values that nobody knows, amounts below zero, texts that need every escape. Each statement reads the
//! same to SQLite and to PostgreSQL, and picks rows by the end of their key.

use std::collections::BTreeSet;

use yimen_schema::{Catalogue, FieldDef, Item, Resource, ResourceId, Scalar};

/// One statement for each table, with the department that owns it.
pub(crate) fn statements(catalogue: &Catalogue) -> Vec<(String, String)> {
    let ends = ends(catalogue);
    let of_table = |id: ResourceId| {
        let resource = catalogue.resource(id);
        let key = &resource.item(resource.key).column;
        let items = (0..resource.fields.len()).filter(|at| *at != resource.key);
        let changes = items.filter_map(|at| match &resource.fields[at].def {
            FieldDef::Item(item) => Some(change(resource, at, item, ends.contains(&(id, at)))),
            FieldDef::Link(_) | FieldDef::Summary(_) => None,
        });
        let changes: Vec<String> = changes.collect();
        (
            resource.owner.to_string(),
            format!("UPDATE {} SET {} WHERE {key} IS NOT NULL", resource.table, changes.join(", ")),
        )
    };
    catalogue.resource_ids().map(of_table).collect()
}

/// The fields by which rows are found from other rows.
fn ends(catalogue: &Catalogue) -> BTreeSet<(ResourceId, usize)> {
    let mut ends = BTreeSet::new();
    for id in catalogue.resource_ids() {
        for field in &catalogue.resource(id).fields {
            match &field.def {
                FieldDef::Link(link) => ends.extend([(id, link.from), (link.target, link.to)]),
                FieldDef::Summary(summary) => ends.extend([(id, summary.from), (summary.of, summary.to)]),
                FieldDef::Item(_) => {}
            }
        }
    }
    ends
}

/// `column = …`, which leaves most rows as they are.
fn change(resource: &Resource, at: usize, item: &Item, is_end: bool) -> String {
    let key = &resource.item(resource.key).column;
    let unknown = ("5", String::from("NULL"));
    let cases = match &item.scalar {
        _ if is_end => vec![("25", String::from("NULL"))],
        _ if resource.division == Some(at) => vec![
            ("3", String::from("'410727102201'")),
            ("7", String::from("'410727100000'")),
            ("18", String::from("'410728100000'")),
            ("29", String::from("NULL")),
        ],
        Scalar::String => vec![unknown, ("8", format!("'\"{key}\"\\\n\t\u{7f}𠅤 ' || {key}"))],
        Scalar::Money => vec![unknown, ("41", String::from("-0.05")), ("62", String::from("0"))],
        Scalar::Decimal => vec![unknown, ("41", String::from("-1.5")), ("62", String::from("0"))],
        Scalar::Int => vec![unknown, ("41", String::from("-1"))],
        _ => vec![unknown],
    };
    let column = &item.column;
    let cases: Vec<String> =
        cases.iter().map(|(end, value)| format!("WHEN {key} LIKE '%{end}' THEN {value}")).collect();
    format!("{column} = CASE {} ELSE {column} END", cases.join(" "))
}
