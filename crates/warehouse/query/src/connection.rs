//! One open database session, as the wire sees it.

use std::sync::Arc;
use std::time::Duration;

use base::ErrorKind;
use base::id::DbUserId;
use catalog::Catalog;
use engine::{Column, EngineError};
use sessions::DbSessionHandle;
use sql::Literal;

use crate::authorize::PrincipalsCache;
use crate::connection_log::LoggedConnection;
use crate::end::{Ending, Watch};
use crate::engine_link::EngineLink;
use crate::error::QueryError;
use crate::live::{LivePlace, OpenPlace};
use crate::login::{StartupRequest, too_many_sessions};
use crate::open::{Newcomer, Standing};
use crate::prepared::Prepared;
use crate::reply::{Notice, Reply};
use crate::settings::{SessionFacts, Settings};
use crate::transaction::{Identity, Transaction, TransactionStatus};
use crate::warehouse::Warehouse;
use crate::{authorize, end, prepared, run};

/// Somebody in hundreds of groups, none of which is meant for the warehouse, isn't told about each.
const GREETING_NOTICES_MAX: usize = 5;

/// Made only by a login. Everything that a statement is decided by hangs here.
#[derive(Debug)]
pub struct DbConnection {
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) engine: EngineLink,
    pub(crate) handle: DbSessionHandle,
    /// Who signed in.
    pub(crate) session_user: DbUserId,
    /// Whose rights count: another one only after SET SESSION AUTHORIZATION.
    pub(crate) current_user: DbUserId,
    pub(crate) standing: Standing,
    pub(crate) settings: Settings,
    pub(crate) transaction: Transaction,
    /// How many transactions this session has begun.
    pub(crate) transactions: u64,
    pub(crate) principals: PrincipalsCache,
    pub(crate) watch: Watch,
    /// Parameters that changed by themselves (a rollback took SET back): the client hears of them with the next answer.
    untold: Vec<(String, String)>,
    /// A text inside the transaction didn't parse.
    pub(crate) parse_failed: bool,
    /// Whether the running statement stands in the audit trail.
    pub(crate) recorded: bool,
    /// Its row in `sys_connection_log`.
    pub(crate) logged: Option<LoggedConnection>,
    _places: (OpenPlace, LivePlace),
}

impl DbConnection {
    /// Registers the session. The caller has verified who it is.
    pub(crate) fn open(
        warehouse: Arc<Warehouse>,
        startup: &StartupRequest,
        newcomer: Newcomer,
        engine: EngineLink,
    ) -> Result<Self, QueryError> {
        let Newcomer { user, arrival, opening, standing, told: _ } = newcomer;
        let snapshot = warehouse.catalog.current();
        let db_user = snapshot.catalog.user(user).ok_or_else(|| gone(user))?;
        let name = snapshot.catalog.user_name(user);
        let limit = db_user.connection_limit.filter(|_| !db_user.superuser);
        let Some(place) = warehouse.open_by_user.enter(user, limit) else {
            return Err(too_many_sessions(&name, limit.unwrap_or_default()));
        };
        let mut settings = Settings::of(warehouse.settings());
        for (parameter, values) in &db_user.settings {
            settings.set(parameter, &sql::statement::SetValue::Values(values.clone()))?;
        }
        if let Some(application) = startup.parameter("application_name") {
            settings.set("application_name", &sql::statement::SetValue::Values(vec![application.to_owned()]))?;
        }
        let handle = warehouse.sessions.open_db(opening).map_err(end::refused)?;
        let here = warehouse.live.enter(arrival).map_err(|reason| end::error(&reason, handle.context().user_name()))?;
        let idle = db_user.session_timeout_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
        let watch = Watch::start(&handle, engine.interrupt_handle(), idle);
        let (process_id, secret_key) = handle.context().backend_key();
        warehouse.cancel_keys.put(process_id, secret_key, engine.interrupt_handle());
        Ok(Self {
            warehouse,
            engine,
            handle,
            session_user: user,
            current_user: user,
            standing,
            settings,
            transaction: Transaction::Idle,
            transactions: 0,
            principals: PrincipalsCache::default(),
            watch,
            untold: Vec::new(),
            parse_failed: false,
            recorded: false,
            logged: None,
            _places: (place, here),
        })
    }

    /// The name of the user whose rights count.
    #[must_use]
    pub fn current_user(&self) -> String {
        self.warehouse.catalog.current().catalog.user_name(self.current_user)
    }

    /// ParameterStatus values to send before the first ReadyForQuery.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        let snapshot = self.warehouse.catalog.current();
        self.settings.announced(self.facts(&snapshot.catalog, &snapshot.catalog.user_name(self.session_user)))
    }

    /// What to tell a newcomer (NoticeResponse) before the first ReadyForQuery: which of their groups give them nothing.
    #[must_use]
    pub fn greeting_notices(&self) -> Vec<Notice> {
        let mut unmapped = self.unmapped_groups();
        unmapped.sort_unstable();
        let more = unmapped.len().saturating_sub(GREETING_NOTICES_MAX);
        unmapped.truncate(GREETING_NOTICES_MAX);
        let mut notices: Vec<_> = unmapped.iter().map(Notice::unmapped_group).collect();
        if let Some(last) = notices.last_mut().filter(|_| more > 0) {
            last.message.detail = Some(format!("{more} more of your groups have none either."));
        }
        notices
    }

    /// BackendKeyData: process id and cancel secret.
    #[must_use]
    pub fn backend_key(&self) -> (i32, i32) {
        self.handle.context().backend_key()
    }

    #[must_use]
    pub const fn transaction_status(&self) -> TransactionStatus {
        if self.parse_failed { TransactionStatus::Failed } else { self.transaction.status() }
    }

    /// Completes when the session must end (57P01, deactivation, loss of access, idle time-out, shutdown); the error is what
    /// to send. The returned future is independent of `self`, so that it can be awaited beside a running statement.
    pub fn ended(&self) -> impl Future<Output = QueryError> + Send + use<> {
        let ending: Ending = self.watch.ending();
        async move { ending.wait().await }
    }

    /// Parses a simple-query text: its statements in order.
    pub fn parse_script(&mut self, text: &str) -> Result<Vec<Prepared>, QueryError> {
        prepared::script(text).inspect_err(|_| self.transaction_failed_by_parsing())
    }

    /// Parses the one statement of a Parse message; several are 42601.
    pub fn parse_one(&mut self, text: &str, parameter_oids: &[u32]) -> Result<Prepared, QueryError> {
        prepared::one(text, parameter_oids).inspect_err(|_| self.transaction_failed_by_parsing())
    }

    /// The columns of the answer; `None` where there are no rows. `parameters` are the values, or NULLs of the declared types
    /// where there are none yet.
    pub async fn describe(
        &mut self,
        prepared: &Prepared,
        parameters: &[Literal],
    ) -> Result<Option<Vec<Column>>, QueryError> {
        self.refuse_when_ended()?;
        let outcome = run::describe(self, prepared, parameters).await;
        self.settle(outcome).await
    }

    /// Authorises and runs. A returned row stream must be drained or dropped before the next call, and then [`Self::finish_rows`]
    /// called with what became of it.
    pub async fn execute(&mut self, prepared: &Prepared, parameters: &[Literal]) -> Result<Reply, QueryError> {
        self.refuse_when_ended()?;
        self.watch.busy(self.settings.statement_timeout);
        self.recorded = false;
        let mut outcome = run::execute(self, prepared, parameters).await;
        if let Ok(reply) = &mut outcome {
            reply.parameters.append(&mut self.untold);
        }
        if let Err(error) = &outcome
            && !self.recorded
        {
            authorize::record_failed(self, &prepared.parsed, error).await;
        }
        let streams = matches!(&outcome, Ok(Reply { body: crate::ReplyBody::Rows { .. }, .. }));
        let timed_out = !streams && self.watch.idle();
        let ended = self.end();
        self.settle(outcome.map_err(|error| end::explain_cancel(error, timed_out, ended))).await
    }

    /// Closes the books on a row stream: `Ok(rows)` sent to the end (or a suspended portal closed), or the error that ended it.
    /// Answers that error as the client is to see it.
    pub async fn finish_rows(&mut self, outcome: Result<u64, EngineError>) -> Result<(), QueryError> {
        let timed_out = self.watch.idle();
        let outcome = self.engine.note(outcome).await;
        let outcome = outcome.map(|rows| metrics::counter!("gatehouse_rows_total").increment(rows));
        let ended = self.end();
        let outcome = outcome.map_err(|error| end::explain_cancel(error.into(), timed_out, ended));
        self.settle(outcome).await
    }

    /// Begins the implicit transaction of a simple query with several statements; no-op inside a transaction.
    pub async fn begin_implicit(&mut self) -> Result<(), QueryError> {
        match self.transaction {
            Transaction::Idle => run::transaction::begin(self, true).await,
            Transaction::Open(_) | Transaction::Failed => Ok(()),
        }
    }

    /// Ends the implicit transaction: commits when `successful`, else rolls back. No-op when the statements ended it themselves.
    pub async fn end_implicit(&mut self, successful: bool) -> Result<(), QueryError> {
        run::transaction::end_implicit(self, successful).await
    }

    /// The client went away or said Terminate: rolls back, removes the session, records its end.
    pub async fn close(mut self) {
        if let Err(error) = run::transaction::roll_back(&mut self).await {
            tracing::debug!(%error, "roll back at the end of a session failed");
        }
        let event = end::event(&self);
        let audit = Arc::clone(&self.warehouse.audit);
        drop(self);
        if let Err(error) = audit.record(event).await {
            tracing::error!(%error, "the end of a session can't be recorded");
        }
    }

    /// Nothing begins in a session that must end, nor in a warehouse that is out of service. The session's own handle is asked,
    /// which knows at once; the watch follows a moment later.
    fn refuse_when_ended(&self) -> Result<(), QueryError> {
        self.warehouse.health.check()?;
        self.end().map_or(Ok(()), Err)
    }

    /// 57P01, where the session must end.
    fn end(&self) -> Option<QueryError> {
        let reason = self.handle.reason().or_else(|| self.watch.reason())?;
        Some(end::error(&reason, self.handle.context().user_name()))
    }

    /// An error inside a transaction ends it; only ROLLBACK (or COMMIT, which rolls back) is taken then.
    async fn settle<T>(&mut self, outcome: Result<T, QueryError>) -> Result<T, QueryError> {
        if outcome.is_err() {
            run::transaction::fail(self).await;
        }
        outcome
    }

    /// The session is again what it was when the transaction began.
    pub(crate) fn take_back(&mut self, before: Identity) {
        let Identity { current_user, settings } = before;
        let told = self.parameters();
        self.settings = settings;
        self.current_user = current_user;
        self.tell_changed(&told);
    }

    pub(crate) fn act_as(&mut self, user: DbUserId) {
        let told = self.parameters();
        self.current_user = user;
        self.tell_changed(&told);
    }

    fn tell_changed(&mut self, told: &[(String, String)]) {
        let now = self.parameters().into_iter();
        self.untold.extend(now.filter(|parameter| !told.contains(parameter)));
    }

    fn transaction_failed_by_parsing(&mut self) {
        self.parse_failed = matches!(self.transaction, Transaction::Open(_));
    }

    pub(crate) fn facts<'a>(&self, catalog: &Catalog, session_user: &'a str) -> SessionFacts<'a> {
        SessionFacts { session_user, superuser: catalog.user(self.current_user).is_some_and(|user| user.superuser) }
    }
}

impl Drop for DbConnection {
    fn drop(&mut self) {
        self.warehouse.cancel_keys.remove(self.backend_key().0);
        let now = self.warehouse.clock.now();
        self.warehouse.connection_log.session(self.logged.take().map(|logged| logged.ending(now)));
    }
}

fn gone(user: DbUserId) -> QueryError {
    QueryError::new(ErrorKind::Unauthenticated, "28000", "the database user was dropped")
        .log(format!("user id {user} is gone"))
        .fatal()
}

#[cfg(test)]
mod tests;
