//! The newest head that this process signed, kept beside the key: a hub that was wiped or rolled back
//! is told by it, for nothing in the hub itself could tell.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::evidence::edge::Edge;
use crate::evidence::integrate::Error;
use crate::evidence::log::Log;
use crate::evidence::note::{Checkpoint, VerifyingKey};
use crate::evidence::store::{self, Session};
use anyhow::Context;

/// The head, in memory and in a file.
#[derive(Debug, Default)]
pub struct Kept {
    file: Option<PathBuf>,
    newest: Mutex<Option<Checkpoint>>,
}

impl Kept {
    /// The head in a file, or none yet where there is no file. The folder must take files: a head that
    /// can't be kept later on would protect nobody.
    ///
    /// # Errors
    /// A file that isn't a head of this key, or a folder that takes none.
    pub fn open(file: PathBuf, key: &VerifyingKey) -> anyhow::Result<Kept> {
        let named = || format!("the newest head, kept in `{}`", file.display());
        let newest = match std::fs::read_to_string(&file) {
            Ok(note) => Some(Checkpoint::verified(&note, key).with_context(named)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(named),
        };
        let trial = new(&file);
        std::fs::write(&trial, "").and_then(|()| std::fs::remove_file(&trial)).with_context(named)?;
        Ok(Kept { file: Some(file), newest: Mutex::new(newest) })
    }

    /// The newest head, if any was signed here.
    pub fn newest(&self) -> Option<Checkpoint> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps another head in the place of one that the hub has lost. The lost one stays in a file beside it.
    ///
    /// # Errors
    /// Files that can't be written.
    pub fn adopt(&self, note: &str) -> anyhow::Result<()> {
        let (Some(file), Some(lost)) = (&self.file, self.newest()) else { return Ok(()) };
        let mut aside = file.as_os_str().to_owned();
        aside.push(format!(".lost-{}", lost.size));
        let named = || format!("the newest head, kept in `{}`", file.display());
        std::fs::copy(file, &aside).with_context(named)?;
        write(file, note).with_context(named)
    }

    /// Keeps a head that was signed and is on disk in the hub. A file that can't be written is told of and
    /// stops nothing: the head before it protects as much as it did.
    pub(crate) async fn keep(&self, note: &str, head: Checkpoint) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
        let Some(file) = self.file.clone() else { return };
        let note = note.to_owned();
        let written = tokio::task::spawn_blocking(move || write(&file, &note)).await;
        if let Ok(Err(error)) = written {
            tracing::error!(%error, "the newest head can't be kept beside the key");
        }
    }
}

/// Where the next head is written first. A command and a server may share the file: each has its own.
fn new(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    PathBuf::from(name)
}

/// Puts a whole file in the place of another.
fn write(file: &Path, note: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let new = new(file);
    let mut out = std::fs::File::create(&new)?;
    out.write_all(note.as_bytes())?;
    out.sync_data()?;
    std::fs::rename(new, file)
}

impl Log {
    /// Whether the hub's log goes on from the newest head that was signed here.
    ///
    /// # Errors
    /// [`Error::WentBack`] where it doesn't, or a hub that doesn't answer.
    pub async fn is_whole(&self) -> Result<(), Error> {
        let connection = self.hub().connection();
        let head = self.head_of(connection).await?;
        self.is_continued(connection, head.as_ref()).await
    }

    /// The newest head of the hub.
    ///
    /// # Errors
    /// A hub that doesn't answer, or a head that isn't this log's.
    pub async fn signed_head(&self) -> Result<Option<Checkpoint>, Error> {
        self.head_of(self.hub().connection()).await
    }

    /// Whether the hub's log begins with the records of a head.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub async fn goes_on_from(&self, earlier: &Checkpoint) -> Result<bool, Error> {
        let head = self.signed_head().await?;
        Ok(lost(self.hub().connection(), head.as_ref(), earlier).await?.is_none())
    }

    pub(crate) async fn head_of<S: Session>(&self, connection: &S) -> Result<Option<Checkpoint>, Error> {
        let note = store::checkpoint(connection).await?;
        let read = note.map(|note| Checkpoint::verified(&note, self.key().public()));
        read.transpose().map_err(|error| Error::Damaged(error.to_string()))
    }

    pub(crate) async fn is_continued<S: Session>(
        &self,
        connection: &S,
        head: Option<&Checkpoint>,
    ) -> Result<(), Error> {
        let Some(kept) = self.kept().newest() else { return Ok(()) };
        lost(connection, head, &kept).await?.map_or(Ok(()), |what| Err(Error::WentBack(what)))
    }
}

/// What of an earlier head's records a log has lost; `None` where it begins with all of them.
async fn lost<S: Session>(
    connection: &S,
    head: Option<&Checkpoint>,
    earlier: &Checkpoint,
) -> Result<Option<String>, Error> {
    let (size, signed) = (head.map_or(0, |head| head.size), earlier.size);
    if size < signed {
        return Ok(Some(format!("{signed} records were signed here, and it has {size}")));
    }
    if head == Some(earlier) || Edge::read(connection, signed).await?.root() == Some(earlier.root) {
        return Ok(None);
    }
    Ok(Some(format!("its first {signed} records aren't those that were signed here")))
}
