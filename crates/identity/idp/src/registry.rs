//! The live sessions in memory, with their indexes.

use base::SecretHash;
use std::collections::{BTreeSet, HashMap};

use base::id::{DirectoryUserId, SsoApplicationId};
use time::OffsetDateTime;

use crate::session::{SessionId, StoredSession};

#[derive(Debug, Default)]
pub(crate) struct Registry {
    sessions: HashMap<SessionId, Kept>,
    by_cookie: HashMap<SecretHash, SessionId>,
    by_user: HashMap<DirectoryUserId, BTreeSet<SessionId>>,
    by_participant: HashMap<(SsoApplicationId, String), BTreeSet<SessionId>>,
}

#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) session: StoredSession,
    /// What the store has as `last_seen`, or is about to have.
    pub(crate) stored_last_seen: OffsetDateTime,
}

impl Registry {
    pub(crate) fn load(sessions: Vec<StoredSession>) -> Self {
        let mut registry = Self::default();
        for session in sessions {
            registry.insert(session);
        }
        registry
    }

    /// Inserts, or replaces the session with the same id.
    pub(crate) fn insert(&mut self, session: StoredSession) {
        self.remove(&session.id);
        self.by_cookie.insert(session.hash, session.id.clone());
        self.by_user.entry(session.user.clone()).or_default().insert(session.id.clone());
        for participant in &session.participants {
            let key = (participant.application.clone(), participant.name_id.clone());
            self.by_participant.entry(key).or_default().insert(session.id.clone());
        }
        let stored_last_seen = session.last_seen;
        self.sessions.insert(session.id.clone(), Kept { session, stored_last_seen });
    }

    pub(crate) fn remove(&mut self, id: &SessionId) -> Option<StoredSession> {
        let session = self.sessions.remove(id)?.session;
        self.by_cookie.remove(&session.hash);
        forget(&mut self.by_user, &session.user, id);
        for participant in &session.participants {
            let key = (participant.application.clone(), participant.name_id.clone());
            forget(&mut self.by_participant, &key, id);
        }
        Some(session)
    }

    pub(crate) fn get(&self, id: &SessionId) -> Option<&Kept> {
        self.sessions.get(id)
    }

    pub(crate) fn id_of(&self, cookie: &SecretHash) -> Option<&SessionId> {
        self.by_cookie.get(cookie)
    }

    pub(crate) fn by_cookie_mut(&mut self, cookie: &SecretHash) -> Option<&mut Kept> {
        self.sessions.get_mut(self.by_cookie.get(cookie)?)
    }

    pub(crate) fn of_user(&self, user: &DirectoryUserId) -> Vec<SessionId> {
        self.by_user.get(user).into_iter().flatten().cloned().collect()
    }

    pub(crate) fn of_participant(&self, application: &SsoApplicationId, name_id: &str) -> Vec<SessionId> {
        let key = (application.clone(), name_id.to_owned());
        self.by_participant.get(&key).into_iter().flatten().cloned().collect()
    }

    pub(crate) fn people(&self) -> Vec<DirectoryUserId> {
        self.by_user.keys().cloned().collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &StoredSession> {
        self.sessions.values().map(|kept| &kept.session)
    }
}

fn forget<K: std::hash::Hash + Eq>(index: &mut HashMap<K, BTreeSet<SessionId>>, key: &K, id: &SessionId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
