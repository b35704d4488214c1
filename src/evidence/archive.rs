//! Archives: a span of the log as files that verify by themselves, as a server would serve them.

use std::path::Path;

use anyhow::Context;

use crate::evidence::log::Log;
use crate::evidence::note::{Checkpoint, Note};
use crate::evidence::source::{RANGE_FILE, Range};
use crate::evidence::tile::{Tile, WIDTH};

/// Writes the bundles around some records, all tiles of hashes and the signed head into a new folder.
/// Gives the range of entries, which is the wanted one widened to whole bundles.
///
/// # Errors
/// A hub that lacks what was asked for, or a folder that can't be written.
pub async fn archive(log: &Log, (first, end): (u64, u64), folder: &Path) -> anyhow::Result<Range> {
    let note = log.checkpoint().await?.context("the log is empty")?;
    let size = Checkpoint::parse(Note::parse(&note)?.text)?.size;
    let range = Range { first: first / WIDTH * WIDTH, end: end.next_multiple_of(WIDTH).min(size) };
    std::fs::create_dir(folder).with_context(|| format!("folder `{}`", folder.display()))?;
    let bundles = range.first / WIDTH..range.end.div_ceil(WIDTH);
    for tile in Tile::of_tree(size).chain(bundles.map(|index| Tile::entries(index, size))) {
        let bytes = log.tile(tile).await?.with_context(|| format!("{} is missing", tile.path()))?;
        let file = folder.join(tile.path());
        std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
        std::fs::write(file, bytes)?;
    }
    std::fs::write(folder.join(RANGE_FILE), serde_json::to_vec(&range)?)?;
    // The head comes last: a folder without it is no archive.
    std::fs::write(folder.join("checkpoint"), note)?;
    Ok(range)
}
