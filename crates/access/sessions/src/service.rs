//! The registry of live sessions.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::id::{ApplicationArn, DirectoryUserId, SourceId, WarehouseId};
use base::{Clock, CorrelationId, Secret, SecretHash};
use directory::{ActiveUser, Directory};
use time::Duration;
use tokens::{AccessDecision, GrantId, TokenError, Tokens};

use crate::browser::{BrowserLimits, BrowserSession, LiveBrowser};
use crate::context::{DbSessionHandle, OpenDb, SessionContext};
use crate::error::SessionError;
use crate::expiry::{self, Activity};
use crate::grounds::{GroundKey, GroundsEnded};
use crate::port::{BrowserSessionStore, SessionStoreUnavailable};
use crate::reason::EndReason;
use crate::registry::Registry;

/// How stale the stored time of last use may be: one write per session and minute at most.
const SEEN_PRECISION: Duration = Duration::MINUTE;

/// What a change of a person ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub db_sessions: usize,
    pub browser_sessions: usize,
    pub grants: usize,
}

impl Ended {
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.db_sessions == 0 && self.browser_sessions == 0 && self.grants == 0
    }
}

/// Live sessions of both kinds, and the decision whether they may go on.
#[derive(Debug)]
pub struct Sessions {
    store: Arc<dyn BrowserSessionStore>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    access: Arc<dyn AccessDecision>,
    clock: Arc<dyn Clock>,
    limits: BrowserLimits,
    registry: Arc<Registry>,
    browsers: Mutex<Browsers>,
}

#[derive(Debug, Default)]
struct Browsers {
    sessions: HashMap<SecretHash, KeptBrowser>,
    by_user: HashMap<DirectoryUserId, HashSet<SecretHash>>,
    by_origin: HashMap<Origin, HashSet<SecretHash>>,
}

/// What a browser session was opened by, as far as something may end it by that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Origin {
    Password,
    Source(SourceId),
    /// A NameID, or an OpenID Connect `sub`, at a source.
    Subject(SourceId, String),
    /// A SessionIndex, or an OpenID Connect `sid`, at a source.
    Index(SourceId, String),
}

#[derive(Debug)]
struct KeptBrowser {
    session: BrowserSession,
    stored_last_seen: time::OffsetDateTime,
}

impl Sessions {
    /// Loads the browser sessions that the store holds.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn open(
        store: Arc<dyn BrowserSessionStore>,
        directory: Arc<Directory>,
        tokens: Arc<Tokens>,
        access: Arc<dyn AccessDecision>,
        clock: Arc<dyn Clock>,
        limits: BrowserLimits,
    ) -> Result<Arc<Self>, SessionError> {
        let mut browsers = Browsers::default();
        for session in store.load().await? {
            browsers.insert(session);
        }
        let registry = Arc::default();
        let browsers = Mutex::new(browsers);
        let sessions = Arc::new(Self { store, directory, tokens, access, clock, limits, registry, browsers });
        sessions.sweep().await?;
        Ok(sessions)
    }

    /// Opens a database session. Decides after registering it, so that a deactivation can't fall in between.
    ///
    /// # Errors
    /// [`SessionError::Refused`] when it would have to end at once.
    pub fn open_db(&self, opening: OpenDb) -> Result<DbSessionHandle, SessionError> {
        let handle = self.registry.register(opening, self.clock.now());
        match handle.reason().or_else(|| self.must_end(handle.context())) {
            None => Ok(handle),
            Some(reason) => Err(SessionError::Refused { user: handle.context().user_name().to_owned(), reason }),
        }
    }

    /// Tells the session with this process id to end (pg_terminate_backend). Answers whether there was one that hadn't been told.
    pub fn end(&self, process_id: i32, reason: &EndReason) -> bool {
        self.registry.end(process_id, reason)
    }

    /// Ends all database and browser sessions of a person.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`] when the end of a browser session can't be stored; they have ended in memory all the same.
    pub async fn end_user(&self, user: &DirectoryUserId, reason: &EndReason) -> Result<Ended, SessionError> {
        let db_sessions = self.end_each(self.registry.of_user(user), |_| Some(reason.clone()));
        let browser_sessions = self.end_browsers_of(user).await?;
        Ok(Ended { db_sessions, browser_sessions, grants: 0 })
    }

    /// Ends all database sessions, at shutdown. Answers how many.
    pub fn end_all(&self, reason: &EndReason) -> usize {
        self.end_each(self.registry.all(), |_| Some(reason.clone()))
    }

    /// Ends all database sessions of one warehouse. Answers how many.
    pub fn end_warehouse(&self, warehouse: &WarehouseId, reason: &EndReason) -> usize {
        self.end_each(self.registry.of_warehouse(warehouse), |_| Some(reason.clone()))
    }

    /// The session that a CancelRequest names, if its secret is right.
    #[must_use]
    pub fn by_backend_key(&self, process_id: i32, secret_key: i32) -> Option<Arc<SessionContext>> {
        self.registry.get(process_id).filter(|context| context.id().secret_key.matches(&secret_key.to_be_bytes()))
    }

    /// The live database sessions, in no order.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<SessionContext>> {
        self.registry.all()
    }

    /// The live database sessions of one warehouse, in no order.
    #[must_use]
    pub fn of_warehouse(&self, warehouse: &WarehouseId) -> Vec<Arc<SessionContext>> {
        self.registry.of_warehouse(warehouse)
    }

    /// How many database sessions are live.
    #[must_use]
    pub fn count(&self) -> usize {
        self.registry.count()
    }

    /// Decides anew about one person: ends what must end, at once, and revokes their tokens likewise. To be called for everybody
    /// whom a change concerns: the directory's through [`crate::watch_directory`], an assignment's by who changes assignments.
    ///
    /// # Errors
    /// The stores' errors; in memory everything has ended all the same.
    pub async fn reevaluate(&self, user: &DirectoryUserId) -> Result<Ended, ReevaluateError> {
        let db_sessions = self.end_each(self.registry.of_user(user), |context| self.must_end(context));
        let gone = self.tokens.gone(user).is_some();
        // Both take effect in memory before their first await ends, and neither failure may spare the other.
        let (browsers, grants) = tokio::join!(
            async {
                if gone { self.end_browsers_of(user).await } else { self.end_browsers_before_password(user).await }
            },
            self.tokens.reconcile_user(user)
        );
        Ok(Ended { db_sessions, browser_sessions: browsers?, grants: grants? })
    }

    /// Decides anew about everything that goes through one application: to be called after its settings changed. Its sessions are
    /// told to end before this awaits anything.
    ///
    /// # Errors
    /// The token store's; in memory everything has ended all the same.
    pub async fn reevaluate_application(&self, application: &ApplicationArn) -> Result<Ended, ReevaluateError> {
        let db_sessions = self.end_each(self.registry.of_application(application), |context| self.must_end(context));
        let grants = self.tokens.reconcile_application(application).await?;
        Ok(Ended { db_sessions, browser_sessions: 0, grants })
    }

    /// Decides anew about the sessions that stand on `key`; `None`: about all that were opened with temporary credentials. Answers
    /// those that were told to end, each with why.
    pub fn reevaluate_grounds(&self, key: Option<&GroundKey>) -> Vec<(Arc<SessionContext>, GroundsEnded)> {
        let concerned = key.map_or_else(|| self.registry.with_grounds(), |key| self.registry.on_ground(key));
        let ended = concerned.into_iter().filter_map(|context| {
            let ended = context.grounds()?.ended()?;
            let reason = context.grounds()?.reason(ended.clone());
            let told = self.registry.end(context.id().process_id, &reason);
            told.then_some((context, ended))
        });
        ended.collect()
    }

    /// Everybody who has a database or a browser session, or tokens.
    #[must_use]
    pub fn people(&self) -> HashSet<DirectoryUserId> {
        let mut people = self.registry.people();
        people.extend(self.browsers().by_user.keys().cloned());
        people.extend(self.tokens.people());
        people
    }

    /// Ends the database sessions that a revoked grant's tokens opened and that must not outlive it. Answers how many.
    pub(crate) fn end_grant(&self, grant: &GrantId) -> usize {
        self.end_each(self.registry.of_grant(grant), |context| self.must_end(context))
    }

    /// After missed changes: every session once.
    pub(crate) fn end_what_must(&self) -> usize {
        self.end_each(self.registry.all(), |context| self.must_end(context))
    }

    fn end_each(
        &self,
        contexts: Vec<Arc<SessionContext>>,
        why: impl Fn(&SessionContext) -> Option<EndReason>,
    ) -> usize {
        let told = contexts
            .iter()
            .filter(|context| why(context).is_some_and(|reason| self.registry.end(context.id().process_id, &reason)));
        told.count()
    }

    fn must_end(&self, context: &SessionContext) -> Option<EndReason> {
        if let Some(grounds) = context.grounds() {
            return grounds.ended().map(|ended| grounds.reason(ended));
        }
        let user = context.directory_user()?;
        let active = self.directory.active_user(user);
        let activity = if active.is_some() { Activity::Active } else { Activity::of(self.tokens.gone(user)) };
        let application = context.application().zip(active.as_ref());
        let application = application.map(|(application, user)| (application, self.access.may_use(user, application)));
        let revoked = context.grant().and_then(|grant| self.tokens.revoked_because(grant));
        expiry::still_allowed(activity, application, revoked)
    }
}

/// What [`Sessions::reevaluate`] couldn't store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReevaluateError {
    #[error(transparent)]
    Sessions(#[from] SessionError),
    #[error(transparent)]
    Tokens(#[from] TokenError),
}

mod browsers;

#[cfg(test)]
mod tests;
