//! Proofs that single records are in the log, for whoever has no business with the rest of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::evidence::merkle::{Hash, consistency, inclusion, leaf_hash, proves_inclusion};
use crate::evidence::note::{Checkpoint, Malformed, Note, VerifyingKey};
use crate::evidence::store;
use crate::evidence::tile::{Tile, TilesRead};

/// One record with everything that shows it to be in the log, but for the log's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// The record's place.
    pub index: u64,
    /// The entry, byte for byte.
    pub entry: String,
    /// The hashes from the entry to the root, in base64 (RFC 6962, 2.1.1).
    pub path: Vec<String>,
    /// The signed head.
    pub checkpoint: String,
}

/// The proof that the log begins with the records of an earlier head.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extension {
    /// The records of the earlier head.
    pub old: u64,
    /// The records of the newest.
    pub size: u64,
    /// The hashes between both roots, in base64 (RFC 6962, 2.1.2).
    pub path: Vec<String>,
    /// The newest head.
    pub checkpoint: String,
}

/// Makes proofs against one head; tiles are read once for all of them.
#[derive(Debug)]
pub struct Prover {
    checkpoint: String,
    size: u64,
    tiles: TilesRead,
}

impl Prover {
    /// A prover against the newest head; `None` where the log is empty.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn new<C: ConnectionTrait>(connection: &C) -> Result<Option<Self>, DbErr> {
        let Some(checkpoint) = store::checkpoint(connection).await? else { return Ok(None) };
        let head = Note::parse(&checkpoint).and_then(|note| Checkpoint::parse(note.text));
        let size = head.map_err(|error| DbErr::Custom(error.to_string()))?.size;
        Ok(Some(Prover { checkpoint, size, tiles: TilesRead::of(size) }))
    }

    /// The head that proofs lead to.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// How many records the head counts.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The proof of a record; `None` where it lies beyond the head.
    ///
    /// # Errors
    /// A hub that doesn't answer or lacks a tile.
    pub async fn path<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        index: u64,
    ) -> Result<Option<Vec<String>>, DbErr> {
        if index >= self.size {
            return Ok(None);
        }
        let path = self.read(connection, |tiles, size| inclusion(tiles, index, size)).await?;
        Ok(Some(path))
    }

    /// The proof that the log begins with the records of an earlier head; `None` where that counts none
    /// or more than there are.
    ///
    /// # Errors
    /// A hub that doesn't answer or lacks a tile.
    pub async fn extension<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        old: u64,
    ) -> Result<Option<Extension>, DbErr> {
        if old == 0 || old > self.size {
            return Ok(None);
        }
        let path = self.read(connection, |tiles, size| consistency(tiles, old, size)).await?;
        Ok(Some(Extension { old, size: self.size, path, checkpoint: self.checkpoint.clone() }))
    }

    /// Hashes of a proof, for which tiles are read as it turns out that they are needed.
    async fn read<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        hashes: impl Fn(&TilesRead, u64) -> Result<Vec<Hash>, Tile>,
    ) -> Result<Vec<String>, DbErr> {
        loop {
            match hashes(&self.tiles, self.size) {
                Ok(path) => return Ok(path.iter().map(|hash| STANDARD.encode(hash)).collect()),
                Err(tile) => {
                    let hashes = store::tile(connection, tile).await?;
                    let missing = || DbErr::RecordNotFound(format!("{} is missing", tile.path()));
                    self.tiles.add(tile, hashes.ok_or_else(missing)?);
                }
            }
        }
    }

    /// An entry with its proof.
    ///
    /// # Errors
    /// As [`Prover::path`].
    pub async fn proof<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        index: u64,
        entry: String,
    ) -> Result<Option<Proof>, DbErr> {
        let path = self.path(connection, index).await?;
        Ok(path.map(|path| Proof { index, entry, path, checkpoint: self.checkpoint.clone() }))
    }
}

impl Proof {
    /// Whether this shows the entry to be in the log of a key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, key: &VerifyingKey) -> Result<Checkpoint, Malformed> {
        let head = Checkpoint::verified(&self.checkpoint, key)?;
        let hash = |text: &String| STANDARD.decode(text).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let path: Option<Vec<Hash>> = self.path.iter().map(hash).collect();
        let path = path.ok_or_else(|| Malformed(String::from("a hash of the proof can't be read")))?;
        match proves_inclusion(&path, leaf_hash(self.entry.as_bytes()), self.index, head.size, &head.root) {
            true => Ok(head),
            false => {
                Err(Malformed(format!("the proof of record {} doesn't lead to the signed head", self.index)))
            }
        }
    }
}
