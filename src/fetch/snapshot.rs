//! Departments' databases, each in one state: what a run of an export reads, however long it takes.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::fetch::{Database, Shared, Source, Sources, Unavailable};

/// The state in which a department is read.
#[derive(Clone, Debug)]
pub(crate) struct AsOf {
    /// The department.
    pub(crate) department: String,
    /// When the state was taken, by the gateway's clock.
    pub(crate) at: DateTime<Utc>,
    /// The database's own name of the state, where it has one.
    pub(crate) position: Option<String>,
}

/// The state of one database.
struct Taken<'s> {
    of: &'s Arc<Source>,
    own: Arc<Source>,
    at: DateTime<Utc>,
    position: Option<String>,
}

impl Sources {
    /// These departments alone, each in the state that its database has now. Departments that share a database
    /// share its state; between databases there is no common one. Dropping them lets the states go.
    ///
    /// # Errors
    /// The department that doesn't answer.
    pub(crate) async fn snapshot(
        &self,
        departments: &[String],
        clock: &dyn Clock,
    ) -> Result<(Sources, Vec<AsOf>), (String, Unavailable)> {
        let mut taken: Vec<Taken<'_>> = Vec::new();
        let (mut sources, mut all) = (Sources::new(), Vec::new());
        for department in departments {
            let away = || Unavailable::Connection(String::from("no database is configured"));
            let source = self.get(department).ok_or_else(|| (department.clone(), away()))?;
            let known = taken.iter().position(|taken| Arc::ptr_eq(taken.of, source));
            let at = match known {
                Some(at) => at,
                None => {
                    let at = clock.now();
                    let (own, position) =
                        source.snapshot().await.map_err(|error| (department.clone(), error))?;
                    taken.push(Taken { of: source, own: Arc::new(own), at, position });
                    taken.len() - 1
                }
            };
            let Taken { own, at, position, .. } = &taken[at];
            sources.insert(department.clone(), own.clone());
            all.push(AsOf { department: department.clone(), at: *at, position: position.clone() });
        }
        Ok((sources, all))
    }
}

impl Source {
    async fn snapshot(&self) -> Result<(Source, Option<String>), Unavailable> {
        let (database, position) = match &self.database {
            Database::Postgres(shared) => {
                let (postgres, position) = shared.postgres().snapshot().await?;
                (Database::Postgres(Shared::new(postgres)), Some(position))
            }
            Database::Sqlite(sqlite) => (Database::Sqlite(sqlite.snapshot()?), None),
        };
        // It is the same database that answers or doesn't.
        Ok((Source { database, breaker: self.breaker.clone() }, position))
    }
}
