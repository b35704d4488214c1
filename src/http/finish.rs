//! Work that goes on to its end when whoever waits for it goes away.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::runtime::Handle;

/// A future that is driven by whoever awaits it; dropped before its end, it goes on as a task of its own.
///
/// A caller that hangs up drops what answers it. Departments may have been asked by then, so the
/// operation goes on until its record is made. Nothing is spawned for a caller that waits.
pub(crate) struct Finished<T: Send + 'static> {
    rest: Option<BoxFuture<'static, T>>,
}

impl<T: Send + 'static> Finished<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Finished { rest: Some(Box::pin(work)) }
    }
}

impl<T: Send + 'static> Future for Finished<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out meanwhile: work that panics mustn't be taken up again.
        let Some(mut rest) = self.rest.take() else { return Poll::Pending };
        let polled = rest.as_mut().poll(context);
        if polled.is_pending() {
            self.rest = Some(rest);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finished<T> {
    fn drop(&mut self) {
        let Some(rest) = self.rest.take() else { return };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { drop(rest.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it_any_more() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel();
        let work = Finished::new(async move {
            let _ = gone.await;
            let _ = done.send(7);
        });
        assert!(tokio::time::timeout(Duration::from_millis(10), work).await.is_err());
        go.send(()).unwrap();
        assert_eq!(finished.await, Ok(7));
    }

    #[tokio::test]
    async fn work_that_is_waited_for_is_done_once() {
        assert_eq!(Finished::new(async { 7 }).await, 7);
    }
}
