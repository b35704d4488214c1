//! What the gateway answers itself: a handler for each own root field of `schema/gateway/`.
//!
//! A handler gets a [`Call`] whose caller may ask (`policy/commands.csv`) and whose arguments fit the
//! schema, and gives a value of the field's type or a [`Refused`]. It talks to the hub by the call alone:
//! for a mutation that is the transaction in which the record of the operation is committed too, so that
//! neither happens without the other.

mod done;
mod seal;

pub(crate) use done::{Key, Known};
pub use seal::Seal;

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::BoxFuture;
use sea_orm::{DatabaseExecutor, DbErr, QueryResult};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use yimen_policy::{Allowed, Area, DecisionTable};

use crate::auth::Caller;
use crate::clock::Clock;
use crate::evidence::{PersonKeys, store};
use crate::gateway::Gateway;
use crate::plan::{CursorKey, Invalid, code};

/// Every handler, by the coordinate of its root field. A folder that answers root fields adds its own list.
const HANDLERS: &[&[(&str, Handler)]] = &[
    crate::case::HANDLERS,
    crate::consent::HANDLERS,
    crate::sharing::HANDLERS,
    crate::objection::HANDLERS,
    crate::catalogue::HANDLERS,
    crate::export::HANDLERS,
];

/// Answers an own root field.
pub type Handler = for<'a> fn(&'a Call<'a>) -> BoxFuture<'a, Result<Told, Refused>>;

/// The handler of a root field.
pub(crate) fn handler(coordinate: &str) -> Option<Handler> {
    let mut all = HANDLERS.iter().flat_map(|list| list.iter());
    all.find(|(name, _)| *name == coordinate).map(|(_, handler)| *handler)
}

/// What a handler works with.
#[derive(Debug)]
pub struct Call<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The rows of the caller's division today.
    pub area: &'a Area,
    /// The right to ask, with its reach.
    pub allowed: Allowed,
    /// The case that the request states.
    pub case: Option<&'a str>,
    /// Headers of the exchange layer.
    pub exchange: &'a [(String, String)],
    /// The arguments, defaults filled in.
    pub arguments: Map<String, Value>,
    /// The hub: for a mutation, its transaction.
    pub hub: DatabaseExecutor<'a>,
    /// When the request came.
    pub now: DateTime<Utc>,
    /// Names for new things.
    pub clock: &'a dyn Clock,
    /// The name of the operation's record.
    pub record: &'a str,
    /// Keys of people's digests.
    pub people: &'a PersonKeys,
    /// What values that stay in the hub are sealed with.
    pub seal: &'a Seal,
    /// The key of cursors.
    pub cursors: &'a CursorKey,
    /// The decisions for the caller's profile, with the catalogue behind them.
    pub table: &'a DecisionTable,
    /// The gateway: its desk for requests for sharing, its terms, other callers' decisions.
    pub(crate) gateway: &'a Gateway,
}

/// What a handler answers, and what the record of the operation says of it.
#[derive(Debug, Default)]
pub struct Told {
    /// A value of the field's type, all fields of it; what is selected is written from it.
    pub value: Value,
    /// Citizen numbers of the people concerned, who are sealed in the record.
    pub people: Vec<String>,
    /// What was done, in words that name nobody.
    pub note: Option<String>,
}

/// Why a root field isn't answered.
#[derive(Debug)]
pub struct Refused {
    /// A stable code of `docs/errors.md`.
    pub code: Cow<'static, str>,
    /// For people; it names arguments and never their values.
    pub message: String,
    /// Citizen numbers of the people concerned.
    pub people: Vec<String>,
}

impl Refused {
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Refused { code: code.into(), message: message.into(), people: Vec::new() }
    }
}

/// A hub that doesn't answer refuses everything; what it says may quote values and goes nowhere.
impl From<DbErr> for Refused {
    fn from(error: DbErr) -> Self {
        tracing::error!(error = state(&error), "the hub refuses a statement");
        Refused::new(code::HUB_UNAVAILABLE, "the hub doesn't answer at the moment")
    }
}

impl From<Refused> for Invalid {
    fn from(refused: Refused) -> Self {
        Invalid::new(&refused.code, refused.message)
    }
}

/// The kind of a database error, without its text.
fn state(error: &DbErr) -> String {
    match (error.sql_err(), error) {
        (Some(_), _) => String::from("a constraint"),
        (None, DbErr::ConnectionAcquire(_)) => String::from("no connection is free"),
        (None, DbErr::Conn(_)) => String::from("no connection"),
        (None, DbErr::Exec(_) | DbErr::Query(_)) => String::from("a statement failed"),
        (None, _) => String::from("another fault"),
    }
}

impl Call<'_> {
    /// The arguments as a type of the handler's.
    ///
    /// # Errors
    /// Where handler and schema differ, which a caller can't mend.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        T::deserialize(&self.arguments).map_err(|_| {
            tracing::error!(field = self.allowed.field(), "arguments don't fit their handler");
            Refused::new(code::INTERNAL, "Internal server error")
        })
    }

    /// Rows of the hub.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn rows(&self, sql: &str, values: Vec<sea_orm::Value>) -> Result<Vec<QueryResult>, DbErr> {
        store::rows(&self.hub, sql, values).await
    }

    /// Changes the hub, and says how many rows.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn run(&self, sql: &str, values: Vec<sea_orm::Value>) -> Result<u64, DbErr> {
        store::run(&self.hub, sql, values).await
    }

    /// Now, as the hub writes it.
    pub fn at(&self) -> String {
        moment(self.now)
    }
}

/// A moment as the hub writes it: UTC with milliseconds, so that texts compare as times do.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_own_root_field_has_a_handler_and_every_handler_a_field() {
        let catalogue = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        let mut fields: Vec<String> = catalogue.own.iter().map(|field| field.coordinate()).collect();
        let handlers = HANDLERS.iter().flat_map(|list| list.iter()).map(|(name, _)| *name);
        let mut handlers: Vec<&str> =
            handlers.chain(crate::subscription::SOURCES.map(|(name, _)| name)).collect();
        fields.sort_unstable();
        handlers.sort_unstable();
        assert_eq!(fields, handlers);
    }
}
