//! What a round writes besides the head: entries with the columns that repeat parts of them, what opens the
//! commitments of their people, whom they are found by, lists of coordinates, tiles.

use std::borrow::Cow;

use sea_orm::DbErr;

use crate::evidence::bulk::{Bulk, BulkRow, Cell, Column};
use crate::evidence::edge::Edge;
use crate::evidence::entry::{COORDINATES, Stored};
use crate::evidence::integrate::Error;
use crate::evidence::leaves;
use crate::evidence::merkle::{Hash, leaf_hash};
use crate::evidence::people::digests;
use crate::evidence::store;
use crate::evidence::turn::{Link, Turn};
use crate::evidence::waiting::{Read, Waiting};

/// People that are written by one statement.
const PEOPLE_AT_ONCE: usize = 10_000;

/// The log. The columns but the number repeat parts of the entry.
const RECORD: Bulk = Bulk {
    table: "evidence_record",
    columns: &[
        Column::Int("log_index"),
        Column::Text("kind"),
        Column::Text("at"),
        Column::Text("caller"),
        Column::Text("department"),
        Column::Text("role"),
        Column::Text("division"),
        Column::Text("purpose"),
        Column::Text("case_no"),
        Column::Text("coordinates"),
        Column::Int("people"),
    ],
    copied: &["id", "entry"],
};

/// What opens the commitments of a record's people.
const OPENING: Bulk = Bulk {
    table: "evidence_opening",
    columns: &[Column::Int("log_index"), Column::Text("person_key"), Column::Bytes("leaves")],
    copied: &[],
};

/// Whom a record is found by.
const PERSON: Bulk = Bulk {
    table: "evidence_person",
    columns: &[Column::Bytes("digest"), Column::Int("log_index")],
    copied: &[],
};

/// Writes everything of a round but the head. Gives the root.
pub(crate) async fn write(turn: &Turn, edge: &mut Edge, taken: Vec<Read<'_>>) -> Result<Hash, Error> {
    let (mut records, mut openings) = (Vec::with_capacity(taken.len()), Vec::with_capacity(taken.len()));
    let (mut people, mut lists) = (Vec::new(), Vec::new());
    let numbers: Vec<i64> = taken.iter().map(|(waiting, _)| waiting.seq).collect();
    for (waiting, stored) in taken {
        let index = edge.size() as i64;
        if !waiting.openings.is_empty() {
            openings.push(opening_row(index, searched(stored.people.key.clone()), &waiting.openings));
        }
        for digest in digests(&waiting.openings) {
            people.push((digest, index));
            if people.len() == PEOPLE_AT_ONCE {
                write_people(turn, &mut people).await?;
            }
        }
        if let (COORDINATES, Some(name), Some(outcomes)) = (&*stored.kind, &stored.name, &stored.outcomes) {
            let text = serde_json::to_string(outcomes).unwrap_or_default();
            lists.push(vec![name.to_string().into(), text.into()]);
        }
        records.push(record_row(index, waiting, stored));
        edge.push(leaf_hash(waiting.text.as_bytes()));
    }
    write_people(turn, &mut people).await?;
    OPENING.insert(turn, &openings).await?;
    RECORD.insert(turn, &records).await?;
    let into = "evidence_coordinates (name, outcomes)";
    store::insert(turn, into, lists, "ON CONFLICT (name) DO NOTHING").await?;
    wait_no_more(turn, &numbers).await?;
    edge.write(turn).await?;
    edge.root().ok_or_else(|| Error::Damaged(String::from("a tile is too short")))
}

/// Writes people in the order of their digests, which are found by an index: neighbours there go into the same
/// page, and whoever reads the table learns nothing of the order of rows.
async fn write_people(turn: &Turn, people: &mut Vec<(&[u8], i64)>) -> Result<(), DbErr> {
    people.sort_unstable();
    let rows: Vec<BulkRow<'_>> = people.drain(..).map(person_row).collect();
    PERSON.insert(turn, &rows).await
}

/// Deletes what was taken, by number: a record with a smaller one may have been committed meanwhile and isn't
/// in this round.
async fn wait_no_more(turn: &Turn, numbers: &[i64]) -> Result<(), DbErr> {
    match turn.link() {
        Link::Postgres(held) => {
            held.delete("DELETE FROM evidence_pending WHERE seq = ANY($1)", numbers).await?;
        }
        Link::Sqlite { .. } => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            let delete = format!("DELETE FROM evidence_pending WHERE seq IN ({})", numbers.join(","));
            store::run(turn, &delete, Vec::new()).await?;
        }
    }
    Ok(())
}

/// The most characters of a column that records are searched by: PostgreSQL's indexes hold no more than
/// 2,700 bytes.
const MAX_SEARCHED: usize = 256;

/// A text as it is searched by. PostgreSQL's texts hold everything but one character.
pub(crate) fn searched(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MAX_SEARCHED && !text.contains('\0') {
        return text;
    }
    text.chars().filter(|c| *c != '\0').take(MAX_SEARCHED).collect::<String>().into()
}

fn record_row<'a>(index: i64, waiting: &'a Waiting, stored: Stored<'a>) -> BulkRow<'a> {
    let text = |text| Cell::Text(searched(text));
    let optional = |text: Option<Cow<'a, str>>| text.map_or(Cell::Null, |text| Cell::Text(searched(text)));
    let cells = vec![
        Cell::Int(index),
        text(stored.kind),
        text(stored.ended_at),
        text(stored.subject),
        text(stored.department),
        text(stored.role),
        text(stored.division),
        text(stored.purpose),
        optional(stored.case),
        optional(stored.coordinates),
        Cell::Int(stored.people.count as i64),
    ];
    BulkRow { cells, seq: waiting.seq, copied: vec![&waiting.id, &waiting.text] }
}

fn opening_row<'a>(index: i64, key: Cow<'a, str>, openings: &[u8]) -> BulkRow<'a> {
    let cells = vec![Cell::Int(index), Cell::Text(key), Cell::Bytes(leaves::kept(openings).into())];
    BulkRow { cells, seq: 0, copied: Vec::new() }
}

fn person_row((digest, index): (&[u8], i64)) -> BulkRow<'_> {
    BulkRow { cells: vec![Cell::Bytes(digest.into()), Cell::Int(index)], seq: 0, copied: Vec::new() }
}
