//! Raising an objection: by the person through a portal, or by an officer in a case of that person's.

use sea_orm::ConnectionTrait;
use yimen_schema::Catalogue;

use crate::clock::Clock;
use crate::deadline::{Begin, Deadlines, moment};
use crate::evidence::{PersonKeys, entry::Stored, store};
use crate::objection::store::Objection;
use crate::objection::{State, digest};
use crate::own::Seal;
use crate::sharing::{Actor, Refused, code};

/// The most characters of what is written.
pub(crate) const MAX_REASON: usize = 2_000;

/// The most open objections about one person.
pub(crate) const MAX_OPEN: i64 = 20;

/// What somebody objects to.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The value, as `Type.field`.
    pub coordinate: String,
    /// Whom it is about.
    pub citizen: String,
    /// The record of an access that the person was told of.
    pub record: Option<String>,
    /// The case in which it is raised.
    pub case: Option<String>,
    /// What is wrong, in the person's words.
    pub reason: String,
    /// SHA-256 of what the person can show, in lower hex.
    pub proof: Option<String>,
}

/// What raising needs beside the hub.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tools<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) deadlines: &'a Deadlines,
    pub(crate) keys: &'a PersonKeys,
    pub(crate) seal: &'a Seal,
    pub(crate) clock: &'a dyn Clock,
}

/// Raises an objection, which goes to the department whose value it is. Whether there is such a value isn't
/// looked at: nobody learns from an objection what a department holds.
///
/// # Errors
/// What stands against it, or a hub that doesn't answer.
pub(crate) async fn raise<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor<'_>,
    tools: Tools<'_>,
    raised: Raised,
) -> Result<Objection, Refused> {
    let owner = owner(tools.catalogue, &raised.coordinate)?;
    let reason = reason(&raised.reason)?;
    if let Some(proof) = &raised.proof
        && !is_digest(proof)
    {
        return Refused::input("`proof` must be a SHA-256 in lower hex");
    }
    if let Some(record) = &raised.record {
        is_told_of(connection, actor, tools.keys, record, &raised).await?;
    }
    let person = digest(tools.keys, &raised.citizen);
    is_new(connection, &person, &raised.coordinate).await?;
    let objection = Objection {
        seq: 0,
        id: tools.clock.id(),
        version: 1,
        state: State::Open,
        owner: owner.to_owned(),
        coordinate: raised.coordinate,
        person,
        citizen: raised.citizen,
        reason,
        proof: raised.proof,
        record: raised.record,
        case: raised.case,
        division: actor.division.to_owned(),
        raised: (actor.department.to_owned(), actor.subject.to_owned(), moment(actor.at)),
        answered_at: None,
    };
    objection.insert(connection, tools.seal).await?;
    let begin = Begin {
        matter: &objection.id,
        rule: "CORRECTION",
        department: owner,
        region: actor.division,
        at: actor.at,
    };
    tools.deadlines.begin(connection, begin).await?;
    Ok(objection)
}

/// The department that answers for a value about a person.
fn owner<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a str, Refused> {
    let known = catalogue.coordinate_named(name).map(|id| (id, catalogue.coordinate(id)));
    let Some((id, coordinate)) = known else {
        return Refused::input("`coordinate` names nothing of the catalogue");
    };
    if catalogue.resource(coordinate.resource).subject.is_none() || catalogue.item(id).is_none() {
        return Refused::input("`coordinate` is no value about a person");
    }
    Ok(&coordinate.owner)
}

/// What the person wrote, which is sealed and may name them.
fn reason(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_REASON || text.contains('\0') {
        return Refused::input(format!("`reason` must have from 1 to {MAX_REASON} characters"));
    }
    Ok(text.to_owned())
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the tracker would tell this person of this record, and of this value in it. Unknown records,
/// records about others and records that a rule withholds are refused alike.
async fn is_told_of<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor<'_>,
    keys: &PersonKeys,
    record: &str,
    raised: &Raised,
) -> Result<(), Refused> {
    let unknown = || Refused::because(code::NOT_FOUND, "`record` is no record that this person is told of");
    let sql = "SELECT r.log_index, r.entry FROM evidence_record r WHERE r.id = $1 AND NOT EXISTS \
               (SELECT 1 FROM evidence_withholding w WHERE w.case_no = r.case_no AND w.until > $2)";
    let found = store::rows(connection, sql, vec![record.into(), moment(actor.at).into()]).await?;
    let Some(row) = found.first() else { return unknown() };
    let (index, entry): (i64, String) = (row.try_get("", "log_index")?, row.try_get("", "entry")?);
    let Ok(stored) = Stored::read(&entry) else { return unknown() };
    let person = keys.digest(&stored.people.key, &raised.citizen).to_vec();
    let sql = "SELECT 1 AS one FROM evidence_person WHERE log_index = $1 AND digest = $2";
    if store::rows(connection, sql, vec![index.into(), person.into()]).await?.is_empty() {
        return unknown();
    }
    let Some(list) = &stored.coordinates else { return unknown() };
    let sql = "SELECT outcomes FROM evidence_coordinates WHERE name = $1";
    let found = store::rows(connection, sql, vec![list.as_ref().into()]).await?;
    let outcomes: Option<String> = found.first().map(|row| row.try_get("", "outcomes")).transpose()?;
    let outcomes: crate::evidence::Outcomes =
        outcomes.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    match outcomes.list().iter().any(|item| item.coordinate == raised.coordinate) {
        true => Ok(()),
        false => Refused::input("`coordinate` wasn't asked for in this record"),
    }
}

async fn is_new<C: ConnectionTrait>(connection: &C, person: &str, coordinate: &str) -> Result<(), Refused> {
    let sql = "SELECT COUNT(*) AS open, COALESCE(SUM(CASE WHEN coordinate = $1 THEN 1 ELSE 0 END), 0) AS same \
               FROM objection WHERE person = $2 AND state = 'OPEN'";
    let found = store::rows(connection, sql, vec![coordinate.into(), person.into()]).await?;
    let Some(row) = found.first() else { return Ok(()) };
    let (open, same): (i64, i64) = (row.try_get("", "open")?, row.try_get("", "same")?);
    if same > 0 {
        return Refused::because(code::OBJECTION_OPEN, "an objection to this value is open already");
    }
    if open >= MAX_OPEN {
        let message = format!("{MAX_OPEN} objections about this person are open, and no more can be");
        return Refused::because(code::TOO_MANY_OPEN, message);
    }
    Ok(())
}
