//! Frames to messages and back, each within its bounds.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use crate::http::serve::unread;
use crate::http::websocket::gate::Gate;
use crate::http::websocket::message::Close;

/// Bytes that are read before the caller is known: more than the largest token.
const STRANGER: usize = 16 * 1024;

/// Bytes of a read; each connection has a buffer of this size all the time.
const BUFFER: usize = 4 * 1024;

/// How long the other end may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// We close it.
    Close(Close),
    /// The other end closes it.
    Left,
    /// The other end is gone, or does nothing more.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        End::Close(close)
    }
}

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    Text(Utf8Bytes),
    /// A sign of life without meaning.
    Alive,
}

/// A connection's frames.
pub(super) struct Socket<S> {
    stream: WebSocketStream<Gate<S>>,
    /// How long one message may take to be taken.
    time: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// A connection of a stranger, whose messages may have so many bytes once it isn't one any more.
    pub(super) async fn new(stream: S, bytes: usize, time: Duration) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(bytes))
            .max_frame_size(Some(bytes));
        let gate = Gate::new(stream, STRANGER);
        Socket { stream: WebSocketStream::from_raw_socket(gate, Role::Server, Some(config)).await, time }
    }

    /// The caller is known.
    pub(super) fn open(&mut self) {
        self.stream.get_mut().open();
    }

    /// What comes next. Nothing is lost where this is given up.
    pub(super) async fn hear(&mut self) -> Result<Came, End> {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Ok(Came::Text(text)),
            Some(Ok(Message::Binary(_))) => Err(Close::bad("Messages are text").into()),
            Some(Ok(Message::Close(_))) => Err(End::Left),
            None => Err(End::Gone),
            Some(Ok(_)) => Ok(Came::Alive),
            Some(Err(error)) => Err(wrong(&error)),
        }
    }

    /// Sends a message. Whoever doesn't take it in time is gone.
    pub(super) async fn say(&mut self, text: impl Into<Utf8Bytes>) -> Result<(), End> {
        self.send(Message::Text(text.into())).await
    }

    /// Asks whether the other end is there.
    pub(super) async fn ping(&mut self) -> Result<(), End> {
        self.send(Message::Ping(Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let sent = tokio::time::timeout(self.time, self.stream.send(message)).await;
        let late = |_| {
            unread();
            End::Gone
        };
        sent.map_err(late)?.map_err(|_| End::Gone)
    }

    /// Ends the connection as it has to be ended.
    pub(super) async fn end(mut self, end: End) {
        match end {
            End::Close(close) => self.close(close).await,
            // The answer to a close is ready, and still has to leave.
            End::Left => drop(tokio::time::timeout(FAREWELL, self.stream.flush()).await),
            End::Gone => {}
        }
    }

    /// Closes the connection, and waits a little for the other end to agree.
    async fn close(&mut self, Close { code, reason }: Close) {
        let frame = CloseFrame { code: code.into(), reason: reason.into_owned().into() };
        let farewell = async {
            if self.stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // Whoever doesn't agree is cut off.
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
    }
}

/// What is wrong with a frame.
fn wrong(error: &Error) -> End {
    match error {
        Error::Capacity(_) => Close::SIZE.into(),
        Error::Io(error) if error.kind() == std::io::ErrorKind::QuotaExceeded => Close::SIZE.into(),
        Error::Utf8(_) => Close::TEXT.into(),
        Error::Protocol(_) => Close::PROTOCOL.into(),
        _ => End::Gone,
    }
}
