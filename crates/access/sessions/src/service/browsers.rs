//! Browser sessions: opened at sign-in, looked up by cookie, ended at sign-out or with the person.

use super::*;

impl Sessions {
    /// Opens a browser session for somebody who has just signed in; the secret is the cookie's value.
    ///
    /// # Errors
    /// [`SessionError::Refused`] when the person was deactivated meanwhile; [`SessionError::Unavailable`].
    pub async fn open_browser(
        &self,
        user: &ActiveUser,
        correlation: CorrelationId,
    ) -> Result<(Secret<String>, LiveBrowser), SessionError> {
        let cookie = base::random::token();
        let now = self.clock.now();
        let hash = TokenHash::of(&cookie);
        let session = BrowserSession { hash, user: user.id().clone(), correlation, created: now, last_seen: now };
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
        let hash = TokenHash::of(cookie);
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
        let removed = self.browsers().remove(&TokenHash::of(cookie));
        if let Some(session) = &removed {
            self.delete_stored(vec![session.hash]).await?;
        }
        Ok(removed)
    }

    /// Forgets browser sessions that are over; to be called every few minutes.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn sweep(&self) -> Result<(), SessionError> {
        let now = self.clock.now();
        let over: Vec<TokenHash> = {
            let mut browsers = self.browsers();
            let kept = browsers.sessions.values();
            let over = kept.filter(|kept| expiry::browser_over(&kept.session, &self.limits, now));
            let over: Vec<TokenHash> = over.map(|kept| kept.session.hash).collect();
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
        let hashes: Vec<TokenHash> = {
            let mut browsers = self.browsers();
            let sessions =
                browsers.by_user.get(user).into_iter().flatten().filter_map(|hash| browsers.sessions.get(hash));
            let over = sessions.filter(|kept| is_over(&kept.session));
            let hashes: Vec<TokenHash> = over.map(|kept| kept.session.hash).collect();
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
    async fn delete_stored(&self, hashes: Vec<TokenHash>) -> Result<(), SessionError> {
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
        let stored_last_seen = session.last_seen;
        self.sessions.insert(session.hash, KeptBrowser { session, stored_last_seen });
    }

    fn remove(&mut self, hash: &TokenHash) -> Option<BrowserSession> {
        let kept = self.sessions.remove(hash)?;
        if let Some(hashes) = self.by_user.get_mut(&kept.session.user) {
            hashes.remove(hash);
            if hashes.is_empty() {
                self.by_user.remove(&kept.session.user);
            }
        }
        Some(kept.session)
    }
}
