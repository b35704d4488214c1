//! A part under way: a file beside those that are whole, which becomes one of them when it is.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

use crate::clock::hex;

/// A part that is being written.
#[derive(Debug)]
pub(crate) struct Writing {
    file: File,
    place: PathBuf,
    folder: PathBuf,
    hasher: Sha256,
    pub(crate) bytes: i64,
    pub(crate) entries: i64,
    pub(crate) rows: i64,
    pub(crate) records: Vec<String>,
}

impl Writing {
    /// Begins a part in an export's folder.
    ///
    /// # Errors
    /// A folder that takes none.
    pub(crate) async fn begin(folder: &Path, name: &str) -> std::io::Result<Self> {
        make_folder_of(folder).map_err(std::io::Error::other)?;
        let place = folder.join(format!("{name}.writing"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&place).await?;
        Ok(Writing {
            file,
            place,
            folder: folder.to_owned(),
            hasher: Sha256::new(),
            bytes: 0,
            entries: 0,
            rows: 0,
            records: Vec::new(),
        })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// A disk that is full or broken.
    pub(crate) async fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as i64;
        self.file.write_all(bytes).await
    }

    /// Puts the whole part onto the disk under its name, and gives its SHA-256.
    ///
    /// # Errors
    /// A disk that is full or broken.
    pub(crate) async fn finish(mut self, name: &str) -> std::io::Result<String> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        tokio::fs::rename(&self.place, self.folder.join(name)).await?;
        // The name is on the disk when the folder is.
        File::open(&self.folder).await?.sync_all().await?;
        Ok(hex(&self.hasher.finalize()))
    }
}

/// The folder of all exports, for this program alone.
///
/// # Errors
/// A folder that can't be made.
pub(crate) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    make_folder_of(folder).with_context(|| format!("`export.folder` `{}`", folder.display()))
}

fn make_folder_of(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

/// Deletes what an earlier run left half written; `whole` are the names of what stays.
///
/// # Errors
/// A folder that can't be read.
pub(crate) fn tidy(folder: &Path, whole: &[&str]) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !whole.contains(&&*entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a small file whole or not at all.
///
/// # Errors
/// A disk that is full or broken.
pub(crate) async fn replace(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let mut writing = Writing::begin(folder, name).await?;
    writing.put(text.as_bytes()).await?;
    writing.finish(name).await.map(|_| ())
}
