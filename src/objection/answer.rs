//! What becomes of an objection: the source's answer, or its withdrawal.

use sea_orm::ConnectionTrait;
use yimen_policy::Area;

use crate::deadline::{Deadlines, End, moment};
use crate::objection::State;
use crate::objection::store::Objection;
use crate::own::Seal;
use crate::sharing::{Actor, Refused, code, not_found, stale, text};

/// A source's answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The objection.
    pub id: String,
    /// The version that was looked at.
    pub version: i64,
    /// How it ends: corrected, upheld or rejected.
    pub outcome: State,
    /// Why, in words that name nobody.
    pub reason: String,
}

/// The source's answer.
///
/// # Errors
/// What stands against it, or a hub that doesn't answer.
pub(crate) async fn answer<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor<'_>,
    (deadlines, seal, area): (&Deadlines, &Seal, &Area),
    answered: &Answered,
) -> Result<Objection, Refused> {
    let mut objection = Objection::load(connection, seal, &answered.id).await?;
    if objection.owner != actor.department || !objection.is_within(area) {
        // Who raised it knows of it; for everybody else it isn't there.
        return match objection.raised.0 == actor.department && objection.is_within(area) {
            true => Refused::because(code::NOT_RESPONSIBLE, "the department whose value it is answers"),
            false => not_found(),
        };
    }
    let reason = text("reason", &answered.reason)?;
    settle(
        connection,
        actor,
        deadlines,
        (&mut objection, answered.version),
        (answered.outcome, Some(&reason)),
    )
    .await?;
    Ok(objection)
}

/// Whoever raised it takes it back: the person, or the department in whose case it was raised.
///
/// # Errors
/// What stands against it, or a hub that doesn't answer.
pub(crate) async fn withdraw<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor<'_>,
    (deadlines, seal, area): (&Deadlines, &Seal, &Area),
    (id, version): (&str, i64),
    person: Option<&str>,
) -> Result<Objection, Refused> {
    let mut objection = Objection::load(connection, seal, id).await?;
    let is_own = match person {
        // Through a portal: the person's own, and not what an officer raised for them in a case.
        Some(number) => objection.citizen == number && objection.case.is_none(),
        None => {
            let of_department = objection.raised.0 == actor.department && objection.case.is_some();
            of_department && objection.is_within(area)
        }
    };
    if !is_own {
        return not_found();
    }
    settle(connection, actor, deadlines, (&mut objection, version), (State::Withdrawn, None)).await?;
    Ok(objection)
}

async fn settle<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor<'_>,
    deadlines: &Deadlines,
    (objection, version): (&mut Objection, i64),
    (state, opinion): (State, Option<&str>),
) -> Result<(), Refused> {
    if objection.version != version {
        return stale();
    }
    if objection.state != State::Open {
        let message = format!("an objection that is {} takes no further step", objection.state);
        return Refused::because(code::ILLEGAL_TRANSITION, message);
    }
    objection.settle(connection, state, &moment(actor.at)).await?;
    let end =
        End { matter: &objection.id, outcome: state.as_str(), by: actor.subject, opinion, at: actor.at };
    Ok(deadlines.end(connection, end).await?)
}
