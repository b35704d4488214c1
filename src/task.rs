//! Supervision tasks (督查任务): what an inspection may read of other departments, where, of whom, by whom and until
//! when. Supervision is wide, and bound to its task: without one nothing of other departments is read for it.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, TransactionSession, TransactionTrait};
use yimen_policy::Area;

use crate::area;
use crate::evidence::store;
use crate::fetch::Texts;
use crate::own::Seal;

/// The most pairs of department and section of a task.
pub(crate) const MAX_ITEMS: usize = 100;

/// The most officers of a task.
pub(crate) const MAX_OFFICERS: usize = 50;

/// The most people that a task names: as many as one list of a statement holds.
pub(crate) const MAX_PEOPLE: usize = 1_000;

/// A task as a read sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Task {
    /// The division to which it is bound.
    pub(crate) division: String,
    /// Departments with their sections, in the order of the task.
    pub(crate) items: Vec<(String, String)>,
    /// The people whom it is about; nobody in particular where there are none.
    pub(crate) people: Texts,
}

impl Task {
    /// Whether it asks a department for a section.
    pub(crate) fn asks_for(&self, department: &str, section: &str) -> bool {
        self.items.iter().any(|item| item.0 == department && item.1 == section)
    }
}

/// Who reads, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) task_no: &'a str,
    pub(crate) department: &'a str,
    /// The rows of the caller's division.
    pub(crate) area: &'a Area,
    pub(crate) officer: &'a str,
    pub(crate) day: &'a str,
}

/// A task that the caller may read in: of their department, in their division, on the day, with them among its
/// officers. `None` for every other, and for one that isn't there.
///
/// # Errors
/// A hub that doesn't answer, or people that another secret has sealed.
pub(crate) async fn of<C: ConnectionTrait>(
    hub: &C,
    seal: &Seal,
    reading: Reading<'_>,
) -> Result<Option<Task>, DbErr> {
    let (within, ranges) = area::condition(reading.area, "division", 4);
    let sql = format!(
        "SELECT division, items, officers FROM supervision_task WHERE task_no = $1 AND department = $2 \
         AND closed_at IS NULL AND valid_from <= $3 AND valid_until >= $3 AND {within}"
    );
    let own = [reading.task_no, reading.department, reading.day];
    let values = own.into_iter().map(sea_orm::Value::from).chain(ranges).collect();
    let rows = store::rows(hub, &sql, values).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let officers: Vec<String> = list(row, "officers")?;
    if !officers.iter().any(|officer| officer == reading.officer) {
        return Ok(None);
    }
    let people = people(hub, seal, reading.task_no).await?;
    Ok(Some(Task { division: row.try_get("", "division")?, items: list(row, "items")?, people }))
}

fn list<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T, DbErr> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).map_err(|_| DbErr::Custom(format!("`{column}` of a task can't be read")))
}

async fn people<C: ConnectionTrait>(hub: &C, seal: &Seal, task_no: &str) -> Result<Texts, DbErr> {
    let sql = "SELECT citizen FROM supervision_task_person WHERE task_no = $1 ORDER BY ordinal";
    let mut people = Texts::default();
    for row in store::rows(hub, sql, vec![task_no.into()]).await? {
        let sealed: Vec<u8> = row.try_get("", "citizen")?;
        let number = seal.open(&place(task_no), &sealed);
        people.push(&number.ok_or_else(|| DbErr::Custom(String::from("a person of a task doesn't open")))?);
    }
    Ok(people)
}

/// Where a person's number is sealed for.
fn place(task_no: &str) -> String {
    format!("person of task {task_no}")
}

/// A task on its way in.
#[derive(Clone, Debug)]
pub(crate) struct NewTask<'a> {
    pub(crate) task_no: &'a str,
    pub(crate) department: &'a str,
    pub(crate) division: &'a str,
    pub(crate) items: &'a [(String, String)],
    pub(crate) officers: &'a [String],
    pub(crate) people: &'a [String],
    pub(crate) basis: &'a str,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_until: NaiveDate,
    pub(crate) opened_at: &'a str,
    pub(crate) opened_by: &'a str,
    /// The record that says so, which must have its place in the log.
    pub(crate) record: &'a str,
}

/// Whether a number is a task's already; numbers aren't used twice.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn is_there<C: ConnectionTrait>(hub: &C, task_no: &str) -> Result<bool, DbErr> {
    let sql = "SELECT task_no FROM supervision_task WHERE task_no = $1";
    Ok(!store::rows(hub, sql, vec![task_no.into()]).await?.is_empty())
}

/// Opens a task, whole or not at all.
///
/// # Errors
/// A hub that doesn't answer, or a number that is used already.
pub(crate) async fn open<C: TransactionTrait>(hub: &C, seal: &Seal, task: &NewTask<'_>) -> Result<(), DbErr> {
    let within = hub.begin().await?;
    let sql = "INSERT INTO supervision_task (task_no, department, division, items, officers, basis, valid_from, \
               valid_until, opened_at, opened_by, record) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let text = |text: &str| sea_orm::Value::from(text);
    let values = vec![
        text(task.task_no),
        text(task.department),
        text(task.division),
        text(&serde_json::json!(task.items).to_string()),
        text(&serde_json::json!(task.officers).to_string()),
        text(task.basis),
        text(&task.valid_from.to_string()),
        text(&task.valid_until.to_string()),
        text(task.opened_at),
        text(task.opened_by),
        text(task.record),
    ];
    store::run(&within, sql, values).await?;
    for (ordinal, number) in task.people.iter().enumerate() {
        let sql = "INSERT INTO supervision_task_person (task_no, ordinal, citizen) VALUES ($1, $2, $3)";
        let sealed = seal.close(&place(task.task_no), number);
        let values = vec![text(task.task_no), (ordinal as i64).into(), sealed.into()];
        store::run(&within, sql, values).await?;
    }
    within.commit().await
}

/// Closes a task; nothing is read in it from the next request on. Says whether there was an open one.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn close<C: ConnectionTrait>(hub: &C, task_no: &str, at: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE supervision_task SET closed_at = $2 WHERE task_no = $1 AND closed_at IS NULL";
    Ok(store::run(hub, sql, vec![task_no.into(), at.into()]).await? == 1)
}
