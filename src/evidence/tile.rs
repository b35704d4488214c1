//! Tiles of the tree and bundles of its entries, as C2SP tlog-tiles lays them out: 256 hashes a tile,
//! eight levels of the tree a tile, paths in groups of three digits.

use crate::evidence::merkle::{Frontier, Hash, Nodes, root_of};

/// Hashes of a full tile, and entries of a full bundle.
pub const WIDTH: u64 = 256;

/// Levels of the tree in one tile.
pub const HEIGHT: u32 = 8;

/// The greatest level of tiles: 256 to the eighth is more than there will ever be.
const MAX_LEVEL: u8 = 7;

/// The most bytes of an entry: bundles give lengths in two bytes.
pub const MAX_ENTRY: usize = 65_535;

/// A tile of hashes or a bundle of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// The level of a tile of hashes; none for a bundle of entries.
    pub level: Option<u8>,
    /// The place in the level.
    pub index: u64,
    /// Hashes or entries in it, `1..=256`.
    pub width: u64,
}

impl Tile {
    /// The tile that holds the hash of a leaf, in a tree of `size` leaves.
    pub fn of_leaf(leaf: u64, size: u64) -> Tile {
        Tile::at(0, leaf / WIDTH, size)
    }

    /// The tile of hashes at a place, as wide as a tree of `size` leaves has it.
    pub fn at(level: u8, index: u64, size: u64) -> Tile {
        let hashes = size >> (HEIGHT * u32::from(level));
        Tile { level: Some(level), index, width: hashes.saturating_sub(index * WIDTH).min(WIDTH) }
    }

    /// The bundle of entries at a place, as wide as a log of `size` entries has it.
    pub fn entries(index: u64, size: u64) -> Tile {
        Tile { level: None, index, width: size.saturating_sub(index * WIDTH).min(WIDTH) }
    }

    /// All tiles of hashes of a tree, level by level.
    pub fn of_tree(size: u64) -> impl Iterator<Item = Tile> {
        let levels = (0..=MAX_LEVEL).take_while(move |level| size >> (HEIGHT * u32::from(*level)) > 0);
        levels.flat_map(move |level| {
            let hashes = size >> (HEIGHT * u32::from(level));
            (0..hashes.div_ceil(WIDTH)).map(move |index| Tile::at(level, index, size))
        })
    }

    /// The path below the log's address, such as `tile/0/x001/234.p/5`.
    pub fn path(&self) -> String {
        let level = self.level.map_or_else(|| String::from("entries"), |level| level.to_string());
        let partial = if self.width < WIDTH { format!(".p/{}", self.width) } else { String::new() };
        format!("tile/{level}/{}{partial}", groups(self.index))
    }

    /// Reads a path; `None` for any text that [`Tile::path`] doesn't write.
    pub fn parse(path: &str) -> Option<Tile> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => None,
            level => Some(level.parse().ok().filter(|level| *level <= MAX_LEVEL)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok().filter(|width| (1..WIDTH).contains(width))?),
            None => (rest, WIDTH),
        };
        let digits: String = index.split('/').map(|group| group.trim_start_matches('x')).collect();
        let tile = Tile { level, index: digits.parse().ok()?, width };
        (tile.path() == path).then_some(tile)
    }
}

fn groups(index: u64) -> String {
    let mut text = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1_000);
        rest /= 1_000;
    }
    text
}

/// Writes a bundle.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        // Entries are held to `MAX_ENTRY` before they are appended.
        out.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        out.extend_from_slice(entry);
    }
    out
}

/// Reads a bundle; `None` where it ends within an entry.
pub fn unbundle(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bytes = rest;
    }
    Some(entries)
}

/// The hash at a place of a tile.
pub fn hash_at(hashes: &[u8], at: u64) -> Option<Hash> {
    let at = at as usize * 32;
    hashes.get(at..at + 32)?.try_into().ok()
}

/// The root over some hashes of a tile.
pub fn root_at(hashes: &[u8], low: u64, count: u64) -> Option<Hash> {
    let hashes: Option<Vec<Hash>> = (low..low + count).map(|at| hash_at(hashes, at)).collect();
    hashes.map(root_of)
}

/// The root of a tree, whose complete subtrees all stand in the last tile of some level. A level whose
/// last tile is full has nothing here.
pub fn edge_root(size: u64, last: &[Vec<u8>]) -> Option<Hash> {
    let mut peaks = Vec::new();
    for (level, tile) in last.iter().enumerate().rev() {
        let width = (size >> (HEIGHT as usize * level)) % WIDTH;
        let mut at = 0;
        for bit in (0..HEIGHT).rev().filter(|bit| width >> bit & 1 == 1) {
            peaks.push(root_at(tile, at, 1 << bit)?);
            at += 1 << bit;
        }
    }
    Some(Frontier::new(size, peaks).root())
}

/// Tiles in memory, as far as they were read.
#[derive(Debug, Default)]
pub struct TilesRead {
    size: u64,
    tiles: std::collections::HashMap<Tile, Vec<u8>>,
}

impl TilesRead {
    /// No tiles yet, of a tree of this size.
    pub fn of(size: u64) -> Self {
        TilesRead { size, tiles: Default::default() }
    }

    /// Adds a tile.
    pub fn add(&mut self, tile: Tile, hashes: Vec<u8>) {
        self.tiles.insert(tile, hashes);
    }
}

impl Nodes for TilesRead {
    /// The tile that must be read first.
    type Error = Tile;

    fn node(&self, height: u32, index: u64) -> Result<Hash, Tile> {
        let (level, within) = ((height / HEIGHT) as u8, height % HEIGHT);
        let low = index << within;
        let tile = Tile::at(level, low / WIDTH, self.size);
        let hashes = self.tiles.get(&tile).ok_or(tile)?;
        root_at(hashes, low % WIDTH, 1 << within).ok_or(tile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written_and_in_no_other_way() {
        let tile = Tile { level: Some(0), index: 1_234_067, width: 256 };
        assert_eq!(tile.path(), "tile/0/x001/x234/067");
        let partial = Tile { level: None, index: 5, width: 7 };
        assert_eq!(partial.path(), "tile/entries/005.p/7");
        for tile in [tile, partial] {
            assert_eq!(Tile::parse(&tile.path()), Some(tile));
        }
        for path in [
            "tile/0/5",
            "tile/0/005.p/0",
            "tile/0/005.p/256",
            "tile/0/001/234",
            "tile/8/000",
            "tile/0/x000/005",
            "tile/-1/000",
            "tile/00/000",
            "tile/0/000.p/07",
            "tile/0/000/",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_bundle_that_ends_early_is_none() {
        let bytes = bundle([&b"one"[..], b"", b"three"]);
        assert_eq!(unbundle(&bytes), Some(vec![&b"one"[..], b"", b"three"]));
        assert_eq!(unbundle(&bytes[..bytes.len() - 1]), None);
    }
}
