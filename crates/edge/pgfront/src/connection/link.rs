//! Both halves of a wire, and the news that its session must end.

use std::future::Future;
use std::time::Duration;

use base::ErrorKind;
use query::QueryError;
use tokio::sync::watch;

use super::Wire;
use super::input::{Frame, Input};
use super::output::Output;
use crate::error::WireError;
use crate::message::{MAX_LOGIN_MESSAGE, MAX_MESSAGE, backend};
use crate::server::Limits;
use crate::session::Ended;

/// Completes when the server stops (or its owner is gone).
pub(crate) async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    drop(shutdown.wait_for(|stop| *stop).await);
}

/// 57P01, as PostgreSQL says it.
pub(crate) fn shutting_down() -> QueryError {
    QueryError::new(ErrorKind::Unavailable, "57P01", "terminating connection due to administrator command").fatal()
}

/// Whether and why the session must end.
pub(super) struct Ending {
    session: Ended,
    shutdown: watch::Receiver<bool>,
    reason: Option<QueryError>,
}

impl Ending {
    pub(super) fn of_session(session: Ended, shutdown: watch::Receiver<bool>) -> Self {
        Self { session, shutdown, reason: None }
    }

    pub(super) fn of_login(shutdown: watch::Receiver<bool>) -> Self {
        Self::of_session(Box::pin(std::future::pending()), shutdown)
    }

    /// Whether [`Self::wait`] has completed before.
    pub(super) fn has_come(&self) -> bool {
        self.reason.is_some()
    }

    /// Completes at once when it did before. May be dropped at any time.
    pub(super) async fn wait(&mut self) {
        if self.reason.is_none() {
            self.reason = Some(tokio::select! {
                biased;
                reason = &mut self.session => reason,
                () = stopped(&mut self.shutdown) => shutting_down(),
            });
        }
    }

    fn reason(&self) -> WireError {
        WireError::Ended(Box::new(self.reason.clone().unwrap_or_else(shutting_down)))
    }
}

/// How long a client may take to send the Sync behind a statement that was stopped.
const SYNC_GRACE: Duration = Duration::from_millis(500);

pub(super) enum Next {
    Frame(Frame),
    Closed,
}

pub(super) struct Link {
    pub(super) input: Input,
    pub(super) output: Output,
    pub(super) ending: Ending,
    /// How long a statement may take to stop after its session has ended.
    grace: Duration,
}

impl Link {
    pub(super) fn new(wire: Wire, limits: &Limits, ending: Ending) -> Self {
        let (read, write) = tokio::io::split(wire);
        let output = Output::new(write, limits.write_stall_timeout);
        Self { input: Input::new(read), output, ending, grace: limits.end_grace }
    }

    /// The next message of an open session.
    pub(super) async fn next(&mut self) -> Result<Next, WireError> {
        tokio::select! {
            biased;
            () = self.ending.wait() => Err(self.ending.reason()),
            frame = self.input.frame(MAX_MESSAGE) => Ok(frame?.map_or(Next::Closed, Next::Frame)),
        }
    }

    /// Whether the client, whose session has ended, asks for ReadyForQuery next: most have sent their Sync with the statement.
    pub(super) async fn sync_is_next(&mut self) -> bool {
        let until_sync = async {
            while let Ok(Some(frame)) = self.input.frame(MAX_MESSAGE).await {
                match frame.tag {
                    b'S' => return true,
                    b'X' => return false,
                    _ => {}
                }
            }
            false
        };
        tokio::time::timeout(SYNC_GRACE, until_sync).await.unwrap_or(false)
    }

    /// The next message of a login.
    pub(super) async fn next_of_login(&mut self) -> Result<Frame, WireError> {
        self.input.frame(MAX_LOGIN_MESSAGE).await?.ok_or(WireError::Disconnected)
    }

    pub(super) async fn flush(&mut self) -> Result<(), WireError> {
        self.output.flush(&mut self.ending).await
    }

    pub(super) async fn flush_if_full(&mut self) -> Result<(), WireError> {
        if self.output.is_full() { self.flush().await } else { Ok(()) }
    }

    /// Waits for a call of the session. Where the client goes away, the call is dropped. Where the session ends, it is
    /// interrupted and gets a moment to say so.
    pub(super) async fn guard<T>(
        &mut self,
        interrupt: impl Future<Output = ()>,
        call: impl Future<Output = Result<T, WireError>>,
    ) -> Result<T, WireError> {
        tokio::pin!(call);
        tokio::select! {
            biased;
            done = &mut call => return done,
            () = self.input.gone() => return Err(WireError::Disconnected),
            () = self.ending.wait() => {}
        }
        let stop = async {
            interrupt.await;
            call.await
        };
        tokio::time::timeout(self.grace, stop).await.unwrap_or(Err(WireError::Abandoned))
    }

    /// The last message: FATAL, where there is somebody to tell; then the end.
    pub(super) async fn say_goodbye(&mut self, error: &WireError) {
        if !error.is_silent() && backend::error_response(&mut self.output.buffer, error, true).is_ok() {
            // from here on the client's time is short
            self.ending.reason.get_or_insert_with(shutting_down);
            if self.flush().await.is_err() {
                tracing::debug!("the client didn't take its last message");
                return;
            }
        }
        if !matches!(error, WireError::Stalled) {
            self.output.shut().await;
        }
    }
}
