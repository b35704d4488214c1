//! Thousands of grants such as departments give each other, the same in every run.

use chrono::NaiveDate;
use yimen_policy::{Codes, GrantRow};
use yimen_schema::{Catalogue, CoordinateId, FieldDef, ShareClass};

use crate::query::{DEPARTMENT, DIVISION, PURPOSE, ROLE};

/// One grant in so many is the measured caller's.
const OWN: u32 = 25;

/// Items of a grant.
const ITEMS: usize = 6;

/// A day on which all of them hold.
pub(crate) fn today() -> NaiveDate {
    yimen::calendar::china_day(yimen::clock::Clock::now(&yimen::clock::SystemClock))
}

/// This many grants, of which the last differs from change to change.
pub(crate) fn rows(catalogue: &Catalogue, codes: &Codes, count: u32, change: u32) -> Vec<GrantRow> {
    let items: Vec<CoordinateId> =
        catalogue.coordinate_ids().filter(|id| may_be_granted(catalogue, *id)).collect();
    let mut rows: Vec<GrantRow> = (0..count).map(|at| row(catalogue, codes, &items, at)).collect();
    if let Some(last) = rows.last_mut() {
        last.id = format!("2026-change-{change}");
    }
    rows
}

fn may_be_granted(catalogue: &Catalogue, id: CoordinateId) -> bool {
    let coordinate = catalogue.coordinate(id);
    let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
    coordinate.class != ShareClass::NotShared && !matches!(def, FieldDef::Link(_))
}

fn row(catalogue: &Catalogue, codes: &Codes, items: &[CoordinateId], at: u32) -> GrantRow {
    let place = at as usize;
    let first = catalogue.coordinate(items[place * 7 % items.len()]);
    let own: Vec<&str> = items
        .iter()
        .map(|id| catalogue.coordinate(*id))
        .filter(|coordinate| coordinate.owner == first.owner)
        .map(|coordinate| coordinate.name.as_str())
        .collect();
    let named: Vec<&str> = (0..ITEMS).map(|more| own[(place + more) % own.len()]).collect();
    // The last grant, which changes, is the measured caller's too.
    let is_own = at % OWN == OWN - 1;
    let purposes: Vec<&str> = codes
        .purposes
        .iter()
        .filter(|purpose| purpose.group == "CASEWORK")
        .map(|p| p.code.as_str())
        .collect();
    // Nobody else whose decisions are measured is meant by any.
    let departments: Vec<&String> =
        catalogue.departments.iter().filter(|code| *code != "FINANCE" && *code != DEPARTMENT).collect();
    let owned = str::to_owned;
    GrantRow {
        id: format!("2026-{at:05}"),
        owner: first.owner.to_string(),
        department: if is_own { owned(DEPARTMENT) } else { departments[place % departments.len()].clone() },
        role: owned(if is_own { ROLE } else { ["CASEWORK", "REVIEWER", "WINDOW_CLERK"][place % 3] }),
        purpose: owned(if is_own { PURPOSE } else { purposes[place / 3 % purposes.len()] }),
        division: if at.is_multiple_of(2) { String::new() } else { owned(DIVISION) },
        items: serde_json::Value::from(named).to_string(),
        effect: owned("CLEAR"),
        basis: owned("an invented grant of the bench"),
        valid_from: owned("2020-01-01"),
        valid_until: owned("2099-12-31"),
    }
}
