//! Some thousand records: their columns, and whom they seal.

use std::collections::{BTreeMap, HashSet};

use sea_orm::{DbErr, QueryResult};

use crate::evidence::entry::Stored;
use crate::evidence::hub::Hub;
use crate::evidence::index_check::found::Tally;
use crate::evidence::index_check::people::{self, Known, Sealed};
use crate::evidence::placed::searched;
use crate::evidence::store;
use crate::evidence::verify::Problem;

/// What is wrong with a part, and which lists of coordinates its records name.
#[derive(Default)]
pub(super) struct Part {
    pub(super) problems: Vec<Problem>,
    pub(super) lists: HashSet<String>,
    /// The records of commitments that can't be opened and may be those that erasures of one person took, in the
    /// order of the log, one for each commitment.
    pub(super) erased: Vec<u64>,
    /// Whom the records must be found by.
    pub(super) tally: Tally,
}

/// Checks the records `low..high`.
pub(super) async fn check(hub: &Hub, (low, high): (u64, u64), known: &Known<'_>) -> anyhow::Result<Part> {
    let sql = "SELECT log_index, id, kind, at, caller, department, role, division, purpose, case_no, \
               coordinates, people, entry FROM evidence_record WHERE log_index >= $1 AND log_index < $2";
    let rows = store::rows(hub.connection(), sql, vec![(low as i64).into(), (high as i64).into()]).await?;
    let (mut part, mut sealed) = (Part::default(), BTreeMap::new());
    for row in &rows {
        let index = row.try_get::<i64>("", "log_index")? as u64;
        let entry: String = row.try_get("", "entry")?;
        // An entry that can't be read isn't the one that was hashed, which the tiles tell.
        let Ok(stored) = Stored::read(&entry) else { continue };
        part.problems.extend(columns(row, &stored)?.map(|column| Problem::Column(index, column)));
        part.lists.extend(stored.coordinates.as_deref().map(str::to_owned));
        let people = &stored.people;
        sealed.insert(index, Sealed::new(people.count, people.key.clone(), people.root.clone()));
    }
    let people = people::check(hub.connection(), (low, high), &sealed, known).await?;
    part.problems.extend(people.problems);
    part.erased = people.erased;
    part.tally = people.tally;
    Ok(part)
}

/// The columns of a row that say something else than its entry.
fn columns(row: &QueryResult, stored: &Stored<'_>) -> Result<impl Iterator<Item = &'static str>, DbErr> {
    let texts = [
        ("id", Some(&*stored.id)),
        ("kind", Some(&*stored.kind)),
        ("at", Some(&*stored.ended_at)),
        ("caller", Some(&*stored.subject)),
        ("department", Some(&*stored.department)),
        ("role", Some(&*stored.role)),
        ("division", Some(&*stored.division)),
        ("purpose", Some(&*stored.purpose)),
        ("case_no", stored.case.as_deref()),
        ("coordinates", stored.coordinates.as_deref()),
    ];
    let mut wrong = Vec::new();
    for (column, said) in texts {
        let found: Option<String> = row.try_get("", column)?;
        if found.as_deref() != said && found != said.map(|said| searched(said.into()).into_owned()) {
            wrong.push(column);
        }
    }
    if row.try_get::<i64>("", "people")? as u64 != stored.people.count {
        wrong.push("people");
    }
    Ok(wrong.into_iter())
}
