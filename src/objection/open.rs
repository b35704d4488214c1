//! Open objections, for the marks in answers: a flag that costs reads nothing while nobody objects, and one
//! statement for the people of a read while somebody does.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

use crate::evidence::store;

/// The most open objections that one read is told of.
pub(crate) const MAX_TOLD: usize = 1_000;

/// An open objection about one of the people of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What the person is found by.
    pub person: String,
    /// The value, as `Type.field`.
    pub coordinate: String,
    /// When it was raised.
    pub since: String,
    /// Whether the person has shown proof.
    pub has_proof: bool,
}

/// The open objections about some people. One statement, whatever their number.
///
/// # Errors
/// A hub that doesn't answer.
pub async fn open_of<C: ConnectionTrait>(connection: &C, people: &[String]) -> Result<Vec<Open>, DbErr> {
    let list = match connection.get_database_backend() {
        DbBackend::Sqlite => "SELECT value FROM json_each($1)",
        _ => "SELECT json_array_elements_text($1::json)",
    };
    let sql = format!(
        "SELECT person, coordinate, raised_at, proof FROM objection \
         WHERE state = 'OPEN' AND person IN ({list}) ORDER BY seq LIMIT $2"
    );
    let values = vec![serde_json::json!(people).to_string().into(), (MAX_TOLD as i64).into()];
    let rows = store::rows(connection, &sql, values).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok(Open {
            person: row.try_get("", "person")?,
            coordinate: row.try_get("", "coordinate")?,
            since: row.try_get("", "raised_at")?,
            has_proof: row.try_get::<Option<String>>("", "proof")?.is_some(),
        })
    };
    rows.iter().map(read).collect()
}

/// Whether any objection is open in the hub, as far as this process knows.
#[derive(Debug)]
pub struct AnyOpen(AtomicBool);

impl Default for AnyOpen {
    /// Before the hub was asked, there may be one.
    fn default() -> Self {
        AnyOpen(AtomicBool::new(true))
    }
}

impl AnyOpen {
    /// Whether a read must ask for open objections.
    pub fn may_be_open(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Somebody raised one here.
    pub fn raised(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Looks anew. A hub that doesn't answer may hold one.
    pub async fn look(&self, connection: &DatabaseConnection) {
        let sql = "SELECT 1 AS one FROM objection WHERE state = 'OPEN' LIMIT 1";
        let found = store::rows(connection, sql, Vec::new()).await;
        self.0.store(found.map_or(true, |rows| !rows.is_empty()), Ordering::Release);
    }
}
