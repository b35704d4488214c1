//! Where a log is verified from: its hub, a server's address, or files.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use crate::evidence::entry::Stored;
use crate::evidence::hub::Hub;
use crate::evidence::store;
use crate::evidence::tile::{Tile, WIDTH, unbundle};
use crate::evidence::verify::{Problem, Source};

/// The hub itself.
#[derive(Debug)]
pub struct HubSource {
    /// The hub.
    pub hub: Hub,
    /// Records that were written before this and still wait are told.
    pub waiting_since: DateTime<Utc>,
}

impl Source for HubSource {
    fn checkpoint(&self) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        async { Ok(store::checkpoint(self.hub.connection()).await?) }.boxed()
    }

    fn hashes(&self, tile: Tile) -> BoxFuture<'_, anyhow::Result<Option<Vec<u8>>>> {
        async move { Ok(store::tile(self.hub.connection(), tile).await?) }.boxed()
    }

    fn entries(&self, bundle: Tile) -> BoxFuture<'_, anyhow::Result<Vec<Option<Vec<u8>>>>> {
        async move {
            let low = bundle.index * WIDTH;
            let mut entries = vec![None; bundle.width as usize];
            for (at, text) in store::entries(self.hub.connection(), low, low + bundle.width).await? {
                entries[(at - low) as usize] = Some(text.into_bytes());
            }
            Ok(entries)
        }
        .boxed()
    }

    fn others(&self) -> BoxFuture<'_, anyhow::Result<Vec<Problem>>> {
        async move {
            let mut problems = Vec::new();
            problems.extend(store::beyond(self.hub.connection()).await?.map(Problem::Beyond));
            if let Some((count, text)) = store::waiting(self.hub.connection()).await? {
                let since =
                    Stored::read(&text).map(|stored| stored.ended_at.into_owned()).unwrap_or_default();
                let is_late =
                    DateTime::parse_from_rfc3339(&since).is_ok_and(|since| since < self.waiting_since);
                problems.extend(is_late.then_some(Problem::Waiting(count, since)));
            }
            let rejected = store::rejected(self.hub.connection()).await?;
            problems.extend(rejected.map(|(count, reason)| Problem::SetAside(count, reason)));
            Ok(problems)
        }
        .boxed()
    }
}

/// A server, or anything else that serves tiles.
#[derive(Debug)]
pub struct UrlSource {
    client: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl UrlSource {
    /// A log below an address such as `https://gateway/evidence`.
    ///
    /// # Errors
    /// Where no client can be made.
    pub fn new(url: &str, token: Option<String>) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(UrlSource { client, url: url.trim_end_matches('/').to_owned(), token })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let mut request = self.client.get(format!("{}/{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                anyhow::bail!("`{path}`: entries need the token of an AUDITOR (`--token`)")
            }
            status if status.is_success() => Ok(Some(answer.bytes().await?.to_vec())),
            status => anyhow::bail!("`{path}`: {status}"),
        }
    }
}

impl Source for UrlSource {
    fn checkpoint(&self) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        async {
            self.get("checkpoint").await?.map(String::from_utf8).transpose().context("the head isn't text")
        }
        .boxed()
    }

    fn hashes(&self, tile: Tile) -> BoxFuture<'_, anyhow::Result<Option<Vec<u8>>>> {
        async move { self.get(&tile.path()).await }.boxed()
    }

    fn entries(&self, bundle: Tile) -> BoxFuture<'_, anyhow::Result<Vec<Option<Vec<u8>>>>> {
        async move { Ok(opened(self.get(&bundle.path()).await?)) }.boxed()
    }

    fn others(&self) -> BoxFuture<'_, anyhow::Result<Vec<Problem>>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

fn opened(bytes: Option<Vec<u8>>) -> Vec<Option<Vec<u8>>> {
    let bytes = bytes.unwrap_or_default();
    let entries = unbundle(&bytes).unwrap_or_default();
    entries.into_iter().map(|entry| Some(entry.to_vec())).collect()
}

/// Files laid out as a server serves them.
#[derive(Debug)]
pub struct FolderSource {
    folder: PathBuf,
    range: Option<Range>,
}

/// Which entries an archive holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub first: u64,
    /// The one behind the last.
    pub end: u64,
}

/// The file of an archive that tells its range.
pub const RANGE_FILE: &str = "range.json";

impl FolderSource {
    /// A folder, which holds all entries or says which.
    ///
    /// # Errors
    /// A range that can't be read.
    pub fn new(folder: PathBuf) -> anyhow::Result<Self> {
        let file = folder.join(RANGE_FILE);
        let range = match file.exists() {
            true => Some(serde_json::from_slice(&std::fs::read(&file)?).context("the range of the archive")?),
            false => None,
        };
        Ok(FolderSource { folder, range })
    }

    fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let file = self.folder.join(path);
        match std::fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("`{}`", file.display())),
        }
    }
}

impl Source for FolderSource {
    fn checkpoint(&self) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        async { self.read("checkpoint")?.map(String::from_utf8).transpose().context("the head isn't text") }
            .boxed()
    }

    fn hashes(&self, tile: Tile) -> BoxFuture<'_, anyhow::Result<Option<Vec<u8>>>> {
        async move { self.read(&tile.path()) }.boxed()
    }

    fn entries(&self, bundle: Tile) -> BoxFuture<'_, anyhow::Result<Vec<Option<Vec<u8>>>>> {
        async move { Ok(opened(self.read(&bundle.path())?)) }.boxed()
    }

    fn range(&self) -> Option<(u64, u64)> {
        self.range.map(|range| (range.first, range.end))
    }

    fn others(&self) -> BoxFuture<'_, anyhow::Result<Vec<Problem>>> {
        async { Ok(Vec::new()) }.boxed()
    }
}
