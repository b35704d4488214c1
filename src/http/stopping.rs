//! Whether the process is about to end, and who still has to know.

use std::sync::Arc;

use tokio::sync::watch::Sender;

/// The end of the process, as whoever works for long hears of it.
#[derive(Clone, Debug)]
pub struct Stopping(Arc<Sender<bool>>);

impl Default for Stopping {
    fn default() -> Self {
        Stopping(Arc::new(Sender::new(false)))
    }
}

impl Stopping {
    /// Tells everybody that the process is about to end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready as soon as it is.
    pub async fn begun(&self) {
        // The sender is ours: it can't go first.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }

    /// Something that the end waits for, until it is dropped.
    pub(crate) fn delay(&self) -> Delay {
        Delay { _listening: self.0.subscribe() }
    }

    /// Ready once nothing delays the end any more.
    pub(crate) async fn undelayed(&self) {
        self.0.closed().await;
    }
}

/// Work that the end of the process waits for.
#[derive(Debug)]
pub(crate) struct Delay {
    _listening: tokio::sync::watch::Receiver<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn the_end_is_heard_by_who_waits_and_by_who_comes_later() {
        let stopping = Stopping::default();
        assert!(timeout(Duration::from_millis(10), stopping.begun()).await.is_err());
        stopping.begin();
        stopping.begun().await;
        assert!(stopping.has_begun());
    }

    #[tokio::test]
    async fn the_end_waits_for_what_delays_it() {
        let stopping = Stopping::default();
        let delay = stopping.delay();
        assert!(timeout(Duration::from_millis(10), stopping.undelayed()).await.is_err());
        drop(delay);
        stopping.undelayed().await;
    }
}
