//! A department's records as others may check them: each with its proof, and with the list of coordinates
//! that it names.

use std::collections::{HashMap, HashSet};

use sea_orm::{DbErr, Value};

use crate::evidence::act::indexed;
use crate::evidence::entry::{COORDINATES, Stored};
use crate::evidence::log::Log;
use crate::evidence::prove::{Proof, Prover};
use crate::evidence::store;

/// Entries that are read at once.
const CHUNK: u64 = 512;

/// Where lists of coordinates stand in the log, by their names, in order.
type Places = HashMap<String, Vec<u64>>;

impl Log {
    /// The records of a department between two times, in the order of the log, each with its proof. Before
    /// the first record that names a list of coordinates comes that list, though its entry be older than the
    /// first time; one that was purged meanwhile is left out. Gives the number of records.
    ///
    /// # Errors
    /// A hub that doesn't answer, or a proof that can't be written.
    pub async fn export(
        &self,
        department: &str,
        (from, to): (&str, &str),
        mut write: impl FnMut(&Proof) -> std::io::Result<()>,
    ) -> Result<u64, DbErr> {
        let connection = self.hub().connection();
        let Some(mut prover) = Prover::new(connection).await? else { return Ok(0) };
        let (places, mut lists) = (self.lists().await?, HashSet::new());
        let mut write = |proof: &Proof| write(proof).map_err(|error| DbErr::Custom(error.to_string()));
        let (mut next, mut written) = (0u64, 0);
        loop {
            let sql = "SELECT log_index, entry FROM evidence_record \
                       WHERE log_index >= $1 AND at >= $2 AND at < $3 AND department = $4 \
                       ORDER BY log_index LIMIT $5";
            let values: Vec<Value> =
                vec![(next as i64).into(), from.into(), to.into(), department.into(), (CHUNK as i64).into()];
            let found = store::rows(connection, sql, values).await?;
            for row in &found {
                let (index, entry) = indexed(row)?;
                next = index + 1;
                let list = list_of(&entry, index, &places).filter(|list| lists.insert(*list));
                if let Some(list) = list
                    && let Some((_, entry)) = store::entries(connection, list, list + 1).await?.pop()
                    && let Some(proof) = prover.proof(connection, list, entry).await?
                {
                    write(&proof)?;
                }
                if let Some(proof) = prover.proof(connection, index, entry).await? {
                    write(&proof)?;
                    written += 1;
                }
            }
            if (found.len() as u64) < CHUNK {
                return Ok(written);
            }
        }
    }

    async fn lists(&self) -> Result<Places, DbErr> {
        let sql = "SELECT log_index, entry FROM evidence_record WHERE kind = $1 ORDER BY log_index";
        let mut places = Places::new();
        for row in store::rows(self.hub().connection(), sql, vec![COORDINATES.into()]).await? {
            let (index, entry) = indexed(&row)?;
            if let Some(name) = Stored::read(&entry).ok().and_then(|stored| stored.name) {
                places.entry(name.into_owned()).or_default().push(index);
            }
        }
        Ok(places)
    }
}

/// Where the list stands that a record names: the newest before the record, or the first after it, since
/// replicas write lists of their own.
fn list_of(entry: &str, index: u64, places: &Places) -> Option<u64> {
    let name = Stored::read(entry).ok()?.coordinates?.into_owned();
    let places = places.get(&name)?;
    places.iter().rfind(|place| **place < index).or_else(|| places.first()).copied()
}
