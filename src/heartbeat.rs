//! Whether the departments' databases answer: asked every few seconds, for health, metrics and whoever
//! watches. What requests themselves find out doesn't depend on it: they ask, and say so where nobody answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
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

/// How long one database may take.
const PATIENCE: Duration = Duration::from_secs(3);

impl Heartbeat {
    /// Begins to ask, and goes on as long as anybody holds what is given back.
    pub fn start(sources: &Sources, pause: Duration, clock: Arc<dyn Clock>) -> Arc<Self> {
        let heartbeat =
            Arc::new(Heartbeat { beats: Mutex::default(), changes: broadcast::Sender::new(BEHIND), clock });
        let asked =
            sources.iter().map(|(department, source)| (department.to_owned(), source.clone())).collect();
        tokio::spawn(keep_asking(Arc::downgrade(&heartbeat), asked, pause.max(Duration::from_millis(10))));
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

/// Departments with their databases, which some share.
type Asked = Vec<(String, Arc<Source>)>;

async fn keep_asking(heartbeat: Weak<Heartbeat>, asked: Asked, pause: Duration) {
    loop {
        let answers = join_all(asked.iter().map(|(_, source)| answers(source))).await;
        let Some(heartbeat) = heartbeat.upgrade() else { return };
        for ((department, _), is_up) in asked.iter().zip(answers) {
            heartbeat.tell(department, is_up);
        }
        drop(heartbeat);
        tokio::time::sleep(pause).await;
    }
}

async fn answers(source: &Source) -> bool {
    tokio::time::timeout(PATIENCE, source.ping()).await.is_ok_and(|answered| answered.is_ok())
}
