//! Requests in flight that ask the same statement of the same plan share one: their values are looked
//! up together, and each finds its own rows. There is no timer. A statement whose turn is free leaves
//! at once; what arrives while all turns are taken goes with the next.
//!
//! A plan stands for one document and one set of decisions, and the caller's division is a parameter:
//! who shares a statement may read the same columns of the same rows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::fetch::asked::Asked;
use crate::fetch::state::Indexed;
use crate::fetch::{Fetched, Postgres, Texts, Unavailable};

/// How many batches of one statement may be under way at once.
const TURNS: usize = 2;

/// Requests that look up more values than this ask alone.
const MAX_KEYS: usize = 200;

/// The most values of one batch, so that no statement holds up those behind it for long.
const MAX_BATCH: usize = 600;

type Answer = Result<Fetched, Unavailable>;

struct Waiting {
    keys: Arc<Texts>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct Batch {
    waiting: Vec<Waiting>,
    keys: usize,
}

#[derive(Default)]
struct Queue {
    turns: usize,
    batches: VecDeque<Batch>,
}

/// A PostgreSQL database whose small statements are shared.
#[derive(Clone)]
pub struct Shared {
    postgres: Arc<Postgres>,
    queues: Arc<Mutex<HashMap<Asked, Queue>>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&self.postgres).finish()
    }
}

impl Shared {
    /// Nothing is under way yet.
    pub fn new(postgres: Postgres) -> Self {
        Shared { postgres: Arc::new(postgres), queues: Arc::default() }
    }

    /// The database itself.
    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// The rows of these values.
    ///
    /// # Errors
    /// Why the database didn't answer.
    pub(crate) async fn rows(&self, asked: Asked, keys: Arc<Texts>) -> Answer {
        if keys.len() > MAX_KEYS {
            let rows = self.postgres.rows(&asked, &keys).await?;
            return Ok(Fetched::alone(rows, asked.key_slot));
        }
        let broken_off = |_| Unavailable::Statement(String::from("a shared statement broke off"));
        // Whoever joins behind a slow batch waits no longer than for a statement of its own.
        let deadline = self.postgres.deadline();
        let answer = timeout(deadline, self.join(asked, keys)).await;
        answer.map_err(|_| Unavailable::Deadline(deadline))?.map_err(broken_off)?
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Asked, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the batch that leaves next, and has it leave if a turn is free.
    fn join(&self, asked: Asked, keys: Arc<Texts>) -> oneshot::Receiver<Answer> {
        let (answer, received) = oneshot::channel();
        let mut queues = self.queues();
        let queue = queues.entry(asked.clone()).or_default();
        let has_room = queue.batches.back().is_some_and(|batch| batch.keys + keys.len() <= MAX_BATCH);
        if !has_room {
            queue.batches.push_back(Batch::default());
            if queue.turns < TURNS {
                queue.turns += 1;
                tokio::spawn(Turn { shared: self.clone(), asked, is_over: false }.run());
            }
        }
        if let Some(batch) = queue.batches.back_mut() {
            batch.keys += keys.len();
            batch.waiting.push(Waiting { keys, answer });
        }
        received
    }
}

/// Runs batch after batch while there are any. Who asked may go away meanwhile; the batch goes on.
struct Turn {
    shared: Shared,
    asked: Asked,
    is_over: bool,
}

impl Turn {
    async fn run(mut self) {
        while let Some(batch) = self.next() {
            self.batch(batch.waiting).await;
        }
    }

    /// The next batch; where there is none the turn ends in the same moment, so that no batch is left
    /// behind without one.
    fn next(&mut self) -> Option<Batch> {
        let mut queues = self.shared.queues();
        let next = queues.get_mut(&self.asked)?.batches.pop_front();
        if next.is_none() {
            self.is_over = true;
            end_turn(&mut queues, &self.asked);
        }
        next
    }

    async fn batch(&self, waiting: Vec<Waiting>) {
        let all = match waiting.as_slice() {
            [alone] => alone.keys.clone(),
            together => {
                let mut keys: Vec<&str> = together.iter().flat_map(|waiting| waiting.keys.iter()).collect();
                keys.sort_unstable();
                keys.dedup();
                Arc::new(keys.into_iter().collect())
            }
        };
        let answer = self.rows(&all).await;
        if matches!(answer, Err(Unavailable::TooManyRows(_))) && waiting.len() > 1 {
            return self.each(waiting).await;
        }
        for Waiting { keys, answer: to } in waiting {
            // Whoever went away doesn't need to know.
            let _ = to.send(answer.clone().map(|indexed| self.part(indexed, keys)));
        }
    }

    /// Pages look no values up: who shares one has asked for the same rows, cursor and all.
    fn part(&self, indexed: Arc<Indexed>, keys: Arc<Texts>) -> Fetched {
        match self.asked.keys_at {
            Some(_) => Fetched::part(indexed, keys),
            None => Fetched::whole(indexed),
        }
    }

    /// What is too much together may be little enough for each.
    async fn each(&self, waiting: Vec<Waiting>) {
        for Waiting { keys, answer } in waiting {
            let rows = self.rows(&keys).await;
            let _ = answer.send(rows.map(|indexed| self.part(indexed, keys)));
        }
    }

    async fn rows(&self, keys: &Arc<Texts>) -> Result<Arc<Indexed>, Unavailable> {
        let rows = self.shared.postgres.rows(&self.asked, keys).await?;
        Ok(Arc::new(Indexed::new(rows, self.asked.key_slot)))
    }
}

/// Whoever still waits where no turn is left is told so by a closed channel.
fn end_turn(queues: &mut HashMap<Asked, Queue>, asked: &Asked) {
    let Some(queue) = queues.get_mut(asked) else { return };
    queue.turns -= 1;
    if queue.turns == 0 {
        queues.remove(asked);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over {
            // The task was broken off.
            end_turn(&mut self.shared.queues(), &self.asked);
        }
    }
}
