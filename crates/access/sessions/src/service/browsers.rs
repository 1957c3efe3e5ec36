//! Browser sessions: opened at sign-in, looked up by cookie, ended at sign-out, with the person or with the identity source.

use std::hash::Hash;

use source::FederatedSession;

use super::*;

impl Sessions {
    /// Opens a browser session for somebody who has just signed in, with a password or through an identity source; the secret is
    /// the cookie's value.
    ///
    /// # Errors
    /// [`SessionError::Refused`] when the person was deactivated meanwhile; [`SessionError::Unavailable`].
    pub async fn open_browser(
        &self,
        user: &ActiveUser,
        correlation: CorrelationId,
        federated: Option<FederatedSession>,
    ) -> Result<(Secret<String>, LiveBrowser), SessionError> {
        let cookie = base::random::token();
        let now = self.clock.now();
        let hash = SecretHash::of(&cookie);
        let user_id = user.id().clone();
        let session = BrowserSession { hash, user: user_id, correlation, created: now, last_seen: now, federated };
        self.store.put(&session).await?;
        self.browsers().insert(session.clone());
        if let Some(gone) = self.tokens.gone(user.id()) {
            // Deactivated since the password was checked: the one who ends sessions may have been here already.
            self.end_browser(&cookie).await?;
            let reason = match Activity::of(Some(gone)) {
                Activity::Deleted => EndReason::UserDeleted,
                Activity::Disabled | Activity::Active => EndReason::UserDisabled,
            };
            return Err(SessionError::Refused { user: user.user_name().to_owned(), reason });
        }
        Ok((cookie, LiveBrowser { session, user: user.clone() }))
    }

    /// The live session of this cookie, whose person is still active; counts as use.
    pub async fn browser(&self, cookie: &Secret<String>) -> Option<LiveBrowser> {
        let hash = SecretHash::of(cookie);
        let now = self.clock.now();
        let (session, to_store) = {
            let mut browsers = self.browsers();
            let kept = browsers.sessions.get_mut(&hash)?;
            if expiry::browser_over(&kept.session, &self.limits, now) {
                return None;
            }
            kept.session.last_seen = now;
            let to_store = now - kept.stored_last_seen >= SEEN_PRECISION;
            if to_store {
                kept.stored_last_seen = now;
            }
            (kept.session.clone(), to_store)
        };
        let user = self.directory.active_user(&session.user)?;
        if expiry::before_password(&session, self.directory.password_changed_at(&session.user)) {
            return None;
        }
        if to_store && let Err(cause) = self.touch(&session).await {
            // The stored time only decides after a restart, and there an older one is the stricter one.
            tracing::warn!(%cause, "the use of a browser session can't be stored");
        }
        Some(LiveBrowser { session, user })
    }

    /// Ends the session of this cookie. Answers it, if there was one.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`]; it has ended in memory all the same.
    pub async fn end_browser(&self, cookie: &Secret<String>) -> Result<Option<BrowserSession>, SessionError> {
        self.end_browser_of(&SecretHash::of(cookie)).await
    }

    /// [`Self::end_browser`], for who has only the hash of the cookie.
    ///
    /// # Errors
    /// As [`Self::end_browser`].
    pub async fn end_browser_of(&self, hash: &SecretHash) -> Result<Option<BrowserSession>, SessionError> {
        let removed = self.browsers().remove(hash);
        if let Some(session) = &removed {
            self.delete_stored(vec![session.hash]).await?;
        }
        Ok(removed)
    }

    /// Single logout: ends the browser sessions that a source opened for `name_id` (or OpenID Connect's `sub`), of these session
    /// indexes (or `sid`s) only where there are any. Without a `name_id` the indexes alone say which; without either, none. Answers
    /// what ended.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`]; they have ended in memory all the same.
    pub async fn end_federated(
        &self,
        source: &SourceId,
        name_id: Option<&str>,
        session_indexes: &[String],
    ) -> Result<Vec<BrowserSession>, SessionError> {
        let origins: Vec<Origin> = match name_id {
            Some(name_id) => vec![Origin::Subject(source.clone(), name_id.to_owned())],
            None => session_indexes.iter().map(|index| Origin::Index(source.clone(), index.clone())).collect(),
        };
        let meant = |session: &BrowserSession| {
            let index = session.federated.as_ref().and_then(|federated| federated.session_index.as_ref());
            session_indexes.is_empty() || index.is_some_and(|index| session_indexes.contains(index))
        };
        self.end_origins(&origins, meant).await
    }

    /// Ends the browser sessions that were opened through a source: it was deleted or disabled, or is another one now.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`]; they have ended in memory all the same.
    pub async fn end_source(&self, source: &SourceId) -> Result<Vec<BrowserSession>, SessionError> {
        self.end_origins(&[Origin::Source(source.clone())], |_| true).await
    }

    /// Ends the browser sessions that were opened with a password: the directory is no identity source any more.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`]; they have ended in memory all the same.
    pub async fn end_password_sessions(&self) -> Result<Vec<BrowserSession>, SessionError> {
        self.end_origins(&[Origin::Password], |_| true).await
    }

    /// The sources that browser sessions were opened through.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceId> {
        let browsers = self.browsers();
        let origins = browsers.by_origin.keys().filter_map(|origin| match origin {
            Origin::Source(source) => Some(source.clone()),
            Origin::Password | Origin::Subject(..) | Origin::Index(..) => None,
        });
        origins.collect()
    }

    async fn end_origins(
        &self,
        origins: &[Origin],
        is_meant: impl Fn(&BrowserSession) -> bool + Send,
    ) -> Result<Vec<BrowserSession>, SessionError> {
        let ended: Vec<BrowserSession> = {
            let mut browsers = self.browsers();
            let hashes: HashSet<SecretHash> =
                origins.iter().filter_map(|origin| browsers.by_origin.get(origin)).flatten().copied().collect();
            let kept = hashes.iter().filter_map(|hash| browsers.sessions.get(hash));
            let meant = kept.filter(|kept| is_meant(&kept.session)).map(|kept| kept.session.hash);
            let meant: Vec<SecretHash> = meant.collect();
            meant.iter().filter_map(|hash| browsers.remove(hash)).collect()
        };
        self.delete_stored(ended.iter().map(|session| session.hash).collect()).await?;
        Ok(ended)
    }

    /// Forgets browser sessions that are over; to be called every few minutes.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn sweep(&self) -> Result<(), SessionError> {
        let now = self.clock.now();
        let over: Vec<SecretHash> = {
            let mut browsers = self.browsers();
            let kept = browsers.sessions.values();
            let over = kept.filter(|kept| expiry::browser_over(&kept.session, &self.limits, now));
            let over: Vec<SecretHash> = over.map(|kept| kept.session.hash).collect();
            for hash in &over {
                browsers.remove(hash);
            }
            over
        };
        self.delete_stored(over).await
    }

    pub(super) async fn end_browsers_of(&self, user: &DirectoryUserId) -> Result<usize, SessionError> {
        self.end_browsers_where(user, |_| true).await
    }

    /// Ends the browser sessions that were opened before the person's password was last changed.
    pub(super) async fn end_browsers_before_password(&self, user: &DirectoryUserId) -> Result<usize, SessionError> {
        let changed = self.directory.password_changed_at(user);
        self.end_browsers_where(user, |session| expiry::before_password(session, changed)).await
    }

    async fn end_browsers_where(
        &self,
        user: &DirectoryUserId,
        is_over: impl Fn(&BrowserSession) -> bool + Send,
    ) -> Result<usize, SessionError> {
        let hashes: Vec<SecretHash> = {
            let mut browsers = self.browsers();
            let sessions =
                browsers.by_user.get(user).into_iter().flatten().filter_map(|hash| browsers.sessions.get(hash));
            let over = sessions.filter(|kept| is_over(&kept.session));
            let hashes: Vec<SecretHash> = over.map(|kept| kept.session.hash).collect();
            for hash in &hashes {
                browsers.remove(hash);
            }
            hashes
        };
        let count = hashes.len();
        self.delete_stored(hashes).await?;
        Ok(count)
    }

    /// Stores a use, unless the session ended meanwhile: the store mustn't bring it back.
    async fn touch(&self, session: &BrowserSession) -> Result<(), SessionError> {
        self.store.put(session).await?;
        let ended = !self.browsers().sessions.contains_key(&session.hash);
        if ended { self.delete_stored(vec![session.hash]).await } else { Ok(()) }
    }

    /// In a task of its own: a client that hangs up must not keep its session in the store.
    async fn delete_stored(&self, hashes: Vec<SecretHash>) -> Result<(), SessionError> {
        if hashes.is_empty() {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let deleted = base::task::spawn("sessions-delete", async move { store.delete(&hashes).await });
        Ok(deleted.await.map_err(|cause| SessionStoreUnavailable(cause.to_string()))??)
    }

    pub(super) fn browsers(&self) -> MutexGuard<'_, Browsers> {
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Browsers {
    pub(super) fn insert(&mut self, session: BrowserSession) {
        self.by_user.entry(session.user.clone()).or_default().insert(session.hash);
        for origin in Origin::all_of(&session) {
            self.by_origin.entry(origin).or_default().insert(session.hash);
        }
        let stored_last_seen = session.last_seen;
        self.sessions.insert(session.hash, KeptBrowser { session, stored_last_seen });
    }

    fn remove(&mut self, hash: &SecretHash) -> Option<BrowserSession> {
        let kept = self.sessions.remove(hash)?;
        forget(&mut self.by_user, &kept.session.user, hash);
        for origin in Origin::all_of(&kept.session) {
            forget(&mut self.by_origin, &origin, hash);
        }
        Some(kept.session)
    }
}

impl Origin {
    fn all_of(session: &BrowserSession) -> Vec<Self> {
        let Some(federated) = &session.federated else { return vec![Self::Password] };
        let source = &federated.source;
        let mut origins = vec![Self::Source(source.clone()), Self::Subject(source.clone(), federated.name_id.clone())];
        origins.extend(federated.session_index.iter().map(|index| Self::Index(source.clone(), index.clone())));
        origins
    }
}

fn forget<K: Eq + Hash>(index: &mut HashMap<K, HashSet<SecretHash>>, key: &K, hash: &SecretHash) {
    if let Some(hashes) = index.get_mut(key) {
        hashes.remove(hash);
        if hashes.is_empty() {
            index.remove(key);
        }
    }
}
