//! How a session ends from outside: deactivation, loss of access, idle time, shutdown; and how a statement is stopped.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{AuditEvent, AuditStep, ErrorKind, Fault as _, Outcome};
use engine::Interrupt;
use sessions::{DbSessionHandle, EndReason, SessionError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connection::DbConnection;
use crate::error::QueryError;

/// An interrupt that comes between two calls of the engine is lost, so it is repeated until the statement or the session is over.
const INTERRUPT_EVERY: Duration = Duration::from_millis(25);

/// Watches over one session: interrupts its statement when the session must end or the statement takes too long.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    interrupt: Arc<dyn Interrupt>,
    ended: watch::Receiver<Option<EndReason>>,
    user: String,
    watcher: JoinHandle<()>,
    timer: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    activity: Mutex<Activity>,
    timed_out: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Activity {
    busy: bool,
    since: tokio::time::Instant,
}

/// Waits for the end of one session.
#[derive(Debug)]
pub(crate) struct Ending {
    ended: watch::Receiver<Option<EndReason>>,
    user: String,
}

impl Ending {
    pub(crate) async fn wait(mut self) -> QueryError {
        let reason = self.ended.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        match reason {
            Some(reason) => error(&reason, &self.user),
            None => std::future::pending().await,
        }
    }
}

impl Watch {
    pub(crate) fn start(handle: &DbSessionHandle, interrupt: Arc<dyn Interrupt>, idle: Option<Duration>) -> Self {
        let shared = Arc::new(Shared {
            activity: Mutex::new(Activity { busy: false, since: tokio::time::Instant::now() }),
            timed_out: AtomicBool::new(false),
        });
        let (end, ended) = watch::channel(None);
        let must_end = handle.ended();
        let (watched, stop) = (Arc::clone(&shared), Arc::clone(&interrupt));
        let watcher = base::task::spawn("session end", async move {
            let reason = first(must_end, idle_too_long(&watched, idle)).await;
            end.send_replace(Some(reason));
            interrupt_for_good(&*stop).await
        });
        let user = handle.context().user_name().to_owned();
        Self { shared, interrupt, ended, user, watcher, timer: None }
    }

    pub(crate) fn ending(&self) -> Ending {
        Ending { ended: self.ended.clone(), user: self.user.clone() }
    }

    pub(crate) fn reason(&self) -> Option<EndReason> {
        self.ended.borrow().clone()
    }

    /// A statement begins. Zero: no time limit.
    pub(crate) fn busy(&mut self, time_out: Duration) {
        self.set(true);
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
        self.shared.timed_out.store(false, Ordering::SeqCst);
        if time_out > Duration::ZERO {
            let (shared, interrupt) = (Arc::clone(&self.shared), Arc::clone(&self.interrupt));
            self.timer = Some(base::task::spawn("statement timeout", async move {
                tokio::time::sleep(time_out).await;
                shared.timed_out.store(true, Ordering::SeqCst);
                interrupt_for_good(&*interrupt).await
            }));
        }
    }

    /// The statement is over. Whether its time limit had stopped it.
    pub(crate) fn idle(&mut self) -> bool {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
        self.set(false);
        self.shared.timed_out.swap(false, Ordering::SeqCst)
    }

    fn set(&self, busy: bool) {
        *self.shared.activity.lock().unwrap_or_else(PoisonError::into_inner) =
            Activity { busy, since: tokio::time::Instant::now() };
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watcher.abort();
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

async fn interrupt_for_good(interrupt: &dyn Interrupt) {
    loop {
        interrupt.interrupt();
        tokio::time::sleep(INTERRUPT_EVERY).await;
    }
}

async fn first(must_end: impl Future<Output = EndReason>, idle: impl Future<Output = EndReason>) -> EndReason {
    let (must_end, idle) = (pin!(must_end), pin!(idle));
    tokio::select! { reason = must_end => reason, reason = idle => reason }
}

async fn idle_too_long(shared: &Shared, limit: Option<Duration>) -> EndReason {
    let Some(limit) = limit else { return std::future::pending().await };
    loop {
        let Activity { busy, since } = *shared.activity.lock().unwrap_or_else(PoisonError::into_inner);
        let due = if busy { tokio::time::Instant::now() + limit } else { since + limit };
        if !busy && due <= tokio::time::Instant::now() {
            return EndReason::IdleTimeout;
        }
        tokio::time::sleep_until(due).await;
    }
}

/// 57P01, in words for the one whose session ends.
pub(crate) fn error(reason: &EndReason, user: &str) -> QueryError {
    let mut error = QueryError::new(ErrorKind::Unauthenticated, "57P01", "").fatal();
    error.message = reason.public(user);
    error.log(format!("session ended: {}", reason.name()))
}

/// A session that can't be registered: the person lost access while the login was on its way.
pub(crate) fn refused(cause: SessionError) -> QueryError {
    let mut error = QueryError::new(cause.kind(), "28000", "").fatal();
    error.message = cause.public();
    error.log(cause.to_string())
}

/// A stopped statement is told why it was stopped: 57014 in the words of its cause, be it that the session has ended.
pub(crate) fn explain_cancel(error: QueryError, timed_out: bool, ended: Option<QueryError>) -> QueryError {
    if error.sqlstate != "57014" {
        return error;
    }
    match ended {
        Some(ended) => QueryError { message: ended.message, ..QueryError::new(error.kind, "57014", "") }.log(ended.log),
        None if timed_out => {
            QueryError::new(error.kind, "57014", "Query cancelled on statement timeout").log(error.log)
        }
        None => error,
    }
}

/// The record of a session that is over.
pub(crate) fn event(connection: &DbConnection) -> AuditEvent {
    let context = connection.handle.context();
    let reason = connection.watch.reason();
    let event = AuditEvent::new(
        AuditStep::SessionEnd,
        Outcome::Allowed,
        context.correlation().clone(),
        context.principal().clone(),
    );
    let warehouse = &connection.warehouse;
    let event = warehouse
        .mark(event.action("disconnect").target(format!("{}/{}", warehouse.name(), warehouse.database)))
        .field("process_id", connection.backend_key().0.to_string())
        .field("reason", reason.as_ref().map_or("client", EndReason::name));
    let told = reason.map(|reason| reason.public(context.user_name()));
    let (detail, hint) = told.map(|told| (told.detail, told.hint)).unwrap_or_default();
    let event = detail.into_iter().fold(event, |event, detail| event.field("detail", detail));
    hint.into_iter().fold(event, |event, hint| event.field("mend", hint))
}

#[cfg(test)]
mod tests;
