//! Own root fields in a request: who may ask, the handler, and the transaction of a mutation.

use sea_orm::{DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};
use serde_json::{Value, json};
use yimen_policy::Reason;
use yimen_schema::RootType;

use crate::evidence::{CoordinateOutcome, Hub, Record, store};
use crate::gateway::trace::written;
use crate::gateway::{Gateway, Prepared, Traced};
use crate::own::{self, Call, Key, Known, Refused, Told};
use crate::plan::{Invalid, Own, code};

/// How long a mutation may wait in the hub, in milliseconds.
const PATIENCE: u32 = 5_000;

/// What became of a mutation.
pub(super) enum Changed {
    /// It happened, and its record with it.
    Done(Traced),
    /// It didn't; the record is still to be written.
    Not(Traced),
    /// Its record couldn't be written, so it didn't happen.
    NoEvidence,
}

impl Gateway {
    /// Answers an own root field of a query.
    pub(super) async fn ask(&self, prepared: &Prepared<'_>, own: &Own, id: &str) -> Result<Traced, Invalid> {
        let Some(tracker) = &self.tracker else { return Ok(refused(own, id, no_hub())) };
        let hub = DatabaseExecutor::from(tracker.log.hub().connection());
        let call = match self.call(prepared, own, id, hub)? {
            Ok(call) => call,
            Err(reason) => return Ok(denied(own, id, reason)),
        };
        if let (RootType::Subscription, Some(event)) = (own.field.on, &prepared.request.event) {
            return Ok(answered(own, Told { value: event.clone(), ..Told::default() }));
        }
        Ok(match self.handle(own, &call).await {
            Ok(told) => answered(own, told),
            Err(why) => refused(own, id, why),
        })
    }

    /// Does what a mutation asks in one transaction with its record, which `record` makes.
    pub(super) async fn change(
        &self,
        prepared: &Prepared<'_>,
        own: &Own,
        id: &str,
        record: impl Fn(&Traced) -> Record,
    ) -> Result<Changed, Invalid> {
        let Some(tracker) = &self.tracker else { return Ok(Changed::Not(refused(own, id, no_hub()))) };
        // What the record names is told before: here nothing can follow it.
        if !self.are_grants_told(&prepared.table).await {
            return Ok(Changed::NoEvidence);
        }
        let hub = tracker.log.hub();
        // SQLite has one writer at a time; who waits here doesn't hold a connection meanwhile.
        let _turn = match hub.backend() {
            DbBackend::Sqlite => Some(hub.turn().lock().await),
            _ => None,
        };
        let transaction = match begin(hub).await {
            Ok(transaction) => transaction,
            Err(error) => return Ok(Changed::Not(refused(own, id, error.into()))),
        };
        let told = {
            let call = match self.call(prepared, own, id, DatabaseExecutor::from(&transaction))? {
                Ok(call) => call,
                Err(reason) => return Ok(Changed::Not(denied(own, id, reason))),
            };
            self.once(own, &call, prepared.request.idempotency.as_deref()).await
        };
        let traced = match told {
            Ok(told) => answered(own, told),
            // Dropped, a transaction is rolled back.
            Err(why) => return Ok(Changed::Not(refused(own, id, why))),
        };
        if let Err(error) = self.evidence.append_within(&transaction, record(&traced)).await {
            tracing::error!(%error, "a change was held back");
            return Ok(Changed::NoEvidence);
        }
        if transaction.commit().await.is_err() {
            tracing::error!("a change couldn't be committed");
            return Ok(Changed::NoEvidence);
        }
        self.evidence.is_committed();
        self.exports.committed(&own.field.coordinate());
        Ok(Changed::Done(traced))
    }

    /// The call of a root field, where the caller may ask it.
    fn call<'a>(
        &'a self,
        prepared: &'a Prepared<'_>,
        own: &Own,
        id: &'a str,
        hub: DatabaseExecutor<'a>,
    ) -> Result<Result<Call<'a>, Reason>, Invalid> {
        let arguments = own.arguments(&self.catalogue.public, &prepared.variables)?;
        let allowed = match prepared.table.may(&own.field.coordinate()) {
            Ok(allowed) => allowed,
            Err(reason) => return Ok(Err(reason)),
        };
        Ok(Ok(Call {
            caller: &prepared.request.caller,
            allowed,
            area: &prepared.area,
            case: prepared.request.case.as_deref(),
            exchange: &prepared.request.exchange,
            arguments,
            hub,
            now: self.clock.now(),
            clock: &*self.clock,
            record: id,
            people: &self.people,
            seal: &self.seal,
            cursors: &prepared.cursors,
            table: &prepared.table,
            gateway: self,
        }))
    }

    async fn handle(&self, own: &Own, call: &Call<'_>) -> Result<Told, Refused> {
        match own::handler(&own.field.coordinate()) {
            Some(handler) => handler(call).await,
            None => Err(Refused::new(code::INTERNAL, "Internal server error")),
        }
    }

    /// Does it, unless it was done under the same key before.
    async fn once(&self, own: &Own, call: &Call<'_>, key: Option<&str>) -> Result<Told, Refused> {
        let Some(given) = key else { return self.handle(own, call).await };
        let key = Key::of(call, given)?;
        if let Known::Done(value) = key.take(call).await? {
            return Ok(Told { value, people: Vec::new(), note: Some(String::from("sent again")) });
        }
        let told = self.handle(own, call).await?;
        key.keep(call, &told.value).await?;
        Ok(told)
    }
}

/// A transaction whose commit is on disk when it returns, and that doesn't wait for ever.
async fn begin(hub: &Hub) -> Result<DatabaseTransaction, DbErr> {
    let transaction = hub.connection().begin().await?;
    if hub.backend() == DbBackend::Postgres {
        for setting in ["synchronous_commit = on".to_owned(), format!("statement_timeout = {PATIENCE}")] {
            store::run(&transaction, &format!("SET LOCAL {setting}"), Vec::new()).await?;
        }
    }
    Ok(transaction)
}

fn no_hub() -> Refused {
    Refused::new(code::HUB_UNAVAILABLE, "the hub doesn't answer at the moment")
}

fn answered(own: &Own, told: Told) -> Traced {
    let outcome = outcome(own, "CLEAR", None);
    let text = written(&own.picked, &told.value);
    Traced { text, error: None, outcome, people: told.people, note: told.note }
}

/// The caller may not ask this at all.
fn denied(own: &Own, id: &str, reason: Reason) -> Traced {
    let extensions = json!({
        "code": code::UNAUTHORIZED_FIELD,
        "reason": reason.as_str(),
        "coordinate": own.field.coordinate(),
        "decisionId": id,
    });
    without(own, "Unauthorized field or type", extensions, reason.as_str(), Vec::new())
}

/// The caller may ask it, but not this of it, or not now.
fn refused(own: &Own, id: &str, why: Refused) -> Traced {
    let extensions = json!({ "code": why.code, "decisionId": id });
    without(own, &why.message, extensions, &why.code, why.people)
}

fn without(own: &Own, message: &str, extensions: Value, reason: &str, people: Vec<String>) -> Traced {
    Traced {
        text: String::from("null"),
        error: Some(json!({ "message": message, "path": own.path, "extensions": extensions })),
        outcome: outcome(own, "DENY", Some(reason.to_owned())),
        people,
        note: None,
    }
}

fn outcome(own: &Own, decision: &str, reason: Option<String>) -> CoordinateOutcome {
    CoordinateOutcome { coordinate: own.field.coordinate(), decision: decision.to_owned(), reason }
}
