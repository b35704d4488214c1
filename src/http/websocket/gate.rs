//! A stream that brings little until its caller is known.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream, and how much may still be read from it.
#[derive(Debug)]
pub(super) struct Gate<S> {
    stream: S,
    left: Option<usize>,
}

impl<S> Gate<S> {
    /// A stream from which about so many bytes may be read: at most one more read than that.
    pub(super) fn new(stream: S, bytes: usize) -> Self {
        Gate { stream, left: Some(bytes) }
    }

    /// From now on everything may be read.
    pub(super) fn open(&mut self) {
        self.left = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == Some(0) {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let count = buffer.filled().len() - before;
        self.left = self.left.map(|left| left.saturating_sub(count));
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn little_is_read_until_the_gate_is_open() {
        let text = [b'a'; 64];
        let mut gate = Gate::new(&text[..], 16);
        let mut read = [0; 8];
        assert_eq!(gate.read(&mut read).await.unwrap(), 8);
        assert_eq!(gate.read(&mut read).await.unwrap(), 8);
        assert_eq!(gate.read(&mut read).await.unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
        gate.open();
        assert_eq!(gate.read(&mut read).await.unwrap(), 8);
    }
}
