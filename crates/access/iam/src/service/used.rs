//! When keys and roles were last used: noted in memory, written now and then. A killed process forgets the last minute.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

use super::{Iam, Inner};
use crate::{IamError, IamStoreUnavailable, KeyUse, RoleUse, StoredUse};

/// Uses within this time of the last one that was noted, for the same, aren't noted.
const PRECISION: Duration = Duration::MINUTE;
/// From one write to the next.
const WRITTEN_EVERY: Duration = Duration::MINUTE;

#[derive(Debug)]
pub(super) struct Used {
    /// By the id of a key or a role.
    last: HashMap<String, StoredUse>,
    unwritten: HashSet<String>,
    written: OffsetDateTime,
}

impl Used {
    pub(super) fn load(stored: Vec<StoredUse>, now: OffsetDateTime) -> Self {
        let last = stored.into_iter().map(|one| (one.id.clone(), one)).collect();
        Self { last, unwritten: HashSet::new(), written: now }
    }

    /// Whether it is time to write.
    fn note(&mut self, id: &str, service: &str, region: &str, at: OffsetDateTime) -> bool {
        let is_news = self
            .last
            .get(id)
            .is_none_or(|last| at - last.at >= PRECISION || last.service != service || last.region != region);
        if is_news {
            let one = StoredUse { id: id.to_owned(), at, service: service.to_owned(), region: region.to_owned() };
            self.last.insert(id.to_owned(), one);
            self.unwritten.insert(id.to_owned());
        }
        let is_time = !self.unwritten.is_empty() && at - self.written >= WRITTEN_EVERY;
        if is_time {
            self.written = at;
        }
        is_time
    }

    fn take_unwritten(&mut self) -> Vec<StoredUse> {
        let ids = std::mem::take(&mut self.unwritten);
        ids.iter().filter_map(|id| self.last.get(id).cloned()).collect()
    }
}

impl Iam {
    #[must_use]
    pub fn key_last_used(&self, key_id: &str) -> Option<KeyUse> {
        let used = self.inner.used();
        let StoredUse { at, service, region, .. } = used.last.get(key_id)?.clone();
        Some(KeyUse { at, service, region })
    }

    #[must_use]
    pub fn role_last_used(&self, role_id: &str) -> Option<RoleUse> {
        let used = self.inner.used();
        let StoredUse { at, region, .. } = used.last.get(role_id)?.clone();
        Some(RoleUse { at, region })
    }

    /// A call was signed with the key. Cheap: it writes nothing itself.
    pub fn note_key_used(&self, key_id: &str, service: &str, region: &str) {
        if self.state().key(key_id).is_some() {
            self.note(key_id, service, region);
        }
    }

    /// The role was assumed, or a call was made in it. Cheap: it writes nothing itself.
    pub fn note_role_used(&self, role_id: &str, region: &str) {
        if self.state().role_by_id(role_id).is_some() {
            self.note(role_id, "", region);
        }
    }

    fn note(&self, id: &str, service: &str, region: &str) {
        if !self.inner.used().note(id, service, region, self.clock.now()) {
            return;
        }
        let inner = Arc::clone(&self.inner);
        base::task::spawn("iam last used", async move {
            if let Err(error) = inner.write_used().await {
                tracing::warn!(%error, "when keys and roles were last used isn't written; tried again in a minute");
            }
        });
    }

    /// Writes what isn't written yet: before the end of the process.
    ///
    /// # Errors
    /// [`IamError::Store`].
    pub async fn flush_used(&self) -> Result<(), IamError> {
        Ok(self.inner.write_used().await?)
    }
}

impl Inner {
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write_used(&self) -> Result<(), IamStoreUnavailable> {
        let unwritten = {
            let state = self.state();
            let mut used = self.used();
            used.last.retain(|id, _| state.key(id).is_some() || state.role_by_id(id).is_some());
            used.take_unwritten()
        };
        let written = self.kept.backing().port.put_used(&unwritten).await;
        if written.is_err() {
            self.used().unwritten.extend(unwritten.into_iter().map(|one| one.id));
        }
        written
    }
}
