//! What changed in the catalogue since the hub last saw it: written when a process comes up with another.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait, Value};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use yimen_policy::{ClassLine, Policies};
use yimen_schema::{Catalogue, Coordinate, CoordinateId};

use crate::clock::hex;
use crate::deadline::moment;
use crate::evidence::{Hub, store};

/// How much a comparison wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Items that came, went or changed.
    pub items: usize,
}

/// Properties of an item that its users must be told of.
type Properties = BTreeMap<String, String>;

/// A change on its way into the hub.
struct Change {
    coordinate: String,
    kind: &'static str,
    property: Option<(String, Option<String>, Option<String>)>,
}

/// Compares the catalogue, and the classes that its items have by region and day, with what the hub knows, and writes
/// what is otherwise. The first catalogue of a hub is no change. Replicas that start at once write it once.
///
/// # Errors
/// A hub that doesn't answer.
pub async fn compare(hub: &Hub, policies: &Policies, now: DateTime<Utc>) -> Result<Changed, DbErr> {
    let catalogue = policies.catalogue();
    let ids = catalogue.coordinate_ids();
    let current: BTreeMap<String, Properties> = ids
        .map(|id| {
            let item = catalogue.coordinate(id);
            (item.name.clone(), properties(catalogue, item, classes(policies, id)))
        })
        .collect();
    let version = version(catalogue, &current);
    let version = version.as_str();
    let _turn = hub.turn().lock().await;
    let transaction = hub.connection().begin().await?;
    let sql = "UPDATE catalogue_version SET version = $1 WHERE version <> $2";
    if store::run(&transaction, sql, vec![version.into(), version.into()]).await? == 0 {
        return Ok(Changed::default());
    }
    let known = known(&transaction).await?;
    let changes = if known.is_empty() { Vec::new() } else { changes(&known, &current) };
    let mut items: Vec<&str> = changes.iter().map(|change| change.coordinate.as_str()).collect();
    items.dedup();
    let changed = Changed { items: items.len() };
    write(&transaction, &current, changes, (version, &moment(now))).await?;
    transaction.commit().await?;
    Ok(changed)
}

async fn known<C: ConnectionTrait>(connection: &C) -> Result<BTreeMap<String, Properties>, DbErr> {
    let rows =
        store::rows(connection, "SELECT coordinate, properties FROM catalogue_item", Vec::new()).await?;
    let read = |row: &sea_orm::QueryResult| {
        let text: String = row.try_get("", "properties")?;
        Ok((row.try_get("", "coordinate")?, serde_json::from_str(&text).unwrap_or_default()))
    };
    rows.iter().map(read).collect()
}

/// The most lines about one item that are told in words.
const MAX_TOLD: usize = 20;

/// What the table of classes says of an item beside the catalogue.
fn classes(policies: &Policies, id: CoordinateId) -> Option<String> {
    let lines: Vec<String> = policies.classes().naming(id).into_iter().map(ClassLine::to_string).collect();
    let told = lines.join("; ");
    match lines.len() {
        0 => None,
        1..=MAX_TOLD => Some(told),
        many => Some(format!("{many} lines, SHA-256 {}", digest(&told))),
    }
}

/// The catalogue's version; where the table of classes says more of its items, with `+` and a digest of all of it.
fn version(catalogue: &Catalogue, current: &BTreeMap<String, Properties>) -> String {
    if current.values().all(|properties| !properties.contains_key(CLASSES)) {
        return catalogue.version.clone();
    }
    format!("{}+{}", catalogue.version, &digest(&json!(current).to_string())[..16])
}

/// SHA-256 in lower hex.
fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// The property that holds an item's classes by region and day.
const CLASSES: &str = "classes";

fn properties(catalogue: &Catalogue, item: &Coordinate, classes: Option<String>) -> Properties {
    let field = &catalogue.resource(item.resource).fields[item.field];
    let type_name = match &field.def {
        yimen_schema::FieldDef::Item(item) => item.scalar.type_name().to_owned(),
        yimen_schema::FieldDef::Summary(summary) => summary.scalar.type_name().to_owned(),
        yimen_schema::FieldDef::Link(link) => catalogue.resource(link.target).name.clone(),
    };
    let texts = [
        ("owner", Some(item.owner.to_string())),
        ("section", Some(item.section.to_string())),
        ("class", Some(item.class.to_string())),
        (CLASSES, classes),
        ("level", Some(item.level.to_string())),
        ("mask", item.mask.map(|mask| mask.to_string())),
        ("codes", item.codes.clone()),
        ("unit", item.unit.clone()),
        ("type", Some(type_name)),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
}

fn changes(known: &BTreeMap<String, Properties>, current: &BTreeMap<String, Properties>) -> Vec<Change> {
    let mut changes = Vec::new();
    for name in known.keys().filter(|name| !current.contains_key(*name)) {
        changes.push(Change { coordinate: name.clone(), kind: "REMOVED", property: None });
    }
    for (name, now) in current {
        let Some(before) = known.get(name) else {
            changes.push(Change { coordinate: name.clone(), kind: "ADDED", property: None });
            continue;
        };
        let mut properties: Vec<&String> = before.keys().chain(now.keys()).collect();
        properties.sort_unstable();
        properties.dedup();
        for property in properties.into_iter().filter(|property| before.get(*property) != now.get(*property))
        {
            let values = (property.clone(), before.get(property).cloned(), now.get(property).cloned());
            changes.push(Change { coordinate: name.clone(), kind: "CHANGED", property: Some(values) });
        }
    }
    changes
}

async fn write<C: ConnectionTrait>(
    connection: &C,
    current: &BTreeMap<String, Properties>,
    changes: Vec<Change>,
    (version, at): (&str, &str),
) -> Result<(), DbErr> {
    let row = |change: Change| -> Vec<Value> {
        let (property, before, after) = match change.property {
            Some((property, before, after)) => (Some(property), before, after),
            None => (None, None, None),
        };
        vec![
            at.into(),
            version.into(),
            change.coordinate.into(),
            change.kind.into(),
            property.into(),
            before.into(),
            after.into(),
        ]
    };
    let into = "catalogue_change (at, version, coordinate, kind, property, before, after)";
    store::insert(connection, into, changes.into_iter().map(row).collect(), "").await?;
    store::run(connection, "DELETE FROM catalogue_item", Vec::new()).await?;
    let item = |(name, properties): (&String, &Properties)| -> Vec<Value> {
        vec![name.clone().into(), json!(properties).to_string().into()]
    };
    let items = current.iter().map(item).collect();
    store::insert(connection, "catalogue_item (coordinate, properties)", items, "").await
}

/// Changes since a moment, the newest first, with their places.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn since<C: ConnectionTrait>(
    connection: &C,
    since: &str,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<(i64, Json)>, DbErr> {
    let sql = "SELECT seq, at, version, coordinate, kind, property, before, after FROM catalogue_change \
               WHERE at >= $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    let values = vec![since.into(), before.unwrap_or(i64::MAX).into(), (limit as i64).into()];
    let rows = store::rows(connection, sql, values).await?;
    let read = |row: &sea_orm::QueryResult| {
        let mut change = Map::new();
        for column in ["at", "version", "coordinate", "kind", "property", "before", "after"] {
            let text: Option<String> = row.try_get("", column)?;
            change.insert(column.to_owned(), text.into());
        }
        Ok((row.try_get("", "seq")?, Json::Object(change)))
    };
    rows.iter().map(read).collect()
}
