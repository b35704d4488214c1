//! What Redis sends, none of it larger than anything that is asked of it: a length is looked at before its bytes are
//! read, so that whoever may write there can't fill the memory of those who read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes of one text: many times a sealed document. A connection that brings more ends, and is made anew.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A stream of the protocol RESP3 whose texts are bounded.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    stream: S,
    at: At,
}

/// Where in the protocol the stream is.
#[derive(Debug)]
enum At {
    /// In a line, of which so many bytes were read: its kind, and the number that it begins with.
    Line { bytes: u64, kind: u8, number: u64 },
    /// In a text, of which so many bytes are left.
    Text(u64),
}

const BEGIN: At = At::Line { bytes: 0, kind: 0, number: 0 };

impl<S> Bounded<S> {
    pub(super) fn new(stream: S) -> Self {
        Bounded { stream, at: BEGIN }
    }
}

impl At {
    /// Goes on over what was read; `None` where something is too large.
    fn over(mut self, mut read: &[u8]) -> Option<At> {
        while let Some((&byte, rest)) = read.split_first() {
            (self, read) = match self {
                At::Text(left) => {
                    let taken = usize::try_from(left).map_or(read.len(), |left| left.min(read.len()));
                    let left = left - taken as u64;
                    (if left == 0 { BEGIN } else { At::Text(left) }, &read[taken..])
                }
                At::Line { kind, number, .. } if byte == b'\n' => (after(kind, number)?, rest),
                At::Line { bytes, kind, number } => (in_line(byte, (bytes, kind, number))?, rest),
            };
        }
        Some(self)
    }
}

/// The next byte of a line.
fn in_line(byte: u8, (bytes, kind, number): (u64, u8, u64)) -> Option<At> {
    if bytes == 0 {
        return Some(At::Line { bytes: 1, kind: byte, number: 0 });
    }
    // A text that isn't there has the length -1, which isn't one.
    let number = match byte {
        b'0'..=b'9' => number.saturating_mul(10).saturating_add(u64::from(byte - b'0')),
        _ => number,
    };
    (bytes < MAX_BYTES).then_some(At::Line {
        bytes: bytes + 1,
        kind: if byte == b'-' { 0 } else { kind },
        number,
    })
}

/// What follows a line: a text with its end, where the line is the length of one, else another line.
fn after(kind: u8, number: u64) -> Option<At> {
    match kind {
        b'$' | b'!' | b'=' => (number <= MAX_BYTES).then(|| At::Text(number + 2)),
        _ => Some(BEGIN),
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let at = std::mem::replace(&mut self.at, BEGIN);
        match at.over(&buffer.filled()[before..]) {
            Some(at) => self.at = at,
            None => {
                // With an error nothing has been read.
                buffer.set_filled(before);
                return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
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
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Whether all of it is read, so many bytes at once.
    fn is_read(bytes: &[u8], at_once: usize) -> bool {
        bytes.chunks(at_once).try_fold(BEGIN, At::over).is_some()
    }

    fn text(kind: char, length: u64) -> Vec<u8> {
        let length_in_bytes = usize::try_from(length).unwrap();
        [format!("{kind}{length}\r\n").as_bytes(), &vec![b'\n'; length_in_bytes], b"\r\n"].concat()
    }

    #[test]
    fn a_text_is_read_up_to_the_bound_and_not_beyond() {
        for kind in ['$', '!', '='] {
            let before = b">3\r\n$7\r\nmessage\r\n$-1\r\n_\r\n:99999999999999999999999\r\n+OK\r\n".as_slice();
            for (length, fits) in [(0, true), (MAX_BYTES, true), (MAX_BYTES + 1, false)] {
                let all = [before, &text(kind, length), b"+OK\r\n"].concat();
                for at_once in [7, 4_096, all.len()] {
                    assert_eq!(is_read(&all, at_once), fits, "{kind} {length} {at_once}");
                }
            }
        }
        assert!(!is_read(b"$99999999999999999999999999\r\n", 3));
        assert!(!is_read(
            &[b"+".as_slice(), &vec![b'a'; usize::try_from(MAX_BYTES).unwrap() + 1]].concat(),
            512
        ));
    }

    #[test]
    fn lengths_within_a_text_are_part_of_it() {
        assert!(is_read(b"$11\r\n$9999999999\r\n+OK\r\n", 1));
        assert!(!is_read(b"$11\r\n$9999999999\r\n$9999999999\r\n", 1));
    }

    #[tokio::test]
    async fn a_text_beyond_the_bound_ends_the_stream_before_its_bytes_are_read() {
        let mut stream = Bounded::new(b"+OK\r\n".as_slice());
        let mut read = String::new();
        stream.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "+OK\r\n");
        let mut stream = Bounded::new(b"$4194305\r\n".as_slice());
        assert_eq!(stream.read_to_string(&mut read).await.unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
    }
}
