//! How complete the catalogue's items are, and as of when: counted in a department's database by one statement for
//! each table, never within a request. Counts alone leave the database, and whole percents alone are kept.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait, Value};
use yimen_policy::is_public;
use yimen_schema::{Catalogue, FieldDef, Resource};

use crate::deadline::moment;
use crate::evidence::{Hub, store};
use crate::fetch::{Cell, Rows, Source};

/// Of fewer rows nothing is told where they are about people, so that each percent stands for five rows at least
/// (统计法 28: nothing by which a single person can be told).
pub const LEAST_ROWS: i64 = 500;

/// A table's items as they were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    /// The items with the percent of rows that have a value; `None` where there were too few rows.
    items: Vec<(String, Option<u8>)>,
    /// The newest day on which a row was true; `None` where the table doesn't say, or had too few rows.
    as_of: Option<String>,
}

/// What came of a department's tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Tables that were counted.
    pub tables: usize,
    /// Tables that couldn't be, with the reason: what was counted of them earlier stays.
    pub failed: Vec<(String, String)>,
}

/// The departments that have a database here and items in the catalogue, with their tables.
pub fn measurable(catalogue: &Catalogue, has_database: impl Fn(&str) -> bool) -> Vec<(&str, Vec<&Resource>)> {
    let tables = |owner: &str| catalogue.resources.iter().filter(|of| *of.owner == *owner).collect();
    let owners = catalogue.departments.iter().map(String::as_str);
    let asked = owners.filter(|owner| has_database(owner));
    let measurable = asked.map(|owner| (owner, tables(owner)));
    measurable.filter(|(_, tables): &(&str, Vec<&Resource>)| !tables.is_empty()).collect()
}

/// Counts a department's tables, one after another, and keeps what was counted. `progress` is told of each.
///
/// # Errors
/// A hub that doesn't answer. A table that can't be counted is told in what comes back.
pub async fn measure(
    hub: &Hub,
    (catalogue, source): (&Catalogue, &Source),
    (owner, tables): (&str, &[&Resource]),
    now: impl Fn() -> DateTime<Utc>,
    mut progress: impl FnMut(&Resource),
) -> Result<Measured, DbErr> {
    let mut measured = Measured::default();
    for resource in tables {
        progress(resource);
        let counted = match source.text_rows(&statement(resource)).await {
            Ok(rows) => counted(catalogue, resource, &rows),
            Err(error) => Err(error.to_string()),
        };
        match counted {
            Ok(counted) => {
                keep(hub, owner, &counted, &moment(now())).await?;
                measured.tables += 1;
            }
            Err(reason) => measured.failed.push((resource.name.clone(), reason)),
        }
    }
    Ok(measured)
}

/// The items of a table, in the order of its fields.
fn items(resource: &Resource) -> impl Iterator<Item = (usize, &str)> {
    resource.fields.iter().enumerate().filter_map(|(at, field)| match &field.def {
        FieldDef::Item(item) => Some((at, item.column.as_str())),
        FieldDef::Link(_) | FieldDef::Summary(_) => None,
    })
}

/// Counts rows, and values of each item. Names come from the catalogue, which has checked that they are plain.
fn statement(resource: &Resource) -> String {
    let counts = items(resource).map(|(_, column)| format!("COUNT(t.\"{column}\")"));
    let newest = resource.as_of.and_then(|as_of| items(resource).find(|(at, _)| *at == as_of));
    let newest = newest.map(|(_, column)| format!("CAST(MAX(t.\"{column}\") AS TEXT)"));
    let columns: Vec<String> = [String::from("COUNT(*)")].into_iter().chain(counts).chain(newest).collect();
    format!("SELECT {} FROM \"{}\" AS t", columns.join(", "), resource.table)
}

fn counted(catalogue: &Catalogue, resource: &Resource, rows: &Rows) -> Result<Counted, String> {
    let count = |slot| match rows.cell(0, slot) {
        Cell::Int(count) => Ok(count),
        _ => Err(String::from("the database didn't count")),
    };
    if rows.len() != 1 {
        return Err(String::from("the database didn't count"));
    }
    let all = count(0)?;
    let is_told = all > 0 && (all >= LEAST_ROWS || is_public(resource));
    let mut counted = Vec::new();
    for (slot, (field, _)) in items(resource).enumerate() {
        let name = catalogue.coordinate(resource.fields[field].coordinate).name.clone();
        let filled = count(slot + 1)?;
        counted.push((name, is_told.then(|| percent(filled, all))));
    }
    let as_of = match resource.as_of.map(|_| rows.cell(0, counted.len() + 1)) {
        Some(Cell::Text(day)) if is_told => day.get(..10).map(str::to_owned),
        _ => None,
    };
    Ok(Counted { items: counted, as_of })
}

/// The share of rows with a value in whole percent. It is rounded towards the nearer end, so that neither those few
/// who have a value nor those few who have none are told.
fn percent(filled: i64, all: i64) -> u8 {
    let whole = |part: i64| u8::try_from(part * 100 / all).unwrap_or(100);
    if filled * 2 < all { whole(filled) } else { 100 - whole(all - filled) }
}

async fn keep(hub: &Hub, owner: &str, counted: &Counted, at: &str) -> Result<(), DbErr> {
    let _turn = hub.turn().lock().await;
    let transaction = hub.connection().begin().await?;
    let row = |(coordinate, completeness): &(String, Option<u8>)| -> Vec<Value> {
        vec![
            coordinate.clone().into(),
            owner.into(),
            completeness.map(i64::from).into(),
            counted.as_of.clone().into(),
            at.into(),
        ]
    };
    let into = "catalogue_measure (coordinate, owner, completeness, as_of, counted_at)";
    let tail = "ON CONFLICT (coordinate) DO UPDATE SET owner = excluded.owner, \
                completeness = excluded.completeness, as_of = excluded.as_of, counted_at = excluded.counted_at";
    store::insert(&transaction, into, counted.items.iter().map(row).collect(), tail).await?;
    transaction.commit().await
}

/// Takes the turn to count a department's tables, where nobody began to since `due`. Replicas that ask at once count
/// once.
///
/// # Errors
/// A hub that doesn't answer.
pub async fn take_turn(
    hub: &Hub,
    owner: &str,
    (now, due): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let _turn = hub.turn().lock().await;
    let sql = "INSERT INTO catalogue_measure_turn (owner, begun_at) VALUES ($1, $2) \
               ON CONFLICT (owner) DO UPDATE SET begun_at = excluded.begun_at \
               WHERE catalogue_measure_turn.begun_at <= $3";
    let values = vec![owner.into(), moment(now).into(), moment(due).into()];
    Ok(store::run(hub.connection(), sql, values).await? > 0)
}

/// An item as it was counted last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Percent of rows that have a value; `None` where there were too few to tell.
    pub(crate) completeness: Option<i64>,
    /// The newest day on which a row was true.
    pub(crate) as_of: Option<String>,
    /// When it was counted.
    pub(crate) counted_at: String,
}

/// Items as they were counted last, those that were.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn kept<C: ConnectionTrait>(
    connection: &C,
    coordinates: &[&str],
) -> Result<HashMap<String, Kept>, DbErr> {
    if coordinates.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> = (1..=coordinates.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "SELECT coordinate, completeness, as_of, counted_at FROM catalogue_measure WHERE coordinate IN ({})",
        places.join(", ")
    );
    let values = coordinates.iter().map(|coordinate| (*coordinate).into()).collect();
    let rows = store::rows(connection, &sql, values).await?;
    let read = |row: &sea_orm::QueryResult| {
        let kept = Kept {
            completeness: row.try_get("", "completeness")?,
            as_of: row.try_get("", "as_of")?,
            counted_at: row.try_get("", "counted_at")?,
        };
        Ok((row.try_get("", "coordinate")?, kept))
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_few_who_have_a_value_nor_few_who_have_none_are_told() {
        let of_500 = |filled| percent(filled, 500);
        assert_eq!([0, 4, 5, 9, 10].map(of_500), [0, 0, 1, 1, 2]);
        assert_eq!([490, 491, 495, 496, 500].map(of_500), [98, 99, 99, 100, 100]);
        assert_eq!([249, 250, 251].map(of_500), [49, 50, 51]);
        assert_eq!([(0, 1), (1, 1), (1, 3)].map(|(filled, all)| percent(filled, all)), [0, 100, 33]);
    }

    #[test]
    fn a_statement_counts_every_column_of_its_table_and_reads_none() {
        let catalogue = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        for resource in &catalogue.resources {
            let sql = statement(resource);
            assert_eq!(sql.matches("COUNT(").count(), items(resource).count() + 1, "{sql}");
            assert_eq!(sql.matches("MAX(").count(), usize::from(resource.as_of.is_some()), "{sql}");
            assert!(!sql.contains(" WHERE ") && !sql.contains(" GROUP "), "{sql}");
        }
    }
}
