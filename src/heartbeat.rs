//! Whether the departments' databases answer: asked every few seconds, for health, metrics and whoever
//! watches. What requests themselves find out doesn't depend on it: they ask, and say so where nobody answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::fetch::{Source, Sources};

/// How a department's database stood when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The department.
    pub department: String,
    /// Whether its database answered.
    pub is_up: bool,
    /// Since when that is so, as far as this process knows.
    pub since: DateTime<Utc>,
}

/// How all of them stand.
#[derive(Debug)]
pub struct Heartbeat {
    beats: Mutex<BTreeMap<String, Beat>>,
    changes: broadcast::Sender<Beat>,
    clock: Arc<dyn Clock>,
}

/// Changes that a slow watcher may be behind; it is told that it missed some.
const BEHIND: usize = 256;

impl Heartbeat {
    /// Begins to ask, and goes on as long as anybody holds what is given back.
    pub fn start(sources: &Sources, pause: Duration, clock: Arc<dyn Clock>) -> Arc<Self> {
        let heartbeat =
            Arc::new(Heartbeat { beats: Mutex::default(), changes: broadcast::Sender::new(BEHIND), clock });
        // Each for itself: a database that takes its time tells nothing late of another.
        for (source, departments) in each_once(sources) {
            let heartbeat = Arc::downgrade(&heartbeat);
            tokio::spawn(keep_asking(heartbeat, source, departments, pause.max(LEAST_PAUSE)));
        }
        heartbeat
    }

    /// How every department that was asked stands, in the order of their codes.
    pub fn beats(&self) -> Vec<Beat> {
        self.beats.lock().map(|beats| beats.values().cloned().collect()).unwrap_or_default()
    }

    /// Every change from now on.
    pub fn changes(&self) -> broadcast::Receiver<Beat> {
        self.changes.subscribe()
    }

    fn tell(&self, department: &str, is_up: bool) {
        let Ok(mut beats) = self.beats.lock() else { return };
        let known = beats.get(department);
        if known.is_some_and(|known| known.is_up == is_up) {
            return;
        }
        let is_change = known.is_some() || !is_up;
        let beat = Beat { department: department.to_owned(), is_up, since: self.clock.now() };
        beats.insert(department.to_owned(), beat.clone());
        drop(beats);
        if is_change {
            tracing::warn!(department, is_up, "a department's database");
        }
        // Nobody may be watching.
        let _ = self.changes.send(beat);
    }
}

/// Databases, each with the departments that share it.
type Asked = Vec<(Arc<Source>, Vec<String>)>;

/// The shortest pause between two questions.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

fn each_once(sources: &Sources) -> Asked {
    let mut asked: Asked = Vec::new();
    for (department, source) in sources.iter() {
        match asked.iter_mut().find(|(known, _)| Arc::ptr_eq(known, source)) {
            Some((_, departments)) => departments.push(department.to_owned()),
            None => asked.push((source.clone(), vec![department.to_owned()])),
        }
    }
    asked
}

/// A database has the time that it has for any statement (`fetch.deadline_ms`): one that is busy isn't away.
async fn keep_asking(
    heartbeat: Weak<Heartbeat>,
    source: Arc<Source>,
    departments: Vec<String>,
    pause: Duration,
) {
    loop {
        let answer = source.ping().await;
        let Some(heartbeat) = heartbeat.upgrade() else { return };
        departments.iter().for_each(|department| heartbeat.tell(department, answer.is_ok()));
        drop(heartbeat);
        tokio::time::sleep(pause).await;
    }
}
