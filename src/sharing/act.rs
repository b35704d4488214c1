//! What happens to a request after it was made: answers, disputes, renewals, and the end of what it granted.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use yimen_schema::{CoordinateId, ShareClass};

use crate::clock::Clock;
use crate::deadline::{End, moment};
use crate::evidence::store;
use crate::sharing::grant;
use crate::sharing::refused::{Refused, code, text};
use crate::sharing::request::{Effect, Request, not_found, stale};
use crate::sharing::state::{Event, State};
use crate::sharing::{Actor, Sharing};

/// An owner's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What was asked.
    Grant,
    /// The reduced values.
    GrantMasked,
    /// Pseudonyms of citizen numbers.
    GrantPseudonyms,
    /// Nothing.
    Refuse,
}

/// An owner's answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The request.
    pub id: String,
    /// The version that the owner looked at.
    pub version: i64,
    /// The decision.
    pub decision: Decision,
    /// Why; a refusal needs it.
    pub reason: Option<String>,
    /// A narrower division than was asked.
    pub division: Option<String>,
    /// An earlier last day than was asked.
    pub until: Option<NaiveDate>,
}

/// Who takes a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Owner,
    Requester,
    Coordinator,
    OwnerOrRequester,
}

impl Sharing {
    /// The owner's answer. It never gives more than was asked.
    ///
    /// # Errors
    /// What stands against it, or a hub that doesn't answer.
    pub async fn answer<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        answered: &Answered,
    ) -> Result<Request, Refused> {
        let mut request = self.take(connection, actor, (&answered.id, answered.version), By::Owner).await?;
        let reason = answered.reason.as_deref().map(|reason| text("reason", reason)).transpose()?;
        let Some(effect) = self.effect(&request, answered.decision)? else {
            if reason.is_none() {
                return Refused::input("a refusal needs a `reason`");
            }
            self.go(connection, actor, &mut request, (Event::Refuse, reason.as_deref())).await?;
            return Ok(request);
        };
        let terms = self.terms(actor, &request, answered)?;
        self.is_shared(actor, &request)?;
        request.granted = Some((effect, terms.0, terms.1));
        self.go(connection, actor, &mut request, (Event::Grant, reason.as_deref())).await?;
        self.enter(connection, actor, &request).await?;
        Ok(request)
    }

    /// The coordinator's look at a new request: it goes to its owner, or back with a reason.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn check_conformity<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
        (conforms, reason): (bool, Option<&str>),
    ) -> Result<Request, Refused> {
        if !conforms && reason.is_none() {
            return Refused::input("a request that is sent back needs a `reason`");
        }
        let event = if conforms { Event::Conform } else { Event::Return };
        self.act(connection, actor, at, (By::Coordinator, event, reason)).await
    }

    /// The requester doesn't accept a refusal, or finds that negotiation leads nowhere.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn dispute<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
        reason: &str,
    ) -> Result<Request, Refused> {
        self.act(connection, actor, at, (By::Requester, Event::Dispute, Some(reason))).await
    }

    /// The coordinator settles a dispute: the owner must answer anew, or the refusal stands. The coordinator
    /// grants nothing, for only an owner can.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn settle<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
        (refers_back, reason): (bool, &str),
    ) -> Result<Request, Refused> {
        let event = if refers_back { Event::ReferBack } else { Event::Uphold };
        self.act(connection, actor, at, (By::Coordinator, event, Some(reason))).await
    }

    /// The requester takes a request back that isn't decided.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn withdraw<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
    ) -> Result<Request, Refused> {
        self.act(connection, actor, at, (By::Requester, Event::Withdraw, None)).await
    }

    /// The owner takes back what it granted, or the requester gives it up.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn revoke<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
        reason: &str,
    ) -> Result<Request, Refused> {
        let request =
            self.act(connection, actor, at, (By::OwnerOrRequester, Event::Revoke, Some(reason))).await?;
        grant::end(connection, &request.id).await?;
        Ok(request)
    }

    /// Asks for a later last day. What was granted stays in force until the owner has answered.
    ///
    /// # Errors
    /// As [`Sharing::answer`].
    pub async fn renew<C: ConnectionTrait>(
        &self,
        connection: &C,
        (actor, clock): (&Actor<'_>, &dyn Clock),
        at: (&str, i64),
        until: NaiveDate,
    ) -> Result<Request, Refused> {
        let mut old = self.take(connection, actor, at, By::Requester).await?;
        // Nothing happens to it yet; but only what is in force can be replaced.
        old.state_on(actor.today()).after(Event::Replace)?;
        let Some((_, _, last)) = old.granted else { return not_found() };
        self.last_day(actor, until)?;
        if until <= last {
            return Refused::input("`until` must be later than what was granted");
        }
        self.is_shared(actor, &old)?;
        self.is_only_renewal(connection, &old.id).await?;
        // The version is raised, so that one grant isn't renewed twice at once.
        old.update(connection).await?;
        let rule = self.rule_of_all(actor, &old);
        let request = Request {
            id: clock.id(),
            bundle: clock.id(),
            version: 1,
            until,
            renews: Some(old.id.clone()),
            asked: (actor.subject.to_owned(), moment(actor.at)),
            granted: None,
            ..old
        };
        self.begin(connection, actor, request, rule).await
    }

    async fn is_only_renewal<C: ConnectionTrait>(&self, connection: &C, id: &str) -> Result<(), Refused> {
        let sql = "SELECT id FROM sharing_request WHERE renews = $1 \
                   AND state IN ('CONFORMITY', 'ANSWER', 'NEGOTIATION', 'COORDINATION') LIMIT 1";
        match store::rows(connection, sql, vec![id.into()]).await?.is_empty() {
            true => Ok(()),
            false => {
                Refused::because(code::ILLEGAL_TRANSITION, "a renewal of it waits for its answer already")
            }
        }
    }

    /// The rule by which all of these items are granted at once, where there is one.
    fn rule_of_all(&self, actor: &Actor<'_>, request: &Request) -> Option<&str> {
        let basis = |name: &String| {
            let id = self.policies.catalogue().coordinate_named(name)?;
            self.rule(actor, &request.division, id)
        };
        let mut rules = request.items.iter().map(basis);
        let first = rules.next()??;
        rules.all(|rule| rule == Some(first)).then_some(first)
    }

    /// What was granted of a request comes into force; what it renews gives way.
    pub(crate) async fn enter<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        request: &Request,
    ) -> Result<(), Refused> {
        let Some((effect, division, until)) = &request.granted else { return Ok(()) };
        if let Some(renewed) = &request.renews {
            self.replace(connection, actor, renewed).await?;
        }
        Ok(grant::enter(connection, request, (*effect, division, *until), actor.today()).await?)
    }

    /// One event, with what somebody wrote.
    async fn act<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        at: (&str, i64),
        (by, event, reason): (By, Event, Option<&str>),
    ) -> Result<Request, Refused> {
        let mut request = self.take(connection, actor, at, by).await?;
        let reason = reason.map(|reason| text("reason", reason)).transpose()?;
        self.go(connection, actor, &mut request, (event, reason.as_deref())).await?;
        Ok(request)
    }

    /// A request, for somebody who may act on it and has seen it as it is.
    async fn take<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        (id, version): (&str, i64),
        by: By,
    ) -> Result<Request, Refused> {
        let request = Request::load(connection, id).await?;
        let (owner, requester) = (request.owner == actor.department, request.requester == actor.department);
        let coordinator = self.options.coordinator == actor.department;
        if !owner && !requester && !coordinator {
            return not_found();
        }
        let may = match by {
            By::Owner => owner,
            By::Requester => requester,
            By::Coordinator => coordinator,
            By::OwnerOrRequester => owner || requester,
        };
        if !may {
            return Refused::because(code::NOT_RESPONSIBLE, "this step is another department's");
        }
        if request.version != version {
            return stale();
        }
        Ok(request)
    }

    /// Leads a request to its next state: its step ends, the next begins.
    async fn go<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        request: &mut Request,
        (event, opinion): (Event, Option<&str>),
    ) -> Result<(), Refused> {
        let was_open = request.state.is_open();
        request.state = request.state_on(actor.today()).after(event)?;
        request.update(connection).await?;
        if !was_open {
            // A step that nobody had to take is told like the others: it begins and ends at once.
            self.unasked(connection, actor, request).await?;
        }
        let outcome = request.state.as_str();
        let end = End { matter: &request.id, outcome, by: actor.subject, opinion, at: actor.at };
        self.deadlines.end(connection, end).await?;
        self.step(connection, actor, request).await
    }

    async fn unasked<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        request: &Request,
    ) -> Result<(), Refused> {
        let begin = crate::deadline::Begin {
            matter: &request.id,
            rule: "SHARING_UNASKED",
            department: actor.department,
            region: actor.division,
            at: actor.at,
        };
        Ok(self.deadlines.begin(connection, begin).await?)
    }

    /// A renewal was granted: what it renews gives way.
    async fn replace<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        id: &str,
    ) -> Result<(), Refused> {
        let mut old = Request::load(connection, id).await?;
        if old.state_on(actor.today()) != State::InForce {
            return Ok(());
        }
        self.go(connection, actor, &mut old, (Event::Replace, None)).await?;
        Ok(grant::end(connection, &old.id).await?)
    }

    /// What an answer grants: never more than was asked.
    fn effect(&self, request: &Request, decision: Decision) -> Result<Option<Effect>, Refused> {
        match decision {
            Decision::Refuse => Ok(None),
            Decision::Grant => Ok(Some(request.effect)),
            // Neither of a mask and a pseudonym is less than the other.
            Decision::GrantMasked if request.effect == Effect::Pseudonym => {
                Refused::input("pseudonyms were asked for: grant them, or refuse them")
            }
            Decision::GrantPseudonyms if request.effect == Effect::Mask => {
                Refused::input("reduced values were asked for: grant them, or refuse them")
            }
            Decision::GrantMasked => {
                let catalogue = self.policies.catalogue();
                self.all(request, |id| catalogue.coordinate(id).mask.is_some(), "an item has no mask")?;
                Ok(Some(Effect::Mask))
            }
            Decision::GrantPseudonyms => {
                let catalogue = self.policies.catalogue();
                self.all(request, |id| catalogue.has_pseudonym(id), "an item is no citizen number")?;
                Ok(Some(Effect::Pseudonym))
            }
        }
    }

    /// Refuses an answer that doesn't fit all that was asked for.
    fn all(
        &self,
        request: &Request,
        fits: impl Fn(CoordinateId) -> bool,
        otherwise: &str,
    ) -> Result<(), Refused> {
        let named = |name: &String| self.policies.catalogue().coordinate_named(name);
        match request.items.iter().all(|name| named(name).is_some_and(&fits)) {
            true => Ok(()),
            false => Refused::input(format!("{otherwise}: grant it, or refuse it")),
        }
    }

    /// Refuses to grant what has come to be shared with nobody since it was asked for.
    fn is_shared(&self, actor: &Actor<'_>, request: &Request) -> Result<(), Refused> {
        let is_closed = |name: &&String| {
            let id = self.policies.catalogue().coordinate_named(name);
            id.is_some_and(|id| self.class(actor, &request.division, id) == ShareClass::NotShared)
        };
        match request.items.iter().find(is_closed) {
            None => Ok(()),
            Some(name) => Refused::because(code::ITEM_NOT_SHARED, format!("`{name}` isn't shared any more")),
        }
    }

    /// Division and last day of an answer.
    fn terms(
        &self,
        actor: &Actor<'_>,
        request: &Request,
        answered: &Answered,
    ) -> Result<(String, NaiveDate), Refused> {
        let until = answered.until.unwrap_or(request.until);
        if until > request.until {
            return Refused::input("`until` is later than what was asked");
        }
        self.last_day(actor, until)?;
        let division = answered.division.clone().unwrap_or_else(|| request.division.clone());
        if !crate::sharing::ask::is_division(&division)
            || !self.lies_within(actor, &division, &request.division)
        {
            return Refused::input("`division` must lie within what was asked");
        }
        Ok((division, until))
    }

    /// Whether one division lies within another today; the empty one is everything.
    fn lies_within(&self, actor: &Actor<'_>, inner: &str, outer: &str) -> bool {
        if outer.is_empty() || inner.is_empty() {
            return outer.is_empty();
        }
        let area = self.policies.codes().divisions().area(outer, actor.today());
        area.is_ok_and(|area| area.holds(inner))
    }
}
