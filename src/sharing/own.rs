//! The root fields of requests for sharing.

use chrono::NaiveDate;
use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use yimen_policy::Reach;

use crate::deadline::Deadline;
use crate::own::{Call, Handler, Refused, Told};
use crate::plan::code;
use crate::sharing::list::MAX_PAGE;
use crate::sharing::{
    Actor, Answered, Asked, Decision, Effect, Listed, Request, RequestFilter, Sight, State, standing,
};

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("Query.grantRequests", requests),
    ("Query.grants", grants),
    ("Query.grantRequest", one),
    ("Query.sharingReminders", reminders),
    ("Mutation.requestGrant", ask),
    ("Mutation.checkGrantRequest", check),
    ("Mutation.answerGrant", answer),
    ("Mutation.renewGrant", renew),
    ("Mutation.revokeGrant", revoke),
    ("Mutation.disputeGrant", dispute),
    ("Mutation.settleDispute", settle),
    ("Mutation.withdrawGrantRequest", withdraw),
];

type Answer<'a> = BoxFuture<'a, Result<Told, Refused>>;

#[derive(Deserialize)]
struct With<T> {
    input: T,
}

/// What every change names.
#[derive(Deserialize)]
struct At {
    id: String,
    version: i64,
}

impl At {
    fn pair(&self) -> (&str, i64) {
        (&self.id, self.version)
    }
}

fn actor<'a>(call: &'a Call<'_>) -> Actor<'a> {
    Actor {
        subject: &call.caller.subject,
        department: &call.caller.department,
        division: &call.caller.division,
        at: call.now,
    }
}

fn sight(call: &Call<'_>) -> Sight {
    match call.allowed.reach() {
        Reach::Division => Sight::All,
        Reach::Department | Reach::Own => Sight::Department(call.caller.department.clone()),
    }
}

#[derive(Deserialize)]
struct Page {
    first: Option<i64>,
    after: Option<String>,
    state: Option<String>,
    department: Option<String>,
    #[serde(default)]
    overdue: Option<bool>,
}

fn requests<'a>(call: &'a Call<'a>) -> Answer<'a> {
    page(call, false).boxed()
}

fn grants<'a>(call: &'a Call<'a>) -> Answer<'a> {
    page(call, true).boxed()
}

async fn page(call: &Call<'_>, granted: bool) -> Result<Told, Refused> {
    let Page { first, after, state, department, overdue } = call.arguments()?;
    let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    if !(1..=MAX_PAGE).contains(&first) {
        let message = format!("argument `first` must be from 1 to {MAX_PAGE}");
        return Err(Refused::new(code::SLICING, message));
    }
    let scope = if granted { "grants" } else { "grantRequests" };
    let before = after.as_deref().map(|after| behind(call, scope, after)).transpose()?;
    let filter = RequestFilter {
        id: None,
        state: state.as_deref().and_then(State::of),
        department,
        overdue: overdue.unwrap_or_default(),
        granted,
        before,
    };
    let sight = sight(call);
    let found = call.gateway.sharing().list(&call.hub, &sight, &filter, (first + 1, call.now)).await?;
    let shown: Vec<&Listed> = found.iter().take(first).collect();
    let cursor = |listed: &&Listed| call.cursors.seal(scope, &[Some(listed.request.seq.to_string())]);
    let info = json!({
        "hasNextPage": found.len() > first,
        "hasPreviousPage": after.is_some(),
        "startCursor": shown.first().map(cursor),
        "endCursor": shown.last().map(cursor),
    });
    let nodes: Vec<Value> = shown.iter().map(|listed| told(call, listed)).collect();
    Ok(Told { value: json!({ "nodes": nodes, "pageInfo": info }), ..Told::default() })
}

fn behind(call: &Call<'_>, scope: &str, after: &str) -> Result<i64, Refused> {
    let opened = call.cursors.open(scope, after, 1).ok();
    let seq = opened.and_then(|values| values.into_iter().flatten().next()?.parse().ok());
    seq.ok_or_else(|| {
        Refused::new(code::BAD_USER_INPUT, "argument `after` is no cursor of this connection and order")
    })
}

fn told(call: &Call<'_>, listed: &Listed) -> Value {
    call.gateway.sharing().shown(listed, &call.caller.department, call.now)
}

#[derive(Deserialize)]
struct One {
    id: String,
}

fn one<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let One { id } = call.arguments()?;
        let filter = RequestFilter { id: Some(id), ..RequestFilter::default() };
        let found = call.gateway.sharing().list(&call.hub, &sight(call), &filter, (1, call.now)).await?;
        match found.first() {
            Some(listed) => Ok(Told { value: told(call, listed), ..Told::default() }),
            None => Ok(crate::sharing::request::not_found()?),
        }
    }
    .boxed()
}

/// The most reminders that are told at once: the most urgent ones.
const MAX_REMINDERS: usize = 200;

/// What the caller's department is reminded of: steps of requests for sharing and of objections alike.
fn reminders<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let (deadlines, own) = (&call.gateway.sharing().deadlines, call.caller.department.as_str());
        let found = deadlines.reminders(&call.hub, own, MAX_REMINDERS).await?;
        let told = |(matter, step): &(String, Deadline)| {
            json!({ "matter": matter, "step": deadlines.shown(step, call.now, true) })
        };
        Ok(Told { value: found.iter().map(told).collect(), ..Told::default() })
    }
    .boxed()
}

/// A changed request, read back for the one who changed it.
async fn changed(call: &Call<'_>, request: Request) -> Result<Told, Refused> {
    let note = format!("request {}: {}", request.id, request.state.as_str());
    let mut values = read_back(call, &[request]).await?;
    Ok(Told { value: values.pop().unwrap_or_default(), people: Vec::new(), note: Some(note) })
}

async fn read_back(call: &Call<'_>, requests: &[Request]) -> Result<Vec<Value>, Refused> {
    let mut values = Vec::new();
    for request in requests {
        let filter = RequestFilter { id: Some(request.id.clone()), ..RequestFilter::default() };
        let found = call.gateway.sharing().list(&call.hub, &Sight::All, &filter, (1, call.now)).await?;
        values.extend(found.iter().map(|listed| told(call, listed)));
    }
    Ok(values)
}

#[derive(Deserialize)]
struct Asking {
    items: Vec<String>,
    purpose: String,
    basis: String,
    role: String,
    division: Option<String>,
    until: NaiveDate,
    effect: Option<String>,
    scene: String,
    promise: bool,
}

fn ask<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input } = call.arguments::<With<Asking>>()?;
        let asked = Asked {
            items: input.items,
            purpose: input.purpose,
            basis: input.basis,
            role: input.role,
            division: input.division.unwrap_or_default(),
            until: input.until,
            effect: input.effect.as_deref().and_then(Effect::of).unwrap_or(Effect::Clear),
            scene: input.scene,
            promise: input.promise,
        };
        call.gateway.sharing().check(&actor(call), &asked)?;
        let tables = standing::tables(call, &asked).await?;
        let stands = |id| standing::least(&tables, id);
        let made = call.gateway.sharing().ask(&call.hub, (&actor(call), call.clock), &asked, &stands).await?;
        let names: Vec<&str> = made.requests.iter().map(|request| request.id.as_str()).collect();
        let note = format!("requests {}", names.join(", "));
        let requests = read_back(call, &made.requests).await?;
        let value = json!({ "requests": requests, "authorised": made.authorised });
        Ok(Told { value, people: Vec::new(), note: Some(note) })
    }
    .boxed()
}

#[derive(Deserialize)]
struct Finding {
    #[serde(flatten)]
    at: At,
    conforms: bool,
    reason: Option<String>,
}

fn check<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Finding { at, conforms, reason } } = call.arguments()?;
        let finding = (conforms, reason.as_deref());
        let request =
            call.gateway.sharing().check_conformity(&call.hub, &actor(call), at.pair(), finding).await?;
        changed(call, request).await
    }
    .boxed()
}

#[derive(Deserialize)]
struct Answering {
    #[serde(flatten)]
    at: At,
    decision: String,
    reason: Option<String>,
    division: Option<String>,
    until: Option<NaiveDate>,
}

fn answer<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Answering { at, decision, reason, division, until } } = call.arguments()?;
        let decision = match decision.as_str() {
            "GRANT" => Decision::Grant,
            "GRANT_MASKED" => Decision::GrantMasked,
            "GRANT_PSEUDONYMS" => Decision::GrantPseudonyms,
            _ => Decision::Refuse,
        };
        let answered = Answered { id: at.id, version: at.version, decision, reason, division, until };
        let request = call.gateway.sharing().answer(&call.hub, &actor(call), &answered).await?;
        changed(call, request).await
    }
    .boxed()
}

#[derive(Deserialize)]
struct Renewing {
    #[serde(flatten)]
    at: At,
    until: NaiveDate,
}

fn renew<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Renewing { at, until } } = call.arguments()?;
        let who = actor(call);
        let request = call.gateway.sharing().renew(&call.hub, (&who, call.clock), at.pair(), until).await?;
        changed(call, request).await
    }
    .boxed()
}

#[derive(Deserialize)]
struct Because {
    #[serde(flatten)]
    at: At,
    reason: String,
}

fn revoke<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Because { at, reason } } = call.arguments()?;
        let request = call.gateway.sharing().revoke(&call.hub, &actor(call), at.pair(), &reason).await?;
        changed(call, request).await
    }
    .boxed()
}

fn dispute<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Because { at, reason } } = call.arguments()?;
        let request = call.gateway.sharing().dispute(&call.hub, &actor(call), at.pair(), &reason).await?;
        changed(call, request).await
    }
    .boxed()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settling {
    #[serde(flatten)]
    at: At,
    refer_back: bool,
    reason: String,
}

fn settle<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Settling { at, refer_back, reason } } = call.arguments()?;
        let how = (refer_back, reason.as_str());
        let request = call.gateway.sharing().settle(&call.hub, &actor(call), at.pair(), how).await?;
        changed(call, request).await
    }
    .boxed()
}

fn withdraw<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input } = call.arguments::<With<At>>()?;
        let request = call.gateway.sharing().withdraw(&call.hub, &actor(call), input.pair()).await?;
        changed(call, request).await
    }
    .boxed()
}
