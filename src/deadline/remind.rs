//! The pass over open steps: who is reminded before the last day, and what is escalated after it.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::calendar::china_day;
use crate::deadline::{Deadline, Deadlines, moment};
use crate::evidence::store;

/// Steps without a due day that one pass looks at; the next pass takes more.
const CHUNK: i64 = 500;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Steps that got their last day, since the calendar became known.
    pub dated: u64,
    /// Steps whose department is reminded.
    pub reminded: u64,
    /// Steps that went to supervision.
    pub escalated: u64,
}

/// What waits for one department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The department.
    pub department: String,
    /// Open steps of which it is reminded, the overdue ones among them.
    pub steps: u64,
    /// Those that are overdue.
    pub overdue: u64,
}

impl Deadlines {
    /// Marks what must be reminded of and what is overdue, each step once for each. Replicas may do this at
    /// the same time: every statement takes what isn't marked yet.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn remind<C: ConnectionTrait>(
        &self,
        connection: &C,
        now: DateTime<Utc>,
    ) -> Result<Marked, DbErr> {
        let dated = self.date(connection).await?;
        let (today, at) = (china_day(now).to_string(), moment(now));
        let reminding = "UPDATE deadline SET reminded_at = $1 WHERE ended_at IS NULL AND reminded_at IS NULL \
                         AND remind_on <= $2 AND due >= $3";
        let values = vec![at.clone().into(), today.clone().into(), today.clone().into()];
        let reminded = store::run(connection, reminding, values).await?;
        let escalating = "UPDATE deadline SET escalated_at = $1 WHERE ended_at IS NULL AND escalated_at IS NULL \
                          AND due < $2";
        let escalated = store::run(connection, escalating, vec![at.into(), today.into()]).await?;
        Ok(Marked { dated, reminded, escalated })
    }

    /// The open steps of a department of which it is reminded or which are overdue, with their matters, the most
    /// urgent first.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn reminders<C: ConnectionTrait>(
        &self,
        connection: &C,
        department: &str,
        most: usize,
    ) -> Result<Vec<(String, Deadline)>, DbErr> {
        let sql = "SELECT * FROM deadline WHERE ended_at IS NULL AND department = $1 \
                   AND (reminded_at IS NOT NULL OR escalated_at IS NOT NULL) ORDER BY due, matter LIMIT $2";
        let values = vec![department.into(), (most as i64).into()];
        let rows = store::rows(connection, sql, values).await?;
        rows.iter().map(|row| Ok((row.try_get("", "matter")?, Deadline::read(row)?))).collect()
    }

    /// How many open steps each department is reminded of, and how many of them are overdue.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn waiting<C: ConnectionTrait>(&self, connection: &C) -> Result<Vec<Waiting>, DbErr> {
        let sql = "SELECT department, COUNT(*) AS steps, \
                   SUM(CASE WHEN escalated_at IS NULL THEN 0 ELSE 1 END) AS overdue FROM deadline \
                   WHERE ended_at IS NULL AND (reminded_at IS NOT NULL OR escalated_at IS NOT NULL) \
                   GROUP BY department ORDER BY department";
        let rows = store::rows(connection, sql, Vec::new()).await?;
        let waiting = |row: &QueryResult| {
            let count = |column: &str| row.try_get::<i64>("", column).map(|count| count.max(0) as u64);
            let department = row.try_get("", "department")?;
            Ok(Waiting { department, steps: count("steps")?, overdue: count("overdue")? })
        };
        rows.iter().map(waiting).collect()
    }

    /// Gives steps their days whose calendar wasn't known when they began.
    async fn date<C: ConnectionTrait>(&self, connection: &C) -> Result<u64, DbErr> {
        let sql = "SELECT matter, number, rule, region, started_on FROM deadline \
                   WHERE ended_at IS NULL AND due IS NULL AND article IS NOT NULL \
                   ORDER BY started_on LIMIT $1";
        let mut dated = 0;
        for row in store::rows(connection, sql, vec![CHUNK.into()]).await? {
            let (rule, region): (String, String) = (row.try_get("", "rule")?, row.try_get("", "region")?);
            let start = row.try_get::<String>("", "started_on")?.parse::<NaiveDate>();
            let Ok((Some(due), remind_on)) = start.map(|start| self.days(&rule, &region, start)) else {
                continue;
            };
            let update = "UPDATE deadline SET due = $1, remind_on = $2 \
                          WHERE matter = $3 AND number = $4 AND due IS NULL";
            let values = vec![
                due.to_string().into(),
                remind_on.map(|day| day.to_string()).into(),
                row.try_get::<String>("", "matter")?.into(),
                row.try_get::<i64>("", "number")?.into(),
            ];
            dated += store::run(connection, update, values).await?;
        }
        Ok(dated)
    }
}
