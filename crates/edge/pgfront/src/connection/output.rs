//! The write half: a bounded buffer that waits for the client, but not for ever.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncWriteExt as _, WriteHalf};

use super::Wire;
use super::link::Ending;
use crate::error::WireError;

/// Above this many bytes the buffer is written before anything is added.
const FULL: usize = 64 * 1024;
/// How long the last words to a client may take.
const LAST_WORDS: Duration = Duration::from_secs(5);

pub(super) struct Output {
    half: WriteHalf<Wire>,
    /// Whole messages that wait to be written.
    pub(super) buffer: BytesMut,
    stall: Duration,
}

impl Output {
    pub(super) fn new(half: WriteHalf<Wire>, stall: Duration) -> Self {
        Self { half, buffer: BytesMut::new(), stall }
    }

    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() >= FULL
    }

    /// Writes everything. The time starts anew whenever the transport takes something. A client that doesn't read when its
    /// session ends isn't waited for.
    pub(super) async fn flush(&mut self, ending: &mut Ending) -> Result<(), WireError> {
        let ended = ending.has_come();
        let patience = if ended { self.stall.min(LAST_WORDS) } else { self.stall };
        loop {
            let done = self.buffer.is_empty();
            tokio::select! {
                biased;
                step = step(&mut self.half, &mut self.buffer) => step?,
                () = ending.wait(), if !ended => return Err(WireError::Stalled),
                () = tokio::time::sleep(patience) => return Err(WireError::Stalled),
            }
            if done {
                return Ok(());
            }
        }
    }

    /// Closes the sending side, so that TLS says goodbye.
    pub(super) async fn shut(&mut self) {
        if tokio::time::timeout(LAST_WORDS, self.half.shutdown()).await.is_err() {
            tracing::debug!("the client didn't take the end of the connection");
        }
    }
}

/// One write, or the flush of what a layer below (TLS) still holds where there is nothing left.
async fn step(half: &mut WriteHalf<Wire>, buffer: &mut BytesMut) -> Result<(), WireError> {
    if buffer.is_empty() {
        return Ok(half.flush().await?);
    }
    match half.write_buf(buffer).await? {
        0 => Err(WireError::Disconnected),
        _ => Ok(()),
    }
}
