//! The right edge of the tree: the last tile of each level, which is all that a tree needs to grow.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};

use crate::evidence::integrate::Error;
use crate::evidence::merkle::Hash;
use crate::evidence::store;
use crate::evidence::tile::{Tile, WIDTH, edge_root, root_at};

/// The edge.
pub(crate) struct Edge {
    size: u64,
    /// By level, the hashes of the last tile; empty where it is about to begin.
    last: Vec<Vec<u8>>,
    /// Tiles that changed.
    changed: BTreeMap<(u8, u64), Vec<u8>>,
}

impl Edge {
    /// The edge as it is, or was, when the tree had so many leaves.
    pub(crate) async fn read<C: ConnectionTrait>(connection: &C, size: u64) -> Result<Edge, Error> {
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
        Ok(Edge { size, last, changed: BTreeMap::new() })
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
            self.changed.insert((level as u8, at / WIDTH), tile.clone());
            if (tile.len() as u64) < WIDTH * 32 {
                break;
            }
            let Some(root) = root_at(tile, 0, WIDTH) else { break };
            tile.clear();
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
    pub(crate) async fn write<C: ConnectionTrait>(&mut self, connection: &C) -> Result<(), DbErr> {
        let changed = std::mem::take(&mut self.changed);
        let row = |((level, index), hashes): ((u8, u64), Vec<u8>)| {
            vec![i64::from(level).into(), (index as i64).into(), hashes.into()]
        };
        let rows = changed.into_iter().map(row).collect();
        let tail = "ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes";
        store::insert(connection, "evidence_tile (level, tile, hashes)", rows, tail).await
    }
}
