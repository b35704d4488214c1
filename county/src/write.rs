//! Writing a county into five empty exchange databases, on SQLite or PostgreSQL.

mod copy_text;
mod postgres;
mod sqlite;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use tokio::sync::mpsc;
use yimen_migration::ExchangeDatabase;

use crate::Options;
use crate::chunk::Chunk;
use crate::generate::chunks;

/// Chunks that may wait for the databases; one is enough to keep both sides busy.
const WAITING: usize = 1;

/// Where each exchange database is: `sqlite://PATH?mode=rwc` or `postgres://…`.
#[derive(Clone, Debug)]
pub struct Urls {
    pub household: String,
    pub social_insurance: String,
    pub housing: String,
    pub education: String,
    pub union: String,
}

/// How far the writing has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// People written so far.
    pub persons: u32,
    /// People that there will be.
    pub total: u32,
    /// Everybody is written, and indexes and statistics are being made.
    pub is_indexing: bool,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of all tables.
    pub rows: u64,
    /// Rows of each table.
    pub tables: BTreeMap<&'static str, u64>,
}

impl Urls {
    /// The connection URL of one exchange database.
    pub fn of(&self, database: ExchangeDatabase) -> &str {
        match database {
            ExchangeDatabase::Household => &self.household,
            ExchangeDatabase::SocialInsurance => &self.social_insurance,
            ExchangeDatabase::Housing => &self.housing,
            ExchangeDatabase::Education => &self.education,
            ExchangeDatabase::UnionAid => &self.union,
        }
    }
}

impl Counts {
    fn add(&mut self, chunk: &Chunk) {
        for (_, table, count) in chunk.counts() {
            self.rows += count as u64;
            *self.tables.entry(table).or_default() += count as u64;
        }
    }
}

/// An exchange database that is being filled.
enum Target {
    Sqlite(sqlite::Target),
    Postgres(Box<postgres::Target>),
}

impl Target {
    async fn open(url: &str, database: ExchangeDatabase) -> Result<Self> {
        if url.starts_with("sqlite:") {
            return Ok(Target::Sqlite(sqlite::Target::open(url, database).await?));
        }
        Ok(Target::Postgres(Box::new(postgres::Target::open(url, database).await?)))
    }

    async fn write(&mut self, chunk: &Chunk) -> Result<()> {
        match self {
            Target::Sqlite(target) => target.write(chunk).await,
            Target::Postgres(target) => target.write(chunk).await,
        }
    }

    async fn finish(self) -> Result<()> {
        match self {
            Target::Sqlite(target) => target.finish().await,
            Target::Postgres(target) => target.finish().await,
        }
    }
}

/// Migrates five empty exchange databases and writes a county into them.
///
/// On PostgreSQL each database is written in one transaction. On SQLite it isn't: a file that a
/// failure left behind is incomplete and has to be deleted.
///
/// # Errors
/// If a database can't be reached or migrated, or holds rows already.
pub async fn write(options: &Options, urls: &Urls, progress: &mut dyn FnMut(Progress)) -> Result<Counts> {
    let chunks = chunks(options)?;
    let opened = ExchangeDatabase::ALL.map(|database| async move {
        let opened = Target::open(urls.of(database), database).await;
        opened.with_context(|| format!("the exchange database `{database}`"))
    });
    let mut targets = try_join_all(opened).await?;
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let made = tokio::task::spawn_blocking(move || {
        for chunk in chunks {
            if sender.blocking_send(chunk).is_err() {
                // The writing side has failed and says why.
                break;
            }
        }
    });
    let mut counts = Counts::default();
    let mut reached = Progress { persons: 0, total: options.persons, is_indexing: false };
    while let Some(chunk) = receiver.recv().await {
        try_join_all(targets.iter_mut().map(|target| target.write(&chunk))).await?;
        counts.add(&chunk);
        reached.persons += u32::try_from(chunk.person.len())?;
        progress(reached);
    }
    made.await.context("making the county's rows failed")?;
    progress(Progress { is_indexing: true, ..reached });
    try_join_all(targets.into_iter().map(Target::finish)).await?;
    Ok(counts)
}

/// What a database that holds rows already is answered with.
fn holds_rows(table: &str) -> anyhow::Error {
    anyhow::anyhow!("holds rows already, in `{table}`: a county is written into empty databases only")
}
