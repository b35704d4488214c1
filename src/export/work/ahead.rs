//! People who are read ahead of what is written: while one chunk is put into its part, and while a part is brought onto
//! the disk, departments look the next ones up.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::export::stop::Stop;
use crate::export::work::run::{Read, Run};
use crate::gateway::CHUNKS_AT_ONCE;
use crate::plan::code;

/// The chunks of a run, in their order.
pub(super) struct Ahead {
    run: Arc<Run>,
    /// Who is asked for next.
    next: usize,
    /// People of a chunk.
    size: usize,
    under_way: VecDeque<Chunk>,
}

/// A chunk that is read by a task of its own.
struct Chunk {
    range: Range<usize>,
    read: JoinHandle<Result<Read, Stop>>,
}

impl Ahead {
    /// Nobody has been asked for yet.
    pub(super) fn of(run: Arc<Run>) -> Self {
        let (_, size, _) = run.sizes();
        Ahead { run, next: 0, size, under_way: VecDeque::with_capacity(CHUNKS_AT_ONCE) }
    }

    /// What the chunk brought that begins `at` a person of a part; `end` is the part's.
    ///
    /// # Errors
    /// Why it brought nothing.
    pub(super) async fn next(&mut self, at: usize, end: usize) -> Result<Read, Stop> {
        if self.under_way.front().is_none_or(|chunk| chunk.range.start != at) {
            // A chunk had to be cut: its rest is begun anew, and what is behind it.
            self.end().await;
            self.next = at;
        }
        self.fill(end);
        let Some(Chunk { range, read }) = self.under_way.pop_front() else {
            return Err(Stop::because(code::INTERNAL));
        };
        let read = read.await.map_err(|_| Stop::because(code::INTERNAL))??;
        match read.entries() < range.len() {
            true => self.size = read.entries().max(1),
            false => self.fill(end),
        }
        Ok(read)
    }

    /// Begins as many chunks as are read at once. None goes over the end of a part.
    fn fill(&mut self, end: usize) {
        let (count, _, part) = self.run.sizes();
        while self.under_way.len() < CHUNKS_AT_ONCE && self.next < count {
            let parts_behind = self.next.saturating_sub(end) / part + 1;
            let end = if self.next < end { end } else { end.saturating_add(parts_behind * part) };
            let range = self.next..self.next.saturating_add(self.size).min(end).min(count);
            self.next = range.end;
            let (run, of) = (self.run.clone(), range.clone());
            let read = tokio::spawn(async move { run.read(of).await });
            self.under_way.push_back(Chunk { range, read });
        }
    }

    /// Waits for what is under way, which nobody writes any more.
    pub(super) async fn end(&mut self) {
        for chunk in self.under_way.drain(..) {
            let _ = chunk.read.await;
        }
    }
}
