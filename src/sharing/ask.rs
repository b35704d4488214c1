//! Asking: the automatic part of the conformity check, and the split by owner.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use sea_orm::ConnectionTrait;
use yimen_policy::Decision;
use yimen_schema::{Catalogue, Coordinate, CoordinateId, Mask, ShareClass};

use crate::clock::Clock;
use crate::deadline::{Begin, End, moment};
use crate::evidence::store;
use crate::sharing::refused::{Refused, code, text};
use crate::sharing::request::{Effect, Request};
use crate::sharing::state::State;
use crate::sharing::{Actor, Sharing};

/// The most items of one request.
pub(crate) const MAX_ITEMS: usize = 200;

/// The most requests of a department that wait for a decision.
pub(crate) const MAX_OPEN: i64 = 1_000;

/// The most grants in force of a department: a server takes `grants.most` of all departments together.
pub(crate) const MAX_GRANTED: i64 = 500;

/// What a department asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Coordinates, `Type.field`.
    pub items: Vec<String>,
    /// The purpose's code.
    pub purpose: String,
    /// The legal basis, as the requester names it.
    pub basis: String,
    /// The role, or group of roles, that would read.
    pub role: String,
    /// The division whose callers would read; empty for all.
    pub division: String,
    /// The last day.
    pub until: NaiveDate,
    /// What is wanted.
    pub effect: Effect,
    /// The scene of use.
    pub scene: String,
    /// Whether the requester promises that this is true and that the data is kept safe.
    pub promise: bool,
}

/// What came of asking.
#[derive(Clone, Debug)]
pub struct Made {
    /// The requests, one for each owner; what is granted by rule is apart from what the owner answers.
    pub requests: Vec<Request>,
    /// Items that weren't asked for, because the requester may read them so already.
    pub authorised: Vec<String>,
}

/// How a requester stands to an item already: what each role that would read may.
pub type Standing<'a> = &'a (dyn Fn(CoordinateId) -> Decision + Sync);

/// One owner's items, and the basis on which they are granted at once.
type Parts<'a> = BTreeMap<(&'a str, Option<&'a str>), Vec<String>>;

impl Sharing {
    /// Asks for items. `standing` tells what the requester may read of an item without this.
    ///
    /// # Errors
    /// What doesn't conform, or a hub that doesn't answer.
    pub async fn ask<C: ConnectionTrait>(
        &self,
        connection: &C,
        (actor, clock): (&Actor<'_>, &dyn Clock),
        asked: &Asked,
        standing: Standing<'_>,
    ) -> Result<Made, Refused> {
        self.check(actor, asked)?;
        let (basis, scene) = (text("basis", &asked.basis)?, text("scene", &asked.scene)?);
        let (parts, authorised) = self.parts(actor, asked, standing)?;
        if parts.is_empty() {
            return Refused::because(code::ALREADY_AUTHORIZED, "all of these items are authorised already");
        }
        self.has_room(connection, actor, parts.len()).await?;
        let bundle = clock.id();
        let mut requests = Vec::new();
        for ((owner, rule), items) in parts {
            let request = Request {
                seq: 0,
                id: clock.id(),
                bundle: bundle.clone(),
                version: 1,
                state: State::Answer,
                owner: owner.to_owned(),
                requester: actor.department.to_owned(),
                role: asked.role.clone(),
                purpose: asked.purpose.clone(),
                division: asked.division.clone(),
                items,
                effect: asked.effect,
                until: asked.until,
                basis: basis.clone(),
                scene: scene.clone(),
                renews: None,
                asked: (actor.subject.to_owned(), moment(actor.at)),
                granted: None,
            };
            requests.push(self.begin(connection, actor, request, rule).await?);
        }
        Ok(Made { requests, authorised })
    }

    /// Writes a new request and begins its first step, or brings it into force by a rule.
    pub(crate) async fn begin<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        mut request: Request,
        rule: Option<&str>,
    ) -> Result<Request, Refused> {
        request.state = match rule {
            Some(_) => State::InForce,
            None if self.options.conformity_check && request.renews.is_none() => State::Conformity,
            None => State::Answer,
        };
        if rule.is_some() {
            request.granted = Some((request.effect, request.division.clone(), request.until));
        }
        request.insert(connection).await?;
        self.step(connection, actor, &request).await?;
        if let Some(basis) = rule {
            self.enter(connection, actor, &request).await?;
            let begin = Begin {
                matter: &request.id,
                rule: "SHARING_BY_RULE",
                department: &request.owner,
                region: actor.division,
                at: actor.at,
            };
            self.deadlines.begin(connection, begin).await?;
            let outcome = State::InForce.as_str();
            let end = End { matter: &request.id, outcome, by: "rule", opinion: Some(basis), at: actor.at };
            self.deadlines.end(connection, end).await?;
        }
        Ok(request)
    }

    /// Begins the step that the request's state asks for.
    pub(crate) async fn step<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        request: &Request,
    ) -> Result<(), Refused> {
        let Some(rule) = request.state.rule() else { return Ok(()) };
        let department = match request.state {
            State::Conformity | State::Coordination => &self.options.coordinator,
            _ => &request.owner,
        };
        let begin = Begin { matter: &request.id, rule, department, region: actor.division, at: actor.at };
        Ok(self.deadlines.begin(connection, begin).await?)
    }

    /// What needs no look at single items.
    ///
    /// # Errors
    /// What can't be meant.
    pub(crate) fn check(&self, actor: &Actor<'_>, asked: &Asked) -> Result<(), Refused> {
        if asked.items.is_empty() || asked.items.len() > MAX_ITEMS {
            return Refused::input(format!("`items` must name from 1 to {MAX_ITEMS} items"));
        }
        match self.policies.codes().purpose(&asked.purpose) {
            Some(purpose) if purpose.is_stated_by(actor.department) => {}
            Some(_) => {
                let message = "`purpose` is a purpose of other departments";
                return Refused::because(code::PURPOSE_FORBIDDEN, message);
            }
            None => return Refused::input("`purpose` names no catalogued purpose"),
        }
        let is_role = |role: &yimen_policy::Role| role.code == asked.role || role.group == asked.role;
        if !self.policies.codes().roles.iter().any(is_role) {
            return Refused::input("`role` names no role and no group of roles");
        }
        if !is_division(&asked.division) {
            return Refused::input("`division` must be empty or a code of 12 digits");
        }
        if !asked.promise {
            return Refused::input(
                "`promise` must be given: that this is true and the data will be kept safe",
            );
        }
        self.last_day(actor, asked.until)
    }

    /// Refuses a last day that is past, or further off than a grant may last.
    pub(crate) fn last_day(&self, actor: &Actor<'_>, until: NaiveDate) -> Result<(), Refused> {
        let longest = self.options.longest_days;
        let last = actor.today() + Duration::days(i64::from(longest));
        if until < actor.today() || until > last {
            return Refused::input(format!("`until` must be from today to {longest} days from now"));
        }
        Ok(())
    }

    /// The items by owner and rule, and those that are authorised already.
    fn parts<'a>(
        &'a self,
        actor: &Actor<'_>,
        asked: &Asked,
        standing: Standing<'_>,
    ) -> Result<(Parts<'a>, Vec<String>), Refused> {
        let (mut parts, mut authorised) = (Parts::new(), Vec::new());
        let mut names: Vec<&String> = asked.items.iter().collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let Some(id) = self.policies.catalogue().coordinate_named(name) else {
                return Refused::input("`items` names something that isn't in the catalogue");
            };
            let item = self.policies.catalogue().coordinate(id);
            let class = self.class(actor, &asked.division, id);
            requestable(actor, (item, class), asked.effect, self.policies.catalogue())?;
            if !self.policies.is_needed(&asked.purpose, actor.department, (id, class)) {
                // A grant of it would open nothing.
                let message = format!("the purpose needs nothing of `{name}`");
                return Refused::because(code::BEYOND_PURPOSE, message);
            }
            if suffices(standing(id), asked.effect) {
                authorised.push(name.clone());
                continue;
            }
            let rule = self.rule(actor, &asked.division, id);
            parts.entry((&*item.owner, rule)).or_default().push(name.clone());
        }
        Ok((parts, authorised))
    }

    /// The class in force for readers of the division that is asked for, or of the actor's own.
    pub(crate) fn class(&self, actor: &Actor<'_>, division: &str, id: CoordinateId) -> ShareClass {
        let division = if division.is_empty() { actor.division } else { division };
        self.policies.classes().find(id, division, actor.today()).class
    }

    /// The basis on which an item is granted at once to readers of a division, or of all: where nowhere among them
    /// its class needs the owner's answer.
    pub(crate) fn rule(&self, actor: &Actor<'_>, division: &str, id: CoordinateId) -> Option<&str> {
        let class = self.policies.classes().find(id, division, actor.today()).class;
        self.automatic.basis(class, actor.division, actor.today())
    }

    async fn has_room<C: ConnectionTrait>(
        &self,
        connection: &C,
        actor: &Actor<'_>,
        more: usize,
    ) -> Result<(), Refused> {
        let count = async |condition: &str| -> Result<i64, Refused> {
            let sql =
                format!("SELECT COUNT(*) AS count FROM sharing_request WHERE requester = $1 AND {condition}");
            let values = vec![actor.department.into(), actor.today().to_string().into()];
            let found = store::rows(connection, &sql, values).await?;
            Ok(found.first().map_or(Ok(0), |row| row.try_get("", "count"))?)
        };
        let more = more as i64;
        // The day is a parameter of both, for a statement must use all that it is given.
        let open =
            count("state IN ('CONFORMITY', 'ANSWER', 'NEGOTIATION', 'COORDINATION') AND $2 <> ''").await?;
        if open + more > MAX_OPEN {
            let message = format!("your department has {open} open requests, and {MAX_OPEN} at most");
            return Refused::because(code::TOO_MANY_OPEN, message);
        }
        let granted = count("state = 'IN_FORCE' AND granted_until >= $2").await?;
        if granted + more > MAX_GRANTED {
            let message = format!("your department has {granted} grants in force, and {MAX_GRANTED} at most");
            return Refused::because(code::TOO_MANY_OPEN, message);
        }
        Ok(())
    }
}

/// Whether an item may be asked for at all.
fn requestable(
    actor: &Actor<'_>,
    (item, class): (&Coordinate, ShareClass),
    effect: Effect,
    catalogue: &Catalogue,
) -> Result<(), Refused> {
    let name = &item.name;
    let field = &catalogue.resource(item.resource).fields[item.field];
    if matches!(field.def, yimen_schema::FieldDef::Link(_)) {
        return Refused::input(format!("`{name}` is a link: ask for the items that it leads to"));
    }
    if *item.owner == *actor.department {
        return Refused::input(format!("`{name}` is your own department's"));
    }
    if class == ShareClass::NotShared {
        return Refused::because(code::ITEM_NOT_SHARED, format!("`{name}` is never shared"));
    }
    if effect == Effect::Mask && item.mask.is_none() {
        return Refused::input(format!("`{name}` has no mask: it can be asked for clear only"));
    }
    if effect == Effect::Pseudonym && !catalogue.has_pseudonym(field.coordinate) {
        return Refused::input(format!("`{name}` is no citizen number: it has no pseudonym"));
    }
    Ok(())
}

/// Whether what a requester may read already is as much as what is wanted.
fn suffices(decision: Decision, wanted: Effect) -> bool {
    match (decision, wanted) {
        (Decision::Clear, _) | (Decision::Mask(Mask::Pseudonym), Effect::Pseudonym) => true,
        (Decision::Mask(mask), Effect::Mask) => mask != Mask::Pseudonym,
        (Decision::Mask(_), Effect::Clear | Effect::Pseudonym) | (Decision::Deny, _) => false,
    }
}

/// Whether a text is a division or stands for all.
pub(crate) fn is_division(text: &str) -> bool {
    text.is_empty() || (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
}
