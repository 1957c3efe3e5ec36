//! What the wire asks of the query layer, as traits, so that the state machine can be driven by scripts in tests.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use engine::EngineError;
use query::{
    Challenge, ChallengeAnswer, Column, DbConnection, Gate, Literal, Notice, PendingLogin, Prepared, QueryError, Reply,
    StartupRequest, TransactionStatus,
};

use crate::error::WireError;

/// Completes when a session must end; the error is what to send.
pub(crate) type Ended = Pin<Box<dyn Future<Output = QueryError> + Send>>;

/// See [`Gate`].
pub(crate) trait Door: Send + Sync + 'static {
    type Pending: Pending;

    /// Whether anything is to be read of a connection from this address. A refusal is recorded.
    fn at_port(&self, peer: SocketAddr) -> impl Future<Output = Result<(), WireError>> + Send;
    /// Whether a TLS handshake with this server name is to be answered. A refusal is recorded.
    fn at_name(
        &self,
        server_name: Option<&str>,
        peer: SocketAddr,
    ) -> impl Future<Output = Result<(), WireError>> + Send;
    fn begin_login(
        &self,
        startup: StartupRequest,
        server_name: Option<&str>,
    ) -> impl Future<Output = Result<Self::Pending, WireError>> + Send;
    fn cancel(&self, process_id: i32, secret_key: i32) -> impl Future<Output = ()> + Send;
}

/// See [`PendingLogin`].
pub(crate) trait Pending: Send {
    type Session: Session;

    fn challenge(&self) -> &Challenge;
    fn finish(self, answer: ChallengeAnswer) -> impl Future<Output = Result<Self::Session, WireError>> + Send;
}

/// See [`Prepared`].
pub(crate) trait PreparedStatement: Send + Sync + 'static {
    fn parameter_oids(&self) -> &[u32];
    fn ends_transaction(&self) -> bool;
    /// `Some(None)`: all of them.
    fn deallocates(&self) -> Option<Option<&str>>;
}

/// See [`DbConnection`].
pub(crate) trait Session: Send + 'static {
    type Prepared: PreparedStatement;

    fn parameters(&self) -> Vec<(String, String)>;
    fn greeting_notices(&self) -> Vec<Notice>;
    fn backend_key(&self) -> (i32, i32);
    fn transaction_status(&self) -> TransactionStatus;
    fn ended(&self) -> Ended;
    fn parse_script(&mut self, text: &str) -> Result<Vec<Self::Prepared>, WireError>;
    fn parse_one(&mut self, text: &str, parameter_oids: &[u32]) -> Result<Self::Prepared, WireError>;
    fn describe(
        &mut self,
        prepared: &Self::Prepared,
        parameters: &[Literal],
    ) -> impl Future<Output = Result<Option<Vec<Column>>, WireError>> + Send;
    fn execute(
        &mut self,
        prepared: &Self::Prepared,
        parameters: &[Literal],
    ) -> impl Future<Output = Result<Reply, WireError>> + Send;
    fn finish_rows(&mut self, outcome: Result<u64, EngineError>) -> impl Future<Output = Result<(), WireError>> + Send;
    fn begin_implicit(&mut self) -> impl Future<Output = Result<(), WireError>> + Send;
    fn end_implicit(&mut self, successful: bool) -> impl Future<Output = Result<(), WireError>> + Send;
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// The session behind a door.
pub(crate) type SessionOf<D> = <<D as Door>::Pending as Pending>::Session;
/// A prepared statement of the session behind a door.
pub(crate) type PreparedOf<D> = <SessionOf<D> as Session>::Prepared;

impl Door for Gate {
    type Pending = PendingLogin;

    async fn at_port(&self, peer: SocketAddr) -> Result<(), WireError> {
        Ok(Self::at_port(self, peer).await?)
    }

    async fn at_name(&self, server_name: Option<&str>, peer: SocketAddr) -> Result<(), WireError> {
        Ok(Self::at_name(self, server_name, peer).await?)
    }

    async fn begin_login(&self, startup: StartupRequest, server_name: Option<&str>) -> Result<PendingLogin, WireError> {
        Ok(Self::begin_login(self, startup, server_name).await?)
    }

    async fn cancel(&self, process_id: i32, secret_key: i32) {
        Self::cancel(self, process_id, secret_key).await;
    }
}

impl Pending for PendingLogin {
    type Session = DbConnection;

    fn challenge(&self) -> &Challenge {
        Self::challenge(self)
    }

    async fn finish(self, answer: ChallengeAnswer) -> Result<DbConnection, WireError> {
        Ok(Self::finish(self, answer).await?)
    }
}

impl PreparedStatement for Prepared {
    fn parameter_oids(&self) -> &[u32] {
        Self::parameter_oids(self)
    }

    fn ends_transaction(&self) -> bool {
        Self::ends_transaction(self)
    }

    fn deallocates(&self) -> Option<Option<&str>> {
        Self::deallocates(self)
    }
}

impl Session for DbConnection {
    type Prepared = Prepared;

    fn parameters(&self) -> Vec<(String, String)> {
        Self::parameters(self)
    }

    fn greeting_notices(&self) -> Vec<Notice> {
        Self::greeting_notices(self)
    }

    fn backend_key(&self) -> (i32, i32) {
        Self::backend_key(self)
    }

    fn transaction_status(&self) -> TransactionStatus {
        Self::transaction_status(self)
    }

    fn ended(&self) -> Ended {
        Box::pin(Self::ended(self))
    }

    fn parse_script(&mut self, text: &str) -> Result<Vec<Prepared>, WireError> {
        Ok(Self::parse_script(self, text)?)
    }

    fn parse_one(&mut self, text: &str, parameter_oids: &[u32]) -> Result<Prepared, WireError> {
        Ok(Self::parse_one(self, text, parameter_oids)?)
    }

    async fn describe(
        &mut self,
        prepared: &Prepared,
        parameters: &[Literal],
    ) -> Result<Option<Vec<Column>>, WireError> {
        Ok(Self::describe(self, prepared, parameters).await?)
    }

    async fn execute(&mut self, prepared: &Prepared, parameters: &[Literal]) -> Result<Reply, WireError> {
        Ok(Self::execute(self, prepared, parameters).await?)
    }

    async fn finish_rows(&mut self, outcome: Result<u64, EngineError>) -> Result<(), WireError> {
        Ok(Self::finish_rows(self, outcome).await?)
    }

    async fn begin_implicit(&mut self) -> Result<(), WireError> {
        Ok(Self::begin_implicit(self).await?)
    }

    async fn end_implicit(&mut self, successful: bool) -> Result<(), WireError> {
        Ok(Self::end_implicit(self, successful).await?)
    }

    async fn close(self) {
        Self::close(self).await;
    }
}
