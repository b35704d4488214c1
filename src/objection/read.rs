//! Objections, for those whom they concern.

use sea_orm::{ConnectionTrait, DbErr, Value};
use yimen_policy::Area;

use crate::area;
use crate::evidence::store;
use crate::objection::State;
use crate::objection::store::Objection;
use crate::own::Seal;

/// The most objections of a page.
pub(crate) const MAX_PAGE: usize = 100;

/// Which objections.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this department: of its values, or raised by it.
    pub department: Option<String>,
    /// Those raised in these divisions.
    pub area: Option<Area>,
    /// Those about the person of this digest.
    pub person: Option<String>,
    /// Those in this state.
    pub state: Option<State>,
    /// Only those whose source is past its last day.
    pub overdue: Option<String>,
    /// Older than this.
    pub before: Option<i64>,
    /// Of this name.
    pub id: Option<String>,
}

/// Objections that meet a filter, the newest first.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    seal: &Seal,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Objection>, DbErr> {
    let mut conditions = vec![String::from("1 = 1")];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len())));
        }
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    add("(owner = ? OR raised_department = ?)", text(&filter.department));
    add("person = ?", text(&filter.person));
    add("state = ?", filter.state.map(|state| state.as_str().into()));
    let late = "id IN (SELECT matter FROM deadline WHERE ended_at IS NULL AND due < ?)";
    add(late, text(&filter.overdue));
    add("seq < ?", filter.before.map(Value::from));
    add("id = ?", text(&filter.id));
    if let Some(area) = &filter.area {
        let (within, ranges) = area::condition(area, "division", values.len() + 1);
        conditions.push(within);
        values.extend(ranges);
    }
    values.push((limit.min(MAX_PAGE + 1) as i64).into());
    let sql = format!(
        "SELECT * FROM objection WHERE {} ORDER BY seq DESC LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    let rows = store::rows(connection, &sql, values).await?;
    rows.iter().map(|row| Objection::read(row, seal)).collect()
}
