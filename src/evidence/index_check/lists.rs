//! Lists of coordinates, which are named by their own hash, and withholdings, each with its record.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr};

use crate::evidence::Kind;
use crate::evidence::coordinates::list_name;
use crate::evidence::entry::Stored;
use crate::evidence::search::Withholding;
use crate::evidence::store;
use crate::evidence::verify::Problem;

/// Rows that are read at once.
const ROWS: usize = 1_000;

/// Checks every list, and that there is one for every name.
pub(super) async fn check<C: ConnectionTrait>(
    connection: &C,
    named: &HashSet<String>,
) -> Result<Vec<Problem>, DbErr> {
    let (mut problems, mut missing, mut behind) = (Vec::new(), named.clone(), String::new());
    loop {
        let sql = "SELECT name, outcomes FROM evidence_coordinates WHERE name > $1 ORDER BY name LIMIT $2";
        let rows = store::rows(connection, sql, vec![behind.clone().into(), (ROWS as i64).into()]).await?;
        for row in &rows {
            let (name, outcomes): (String, String) = (row.try_get("", "name")?, row.try_get("", "outcomes")?);
            if list_name(&outcomes) != name {
                problems.push(Problem::List(name.clone(), "isn't the one that was named"));
            }
            missing.remove(&name);
            behind = name;
        }
        if rows.len() < ROWS {
            break;
        }
    }
    let mut missing: Vec<String> = missing.into_iter().collect();
    missing.sort_unstable();
    problems.extend(missing.into_iter().map(|name| Problem::List(name, "is missing")));
    Ok(problems)
}

/// Checks that every withholding has the record that says it.
pub(super) async fn withholdings<C: ConnectionTrait>(connection: &C) -> Result<Vec<Problem>, DbErr> {
    let sql = "SELECT w.case_no, w.department, w.until, w.basis, r.entry FROM evidence_withholding w \
               LEFT JOIN evidence_record r ON r.id = w.record ORDER BY w.case_no, w.department";
    let mut problems = Vec::new();
    for row in store::rows(connection, sql, Vec::new()).await? {
        let text = |column: &str| row.try_get::<String>("", column);
        let (case, department, until, basis) =
            (text("case_no")?, text("department")?, text("until")?, text("basis")?);
        let note = Withholding { case: &case, department: &department, until: &until, basis: &basis }.note();
        let entry: Option<String> = row.try_get("", "entry")?;
        let is_said = entry.as_deref().and_then(|entry| Stored::read(entry).ok()).is_some_and(|stored| {
            stored.is(Kind::Withholding) && stored.note.as_deref() == Some(note.as_str())
        });
        if !is_said {
            problems.push(Problem::Withholding(case, department));
        }
    }
    Ok(problems)
}
