//! What is done to evidence itself, with a record of its own: taken out, erased, purged.

use sea_orm::{DbErr, QueryResult};

use crate::clock::{Clock, SystemClock};
use crate::evidence::log::Log;
use crate::evidence::people::PersonKeys;
use crate::evidence::prove::{Proof, Prover};
use crate::evidence::{Evidence, Kind, NotRecorded, People, Record, store};

/// Who acts on evidence by the command line, and what for.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// What is done.
    pub kind: Kind,
    /// Who does it.
    pub officer: &'a str,
    /// What exactly, without naming anybody.
    pub note: String,
    /// Whom it is about.
    pub people: People,
    /// The versions in force.
    pub versions: (&'a str, &'a str),
}

/// How the note of an erasure begins that took everybody under a key, whose name follows.
pub(crate) const ERASED_KEY: &str = "everybody under the key ";

/// How the note of an erasure of one person begins, who isn't named; how many of their commitments can't be
/// opened any more follows. Which they are isn't told: that would say which records are about one person.
pub(crate) const ERASED_PERSON: &str = "one person: ";

/// Makes an act's record durable, before the act.
///
/// # Errors
/// Where it can't be; then the act must not happen.
pub async fn record(evidence: &dyn Evidence, act: Act<'_>, log: &Log) -> Result<String, NotRecorded> {
    let at = log.now();
    let id = SystemClock.id();
    let record = Record {
        kind: act.kind,
        id: id.clone(),
        started_at: at.clone(),
        ended_at: at,
        subject: act.officer.to_owned(),
        issuer: String::new(),
        department: String::new(),
        role: String::from("OPERATOR"),
        division: String::new(),
        purpose: String::new(),
        basis: "".into(),
        case: None,
        exchange: Vec::new(),
        document: "".into(),
        operation: None,
        note: Some(act.note),
        coordinates: None,
        departments: Vec::new(),
        people: act.people,
        catalogue: act.versions.0.into(),
        policies: act.versions.1.into(),
    };
    evidence.append(record).await?;
    Ok(id)
}

impl Log {
    /// Digests of a person under every key that records may have been made with.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn digests(&self, keys: &PersonKeys, number: &str) -> Result<Vec<Vec<u8>>, DbErr> {
        let names = self.key_names(keys).await?;
        Ok(names.iter().map(|name| keys.digest(name, number).to_vec()).collect())
    }

    /// The names of every key that records may have been made with.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub(crate) async fn key_names(&self, keys: &PersonKeys) -> Result<Vec<String>, DbErr> {
        let found =
            store::rows(self.hub().connection(), "SELECT MIN(at) AS first FROM evidence_record", Vec::new());
        let first: Option<String> = found.await?.first().map_or(Ok(None), |row| row.try_get("", "first"))?;
        let this = self.now().get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
        let first = first.and_then(|at| at.get(..4)?.parse().ok()).unwrap_or(this);
        // A clock that jumped may have written a year that hasn't come.
        Ok(keys.all(first.min(this), this + 1))
    }

    /// The record of a name, with its proof; `None` where there is none in the log.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn prove(&self, id: &str) -> Result<Option<Proof>, DbErr> {
        let connection = self.hub().connection();
        let sql = "SELECT log_index, entry FROM evidence_record WHERE id = $1";
        let found = store::rows(connection, sql, vec![id.into()]).await?;
        let (Some(row), Some(mut prover)) = (found.first(), Prover::new(connection).await?) else {
            return Ok(None);
        };
        let (index, entry) = indexed(row)?;
        prover.proof(connection, index, entry).await
    }

    /// The first index and the one behind the last of records that ended between two times.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn range(&self, from: &str, to: &str) -> Result<Option<(u64, u64)>, DbErr> {
        let sql = "SELECT MIN(log_index) AS first, MAX(log_index) + 1 AS beyond FROM evidence_record \
                   WHERE at >= $1 AND at < $2";
        let found = store::rows(self.hub().connection(), sql, vec![from.into(), to.into()]).await?;
        let Some(row) = found.first() else { return Ok(None) };
        let (first, end): (Option<i64>, Option<i64>) =
            (row.try_get("", "first")?, row.try_get("", "beyond")?);
        Ok(first.zip(end).map(|(first, end)| (first as u64, end as u64)))
    }
}

pub(crate) fn indexed(row: &QueryResult) -> Result<(u64, String), DbErr> {
    Ok((row.try_get::<i64>("", "log_index")? as u64, row.try_get("", "entry")?))
}

impl PersonKeys {
    /// The names of all keys of some years, up to the generation in use.
    fn all(&self, first: i32, last: i32) -> Vec<String> {
        let years = first..=last;
        years
            .flat_map(|year| (0..=self.generation()).map(move |generation| format!("{year}.{generation}")))
            .collect()
    }
}
