//! A journal on disk: records that arrive while one write is under way go with the next, and all of
//! them wait for one flush.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::{mpsc, oneshot};

use crate::evidence::{Evidence, EvidenceUnavailable, Record};

/// Records that may wait for a flush; more have to wait before they are taken.
const QUEUE: usize = 4_096;

type Waiting = (Vec<u8>, oneshot::Sender<Result<(), EvidenceUnavailable>>);

/// A file of records, one JSON object a line.
#[derive(Clone, Debug)]
pub struct Journal {
    queue: mpsc::Sender<Waiting>,
}

impl Journal {
    /// Opens the journal of a folder and starts its writer.
    ///
    /// # Errors
    /// Where the file can't be opened for appending.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        std::thread::Builder::new().name(String::from("evidence")).spawn(move || write_all(file, waiting))?;
        Ok(Journal { queue })
    }
}

impl Evidence for Journal {
    fn append(&self, record: Record) -> BoxFuture<'_, Result<(), EvidenceUnavailable>> {
        async move {
            let gone = || EvidenceUnavailable(String::from("the journal's writer has stopped"));
            let mut line =
                serde_json::to_vec(&record).map_err(|error| EvidenceUnavailable(error.to_string()))?;
            line.push(b'\n');
            let (written, answer) = oneshot::channel();
            self.queue.send((line, written)).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        }
        .boxed()
    }
}

fn write_all(mut file: File, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while let Ok(more) = waiting.try_recv() {
            batch.push(more);
        }
        let result = write_batch(&mut file, &batch);
        for (_, written) in batch {
            // A caller that went away doesn't need to know.
            let _ = written.send(result.clone());
        }
    }
}

/// On failure the file is cut to where it was, so that no torn record is left behind.
fn write_batch(file: &mut File, batch: &[Waiting]) -> Result<(), EvidenceUnavailable> {
    let failed = |error: std::io::Error| EvidenceUnavailable(error.to_string());
    let before = file.metadata().map_err(failed)?.len();
    let text: Vec<u8> = batch.iter().flat_map(|(line, _)| line.iter().copied()).collect();
    let written = file.write_all(&text).and_then(|()| file.sync_data());
    written.map_err(|error| {
        tracing::error!(%error, "evidence can't be written");
        let _ = file.set_len(before);
        failed(error)
    })
}
