//! What opens the commitments of records, read some records at a time: most have a few people, and one may have a
//! million.

use sea_orm::{DbErr, Value};

use crate::evidence::store::{self, Fields, Session};

/// Records of a page.
const RECORDS: i64 = 2_048;

/// Bytes of a page's leaves, unless a single record has more.
const BYTES: i64 = 8 << 20;

/// What opens the commitments of one record.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) index: i64,
    /// The key of its people's digests.
    pub(crate) key: String,
    /// As [`crate::evidence::leaves`] has them.
    pub(crate) leaves: Vec<u8>,
}

/// The next records between two places, those of one person where a digest is given. An empty page is the last.
pub(crate) async fn page<S: Session>(
    session: &S,
    (behind, below): (i64, i64),
    digest: Option<&[u8]>,
) -> Result<Vec<Opening>, DbErr> {
    let mut which = String::from("log_index > $1 AND log_index < $2");
    let mut values: Vec<Value> = vec![behind.into(), below.into(), RECORDS.into()];
    if let Some(digest) = digest {
        which.push_str(" AND log_index IN (SELECT log_index FROM evidence_person WHERE digest = $4)");
        values.push(digest.to_vec().into());
    }
    let select = |columns: &str| {
        format!("SELECT log_index, {columns} FROM evidence_opening WHERE {which} ORDER BY log_index LIMIT $3")
    };
    let sizes = select("CAST(octet_length(leaves) AS bigint) AS bytes");
    let sizes = store::rows(session, &sizes, values.clone()).await?;
    let sizes: Result<Vec<(i64, i64)>, DbErr> =
        sizes.iter().map(|row| Ok((row.field("log_index")?, row.field("bytes")?))).collect();
    let Some(last) = last_of(&sizes?) else { return Ok(Vec::new()) };
    values[1] = (last + 1).into();
    let rows = store::rows(session, &select("person_key, leaves"), values).await?;
    let opening = |row: &S::Row| {
        Ok(Opening {
            index: row.field("log_index")?,
            key: row.field("person_key")?,
            leaves: row.field("leaves")?,
        })
    };
    rows.iter().map(opening).collect()
}

/// The last record of a page by the sizes of those that could be on it, which are places and bytes.
fn last_of(sizes: &[(i64, i64)]) -> Option<i64> {
    let mut bytes = 0;
    let fits = |(_, size): &&(i64, i64)| {
        bytes += size;
        bytes <= BYTES
    };
    let fitting = sizes.iter().take_while(fits).count().max(1);
    sizes.get(fitting - 1).map(|(index, _)| *index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_just_where_its_bytes_do_and_holds_one_record_at_least() {
        assert_eq!(last_of(&[]), None);
        assert_eq!(last_of(&[(3, BYTES - 1), (5, 1), (6, 1)]), Some(5));
        assert_eq!(last_of(&[(3, BYTES), (5, 1)]), Some(3));
        assert_eq!(last_of(&[(3, BYTES + 1), (5, 1)]), Some(3));
    }
}
