//! The live database sessions, found by process id, by person, by grant, by warehouse, by application and by
//! what they stand on.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::Secret;
use base::id::{ApplicationArn, DirectoryUserId, WarehouseId};
use time::OffsetDateTime;
use tokens::GrantId;
use tokio::sync::watch;

use crate::context::{DbSessionHandle, DbSessionId, OpenDb, SessionContext};
use crate::grounds::GroundKey;
use crate::reason::EndReason;

#[derive(Debug)]
struct Entry {
    context: Arc<SessionContext>,
    ended: watch::Sender<Option<EndReason>>,
}

#[derive(Debug, Default)]
struct Live {
    last_process_id: i32,
    sessions: HashMap<i32, Entry>,
    by_user: HashMap<DirectoryUserId, HashSet<i32>>,
    by_grant: HashMap<GrantId, HashSet<i32>>,
    by_warehouse: HashMap<WarehouseId, HashSet<i32>>,
    by_application: HashMap<ApplicationArn, HashSet<i32>>,
    by_ground: HashMap<GroundKey, HashSet<i32>>,
    with_grounds: HashSet<i32>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Live>);

impl Registry {
    pub(crate) fn register(self: &Arc<Self>, opening: OpenDb, opened: OffsetDateTime) -> DbSessionHandle {
        let (ended, receiver) = watch::channel(None);
        let mut live = self.lock();
        let process_id = live.free_process_id();
        let id = DbSessionId { process_id, secret_key: Secret::new(base::random::bytes::<4>()) };
        let context = Arc::new(SessionContext::new(id, opening, opened));
        if let Some(user) = context.directory_user() {
            live.by_user.entry(user.clone()).or_default().insert(process_id);
        }
        if let Some(grant) = context.grant() {
            live.by_grant.entry(grant.clone()).or_default().insert(process_id);
        }
        if let Some(application) = context.application() {
            live.by_application.entry(application.clone()).or_default().insert(process_id);
        }
        if context.grounds().is_some() {
            live.with_grounds.insert(process_id);
        }
        for key in context.ground_keys() {
            live.by_ground.entry(key.clone()).or_default().insert(process_id);
        }
        live.by_warehouse.entry(context.warehouse().clone()).or_default().insert(process_id);
        live.sessions.insert(process_id, Entry { context: Arc::clone(&context), ended });
        drop(live);
        DbSessionHandle::new(context, receiver, Arc::clone(self))
    }

    pub(crate) fn remove(&self, context: &SessionContext) {
        let mut live = self.lock();
        let process_id = context.id().process_id;
        live.sessions.remove(&process_id);
        if let Some(user) = context.directory_user() {
            forget(&mut live.by_user, user, process_id);
        }
        if let Some(grant) = context.grant() {
            forget(&mut live.by_grant, grant, process_id);
        }
        if let Some(application) = context.application() {
            forget(&mut live.by_application, application, process_id);
        }
        live.with_grounds.remove(&process_id);
        for key in context.ground_keys() {
            forget(&mut live.by_ground, key, process_id);
        }
        forget(&mut live.by_warehouse, context.warehouse(), process_id);
    }

    /// Tells a session to end; the first reason stays. Answers whether it was told now.
    pub(crate) fn end(&self, process_id: i32, reason: &EndReason) -> bool {
        let live = self.lock();
        live.sessions.get(&process_id).is_some_and(|entry| {
            entry.ended.send_if_modified(|ended| {
                let first = ended.is_none();
                if first {
                    *ended = Some(reason.clone());
                }
                first
            })
        })
    }

    pub(crate) fn get(&self, process_id: i32) -> Option<Arc<SessionContext>> {
        self.lock().sessions.get(&process_id).map(|entry| Arc::clone(&entry.context))
    }

    pub(crate) fn of_user(&self, user: &DirectoryUserId) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(live.by_user.get(user))
    }

    pub(crate) fn of_grant(&self, grant: &GrantId) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(live.by_grant.get(grant))
    }

    pub(crate) fn of_warehouse(&self, warehouse: &WarehouseId) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(live.by_warehouse.get(warehouse))
    }

    pub(crate) fn of_application(&self, application: &ApplicationArn) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(live.by_application.get(application))
    }

    pub(crate) fn on_ground(&self, key: &GroundKey) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(live.by_ground.get(key))
    }

    pub(crate) fn with_grounds(&self) -> Vec<Arc<SessionContext>> {
        let live = self.lock();
        live.contexts(Some(&live.with_grounds))
    }

    pub(crate) fn all(&self) -> Vec<Arc<SessionContext>> {
        self.lock().sessions.values().map(|entry| Arc::clone(&entry.context)).collect()
    }

    pub(crate) fn people(&self) -> HashSet<DirectoryUserId> {
        self.lock().by_user.keys().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().sessions.len()
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn contexts(&self, ids: Option<&HashSet<i32>>) -> Vec<Arc<SessionContext>> {
        let entries = ids.into_iter().flatten().filter_map(|id| self.sessions.get(id));
        entries.map(|entry| Arc::clone(&entry.context)).collect()
    }

    /// Positive, and not in use. Counts up, so that an id isn't soon given again.
    fn free_process_id(&mut self) -> i32 {
        loop {
            self.last_process_id = self.last_process_id.checked_add(1).unwrap_or(1);
            if !self.sessions.contains_key(&self.last_process_id) {
                return self.last_process_id;
            }
        }
    }
}

fn forget<K: Eq + Hash>(index: &mut HashMap<K, HashSet<i32>>, key: &K, process_id: i32) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&process_id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
