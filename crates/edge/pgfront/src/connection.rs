//! One connection: from its first byte to its last.

mod extended;
mod input;
mod link;
mod login;
mod negotiate;
mod output;
mod portal;
mod rows;
mod simple;
mod transaction;

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::error::WireError;
use crate::message::backend;
use crate::message::frontend::Frontend;
use crate::server::{Limits, Newcomer};
use crate::session::{Door, PreparedOf, Session as _, SessionOf};
use crate::value::IntervalLayout;
use input::Frame;
pub(crate) use link::stopped;
use link::{Ending, Link, Next};
use negotiate::{Doorstep, Opening};
use portal::{OpenRows, Portal, Statement};

/// How long a session may take to roll back and to be recorded as ended.
const CLOSE_TIME: Duration = Duration::from_secs(30);

/// A transport: TCP, TLS over it, or a test's pipe.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}
pub(crate) type Wire = Box<dyn ByteStream>;

/// What every connection of a server has in common.
pub(crate) struct Shared<D> {
    pub(crate) door: Arc<D>,
    pub(crate) tls: TlsAcceptor,
    pub(crate) limits: Limits,
    /// Turns true when the server stops.
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// Serves one connection to its end. A session takes one of `slots`; where none is left, only a cancel request is served.
pub(crate) async fn converse<D: Door>(
    wire: Wire,
    peer: SocketAddr,
    shared: &Shared<D>,
    slots: &Arc<Semaphore>,
    mut newcomer: Newcomer,
) {
    let deadline = Instant::now() + shared.limits.login_timeout;
    let mut doorstep = Doorstep::new(wire);
    let opening =
        before(deadline, &shared.shutdown, &mut newcomer, doorstep.open(&shared.tls, shared.door.as_ref(), peer)).await;
    let parameters = match opening {
        Ok(Opening::Startup { parameters }) if slots.available_permits() > 0 => parameters,
        Ok(Opening::Startup { .. }) => return refuse(doorstep, &WireError::TooManyConnections).await,
        Ok(Opening::Cancel { process_id, secret_key }) => {
            shared.door.cancel(process_id, secret_key).await;
            return doorstep.leave().await;
        }
        Ok(Opening::Nothing) => return,
        Err(error) => return refuse(doorstep, &error).await,
    };
    // which of the two binary interval layouts this client reads: only Redshift's own drivers name a protocol level
    let redshift_driver = parameters.iter().any(|(name, _)| name == "client_protocol_version");
    let layout = if redshift_driver { IntervalLayout::Redshift } else { IntervalLayout::PostgreSql };
    let (startup, server_name, Some(wire)) = doorstep.into_startup(parameters, peer) else { return };
    let mut link = Link::new(wire, &shared.limits, Ending::of_login(shared.shutdown.clone()));
    let login = login::login(&mut link, shared.door.as_ref(), startup, server_name.as_deref());
    let error = match before(deadline, &shared.shutdown, &mut newcomer, login).await {
        // others may have taken the last slot meanwhile
        Ok(session) => match Arc::clone(slots).try_acquire_owned() {
            Ok(slot) => {
                drop(newcomer);
                Connection::new(link, session, shared, layout).run().await;
                drop(slot);
                return;
            }
            Err(_) => {
                session.close().await;
                WireError::TooManyConnections
            }
        },
        Err(error) => error,
    };
    metrics::counter!("pg_login_failures_total", "sqlstate" => error.sqlstate()).increment(1);
    tracing::info!(sqlstate = error.sqlstate(), "login failed");
    link.say_goodbye(&error).await;
}

/// Runs a step of the login within its time, unless the server stops or others need the room.
async fn before<T>(
    deadline: Instant,
    shutdown: &watch::Receiver<bool>,
    newcomer: &mut Newcomer,
    step: impl Future<Output = Result<T, WireError>>,
) -> Result<T, WireError> {
    let mut shutdown = shutdown.clone();
    tokio::select! {
        biased;
        () = link::stopped(&mut shutdown) => Err(WireError::Ended(Box::new(link::shutting_down()))),
        () = newcomer.dismissed() => Err(WireError::TooManyConnections),
        done = tokio::time::timeout_at(deadline, step) => done.unwrap_or(Err(WireError::LoginTimeout)),
    }
}

async fn refuse(doorstep: Doorstep, error: &WireError) {
    metrics::counter!("pg_login_failures_total", "sqlstate" => error.sqlstate()).increment(1);
    tracing::info!(sqlstate = error.sqlstate(), "connection refused");
    doorstep.refuse(error).await;
}

/// An open session and its wire.
struct Connection<D: Door> {
    link: Link,
    session: SessionOf<D>,
    door: Arc<D>,
    /// BackendKeyData: with it the session's statement is cancelled when the session ends.
    key: (i32, i32),
    layout: IntervalLayout,
    statements: HashMap<String, Statement<PreparedOf<D>>>,
    portals: HashMap<String, Portal<PreparedOf<D>>>,
    /// The one portal whose rows are being read, between two Executes.
    open: Option<OpenRows>,
    /// SQL text and parameters held by statements and portals, in bytes.
    held_bytes: usize,
    /// Whether the transaction is one that this layer began (several statements up to a Sync or in a simple query).
    implicit: bool,
    /// An extended-protocol message failed: everything up to Sync is skipped.
    skipping: bool,
    /// Statements parsed since the last Sync. An error before the next one takes them back: redshift_connector describes in the
    /// same round, counts a statement only when the round succeeds, and then gives the next one the same name.
    unsynced: Vec<String>,
}

impl<D: Door> Connection<D> {
    fn new(mut link: Link, session: SessionOf<D>, shared: &Shared<D>, layout: IntervalLayout) -> Self {
        link.ending = Ending::of_session(session.ended(), shared.shutdown.clone());
        Self {
            link,
            key: session.backend_key(),
            session,
            door: Arc::clone(&shared.door),
            layout,
            statements: HashMap::new(),
            portals: HashMap::new(),
            open: None,
            held_bytes: 0,
            implicit: false,
            skipping: false,
            unsynced: Vec::new(),
        }
    }

    async fn run(mut self) {
        let outcome = self.converse().await;
        self.abandon_rows().await;
        match &outcome {
            Ok(()) => self.link.output.shut().await,
            Err(error) => {
                tracing::debug!(sqlstate = error.sqlstate(), "connection ended");
                self.link.say_goodbye(error).await;
            }
        }
        if tokio::time::timeout(CLOSE_TIME, self.session.close()).await.is_err() {
            tracing::warn!("a session took too long to close");
        }
    }

    /// AuthenticationOk to the first ReadyForQuery, then message by message. `Ok`: the client said goodbye.
    async fn converse(&mut self) -> Result<(), WireError> {
        self.greet().await?;
        loop {
            let frame = match self.link.next().await? {
                Next::Frame(frame) => frame,
                Next::Closed => return Ok(()),
            };
            if self.skipping && !matches!(frame.tag, b'S' | b'X') {
                continue;
            }
            if self.answer(&frame).await? {
                return Ok(());
            }
            self.link.flush_if_full().await?;
        }
    }

    async fn greet(&mut self) -> Result<(), WireError> {
        let out = &mut self.link.output.buffer;
        crate::message::auth::put_ok(out)?;
        for (name, value) in self.session.parameters() {
            backend::parameter_status(out, &name, &value)?;
        }
        backend::backend_key_data(out, self.key.0, self.key.1)?;
        // Not before: the JDBC driver takes a notice only behind AuthenticationOk (drivers.md 1.5).
        for notice in self.session.greeting_notices() {
            backend::notice_response(out, &notice)?;
        }
        self.ready().await
    }

    /// Handles one message; answers whether it was the last.
    async fn answer(&mut self, frame: &Frame) -> Result<bool, WireError> {
        let handled = match Frontend::decode(frame.tag, &frame.body) {
            Ok(Frontend::Terminate) => return Ok(true),
            Ok(message) => {
                metrics::counter!("pg_messages_total", "type" => message.name()).increment(1);
                self.handle(message, frame.body.len()).await
            }
            Err(error) => Err(error),
        };
        match handled {
            Ok(()) => Ok(false),
            Err(error) if error.is_fatal() => Err(error),
            Err(error) => self.fail(&error, Frontend::is_simple(frame.tag)).await.map(|()| false),
        }
    }

    async fn handle(&mut self, message: Frontend, size: usize) -> Result<(), WireError> {
        match message {
            Frontend::Query(text) => self.simple_query(&text).await,
            Frontend::Parse { name, text, parameter_oids } => self.parse(name, &text, &parameter_oids),
            Frontend::Bind(bind) => self.bind(bind, size).await,
            Frontend::Describe(target) => self.describe(target).await,
            Frontend::Execute { portal, max_rows } => self.execute(portal, max_rows).await,
            Frontend::Close(target) => self.close(target).await,
            Frontend::Flush => self.link.flush().await,
            Frontend::Sync => self.sync().await,
            Frontend::FunctionCall => Err(WireError::Unsupported("the function call message (fastpath)".into())),
            // handled by `answer`
            Frontend::Terminate => Ok(()),
        }
    }

    /// Reports an error that the session survives, and undoes what depended on the failed message.
    async fn fail(&mut self, error: &WireError, simple: bool) -> Result<(), WireError> {
        self.settle_after_error().await;
        for name in std::mem::take(&mut self.unsynced) {
            self.drop_statement(&name);
        }
        self.report(error)?;
        if simple {
            return self.ready_even_if_ended().await;
        }
        self.skipping = true;
        self.link.flush().await?;
        if self.link.ending.has_come() && self.link.sync_is_next().await {
            return self.ready_even_if_ended().await;
        }
        Ok(())
    }

    /// ReadyForQuery after an error, also where FATAL is going to follow: drivers raise the error that they were told only when
    /// they see it.
    async fn ready_even_if_ended(&mut self) -> Result<(), WireError> {
        backend::ready_for_query(&mut self.link.output.buffer, self.session.transaction_status())?;
        self.link.flush().await
    }

    fn report(&mut self, error: &WireError) -> Result<(), WireError> {
        metrics::counter!("pg_query_errors_total", "sqlstate" => error.sqlstate()).increment(1);
        tracing::debug!(sqlstate = error.sqlstate(), "statement failed");
        backend::error_response(&mut self.link.output.buffer, error, false)
    }

    /// ReadyForQuery, unless the session has ended: then FATAL follows instead.
    async fn ready(&mut self) -> Result<(), WireError> {
        if !self.link.ending.has_come() {
            backend::ready_for_query(&mut self.link.output.buffer, self.session.transaction_status())?;
        }
        self.link.flush().await
    }
}

#[cfg(test)]
mod tests;
