//! The consents of a case that hold on a day.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};

use crate::evidence::store;

/// By section the digests of the people whose consent holds.
pub(crate) type InForce = HashMap<String, HashSet<Vec<u8>>>;

/// What holds in a case on a day. Asked anew by each request, so that a withdrawal holds from the next.
///
/// # Errors
/// A hub that doesn't answer.
pub(crate) async fn of<C: ConnectionTrait>(hub: &C, case_no: &str, day: &str) -> Result<InForce, DbErr> {
    let sql = "SELECT digest, sections FROM consent WHERE case_no = $1 AND withdrawn_at IS NULL \
               AND valid_from <= $2 AND valid_until >= $2";
    let mut found = InForce::new();
    for row in store::rows(hub, sql, vec![case_no.into(), day.into()]).await? {
        let (digest, sections): (Vec<u8>, String) =
            (row.try_get("", "digest")?, row.try_get("", "sections")?);
        for section in sections.split(' ') {
            found.entry(section.to_owned()).or_default().insert(digest.clone());
        }
    }
    Ok(found)
}
