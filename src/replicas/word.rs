//! Word that a department's state changed, from one replica to the others.
//!
//! Whoever hears it asks the department: what is told to those who watch is what their own replica found. So word can
//! come from anybody, twice, late or not at all, and nothing false is told; it only comes sooner.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use crate::heartbeat::{Beat, Heartbeat};
use crate::replicas::Replicas;
use crate::replicas::link::{Link, Use};

/// What is said.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Word {
    department: String,
    status: Status,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Up,
    Down,
}

/// Tells others what a process finds out, and has it look where others found something else.
pub(crate) fn carry(replicas: &Replicas, heartbeat: &Arc<Heartbeat>) {
    let link = replicas.link();
    tokio::spawn(tell(link.clone(), heartbeat.clone()));
    tokio::spawn(hear(link.clone(), Arc::downgrade(heartbeat)));
}

async fn tell(link: Arc<Link>, heartbeat: Arc<Heartbeat>) {
    let mut changes = heartbeat.changes();
    // The heartbeat of a process ends with it, and so does this.
    drop(heartbeat);
    loop {
        match changes.recv().await {
            Ok(beat) => say(&link, beat).await,
            // What was missed, others find out by themselves.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn say(link: &Link, beat: Beat) {
    let status = if beat.is_up { Status::Up } else { Status::Down };
    let Ok(word) = serde_json::to_string(&Word { department: beat.department, status }) else { return };
    let mut command = redis::cmd("PUBLISH");
    command.arg(link.channel()).arg(word);
    let _ = link.ask(Use::Word, |mut redis, _| async move { command.exec_async(&mut redis).await }).await;
}

async fn hear(link: Arc<Link>, heartbeat: Weak<Heartbeat>) {
    let mut said = link.said();
    loop {
        let word = match said.recv().await {
            Ok(word) => word,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let Some(heartbeat) = heartbeat.upgrade() else { return };
        if let Ok(Word { department, status }) = serde_json::from_slice(&word) {
            heartbeat.look(&department, matches!(status, Status::Up));
        }
    }
}
