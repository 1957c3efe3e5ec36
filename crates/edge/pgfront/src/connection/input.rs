//! The read half: whole messages out of bytes, and the news that the client is gone.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, ReadHalf};

use super::Wire;
use crate::error::WireError;

/// Bytes asked of the transport at once.
const READ_CHUNK: usize = 16 * 1024;
/// How much is read ahead, in bytes, while a statement runs. Beyond it the client has to wait.
const READ_AHEAD: usize = 64 * 1024;
/// Type byte and length word.
const HEADER: usize = 5;

/// A whole message: its type byte and its body.
pub(super) struct Frame {
    pub(super) tag: u8,
    pub(super) body: Bytes,
}

pub(super) struct Input {
    half: ReadHalf<Wire>,
    buffer: BytesMut,
    ended: bool,
}

impl Input {
    pub(super) fn new(half: ReadHalf<Wire>) -> Self {
        Self { half, buffer: BytesMut::new(), ended: false }
    }

    /// The next message, its body at most `limit` bytes; `None` where the client closed between two messages.
    /// May be dropped at any time without losing bytes.
    pub(super) async fn frame(&mut self, limit: usize) -> Result<Option<Frame>, WireError> {
        loop {
            if let Some(frame) = self.take(limit)? {
                return Ok(Some(frame));
            }
            if self.ended || self.fill().await? == 0 {
                self.ended = true;
                return if self.buffer.is_empty() { Ok(None) } else { Err(WireError::Disconnected) };
            }
        }
    }

    fn take(&mut self, limit: usize) -> Result<Option<Frame>, WireError> {
        let Some([tag, length @ ..]) = self.buffer.first_chunk::<HEADER>().copied() else { return Ok(None) };
        let length = i32::from_be_bytes(length);
        let body = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
        let Some(body) = body.filter(|body| *body <= limit) else {
            return Err(WireError::Framing(format!(
                "invalid message length {length} of message type {tag}: at most {limit} bytes are taken"
            )));
        };
        if self.buffer.len() < HEADER.saturating_add(body) {
            return Ok(None);
        }
        self.buffer.advance(HEADER);
        Ok(Some(Frame { tag, body: self.buffer.split_to(body).freeze() }))
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ_CHUNK);
        self.half.read_buf(&mut self.buffer).await
    }

    /// Completes when the client has closed its side. Reads ahead a bounded amount meanwhile.
    pub(super) async fn gone(&mut self) {
        while !self.ended {
            if self.buffer.len() >= READ_AHEAD {
                return std::future::pending().await;
            }
            self.ended = matches!(self.fill().await, Ok(0) | Err(_));
        }
    }
}
