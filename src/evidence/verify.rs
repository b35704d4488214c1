//! Verification: everything is computed anew from entries and compared with tiles and signed head.
//!
//! What is wrong is told with its place: a record that was changed, is missing or stands where
//! another one was, a tail that was cut off, a tile that isn't the hash of what is below it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use anyhow::Context;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};

use crate::evidence::Kind;
use crate::evidence::entry::Stored;
use crate::evidence::merkle::{Frontier, Hash, leaf_hash};
use crate::evidence::note::{Checkpoint, VerifyingKey};
use crate::evidence::tile::{HEIGHT, Tile, WIDTH, edge_root, hash_at, root_at};

/// Bundles that are read and hashed at once.
const AT_ONCE: usize = 4;

/// Problems that are told; more help nobody.
pub const MAX_PROBLEMS: usize = 20;

/// Where a log is read from.
pub trait Source: Send + Sync {
    /// The newest head, as it was signed; `None` where the log is empty.
    fn checkpoint(&self) -> BoxFuture<'_, anyhow::Result<Option<String>>>;

    /// A tile of hashes; `None` where there is none of that width.
    fn hashes(&self, tile: Tile) -> BoxFuture<'_, anyhow::Result<Option<Vec<u8>>>>;

    /// The entries of a bundle, each where it is there.
    fn entries(&self, bundle: Tile) -> BoxFuture<'_, anyhow::Result<Vec<Option<Vec<u8>>>>>;

    /// Which entries there ought to be, where it isn't all of them.
    fn range(&self) -> Option<(u64, u64)> {
        None
    }

    /// What is wrong beside the log itself.
    fn others(&self) -> BoxFuture<'_, anyhow::Result<Vec<Problem>>>;
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The head isn't signed, or isn't readable.
    Head(String),
    /// The log doesn't begin with a head that was seen earlier.
    Forked(u64),
    /// An entry isn't the one that was hashed.
    Changed(u64),
    /// There is no entry.
    Missing(u64),
    /// The first entry stands where the second was.
    Moved(u64, u64),
    /// The head counts more records than there are from here on.
    Truncated(u64, u64),
    /// A tile of hashes isn't there.
    NoTile(String),
    /// A tile of hashes isn't what the level below or the head says.
    WrongTile(String),
    /// There are entries beyond the head.
    Beyond(u64),
    /// Records wait for a place in the log for too long.
    Waiting(u64, String),
    /// Records were set aside, the first for this reason.
    SetAside(u64, String),
    /// A column that repeats part of an entry says something else.
    Column(u64, &'static str),
    /// What a record's people are found by isn't what its entry seals.
    People(u64, &'static str),
    /// A list of coordinates isn't what records name.
    List(String, &'static str),
    /// The accesses of a case by a department are withheld, and no record says so.
    Withholding(String, String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Head(why) => write!(f, "head: {why}"),
            Problem::Forked(size) => {
                write!(f, "head: the log doesn't begin with the {size} records seen earlier")
            }
            Problem::Changed(at) => write!(f, "record {at} was changed"),
            Problem::Missing(at) => write!(f, "record {at} is missing"),
            Problem::Moved(at, from) => write!(f, "record {at} was moved: record {from} stands in its place"),
            Problem::Truncated(from, size) => {
                write!(
                    f,
                    "the tail is cut off: the head says {size} records, from record {from} on there are none"
                )
            }
            Problem::NoTile(path) => write!(f, "{path} is missing"),
            Problem::WrongTile(path) => write!(f, "{path} isn't the hash of what is below it"),
            Problem::Beyond(at) => write!(f, "record {at} lies beyond the signed head"),
            Problem::Waiting(count, since) => {
                write!(f, "{count} records have waited for a place in the log since {since}")
            }
            Problem::Column(at, column) => {
                write!(f, "record {at} is searched by another `{column}` than it has")
            }
            Problem::People(at, why) => write!(f, "record {at}: {why}"),
            Problem::List(name, why) => write!(f, "the list of coordinates {name} {why}"),
            Problem::Withholding(case, department) => {
                write!(f, "case {case} is withheld for {department}, and no record says so")
            }
            Problem::SetAside(count, reason) => {
                write!(f, "{count} records were set aside and have no place in the log; the first: {reason}")
            }
        }
    }
}

/// What verification found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Records that the head counts.
    pub size: u64,
    /// Entries that were there and right.
    pub checked: u64,
    /// Up to where entries were purged, as the log itself says.
    pub purged: u64,
    /// What is wrong; nothing where all is well.
    pub problems: Vec<Problem>,
}

/// What one bundle and its tile told.
struct Bundle {
    hashes: Option<Vec<u8>>,
    checked: u64,
    missing: Vec<u64>,
    wrong: Vec<(u64, Hash)>,
    purged: u64,
}

/// Verifies a log.
///
/// # Errors
/// A source that can't be read. What is wrong with the log is in the report.
pub async fn verify(
    source: Arc<dyn Source>,
    key: &VerifyingKey,
    earlier: Option<&Checkpoint>,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let Some(note) = source.checkpoint().await? else {
        if earlier.is_some_and(|earlier| earlier.size > 0) {
            report.problems.push(Problem::Head(String::from("there is none, though there was one")));
        }
        report.problems.extend(source.others().await?);
        return Ok(report);
    };
    let head = match Checkpoint::verified(&note, key) {
        Ok(head) => head,
        Err(error) => {
            report.problems.push(Problem::Head(error.to_string()));
            return Ok(report);
        }
    };
    report.size = head.size;
    let bundles = bundles(&source, head.size).await?;
    entries(&mut report, &bundles, source.range());
    let leaves: Vec<Option<Vec<u8>>> = bundles.into_iter().map(|bundle| bundle.hashes).collect();
    if let Some(earlier) = earlier {
        is_extended(&mut report, earlier, &leaves);
    }
    tiles(&mut report, source.as_ref(), &head, leaves).await?;
    report.problems.extend(source.others().await?);
    report.problems.truncate(MAX_PROBLEMS);
    Ok(report)
}

async fn bundles(source: &Arc<dyn Source>, size: u64) -> anyhow::Result<Vec<Bundle>> {
    let read = |index: u64| {
        let source = source.clone();
        // A task each, so that hashing uses every processor.
        async move { tokio::spawn(bundle(source, index, size)).await.context("a task ended early")? }
    };
    stream::iter((0..size.div_ceil(WIDTH)).map(read)).buffered(AT_ONCE).try_collect().await
}

async fn bundle(source: Arc<dyn Source>, index: u64, size: u64) -> anyhow::Result<Bundle> {
    let tile = Tile::at(0, index, size);
    let low = index * WIDTH;
    let hashes = source.hashes(tile).await?;
    let mut found = Bundle { hashes, checked: 0, missing: Vec::new(), wrong: Vec::new(), purged: 0 };
    let is_meant = |at: &u64| source.range().is_none_or(|(first, end)| (first..end).contains(at));
    if !(low..low + tile.width).any(|at| is_meant(&at)) {
        return Ok(found);
    }
    let entries = source.entries(Tile::entries(index, size)).await?;
    for at in (low..low + tile.width).filter(is_meant) {
        let Some(Some(entry)) = entries.get((at - low) as usize) else {
            found.missing.push(at);
            continue;
        };
        let hash = leaf_hash(entry);
        if found.hashes.as_ref().and_then(|hashes| hash_at(hashes, at - low)) == Some(hash) {
            found.checked += 1;
            found.purged = found.purged.max(purged_by(at, entry));
        } else {
            found.wrong.push((at, hash));
        }
    }
    Ok(found)
}

/// Up to where a record says that entries were purged, which is never beyond itself.
fn purged_by(at: u64, entry: &[u8]) -> u64 {
    // Few records are of that kind; the rest isn't worth a parser.
    if !entry.starts_with(br#"{"kind":"PURGE""#) {
        return 0;
    }
    let text = String::from_utf8_lossy(entry);
    let stored = Stored::read(&text).ok().filter(|stored| stored.is(Kind::Purge));
    let below = stored.and_then(|stored| stored.note?.strip_prefix("below ")?.parse().ok());
    below.filter(|below| *below <= at).unwrap_or(0)
}

/// What is wrong with entries, from all bundles together: an entry that moved has left its bundle.
fn entries(report: &mut Report, bundles: &[Bundle], range: Option<(u64, u64)>) {
    report.checked = bundles.iter().map(|bundle| bundle.checked).sum();
    report.purged = bundles.iter().map(|bundle| bundle.purged).max().unwrap_or(0);
    let missing = bundles.iter().flat_map(|bundle| &bundle.missing).copied();
    let missing: Vec<u64> = missing.filter(|at| *at >= report.purged).collect();
    let end = range.map_or(report.size, |(_, end)| end.min(report.size));
    let tail = tail(&missing, end);
    let single = missing.iter().filter(|at| tail.is_none_or(|tail| **at < tail));
    report.problems.extend(single.map(|at| Problem::Missing(*at)));
    let expected = expected(bundles);
    for (at, hash) in bundles.iter().flat_map(|bundle| &bundle.wrong) {
        report.problems.push(match expected.get(hash) {
            Some(from) => Problem::Moved(*at, *from),
            None => Problem::Changed(*at),
        });
    }
    report.problems.sort_by_key(Problem::place);
    report.problems.extend(tail.map(|tail| Problem::Truncated(tail, report.size)));
}

impl Problem {
    fn place(&self) -> u64 {
        match self {
            Problem::Changed(at) | Problem::Missing(at) | Problem::Moved(at, _) => *at,
            _ => 0,
        }
    }
}

/// Where a run of missing entries begins that goes on to the end.
fn tail(missing: &[u64], end: u64) -> Option<u64> {
    let run = missing.iter().rev().zip(1..).take_while(|(at, back)| **at + back == end).count();
    (run > 0).then(|| end - run as u64)
}

/// The hashes of places whose entries are wrong or missing, with those places.
fn expected(bundles: &[Bundle]) -> HashMap<Hash, u64> {
    let mut expected = HashMap::new();
    for bundle in bundles {
        for at in bundle.wrong.iter().map(|(at, _)| at).chain(&bundle.missing) {
            if let Some(hash) = bundle.hashes.as_ref().and_then(|hashes| hash_at(hashes, at % WIDTH)) {
                expected.insert(hash, *at);
            }
        }
    }
    expected
}

/// Whether the log begins with the records of a head that was seen earlier.
fn is_extended(report: &mut Report, earlier: &Checkpoint, leaves: &[Option<Vec<u8>>]) {
    let mut frontier = Frontier::default();
    let hashes = leaves.iter().flatten().flat_map(|tile| (0..WIDTH).map_while(|at| hash_at(tile, at)));
    hashes.take(earlier.size as usize).for_each(|hash| frontier.push(hash));
    if frontier.size() != earlier.size || frontier.root() != earlier.root {
        report.problems.push(Problem::Forked(earlier.size));
    }
}

/// Compares every level of tiles with the level below, and the last with the head.
async fn tiles(
    report: &mut Report,
    source: &dyn Source,
    head: &Checkpoint,
    leaves: Vec<Option<Vec<u8>>>,
) -> anyhow::Result<()> {
    let (mut level, mut below, mut last, mut wrong) = (0u8, leaves, Vec::new(), BTreeMap::new());
    loop {
        let hashes = head.size >> (HEIGHT * u32::from(level));
        for index in 0..hashes.div_ceil(WIDTH) {
            let tile = Tile::at(level, index, head.size);
            if below.get(index as usize).is_none_or(Option::is_none) {
                wrong.insert(tile, Problem::NoTile(tile.path()));
            }
        }
        let partial = (!hashes.is_multiple_of(WIDTH)).then(|| below.last().cloned().flatten()).flatten();
        last.push(partial.unwrap_or_default());
        if hashes < WIDTH {
            break;
        }
        level += 1;
        let roots = (0..hashes / WIDTH)
            .map(|at| below[at as usize].as_ref().and_then(|tile| root_at(tile, 0, WIDTH)));
        below = next_level(source, level, head.size, roots.collect(), &mut wrong).await?;
    }
    report.problems.extend(wrong.into_values());
    if edge_root(head.size, &last) != Some(head.root) {
        report.problems.push(Problem::WrongTile(String::from("the signed head")));
    }
    Ok(())
}

/// The tiles of a level as they must be, and a problem for each that stands otherwise.
async fn next_level(
    source: &dyn Source,
    level: u8,
    size: u64,
    roots: Vec<Option<Hash>>,
    wrong: &mut BTreeMap<Tile, Problem>,
) -> anyhow::Result<Vec<Option<Vec<u8>>>> {
    let mut tiles = Vec::new();
    for (index, chunk) in roots.chunks(WIDTH as usize).enumerate() {
        let tile = Tile::at(level, index as u64, size);
        let stored = source.hashes(tile).await?;
        for (at, root) in chunk.iter().enumerate() {
            let found = stored.as_ref().and_then(|stored| hash_at(stored, at as u64));
            if found.is_some() && *root != found {
                let below = Tile::at(level - 1, index as u64 * WIDTH + at as u64, size);
                wrong.entry(below).or_insert_with(|| Problem::WrongTile(below.path()));
            }
        }
        // What is stored goes on upwards, so that a wrong tile is told once and not at every level.
        tiles.push(stored);
    }
    Ok(tiles)
}
