//! Lanes of a PostgreSQL hub: a connection each, one statement a batch.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::evidence::EvidenceUnavailable;
use crate::evidence::lane::{Queue, Sealed, Waiting, tell};
use crate::evidence::ledger::Commits;
use crate::postgres::{Address, Link};

/// A statement is a transaction: the rows are on disk when it answers, or none of them is.
const INSERT: &str = "INSERT INTO evidence_pending (id, entry, people, mac) \
                      SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[])";

/// What a lane works with.
#[derive(Clone)]
pub(crate) struct Lane {
    pub(crate) queue: Arc<Mutex<Queue>>,
    pub(crate) commits: Arc<Commits>,
    pub(crate) deadline: Duration,
    address: Address,
}

/// The same for one record, which takes the server half as long.
const INSERT_ONE: &str = "INSERT INTO evidence_pending (id, entry, people, mac) VALUES ($1, $2, $3, $4)";

/// A connection that the lane itself drives: a record then waits for no task but its lane's.
struct Connected {
    client: Client,
    link: Driven,
    insert: Statement,
    insert_one: Statement,
}

impl Lane {
    pub(crate) fn new(
        url: &str,
        queue: Arc<Mutex<Queue>>,
        commits: Arc<Commits>,
        deadline: Duration,
    ) -> anyhow::Result<Self> {
        let mut address = Address::read(url)?;
        // Whatever the server's default: a record that isn't flushed is no record.
        let options = format!("-c synchronous_commit=on -c statement_timeout={}", deadline.as_millis());
        address.config.connect_timeout(deadline).application_name("yimen evidence").options(options);
        Ok(Lane { queue, commits, deadline, address })
    }

    /// Works until nobody can append any more.
    pub(crate) async fn run(self) {
        let mut connected = None;
        let mut batch = Vec::new();
        loop {
            // Whoever holds the queue waits for the first record and takes all that came with it.
            if self.queue.lock().await.take(&mut batch).await == 0 {
                return;
            }
            let result = match timeout(self.deadline, self.write(&mut connected, &batch)).await {
                Ok(result) => result,
                Err(_) => Err(EvidenceUnavailable(String::from("the hub took too long"))),
            };
            if result.is_err() {
                // A statement may still be under way there; the next batch has a connection of its own.
                connected = None;
            }
            tell(&mut batch, result);
            self.commits.add();
        }
    }

    async fn write(
        &self,
        connected: &mut Option<Connected>,
        batch: &[Waiting],
    ) -> Result<(), EvidenceUnavailable> {
        let open = match connected.take() {
            Some(mut open) => open.link.is_open().await.then_some(open),
            None => None,
        };
        let connected = match open {
            Some(open) => connected.insert(open),
            None => connected.insert(self.connect().await.map_err(failed)?),
        };
        let entries: Vec<&Sealed> = batch.iter().flat_map(|waiting| &waiting.entries).collect();
        let written = match &*entries {
            [alone] => connected.write_one(alone).await,
            several => connected.write(several).await,
        };
        match written.map_err(failed)? == entries.len() as u64 {
            true => Ok(()),
            false => Err(EvidenceUnavailable(String::from("the hub took fewer records than it was given"))),
        }
    }

    async fn connect(&self) -> Result<Connected, tokio_postgres::Error> {
        let (client, link) = self.address.open().await?;
        let mut link = Driven(Some(link));
        let insert = link.during(client.prepare(INSERT)).await?;
        let insert_one = link.during(client.prepare(INSERT_ONE)).await?;
        Ok(Connected { client, link, insert, insert_one })
    }
}

impl Connected {
    async fn write_one(&mut self, Sealed { entry, seal }: &Sealed) -> Result<u64, tokio_postgres::Error> {
        let seal = seal.as_slice();
        let values: [&(dyn ToSql + Sync); 4] = [&entry.id, &entry.text, &entry.openings, &seal];
        self.link.during(self.client.execute(&self.insert_one, &values)).await
    }

    async fn write(&mut self, entries: &[&Sealed]) -> Result<u64, tokio_postgres::Error> {
        let ids: Vec<&str> = entries.iter().map(|sealed| sealed.entry.id.as_str()).collect();
        let texts: Vec<&str> = entries.iter().map(|sealed| sealed.entry.text.as_str()).collect();
        let people: Vec<&[u8]> = entries.iter().map(|sealed| sealed.entry.openings.as_slice()).collect();
        let seals: Vec<&[u8]> = entries.iter().map(|sealed| sealed.seal.as_slice()).collect();
        let values: [&(dyn ToSql + Sync); 4] = [&ids, &texts, &people, &seals];
        self.link.during(self.client.execute(&self.insert, &values)).await
    }
}

/// What moves a connection's bytes, while somebody waits for them; nothing once it has ended.
struct Driven(Option<Link>);

impl Driven {
    /// Whether the connection is there. What the server said since the last statement is read first.
    async fn is_open(&mut self) -> bool {
        poll_fn(|context| {
            self.turn(context);
            Poll::Ready(self.0.is_some())
        })
        .await
    }

    /// Waits for something that happens over the connection.
    async fn during<T>(&mut self, waited: impl Future<Output = T>) -> T {
        let mut waited = pin!(waited);
        poll_fn(|context| {
            if let Poll::Ready(done) = waited.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            self.turn(context);
            waited.as_mut().poll(context)
        })
        .await
    }

    /// Sends and receives what can be. A connection that has ended is dropped, so that whoever waits is told.
    fn turn(&mut self, context: &mut std::task::Context<'_>) {
        let Some(link) = &mut self.0 else { return };
        if let Poll::Ready(ended) = link.poll_unpin(context) {
            self.0 = None;
            if let Err(error) = ended {
                tracing::warn!(error = %failed(error), "a connection to the hub ended");
            }
        }
    }
}

/// The server's message may quote values: the state alone is told.
fn failed(error: tokio_postgres::Error) -> EvidenceUnavailable {
    EvidenceUnavailable(match error.code() {
        Some(state) => format!("SQLSTATE {}", state.code()),
        None => error.to_string(),
    })
}
