//! Records that wait for their places: which of them a round takes, and which can't be taken.
//!
//! One row that can't be integrated must not stop the log. It is moved as it is into a table of its own,
//! where verification finds it.

use sea_orm::DbErr;

use crate::evidence::entry::Stored;
use crate::evidence::seal::SealKey;
use crate::evidence::store::{self, Fields};
use crate::evidence::tile::MAX_ENTRY;
use crate::evidence::turn::{Turn, TurnRow};

/// The most records of one round: a round holds all of them in memory.
pub(crate) const ROUND: u64 = 4_096;

/// The most people of the records of one round, unless a single record has more.
const ROUND_PEOPLE: i64 = 100_000;

/// The most bytes of entries and openings of one round, unless a single record has more.
const ROUND_BYTES: i64 = 32 << 20;

/// The most people of one record.
pub(crate) const MAX_PEOPLE: usize = 1_000_000;

/// Bytes of one person's salt and digest.
pub(crate) const OPENING: usize = super::people::SALT + super::people::DIGEST;

/// A record that waits.
pub(crate) struct Waiting {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) openings: Vec<u8>,
    seal: Vec<u8>,
}

impl Waiting {
    fn is_sealed(&self, key: &SealKey) -> bool {
        key.fits(&self.seal, &self.id, &self.text, &self.openings)
    }
}

/// The number of a row that can't be taken, with what is wrong with it.
pub(crate) type Refused = (i64, &'static str);

/// What a round takes.
#[derive(Default)]
pub(crate) struct Picked {
    /// Whole records, in the order in which the hub numbered them.
    pub(crate) taken: Vec<Waiting>,
    /// Rows that can't be taken.
    refused: Vec<Refused>,
    /// Whether more wait than a round may hold.
    pub(crate) is_full: bool,
}

/// A record that waits, read.
pub(crate) type Read<'a> = (&'a Waiting, Stored<'a>);

impl Picked {
    /// Reads the entries of the records that are taken. Gives them, and all rows that can't be taken.
    pub(crate) fn read(&self) -> (Vec<Read<'_>>, Vec<Refused>) {
        let (mut read, mut refused) = (Vec::with_capacity(self.taken.len()), self.refused.clone());
        for waiting in &self.taken {
            match Stored::read(&waiting.text) {
                Ok(stored) => read.push((waiting, stored)),
                Err(_) => refused.push((waiting.seq, "no entry")),
            }
        }
        refused.sort_unstable();
        (read, refused)
    }
}

/// What is told of a row whose seal isn't right.
const FORGED: &str = "forged, or sealed under another secret";

/// Picks the records of a round, at most so many.
pub(crate) async fn pick(turn: &Turn, most: u64, key: &SealKey) -> Result<Picked, DbErr> {
    let mut picked = Picked::default();
    let Some(last) = measure(turn, most, &mut picked).await? else { return Ok(picked) };
    let sql = "SELECT seq, id, entry, people, mac FROM evidence_pending WHERE seq <= $1 \
               AND octet_length(entry) <= $2 AND octet_length(people) <= $3 ORDER BY seq LIMIT $4";
    let bounds = [last, MAX_ENTRY as i64, (MAX_PEOPLE * OPENING) as i64, most as i64];
    for row in &store::rows(turn, sql, bounds.map(Into::into).to_vec()).await? {
        let seq = row.field("seq")?;
        match read(seq, row) {
            Ok(waiting) if !waiting.is_sealed(key) => picked.refused.push((seq, FORGED)),
            Ok(waiting) => picked.taken.push(waiting),
            Err(_) => picked.refused.push((seq, "not readable")),
        }
    }
    Ok(picked)
}

/// Finds up to where a round may go before anything is read into memory. Gives the last row's number.
async fn measure(turn: &Turn, most: u64, picked: &mut Picked) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT seq, CAST(octet_length(entry) AS bigint) AS entry_bytes, \
               CAST(octet_length(people) AS bigint) AS people_bytes FROM evidence_pending ORDER BY seq LIMIT $1";
    let rows = store::rows(turn, sql, vec![(most as i64).into()]).await?;
    picked.is_full = rows.len() as u64 == most;
    let (mut last, mut people, mut bytes) = (None, 0, 0);
    for row in &rows {
        let seq: i64 = row.field("seq")?;
        let (entry, openings): (i64, i64) = (row.field("entry_bytes")?, row.field("people_bytes")?);
        if entry > MAX_ENTRY as i64 || openings > (MAX_PEOPLE * OPENING) as i64 {
            picked.refused.push((seq, "larger than a record may be"));
            continue;
        }
        people += openings / OPENING as i64;
        bytes += entry + openings;
        if last.is_some() && (people > ROUND_PEOPLE || bytes > ROUND_BYTES) {
            picked.is_full = true;
            break;
        }
        last = Some(seq);
    }
    Ok(last)
}

fn read(seq: i64, row: &TurnRow) -> Result<Waiting, DbErr> {
    Ok(Waiting {
        seq,
        id: row.field("id")?,
        text: row.field("entry")?,
        openings: row.field("people")?,
        seal: row.field("mac")?,
    })
}

/// Moves rows as they are to where verification tells of them.
pub(crate) async fn set_aside(turn: &Turn, refused: &[Refused], at: &str) -> Result<(), DbErr> {
    for (seq, reason) in refused {
        let sql = "INSERT INTO evidence_rejected (seq, id, entry, people, mac, reason, at) \
                   SELECT seq, id, entry, people, mac, $2, $3 FROM evidence_pending WHERE seq = $1";
        store::run(turn, sql, vec![(*seq).into(), (*reason).into(), at.into()]).await?;
        store::run(turn, "DELETE FROM evidence_pending WHERE seq = $1", vec![(*seq).into()]).await?;
    }
    Ok(())
}
