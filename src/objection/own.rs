//! The root fields of objections.

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use yimen_policy::Reach;
use yimen_schema::Mask;

use crate::answer::masked;
use crate::calendar::china_day;
use crate::case;
use crate::objection::answer::{Answered, answer, withdraw};
use crate::objection::raise::{Raised, Tools, raise};
use crate::objection::read::{Filter, MAX_PAGE, list};
use crate::objection::{Objection, State, digest};
use crate::own::{Call, Handler, Refused, Told};
use crate::plan::code;
use crate::sharing::Actor;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("Query.objections", page),
    ("Mutation.objectTo", object),
    ("Mutation.answerObjection", settle),
    ("Mutation.withdrawObjection", take_back),
];

type Answer<'a> = BoxFuture<'a, Result<Told, Refused>>;

#[derive(Deserialize)]
struct With<T> {
    input: T,
}

fn actor<'a>(call: &'a Call<'_>) -> Actor<'a> {
    Actor {
        subject: &call.caller.subject,
        department: &call.caller.department,
        division: &call.caller.division,
        at: call.now,
    }
}

#[derive(Deserialize)]
struct Page {
    first: Option<i64>,
    after: Option<String>,
    state: Option<String>,
    overdue: Option<bool>,
}

fn page<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Page { first, after, state, overdue } = call.arguments()?;
        let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
        if !(1..=MAX_PAGE).contains(&first) {
            let message = format!("argument `first` must be from 1 to {MAX_PAGE}");
            return Err(Refused::new(code::SLICING, message));
        }
        let before = after.as_deref().map(|after| behind(call, after)).transpose()?;
        let state = state.as_deref().and_then(State::of);
        let overdue = overdue.unwrap_or_default().then(|| china_day(call.now).to_string());
        let filter = Filter { state, before, overdue, ..sight(call)? };
        let found = list(&call.hub, call.seal, &filter, first + 1).await?;
        let shown = &found[..found.len().min(first)];
        let cursor =
            |objection: &Objection| call.cursors.seal("objections", &[Some(objection.seq.to_string())]);
        let info = json!({
            "hasNextPage": found.len() > first,
            "hasPreviousPage": after.is_some(),
            "startCursor": shown.first().map(cursor),
            "endCursor": shown.last().map(cursor),
        });
        let nodes = told(call, shown).await?;
        let people = shown.iter().map(|objection| objection.citizen.clone()).collect();
        Ok(Told { value: json!({ "nodes": nodes, "pageInfo": info }), people, note: None })
    }
    .boxed()
}

/// Whose objections the caller sees.
fn sight(call: &Call<'_>) -> Result<Filter, Refused> {
    Ok(match call.allowed.reach() {
        Reach::Own => Filter { person: Some(digest(call.people, own_number(call)?)), ..Filter::default() },
        Reach::Department => Filter {
            department: Some(call.caller.department.clone()),
            area: Some(call.area.clone()),
            ..Filter::default()
        },
        Reach::Division => Filter { area: Some(call.area.clone()), ..Filter::default() },
    })
}

fn behind(call: &Call<'_>, after: &str) -> Result<i64, Refused> {
    let opened = call.cursors.open("objections", after, 1).ok();
    let seq = opened.and_then(|values| values.into_iter().flatten().next()?.parse().ok());
    seq.ok_or_else(|| {
        Refused::new(code::BAD_USER_INPUT, "argument `after` is no cursor of this connection and order")
    })
}

/// The citizen number of a person who asks for themselves.
fn own_number<'a>(call: &'a Call<'_>) -> Result<&'a str, Refused> {
    let person = call.caller.person.as_deref();
    person.ok_or_else(|| Refused::new(code::BAD_USER_INPUT, "the token doesn't say who the person is"))
}

/// Objections as clients see them.
async fn told(call: &Call<'_>, objections: &[Objection]) -> Result<Vec<Value>, Refused> {
    let names: Vec<String> = objections.iter().map(|objection| objection.id.clone()).collect();
    let deadlines = &call.gateway.sharing().deadlines;
    let mut steps = deadlines.of(&call.hub, &names).await?;
    let is_whole = call.allowed.reach() != Reach::Division;
    let shown = |objection: &Objection| {
        let step = steps.remove(&objection.id).and_then(|mut steps| steps.pop());
        let names_officers = call.allowed.reach() != Reach::Own && objection.owner == call.caller.department;
        let whole = |text: &str| is_whole.then(|| text.to_owned());
        json!({
            "id": objection.id,
            "version": objection.version,
            "state": objection.state.as_str(),
            "owner": objection.owner,
            "coordinate": objection.coordinate,
            "citizenId": whole(&objection.citizen).unwrap_or_else(|| masked(Mask::CitizenId, &objection.citizen)),
            "reason": whole(&objection.reason),
            "hasProof": objection.proof.is_some(),
            "proof": objection.proof.as_deref().and_then(whole),
            "record": objection.record,
            "case": objection.case,
            "department": objection.raised.0,
            "raisedAt": objection.raised.2,
            "answeredAt": objection.answered_at,
            "step": step.map(|step| deadlines.shown(&step, call.now, names_officers)),
        })
    };
    Ok(objections.iter().map(shown).collect())
}

async fn changed(call: &Call<'_>, objection: Objection) -> Result<Told, Refused> {
    call.gateway.any_open().raised();
    let note = format!("objection {}: {}", objection.id, objection.state);
    let mut values = told(call, std::slice::from_ref(&objection)).await?;
    Ok(Told { value: values.pop().unwrap_or_default(), people: vec![objection.citizen], note: Some(note) })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objecting {
    coordinate: String,
    citizen_id: Option<String>,
    record: Option<String>,
    reason: String,
    proof: Option<String>,
}

fn object<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input } = call.arguments::<With<Objecting>>()?;
        let (citizen, case) = concerned(call, input.citizen_id).await?;
        let tools = Tools {
            catalogue: call.table.catalogue(),
            deadlines: &call.gateway.sharing().deadlines,
            keys: call.people,
            seal: call.seal,
            clock: call.clock,
        };
        let Objecting { coordinate, record, reason, proof, .. } = input;
        let raised = Raised { coordinate, citizen, record, case, reason, proof };
        let objection = raise(&call.hub, &actor(call), tools, raised).await?;
        changed(call, objection).await
    }
    .boxed()
}

/// Whom an objection is about: the caller, or a member of the case that the request states.
async fn concerned(call: &Call<'_>, named: Option<String>) -> Result<(String, Option<String>), Refused> {
    if call.allowed.reach() == Reach::Own {
        let own = own_number(call)?;
        return match named.as_deref().is_none_or(|named| named == own) {
            true => Ok((own.to_owned(), None)),
            false => Err(Refused::new(code::BAD_USER_INPUT, "`citizenId` isn't the caller's own")),
        };
    }
    let (Some(named), Some(case)) = (named, call.case) else {
        let message = "an officer needs `citizenId`, and the header `Yimen-Case` with the person's case";
        return Err(Refused::new(code::BAD_USER_INPUT, message));
    };
    case::has_member(call, case, &named).await?;
    Ok((named, Some(case.to_owned())))
}

#[derive(Deserialize)]
struct Settling {
    id: String,
    version: i64,
    outcome: String,
    reason: String,
}

fn settle<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Settling { id, version, outcome, reason } } = call.arguments()?;
        let outcome = State::of(&outcome).unwrap_or(State::Rejected);
        let answered = Answered { id, version, outcome, reason };
        let tools = (&call.gateway.sharing().deadlines, call.seal, call.area);
        let objection = answer(&call.hub, &actor(call), tools, &answered).await?;
        changed(call, objection).await
    }
    .boxed()
}

#[derive(Deserialize)]
struct Back {
    id: String,
    version: i64,
}

fn take_back<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let With { input: Back { id, version } } = call.arguments()?;
        let person = match call.allowed.reach() {
            Reach::Own => Some(own_number(call)?),
            Reach::Department | Reach::Division => None,
        };
        let tools = (&call.gateway.sharing().deadlines, call.seal, call.area);
        let objection = withdraw(&call.hub, &actor(call), tools, (&id, version), person).await?;
        changed(call, objection).await
    }
    .boxed()
}
