//! Documents that requests name instead of sending them: trusted documents of manifests, and those that
//! clients registered themselves (Apollo's automatic persisted queries).
//!
//! Shapes and codes are those of the appendix on persisted documents of GraphQL over HTTP and of Apollo's
//! protocol. Which documents may run at all is a question of `documents.mode`; what they may read never is.

mod automatic;
mod manifest;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::clock::hex;
use crate::config::Documents as Settings;
use crate::plan::{Invalid, code};

pub use automatic::{Automatic, Store};
pub use manifest::{Manifest, read as read_manifests};

/// Which documents may run; each mode is stricter than the one before.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Any; those that no manifest knows are logged, so that manifests can be completed.
    LogUnknown,
    /// Those of the manifests, by name or by text.
    Safelist,
    /// Those of the manifests, by name alone.
    RequireId,
}

/// How a request names its document.
#[derive(Debug)]
pub enum Named {
    /// By its text.
    Text(String),
    /// By an identifier.
    Id(String),
    /// By the SHA-256 of its text, in Apollo's protocol; with the text where it isn't known yet.
    Hash {
        /// 64 hexadecimal digits.
        sha256: String,
        /// The text, to be kept.
        text: Option<String>,
    },
}

/// The documents that are known by name.
#[derive(Debug)]
pub struct Trusted {
    mode: Mode,
    by_id: HashMap<String, Arc<str>>,
    texts: HashSet<[u8; 32]>,
    automatic: Option<Automatic>,
    told: Cache<[u8; 32], ()>,
}

/// Unknown documents that were logged already.
const MAX_TOLD: u64 = 10_000;

/// The most characters of an identifier.
pub(crate) const MAX_ID: usize = 256;

/// The prefix of identifiers that are a document's SHA-256.
const SHA256: &str = "sha256:";

impl Trusted {
    /// Reads the manifests of `documents.folder`.
    ///
    /// # Errors
    /// A manifest that can't be read, or two texts under one identifier.
    pub fn open(settings: &Settings, store: Option<Arc<dyn Store>>) -> anyhow::Result<Self> {
        let mut by_id = HashMap::new();
        let mut texts = HashSet::new();
        let manifests = match settings.folder.as_os_str().is_empty() {
            true => Vec::new(),
            false => manifest::read(Path::new(&settings.folder))?,
        };
        for Manifest { file, operations } in manifests {
            for (id, text) in operations {
                let digest: [u8; 32] = Sha256::digest(&text).into();
                let text: Arc<str> = text.into();
                texts.insert(digest);
                by_id.insert(format!("{SHA256}{}", hex(&digest)), text.clone());
                let before = by_id.insert(id.clone(), text.clone());
                let same = before.is_none_or(|before| before == text);
                anyhow::ensure!(same, "`{}`: another document has the identifier `{id}`", file.display());
            }
        }
        // Clients that may run what they like need not be trusted to register it.
        let automatic = (settings.automatic && settings.mode == Mode::LogUnknown)
            .then(|| Automatic::new(settings, store));
        let told = Cache::new(MAX_TOLD);
        Ok(Trusted { mode: settings.mode, by_id, texts, automatic, told })
    }

    /// How many texts the manifests hold.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Every text once, with the identifier that is its hash.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.by_id.iter().map(|(id, text)| (id.as_str(), &**text));
        named.filter(|(id, _)| id.starts_with(SHA256))
    }

    /// The text of the document that a request names.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND`, `PERSISTED_QUERY_NOT_SUPPORTED`, `PERSISTED_QUERY_HASH_MISMATCH`,
    /// `PERSISTED_QUERY_ID_REQUIRED`, `QUERY_NOT_IN_SAFELIST`, or an identifier of no known form.
    pub async fn text(&self, named: Named) -> Result<String, Invalid> {
        match named {
            Named::Text(text) => self.allowed(text),
            Named::Id(id) => self.by_id(&id),
            Named::Hash { sha256, text } => self.by_hash(&sha256.to_ascii_lowercase(), text).await,
        }
    }

    fn allowed(&self, text: String) -> Result<String, Invalid> {
        if self.mode == Mode::LogUnknown && self.texts.is_empty() {
            return Ok(text);
        }
        let digest: [u8; 32] = Sha256::digest(&text).into();
        match self.mode {
            Mode::RequireId => Err(Invalid::new(
                code::PERSISTED_ID_REQUIRED,
                "only documents of a manifest are run, named by `documentId`",
            )),
            Mode::Safelist if !self.texts.contains(&digest) => {
                Err(Invalid::new(code::NOT_IN_SAFELIST, "the document is in no manifest"))
            }
            Mode::LogUnknown if !self.texts.contains(&digest) => {
                if !self.told.contains_key(&digest) {
                    self.told.insert(digest, ());
                    // The digest alone: values may stand in the text.
                    tracing::warn!(sha256 = hex(&digest), "a document is in no manifest");
                }
                Ok(text)
            }
            Mode::Safelist | Mode::LogUnknown => Ok(text),
        }
    }

    fn by_id(&self, id: &str) -> Result<String, Invalid> {
        check_form(id)?;
        let found = self.by_id.get(id).map(|text| text.to_string());
        found.ok_or_else(not_found)
    }

    /// Apollo's protocol: a hash alone asks whether the document is known; a hash with its text makes it so.
    async fn by_hash(&self, sha256: &str, text: Option<String>) -> Result<String, Invalid> {
        if let Some(known) = self.by_id.get(&format!("{SHA256}{sha256}")) {
            return Ok(known.to_string());
        }
        let Some(automatic) = &self.automatic else {
            return Err(match self.is_empty() {
                true => Invalid::new(code::PERSISTED_NOT_SUPPORTED, "PersistedQueryNotSupported"),
                false => not_found(),
            });
        };
        match text {
            None => automatic.find(sha256).await.ok_or_else(not_found),
            Some(text) if hex(&Sha256::digest(&text)) == sha256 => self.allowed(text),
            Some(_) => {
                let message = "the hash isn't the SHA-256 of the document";
                Err(Invalid::new(code::PERSISTED_MISMATCH, message))
            }
        }
    }

    /// Keeps a text that a client registered and that turned out to be a document.
    pub async fn keep(&self, text: &str) {
        if let Some(automatic) = &self.automatic {
            automatic.keep(&hex(&Sha256::digest(text)), text).await;
        }
    }
}

/// `sha256:` and 64 digits, `x-…:`, or what a manifest calls its documents: no other prefix is anybody's to use.
fn check_form(id: &str) -> Result<(), Invalid> {
    let is_hash =
        |rest: &str| rest.len() == 64 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let fits = match id.split_once(':') {
        _ if id.is_empty() || id.len() > MAX_ID => false,
        Some(("sha256", rest)) => is_hash(rest),
        Some((prefix, _)) => prefix.starts_with("x-"),
        None => true,
    };
    let message =
        "`documentId` is `sha256:` with 64 lower hexadecimal digits, `x-…:` or a manifest's identifier";
    if fits { Ok(()) } else { Err(Invalid::new(code::BAD_USER_INPUT, message)) }
}

/// The message is Apollo's: its clients compare it.
fn not_found() -> Invalid {
    Invalid::new(code::PERSISTED_NOT_FOUND, "PersistedQueryNotFound")
}
