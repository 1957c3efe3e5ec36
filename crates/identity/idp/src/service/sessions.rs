//! Sessions of browsers at the provider: opened at sign-in, looked up by cookie, ended at sign-out or with the person.

use base::id::{DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, Secret, SecretHash};
use directory::ActiveUser;
use time::{Duration, OffsetDateTime};

use super::IdentityProvider;
use crate::change::IdpChange;
use crate::error::IdpError;
use crate::port::IdpWrite;
use crate::session::{self, EndedSession, Factor, IdpSession, Participant, SessionEnd, SessionId, StoredSession};

/// How stale the stored time of last use may be: not every request is a write.
const SEEN_PRECISION: Duration = Duration::MINUTE;
/// So many applications are remembered in one session.
const MOST_PARTICIPANTS: usize = 200;

fn ended(session: StoredSession) -> EndedSession {
    EndedSession {
        id: session.id,
        user: session.user,
        correlation: session.correlation,
        participants: session.participants,
    }
}

impl IdentityProvider {
    /// Opens a session for somebody who has just proven `factors`; the secret is the cookie's value.
    pub(super) async fn open_session(
        &self,
        user: &ActiveUser,
        factors: Vec<Factor>,
        correlation: CorrelationId,
        begun: OffsetDateTime,
    ) -> Result<Option<(Secret<String>, IdpSession)>, IdpError> {
        let cookie = base::random::token();
        let now = self.now();
        let session = StoredSession {
            id: SessionId::fresh(),
            hash: SecretHash::of(&cookie),
            user: user.id().clone(),
            correlation,
            factors,
            authenticated: now,
            last_seen: now,
            participants: Vec::new(),
        };
        self.inner.parts.store.apply(&[IdpWrite::PutSession(Box::new(session.clone()))]).await?;
        self.sessions().insert(session.clone());
        // Deactivated, or with another password, since the first proof: the one who ends sessions may have been here already.
        let people = self.people();
        let live = people.active_user(user.id());
        let Some(user) =
            live.filter(|user| people.password_changed_at(user.id()).is_none_or(|changed| changed <= begun))
        else {
            self.end_session_by_id(&session.id, SessionEnd::Deactivated).await?;
            return Ok(None);
        };
        Ok(Some((cookie, live_session(&session, user))))
    }

    /// The live session of this cookie, whose person is still active and has the password still; counts as use.
    pub async fn session(&self, cookie: &Secret<String>) -> Option<IdpSession> {
        let hash = SecretHash::of(cookie);
        let now = self.now();
        let (session, to_store) = {
            let mut sessions = self.sessions();
            let kept = sessions.by_cookie_mut(&hash)?;
            if session::is_over(&kept.session, now) {
                return None;
            }
            kept.session.last_seen = now;
            let to_store = now - kept.stored_last_seen >= SEEN_PRECISION;
            if to_store {
                kept.stored_last_seen = now;
            }
            (kept.session.clone(), to_store)
        };
        let live = self.still_live(&session, now)?;
        if to_store && let Err(error) = self.store_session(&session.id).await {
            // The stored time only decides after a restart, and there an older one is the stricter one.
            tracing::warn!(%error, "the use of a session can't be stored");
        }
        Some(live)
    }

    /// The live session with this id. Doesn't count as use.
    #[must_use]
    pub fn session_by_id(&self, id: &SessionId) -> Option<IdpSession> {
        let session = self.sessions().get(id).map(|kept| kept.session.clone())?;
        self.still_live(&session, self.now())
    }

    #[must_use]
    pub fn session_is_live(&self, id: &SessionId) -> bool {
        self.session_by_id(id).is_some()
    }

    fn still_live(&self, session: &StoredSession, now: OffsetDateTime) -> Option<IdpSession> {
        if session::is_over(session, now) {
            return None;
        }
        let user = self.people().active_user(&session.user)?;
        if session::is_before_password(session, self.people().password_changed_at(&session.user)) {
            return None;
        }
        Some(live_session(session, user))
    }

    /// Ends the session of this cookie. Answers it, if there was one.
    ///
    /// # Errors
    /// `Store`; it has ended in memory all the same.
    pub async fn end_session(&self, cookie: &Secret<String>) -> Result<Option<EndedSession>, IdpError> {
        let id = self.sessions().id_of(&SecretHash::of(cookie)).cloned();
        match id {
            Some(id) => self.end_session_by_id(&id, SessionEnd::SignedOut).await,
            None => Ok(None),
        }
    }

    /// # Errors
    /// As [`Self::end_session`].
    pub async fn end_session_by_id(
        &self,
        id: &SessionId,
        reason: SessionEnd,
    ) -> Result<Option<EndedSession>, IdpError> {
        Ok(self.end_all(vec![id.clone()], reason).await?.pop())
    }

    /// Ends the person's sessions, all but `except`.
    ///
    /// # Errors
    /// As [`Self::end_session`].
    pub async fn end_sessions_of(
        &self,
        user: &DirectoryUserId,
        except: Option<&SessionId>,
        reason: SessionEnd,
    ) -> Result<Vec<EndedSession>, IdpError> {
        let ids = self.sessions().of_user(user).into_iter().filter(|id| Some(id) != except).collect();
        self.end_all(ids, reason).await
    }

    /// First in memory, so that nothing gets through while the store is written.
    async fn end_all(&self, ids: Vec<SessionId>, reason: SessionEnd) -> Result<Vec<EndedSession>, IdpError> {
        let gone: Vec<EndedSession> = {
            let mut sessions = self.sessions();
            ids.iter().filter_map(|id| sessions.remove(id)).map(ended).collect()
        };
        if gone.is_empty() {
            return Ok(gone);
        }
        for by_user in gone.chunk_by(|one, other| one.user == other.user) {
            if let Some(first) = by_user.first() {
                let sessions = by_user.iter().map(|session| session.id.clone()).collect();
                self.inner.kept.tell(IdpChange::SessionsEnded { user: first.user.clone(), sessions, reason });
            }
        }
        let ids = gone.iter().map(|session| session.id.clone()).collect();
        self.inner.parts.store.apply(&[IdpWrite::DeleteSessions(ids)]).await?;
        Ok(gone)
    }

    /// The sessions that are open for a person, the newest first.
    #[must_use]
    pub fn sessions_of(&self, user: &DirectoryUserId) -> Vec<IdpSession> {
        let ids = self.sessions().of_user(user);
        let mut live: Vec<_> = ids.iter().filter_map(|id| self.session_by_id(id)).collect();
        live.sort_by_key(|session| std::cmp::Reverse(session.authenticated_at));
        live
    }

    /// The applications that were told about the person in this session.
    #[must_use]
    pub fn participants(&self, id: &SessionId) -> Vec<Participant> {
        self.sessions().get(id).map(|kept| kept.session.participants.clone()).unwrap_or_default()
    }

    /// Which sessions a logout request of an application means: those of this name, and of these indexes if it names any.
    #[must_use]
    pub fn sessions_of_participant(
        &self,
        application: &SsoApplicationId,
        name_id: &str,
        session_indexes: &[String],
    ) -> Vec<SessionId> {
        let ids = self.sessions().of_participant(application, name_id);
        let named =
            |id: &SessionId| session_indexes.is_empty() || session_indexes.iter().any(|index| index == id.as_str());
        ids.into_iter().filter(named).collect()
    }

    /// Remembers that the application is told about the person in this session, before it is told.
    ///
    /// # Errors
    /// `Store`; `Invalid` beyond 200 applications.
    pub async fn note_participant(&self, id: &SessionId, participant: Participant) -> Result<(), IdpError> {
        {
            let mut sessions = self.sessions();
            let Some(kept) = sessions.get(id) else { return Ok(()) };
            if kept.session.participants.contains(&participant) {
                return Ok(());
            }
            if kept.session.participants.len() >= MOST_PARTICIPANTS {
                let rule = format!("One session is in {MOST_PARTICIPANTS} applications at most. Sign in again.");
                return Err(IdpError::invalid("session", rule));
            }
            let mut session = kept.session.clone();
            session.participants.push(participant);
            sessions.insert(session);
        }
        self.store_session(id).await
    }

    /// Writes the session as it is now, if it still is: what has ended meanwhile isn't written again.
    async fn store_session(&self, id: &SessionId) -> Result<(), IdpError> {
        let session = self.sessions().get(id).map(|kept| kept.session.clone());
        let Some(session) = session else { return Ok(()) };
        self.inner.parts.store.apply(&[IdpWrite::PutSession(Box::new(session))]).await?;
        if self.sessions().get(id).is_none() {
            self.inner.parts.store.apply(&[IdpWrite::DeleteSessions(vec![id.clone()])]).await?;
        }
        Ok(())
    }

    /// Forgets sessions that are over; to be called every few minutes.
    pub(super) async fn sweep_sessions(&self) -> Result<(), IdpError> {
        let now = self.now();
        let over: Vec<SessionId> = {
            let sessions = self.sessions();
            sessions.all().filter(|session| session::is_over(session, now)).map(|session| session.id.clone()).collect()
        };
        self.end_all(over, SessionEnd::Expired).await.map(drop)
    }

    pub(super) fn people_with_sessions(&self) -> Vec<DirectoryUserId> {
        self.sessions().people()
    }

    /// Ends what the person may not keep: they were deactivated or deleted, or have another password.
    pub(super) async fn reevaluate_sessions(&self, user: &DirectoryUserId) -> Result<Vec<EndedSession>, IdpError> {
        let person = self.people().user(user);
        let reason = match person.as_ref().map(|person| person.active) {
            None => SessionEnd::Deleted,
            Some(false) => SessionEnd::Deactivated,
            Some(true) => {
                let changed = self.people().password_changed_at(user);
                let before: Vec<SessionId> = {
                    let sessions = self.sessions();
                    let ids = sessions.of_user(user).into_iter();
                    ids.filter(|id| {
                        sessions.get(id).is_some_and(|kept| session::is_before_password(&kept.session, changed))
                    })
                    .collect()
                };
                return self.end_all(before, SessionEnd::PasswordChanged).await;
            }
        };
        self.end_sessions_of(user, None, reason).await
    }
}

fn live_session(session: &StoredSession, user: ActiveUser) -> IdpSession {
    IdpSession {
        id: session.id.clone(),
        user,
        authenticated_at: session.authenticated,
        factors: session.factors.clone(),
        correlation: session.correlation.clone(),
    }
}
