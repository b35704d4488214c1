//! What stands in the hub, for those whom it concerns.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Value};
use serde_json::{Value as Json, json};

use crate::calendar::china_day;
use crate::deadline::Deadline;
use crate::evidence::store;
use crate::sharing::Sharing;
use crate::sharing::request::Request;
use crate::sharing::state::State;

/// The most requests of a page.
pub(crate) const MAX_PAGE: usize = 100;

/// Whose requests somebody sees.
#[derive(Clone, Debug)]
pub enum Sight {
    /// Everybody's (督查).
    All,
    /// Those that a department asks or answers, and the disputes and checks that it has to settle.
    Department(String),
}

/// What requests must meet.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Of this name.
    pub id: Option<String>,
    /// In this state on the day.
    pub state: Option<State>,
    /// With this department on either side.
    pub department: Option<String>,
    /// Only those with a step that is overdue.
    pub overdue: bool,
    /// Only what is, or was, in force.
    pub granted: bool,
    /// Older than this.
    pub before: Option<i64>,
}

/// A request with its steps.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The request.
    pub request: Request,
    /// Its steps in order.
    pub steps: Vec<Deadline>,
}

/// Conditions with their parameters, in the order of both.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; every `?` in it stands for the parameter.
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.texts.push(condition.replace('?', &format!("${}", self.values.len())));
    }

    fn state(&mut self, state: State, today: &str) {
        match state {
            State::Expired => self.add("state = 'IN_FORCE' AND granted_until < ?", today),
            State::InForce => self.add("state = 'IN_FORCE' AND granted_until >= ?", today),
            other => self.add("state = ?", other.as_str()),
        }
    }
}

impl Sharing {
    /// Requests that somebody may see, the newest first, each with its steps. Two statements.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn list<C: ConnectionTrait>(
        &self,
        connection: &C,
        sight: &Sight,
        filter: &RequestFilter,
        (limit, now): (usize, DateTime<Utc>),
    ) -> Result<Vec<Listed>, DbErr> {
        let conditions = self.conditions(sight, filter, &china_day(now).to_string());
        let mut values = conditions.values;
        values.push((limit.min(MAX_PAGE + 1) as i64).into());
        let sql = format!(
            "SELECT * FROM sharing_request WHERE {} ORDER BY seq DESC LIMIT ${}",
            conditions.texts.join(" AND "),
            values.len()
        );
        let rows = store::rows(connection, &sql, values).await?;
        let requests: Vec<Request> = rows.iter().map(Request::read).collect::<Result<_, _>>()?;
        let names: Vec<String> = requests.iter().map(|request| request.id.clone()).collect();
        let mut steps = self.deadlines.of(connection, &names).await?;
        let listed = |request: Request| {
            let steps = steps.remove(&request.id).unwrap_or_default();
            Listed { request, steps }
        };
        Ok(requests.into_iter().map(listed).collect())
    }

    fn conditions(&self, sight: &Sight, filter: &RequestFilter, today: &str) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.texts.push(String::from("1 = 1"));
        if let Sight::Department(department) = sight
            && *department != self.options.coordinator
        {
            conditions.add("(owner = ? OR requester = ?)", department.clone());
        }
        if let Some(id) = &filter.id {
            conditions.add("id = ?", id.clone());
        }
        if let Some(state) = filter.state {
            conditions.state(state, today);
        }
        if let Some(department) = &filter.department {
            conditions.add("(owner = ? OR requester = ?)", department.clone());
        }
        if filter.overdue {
            let overdue = "id IN (SELECT matter FROM deadline WHERE ended_at IS NULL AND due < ?)";
            conditions.add(overdue, today);
        }
        if filter.granted {
            conditions.texts.push(String::from("granted_until IS NOT NULL"));
        }
        if let Some(before) = filter.before {
            conditions.add("seq < ?", before);
        }
        conditions
    }

    /// A request as clients see it. Officers of a department are named to that department alone.
    pub fn shown(&self, listed: &Listed, reader: &str, now: DateTime<Utc>) -> Json {
        let Listed { request, steps } = listed;
        let own = |department: &str| department == reader;
        let steps: Vec<Json> =
            steps.iter().map(|step| self.deadlines.shown(step, now, own(&step.department))).collect();
        let open = steps.iter().find(|step| step["endedAt"].is_null()).cloned().unwrap_or(Json::Null);
        let granted = request.granted.as_ref();
        json!({
            "id": request.id,
            "bundle": request.bundle,
            "version": request.version,
            "state": request.state_on(china_day(now)).as_str(),
            "owner": request.owner,
            "requester": request.requester,
            "role": request.role,
            "purpose": request.purpose,
            "division": Some(&request.division).filter(|division| !division.is_empty()),
            "items": request.items,
            "effect": request.effect.as_str(),
            "until": request.until.to_string(),
            "basis": request.basis,
            "scene": request.scene,
            "renews": request.renews,
            "askedBy": own(&request.requester).then_some(&request.asked.0),
            "askedAt": request.asked.1,
            "grantedEffect": granted.map(|(effect, _, _)| effect.as_str()),
            "grantedDivision": granted.map(|(_, division, _)| division).filter(|division| !division.is_empty()),
            "grantedUntil": granted.map(|(_, _, until)| until.to_string()),
            "due": open["due"],
            "daysLeft": open["daysLeft"],
            "waitsFor": open["department"],
            "steps": steps,
        })
    }
}
