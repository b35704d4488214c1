//! Where answers wait for their records: a bounded queue in front of the lanes, and a deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseTransaction;
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::time::timeout;

use crate::evidence::entry::{Entries, Entry, Made, Unfit};
use crate::evidence::hub::{Hub, Place};
use crate::evidence::lane::{Coming, Queue, Sealed, UnderWay, Waiting, postgres, sqlite};
use crate::evidence::seal::SealKey;
use crate::evidence::waiting::{MAX_PEOPLE, OPENING};
use crate::evidence::{Evidence, EvidenceUnavailable, NotRecorded, Record, store};
use crate::telemetry;

/// Records that may wait for a lane; more have to wait before they are taken.
const QUEUE: usize = 4_096;

/// As the lanes do it.
const INSERT: &str = "INSERT INTO evidence_pending (id, entry, people, mac) VALUES ($1, $2, $3, $4)";

/// How records are made durable.
#[derive(Clone, Debug)]
pub struct LedgerOptions {
    /// Batches that may be under way at once; a SQLite hub has one writer whatever is asked for.
    pub lanes: usize,
    /// How long a record may take to become durable.
    pub deadline: Duration,
    /// What records are sealed with.
    pub seal: SealKey,
}

/// The way into the hub.
#[derive(Debug)]
pub struct Ledger {
    queue: mpsc::Sender<Waiting>,
    under_way: UnderWay,
    entries: Entries,
    seal: SealKey,
    deadline: Duration,
    commits: Arc<Commits>,
}

/// What lanes have committed.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    /// Told after each batch.
    pub(crate) told: Arc<Notify>,
    /// How many batches there were.
    count: AtomicU64,
}

impl Commits {
    pub(crate) fn add(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.told.notify_one();
    }
}

impl Ledger {
    /// Starts the lanes of a hub.
    ///
    /// # Errors
    /// A thread that can't be started.
    pub fn start(hub: &Hub, options: LedgerOptions) -> anyhow::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (deadline, commits) = (options.deadline, Arc::new(Commits::default()));
        let under_way = UnderWay::default();
        match hub.place() {
            Place::Postgres(url) => {
                let waiting = Arc::new(Mutex::new(Queue { waiting, under_way: under_way.clone() }));
                let lane = postgres::Lane::new(url, waiting, commits.clone(), deadline)?;
                for _ in 0..options.lanes.max(1) {
                    tokio::spawn(lane.clone().run());
                }
            }
            Place::Sqlite(path) => {
                let (path, turn) = (path.clone(), hub.turn().clone());
                let lane = sqlite::Lane { path, queue: waiting, commits: commits.clone(), deadline, turn };
                std::thread::Builder::new().name(String::from("evidence")).spawn(move || lane.run())?;
            }
        }
        Ok(Ledger { queue, under_way, entries: Entries::default(), seal: options.seal, deadline, commits })
    }

    /// Told each time that records were committed.
    pub fn committed(&self) -> Arc<Notify> {
        self.commits.told.clone()
    }

    /// How many batches were committed so far, or failed.
    pub fn batches(&self) -> u64 {
        self.commits.count.load(Ordering::Relaxed)
    }

    /// Seals entries, unless they hold more people than a round of integration takes.
    fn sealed(&self, entries: Vec<Entry>) -> Result<Vec<Sealed>, EvidenceUnavailable> {
        let seal = |entry: Entry| {
            if entry.openings.len() > MAX_PEOPLE * OPENING {
                return Err(EvidenceUnavailable(format!("a record has more than {MAX_PEOPLE} people")));
            }
            let seal = self.seal.seal(&entry.id, &entry.text, &entry.openings);
            Ok(Sealed { entry, seal })
        };
        entries.into_iter().map(seal).collect()
    }

    async fn commit(&self, waiting: Waiting, answer: oneshot::Receiver<Answered>) -> Answered {
        let gone = |_| EvidenceUnavailable(String::from("the lanes have stopped"));
        self.queue.send(waiting).await.map_err(|_| gone(()))?;
        answer.await.map_err(|_| gone(()))?
    }
}

type Answered = Result<(), EvidenceUnavailable>;

impl Evidence for Ledger {
    fn append(&self, record: Record) -> BoxFuture<'_, Result<(), NotRecorded>> {
        async move {
            let Made { entries, list } = match self.entries.make(&record) {
                Ok(made) => made,
                Err(Unfit::TooLarge(_)) => return Err(NotRecorded::TooLarge(Box::new(record))),
                Err(unfit) => return Err(EvidenceUnavailable(unfit.to_string()).into()),
            };
            let (done, answer) = oneshot::channel();
            let waiting = Waiting { entries: self.sealed(entries)?, done };
            let began = Instant::now();
            let committed = timeout(self.deadline, self.commit(waiting, answer)).await;
            telemetry::record(began.elapsed(), matches!(committed, Ok(Ok(()))));
            match committed {
                Ok(result) => result?,
                Err(_) => return Err(EvidenceUnavailable(String::from("the hub took too long")).into()),
            }
            self.entries.is_durable(list);
            Ok(())
        }
        .boxed()
    }

    /// The list of coordinates isn't remembered as written: the transaction may still fail.
    fn append_within<'a>(
        &'a self,
        transaction: &'a DatabaseTransaction,
        record: Record,
    ) -> BoxFuture<'a, Answered> {
        async move {
            let failed = |_| EvidenceUnavailable(String::from("the hub refuses a record"));
            let made = self.entries.make(&record).map_err(|unfit| EvidenceUnavailable(unfit.to_string()))?;
            for Sealed { entry, seal } in self.sealed(made.entries)? {
                let values =
                    vec![entry.id.into(), entry.text.into(), entry.openings.into(), seal.to_vec().into()];
                store::run(transaction, INSERT, values).await.map_err(failed)?;
            }
            Ok(())
        }
        .boxed()
    }

    fn begin(&self) -> Coming {
        self.under_way.begin()
    }

    fn is_committed(&self) {
        self.commits.add();
    }
}
