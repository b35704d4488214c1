//! A request as the hub has it.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::evidence::store;
use crate::sharing::refused::{Refused, code};
use crate::sharing::state::State;

/// How a value is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// As it stands.
    Clear,
    /// Reduced.
    Mask,
    /// As a pseudonym.
    Pseudonym,
}

impl Effect {
    /// The word in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Clear => "CLEAR",
            Effect::Mask => "MASK",
            Effect::Pseudonym => "PSEUDONYM",
        }
    }

    /// The effect of a word.
    pub fn of(word: &str) -> Option<Effect> {
        [Effect::Clear, Effect::Mask, Effect::Pseudonym].into_iter().find(|effect| effect.as_str() == word)
    }
}

/// What one department asks of one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its place in time.
    pub seq: i64,
    /// Its name, which the grant that it leads to has too.
    pub id: String,
    /// The name that it shares with the other owners' parts of what was asked at once.
    pub bundle: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Where it stands; IN_FORCE also after its date (see [`State::on`]).
    pub state: State,
    /// Who answers for the items.
    pub owner: String,
    /// Who asks.
    pub requester: String,
    /// The role, or group of roles, that would read.
    pub role: String,
    /// What for.
    pub purpose: String,
    /// The division whose callers would read; empty for all.
    pub division: String,
    /// The coordinates.
    pub items: Vec<String>,
    /// What is wanted.
    pub effect: Effect,
    /// The last day that is wanted.
    pub until: NaiveDate,
    /// The legal basis that the requester names.
    pub basis: String,
    /// The scene of use (应用场景).
    pub scene: String,
    /// The request whose grant this one would renew.
    pub renews: Option<String>,
    /// The person or program that asked, and when.
    pub asked: (String, String),
    /// What was granted: effect, division and last day.
    pub granted: Option<(Effect, String, NaiveDate)>,
}

const COLUMNS: &str = "id, bundle, version, state, owner, requester, role, purpose, division, items, effect, \
                       until, basis, scene, renews, asked_by, asked_at, granted_effect, granted_division, granted_until";

impl Request {
    /// The request of a name.
    ///
    /// # Errors
    /// `NOT_FOUND`, or a hub that doesn't answer.
    pub async fn load<C: ConnectionTrait>(connection: &C, id: &str) -> Result<Request, Refused> {
        let sql = "SELECT * FROM sharing_request WHERE id = $1";
        let found = store::rows(connection, sql, vec![id.into()]).await?;
        match found.first() {
            Some(row) => Ok(Request::read(row)?),
            None => not_found(),
        }
    }

    pub(crate) fn read(row: &QueryResult) -> Result<Request, DbErr> {
        let text = |column: &str| row.try_get::<String>("", column);
        let maybe = |column: &str| row.try_get::<Option<String>>("", column);
        let state = State::of(&text("state")?).ok_or_else(|| strange("state"))?;
        let granted = match (maybe("granted_effect")?, maybe("granted_division")?, maybe("granted_until")?) {
            (Some(effect), Some(division), Some(until)) => {
                Some((effect_of(&effect)?, division, day(&until)?))
            }
            _ => None,
        };
        Ok(Request {
            seq: row.try_get("", "seq")?,
            id: text("id")?,
            bundle: text("bundle")?,
            version: row.try_get("", "version")?,
            state,
            owner: text("owner")?,
            requester: text("requester")?,
            role: text("role")?,
            purpose: text("purpose")?,
            division: text("division")?,
            items: serde_json::from_str(&text("items")?).map_err(|_| strange("items"))?,
            effect: effect_of(&text("effect")?)?,
            until: day(&text("until")?)?,
            basis: text("basis")?,
            scene: text("scene")?,
            renews: maybe("renews")?,
            asked: (text("asked_by")?, text("asked_at")?),
            granted,
        })
    }

    pub(crate) async fn insert<C: ConnectionTrait>(&self, connection: &C) -> Result<(), DbErr> {
        let granted = self.granted.as_ref();
        let row: Vec<Value> = vec![
            self.id.clone().into(),
            self.bundle.clone().into(),
            self.version.into(),
            self.state.as_str().into(),
            self.owner.clone().into(),
            self.requester.clone().into(),
            self.role.clone().into(),
            self.purpose.clone().into(),
            self.division.clone().into(),
            serde_json::json!(self.items).to_string().into(),
            self.effect.as_str().into(),
            self.until.to_string().into(),
            self.basis.clone().into(),
            self.scene.clone().into(),
            self.renews.clone().into(),
            self.asked.0.clone().into(),
            self.asked.1.clone().into(),
            granted.map(|(effect, _, _)| effect.as_str().to_owned()).into(),
            granted.map(|(_, division, _)| division.clone()).into(),
            granted.map(|(_, _, until)| until.to_string()).into(),
        ];
        store::insert(connection, &format!("sharing_request ({COLUMNS})"), vec![row], "").await
    }

    /// Writes the state and what was granted, if nobody changed the request meanwhile.
    ///
    /// # Errors
    /// `STALE_VERSION`, or a hub that doesn't answer.
    pub(crate) async fn update<C: ConnectionTrait>(&mut self, connection: &C) -> Result<(), Refused> {
        let granted = self.granted.as_ref();
        let sql = "UPDATE sharing_request SET version = version + 1, state = $1, granted_effect = $2, \
                   granted_division = $3, granted_until = $4 WHERE id = $5 AND version = $6";
        let values: Vec<Value> = vec![
            self.state.as_str().into(),
            granted.map(|(effect, _, _)| effect.as_str().to_owned()).into(),
            granted.map(|(_, division, _)| division.clone()).into(),
            granted.map(|(_, _, until)| until.to_string()).into(),
            self.id.clone().into(),
            self.version.into(),
        ];
        if store::run(connection, sql, values).await? == 0 {
            return stale();
        }
        self.version += 1;
        Ok(())
    }

    /// The state on a day.
    pub fn state_on(&self, today: NaiveDate) -> State {
        self.state.on(today, self.granted.as_ref().map(|(_, _, until)| *until))
    }
}

pub(crate) fn not_found<T>() -> Result<T, Refused> {
    Refused::because(code::NOT_FOUND, "there is nothing of this name that concerns your department")
}

pub(crate) fn stale<T>() -> Result<T, Refused> {
    Refused::because(code::STALE_VERSION, "it was changed since: look at it again, then decide")
}

fn effect_of(word: &str) -> Result<Effect, DbErr> {
    Effect::of(word).ok_or_else(|| strange("effect"))
}

fn day(text: &str) -> Result<NaiveDate, DbErr> {
    text.parse().map_err(|_| strange("until"))
}

fn strange(column: &str) -> DbErr {
    DbErr::Custom(format!("`sharing_request.{column}` holds what this program never writes"))
}
