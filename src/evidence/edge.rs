//! The right edge of the tree: the last tile of each level, which is all that a tree needs to grow.

use std::collections::BTreeMap;

use sea_orm::DbErr;

use crate::evidence::integrate::Error;
use crate::evidence::merkle::Hash;
use crate::evidence::store::{self, Session};
use crate::evidence::tile::{HEIGHT, Tile, WIDTH, edge_root, root_at};

/// The edge.
pub(crate) struct Edge {
    /// Leaves when it was read.
    before: u64,
    size: u64,
    /// By level, the hashes of the last tile; empty where it is about to begin.
    last: Vec<Vec<u8>>,
    /// Tiles that have become full.
    full: BTreeMap<(u8, u64), Vec<u8>>,
}

impl Edge {
    /// The edge as it is, or was, when the tree had so many leaves.
    pub(crate) async fn read<S: Session>(connection: &S, size: u64) -> Result<Edge, Error> {
        let mut last = Vec::new();
        let mut hashes = size;
        while hashes > 0 {
            let level = last.len() as u8;
            let tile = Tile { level: Some(level), index: hashes / WIDTH, width: hashes % WIDTH };
            last.push(match tile.width {
                0 => Vec::new(),
                _ => store::tile(connection, tile)
                    .await?
                    .ok_or_else(|| Error::Damaged(format!("`{}` is missing", tile.path())))?,
            });
            hashes /= WIDTH;
        }
        Ok(Edge { before: size, size, last, full: BTreeMap::new() })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let (mut hash, mut at) = (leaf, self.size);
        for level in 0.. {
            if self.last.len() == level {
                self.last.push(Vec::new());
            }
            let tile = &mut self.last[level];
            tile.extend_from_slice(&hash);
            if (tile.len() as u64) < WIDTH * 32 {
                break;
            }
            let Some(root) = root_at(tile, 0, WIDTH) else { break };
            self.full.insert((level as u8, at / WIDTH), std::mem::take(tile));
            hash = root;
            at /= WIDTH;
        }
        self.size += 1;
    }

    /// The root of the tree; `None` where a tile is too short.
    pub(crate) fn root(&self) -> Option<Hash> {
        edge_root(self.size, &self.last)
    }

    /// Writes the tiles that changed.
    pub(crate) async fn write<S: Session>(&mut self, connection: &S) -> Result<(), DbErr> {
        let mut changed = std::mem::take(&mut self.full);
        for (level, tile) in self.last.iter().enumerate() {
            let (before, hashes) =
                (self.before >> (HEIGHT as usize * level), self.size >> (HEIGHT as usize * level));
            if hashes > before && !tile.is_empty() {
                changed.insert((level as u8, hashes / WIDTH), tile.clone());
            }
        }
        self.before = self.size;
        let row = |((level, index), hashes): ((u8, u64), Vec<u8>)| {
            vec![i64::from(level).into(), (index as i64).into(), hashes.into()]
        };
        let rows = changed.into_iter().map(row).collect();
        let tail = "ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes";
        store::insert(connection, "evidence_tile (level, tile, hashes)", rows, tail).await
    }
}
