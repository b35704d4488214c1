//! Whether the departments' databases answer: asked every few seconds, for health, metrics and whoever
//! watches. What requests themselves find out doesn't depend on it: they ask, and say so where nobody answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, broadcast};

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
    /// By departments: wakes whoever asks their databases.
    looks: BTreeMap<String, Arc<Notify>>,
    clock: Arc<dyn Clock>,
}

/// Changes that a slow watcher may be behind; it is told that it missed some.
const BEHIND: usize = 256;

impl Heartbeat {
    /// Begins to ask, and goes on as long as anybody holds what is given back.
    pub fn start(sources: &Sources, pause: Duration, clock: Arc<dyn Clock>) -> Arc<Self> {
        let asked = each_once(sources);
        let look = |department: &String, look: &Arc<Notify>| (department.clone(), look.clone());
        let looks = asked
            .iter()
            .flat_map(|asked| asked.departments.iter().map(|department| look(department, &asked.look)));
        let heartbeat = Arc::new(Heartbeat {
            beats: Mutex::default(),
            changes: broadcast::Sender::new(BEHIND),
            looks: looks.collect(),
            clock,
        });
        // Each for itself: a database that takes its time tells nothing late of another.
        for asked in asked {
            let heartbeat = Arc::downgrade(&heartbeat);
            tokio::spawn(keep_asking(heartbeat, asked, pause.max(LEAST_PAUSE)));
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

    /// Asks a department soon, where somebody else found another state than is known here. Who says so need not be
    /// right: what is told is what is found.
    pub(crate) fn look(&self, department: &str, is_up: bool) {
        let Ok(beats) = self.beats.lock() else { return };
        let is_new = beats.get(department).is_none_or(|known| known.is_up != is_up);
        if is_new && let Some(look) = self.looks.get(department) {
            look.notify_one();
        }
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

/// A database with the departments that share it.
struct Asked {
    source: Arc<Source>,
    departments: Vec<String>,
    /// Wakes whoever asks it.
    look: Arc<Notify>,
}

/// The shortest pause between two questions.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// The shortest pause before a question that somebody else is the reason for.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

fn each_once(sources: &Sources) -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    for (department, source) in sources.iter() {
        match asked.iter_mut().find(|known| Arc::ptr_eq(&known.source, source)) {
            Some(known) => known.departments.push(department.to_owned()),
            None => asked.push(Asked {
                source: source.clone(),
                departments: vec![department.to_owned()],
                look: Arc::default(),
            }),
        }
    }
    asked
}

/// A database has the time that it has for any statement (`fetch.deadline_ms`): one that is busy isn't away.
async fn keep_asking(heartbeat: Weak<Heartbeat>, asked: Asked, pause: Duration) {
    let least = pause.min(LOOK_PAUSE);
    loop {
        let answer = asked.source.ping().await;
        let Some(heartbeat) = heartbeat.upgrade() else { return };
        asked.departments.iter().for_each(|department| heartbeat.tell(department, answer.is_ok()));
        drop(heartbeat);
        tokio::time::sleep(least).await;
        let rest = tokio::time::timeout(pause - least, asked.look.notified());
        let _ = rest.await;
    }
}
