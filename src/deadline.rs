//! Steps that departments must take in time: when each is due, who was reminded, what was escalated (督办).
//!
//! A *matter* is whatever the steps belong to, such as a request for sharing or an objection. Terms are
//! data (`policy/clocks.csv`), and so is the calendar; where the calendar of the year isn't known, a step
//! has no due day until it is.

mod remind;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde_json::json;

use crate::calendar::{Calendar, Clocks, china_day};
use crate::evidence::store;

pub use remind::{Marked, Waiting};

/// What terms are counted by.
#[derive(Clone, Debug)]
pub struct Deadlines {
    /// Which days are worked.
    pub calendar: Calendar,
    /// How long each step may take.
    pub clocks: Clocks,
}

/// A step as the hub has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Its place among the matter's steps, from 1.
    pub number: i64,
    /// The rule of its term, such as `SHARING_ANSWER`.
    pub rule: String,
    /// Who must take it.
    pub department: String,
    /// The day on which it began.
    pub started_on: String,
    /// The last day; none where it isn't known.
    pub due: Option<NaiveDate>,
    /// Where the term stands, and how sure that is; none where there is no term.
    pub term: Option<(String, String)>,
    /// When the department was reminded.
    pub reminded_at: Option<String>,
    /// When the delay went to supervision.
    pub escalated_at: Option<String>,
    /// When it ended, with the outcome, who took it, and what they wrote.
    pub ended: Option<Ended>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: String,
    /// The matter's state from then on.
    pub outcome: String,
    /// The person or program that took it.
    pub by: String,
    /// What they wrote.
    pub opinion: Option<String>,
}

/// A step that begins.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// What it belongs to.
    pub matter: &'a str,
    /// The rule of its term.
    pub rule: &'a str,
    /// Who must take it.
    pub department: &'a str,
    /// The division whose terms hold.
    pub region: &'a str,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A step that ends.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What it belongs to.
    pub matter: &'a str,
    /// The matter's state from now on.
    pub outcome: &'a str,
    /// Who took it.
    pub by: &'a str,
    /// What they wrote.
    pub opinion: Option<&'a str>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A moment as the hub's tables write it.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Deadlines {
    /// The tables that are built into the program.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn bundled() -> anyhow::Result<Deadlines> {
        Ok(Deadlines { calendar: Calendar::bundled()?, clocks: Clocks::bundled()? })
    }

    /// Begins a matter's next step.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn begin<C: ConnectionTrait>(&self, connection: &C, begin: Begin<'_>) -> Result<(), DbErr> {
        let day = china_day(begin.at);
        let clock = self.clocks.find(begin.rule, begin.region, day);
        let (due, remind_on) = self.days(begin.rule, begin.region, day);
        let sql = "INSERT INTO deadline (matter, number, rule, department, region, started_on, due, remind_on, \
                   article, certainty) \
                   SELECT $1, 1 + COUNT(*), $2, $3, $4, $5, $6, $7, $8, $9 FROM deadline WHERE matter = $10";
        let values: Vec<Value> = vec![
            begin.matter.into(),
            begin.rule.into(),
            begin.department.into(),
            begin.region.into(),
            day.to_string().into(),
            due.map(|day| day.to_string()).into(),
            remind_on.map(|day| day.to_string()).into(),
            clock.map(|clock| clock.article.clone()).into(),
            clock.map(|clock| clock.certainty.as_str().to_owned()).into(),
            begin.matter.into(),
        ];
        store::run(connection, sql, values).await?;
        Ok(())
    }

    /// The last day of a step and the day of its reminder, where the calendar of both is known.
    fn days(&self, rule: &str, region: &str, start: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let Some(clock) = self.clocks.find(rule, region, start) else { return (None, None) };
        let due = self.calendar.end(start, clock.days, clock.unit).ok();
        let before = -i64::from(clock.remind_days);
        let remind_on = due.and_then(|due| self.calendar.working(due, before).ok());
        (due, remind_on.map(|day| day.max(start)))
    }

    /// Ends a matter's open step; does nothing where none is open.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn end<C: ConnectionTrait>(&self, connection: &C, end: End<'_>) -> Result<(), DbErr> {
        let sql = "UPDATE deadline SET ended_at = $1, outcome = $2, ended_by = $3, opinion = $4 \
                   WHERE matter = $5 AND ended_at IS NULL";
        let values: Vec<Value> = vec![
            moment(end.at).into(),
            end.outcome.into(),
            end.by.into(),
            end.opinion.map(str::to_owned).into(),
            end.matter.into(),
        ];
        store::run(connection, sql, values).await?;
        Ok(())
    }

    /// The steps of some matters, each in order. One statement.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn of<C: ConnectionTrait>(
        &self,
        connection: &C,
        matters: &[String],
    ) -> Result<HashMap<String, Vec<Deadline>>, DbErr> {
        let mut steps: HashMap<String, Vec<Deadline>> = HashMap::new();
        if matters.is_empty() {
            return Ok(steps);
        }
        let places: Vec<String> = (1..=matters.len()).map(|place| format!("${place}")).collect();
        let sql =
            format!("SELECT * FROM deadline WHERE matter IN ({}) ORDER BY matter, number", places.join(","));
        let values = matters.iter().map(|matter| matter.clone().into()).collect();
        for row in store::rows(connection, &sql, values).await? {
            steps.entry(row.try_get("", "matter")?).or_default().push(Deadline::read(&row)?);
        }
        Ok(steps)
    }

    /// A step as clients see it. Officers are named to their own department alone.
    pub fn shown(&self, step: &Deadline, now: DateTime<Utc>, names_officers: bool) -> serde_json::Value {
        let days_left = step.due.filter(|_| step.ended.is_none());
        let days_left = days_left.and_then(|due| self.calendar.between(china_day(now), due).ok());
        let ended = step.ended.as_ref();
        json!({
            "number": step.number,
            "rule": step.rule,
            "department": step.department,
            "startedOn": step.started_on,
            "due": step.due.map(|day| day.to_string()),
            "calendarUnknown": step.due.is_none() && step.term.is_some(),
            "daysLeft": days_left,
            "article": step.term.as_ref().map(|(article, _)| article),
            "certainty": step.term.as_ref().map(|(_, certainty)| certainty),
            "remindedAt": step.reminded_at,
            "escalatedAt": step.escalated_at,
            "endedAt": ended.map(|ended| &ended.at),
            "outcome": ended.map(|ended| &ended.outcome),
            "officer": ended.filter(|_| names_officers).map(|ended| &ended.by),
            "opinion": ended.and_then(|ended| ended.opinion.as_ref()),
        })
    }
}

impl Deadline {
    fn read(row: &QueryResult) -> Result<Deadline, DbErr> {
        let text = |column: &str| row.try_get::<Option<String>>("", column);
        let ended = match (text("ended_at")?, text("outcome")?, text("ended_by")?) {
            (Some(at), Some(outcome), Some(by)) => Some(Ended { at, outcome, by, opinion: text("opinion")? }),
            _ => None,
        };
        Ok(Deadline {
            number: row.try_get("", "number")?,
            rule: row.try_get("", "rule")?,
            department: row.try_get("", "department")?,
            started_on: row.try_get("", "started_on")?,
            due: text("due")?.and_then(|day| day.parse().ok()),
            term: text("article")?.zip(text("certainty")?),
            reminded_at: text("reminded_at")?,
            escalated_at: text("escalated_at")?,
            ended,
        })
    }
}
