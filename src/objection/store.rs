//! Objections in the hub.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use yimen_policy::Area;

use crate::evidence::store;
use crate::objection::State;
use crate::own::Seal;
use crate::sharing::Refused;
use crate::sharing::{not_found, stale};

/// An objection, opened.
#[derive(Clone, Debug)]
pub struct Objection {
    /// Its place in time.
    pub seq: i64,
    /// Its name.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// The department whose value it is.
    pub owner: String,
    /// The value, as `Type.field`.
    pub coordinate: String,
    /// What the person is found by.
    pub person: String,
    /// The person's citizen number.
    pub citizen: String,
    /// What was written of it.
    pub reason: String,
    /// SHA-256 of what the person can show.
    pub proof: Option<String>,
    /// The record of the access that it came from.
    pub record: Option<String>,
    /// The case in which it was raised.
    pub case: Option<String>,
    /// The division that the one who raised it serves.
    pub division: String,
    /// The department through which it was raised, who did, and when.
    pub raised: (String, String, String),
    /// When it was settled.
    pub answered_at: Option<String>,
}

const COLUMNS: &str = "id, version, state, owner, coordinate, person, citizen, reason, proof, record, case_no, \
                       raised_department, division, raised_by, raised_at";

impl Objection {
    /// The objection of a name.
    ///
    /// # Errors
    /// `NOT_FOUND`, or a hub that doesn't answer.
    pub async fn load<C: ConnectionTrait>(connection: &C, seal: &Seal, id: &str) -> Result<Self, Refused> {
        let sql = "SELECT * FROM objection WHERE id = $1";
        match store::rows(connection, sql, vec![id.into()]).await?.first() {
            Some(row) => Ok(Objection::read(row, seal)?),
            None => not_found(),
        }
    }

    pub(crate) fn read(row: &QueryResult, seal: &Seal) -> Result<Objection, DbErr> {
        let text = |column: &str| row.try_get::<String>("", column);
        let maybe = |column: &str| row.try_get::<Option<String>>("", column);
        let id = text("id")?;
        let opened = |column: &str| {
            let sealed: Vec<u8> = row.try_get("", column)?;
            let place = place(&id, column);
            seal.open(&place, &sealed).ok_or_else(|| DbErr::Custom(format!("`{column}` can't be opened")))
        };
        let state = State::of(&text("state")?);
        Ok(Objection {
            seq: row.try_get("", "seq")?,
            version: row.try_get("", "version")?,
            state: state.ok_or_else(|| DbErr::Custom("a state that isn't known".into()))?,
            owner: text("owner")?,
            coordinate: text("coordinate")?,
            person: text("person")?,
            citizen: opened("citizen")?,
            reason: opened("reason")?,
            proof: maybe("proof")?,
            record: maybe("record")?,
            case: maybe("case_no")?,
            division: text("division")?,
            raised: (text("raised_department")?, text("raised_by")?, text("raised_at")?),
            answered_at: maybe("answered_at")?,
            id,
        })
    }

    pub(crate) async fn insert<C: ConnectionTrait>(&self, connection: &C, seal: &Seal) -> Result<(), DbErr> {
        let sealed = |column: &str, text: &str| seal.close(&place(&self.id, column), text);
        let row: Vec<Value> = vec![
            self.id.clone().into(),
            self.version.into(),
            self.state.as_str().into(),
            self.owner.clone().into(),
            self.coordinate.clone().into(),
            self.person.clone().into(),
            sealed("citizen", &self.citizen).into(),
            sealed("reason", &self.reason).into(),
            self.proof.clone().into(),
            self.record.clone().into(),
            self.case.clone().into(),
            self.raised.0.clone().into(),
            self.division.clone().into(),
            self.raised.1.clone().into(),
            self.raised.2.clone().into(),
        ];
        store::insert(connection, &format!("objection ({COLUMNS})"), vec![row], "").await?;
        raise_version(connection).await
    }

    /// Settles it, if nobody changed it meanwhile.
    ///
    /// # Errors
    /// `STALE_VERSION`, or a hub that doesn't answer.
    pub(crate) async fn settle<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        state: State,
        at: &str,
    ) -> Result<(), Refused> {
        let sql = "UPDATE objection SET version = version + 1, state = $1, answered_at = $2 \
                   WHERE id = $3 AND version = $4 AND state = 'OPEN'";
        let values: Vec<Value> =
            vec![state.as_str().into(), at.into(), self.id.clone().into(), self.version.into()];
        if store::run(connection, sql, values).await? == 0 {
            return stale();
        }
        self.state = state;
        self.version += 1;
        self.answered_at = Some(at.to_owned());
        Ok(raise_version(connection).await?)
    }
}

impl Objection {
    /// Whether it was raised in one of these divisions.
    pub(crate) fn is_within(&self, area: &Area) -> bool {
        area.holds(&self.division)
    }
}

/// What is sealed in one place opens in no other.
fn place(id: &str, column: &str) -> String {
    format!("objection {id} {column}")
}

async fn raise_version<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    let sql = "UPDATE objection_version SET version = version + 1";
    let raised = store::run(connection, sql, Vec::new()).await?;
    // Without the row no replica would ever notice.
    if raised == 1 { Ok(()) } else { Err(DbErr::Custom("`objection_version` must have one row".into())) }
}
