//! The push at work: a worker for each target, and one watch over the directory.

mod dry_run;
mod status;
mod sweep;
mod targets;
mod watch;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use base::id::{DirectoryGroupId, PushTargetId};
use base::{Clock, Sealer, Secret};
use directory::{Directory, DirectoryChange, fold};
use time::OffsetDateTime;
use tokio::sync::{Notify, broadcast, watch as watching};
use tokio::task::JoinHandle;

pub use status::{Progress, Status};

use crate::client::Server;
use crate::error::PushError;
use crate::port::{PushStore, Roster, ScimTransport};
use crate::queue::{Depth, Queue};
use crate::run::Job;
use crate::target::{Assigned, TOKEN_PURPOSE, Target};

/// What is under way when the server stops has so long: a kill is no worse for it.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// What the push works with.
#[derive(Debug, Clone)]
pub struct Ports {
    pub store: Arc<dyn PushStore>,
    /// The identity provider's own.
    pub directory: Arc<Directory>,
    pub roster: Arc<dyn Roster>,
    pub transport: Arc<dyn ScimTransport>,
    pub sealer: Arc<Sealer>,
    pub clock: Arc<dyn Clock>,
}

/// SCIM push to any number of servers.
#[derive(Debug)]
pub struct Pusher {
    ports: Ports,
    slots: RwLock<BTreeMap<PushTargetId, Arc<Slot>>>,
    /// One administrator's change at a time.
    changing: tokio::sync::Mutex<()>,
    /// Taken by the watch; nothing that happens before it starts is missed.
    changes: Mutex<Option<broadcast::Receiver<DirectoryChange>>>,
    is_started: Mutex<bool>,
    stop: watching::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// A target and what waits for it.
#[derive(Debug)]
struct Slot {
    target: RwLock<Arc<Target>>,
    queue: Mutex<Queue>,
    /// Everybody has to be looked at.
    sweep: Mutex<Option<Depth>>,
    wake: Notify,
    progress: watching::Sender<Progress>,
    /// Held by whoever works on it.
    working: tokio::sync::Mutex<()>,
}

impl Slot {
    fn new(target: Target) -> Self {
        let queue = Queue::new(!may_run(&target));
        Self {
            target: RwLock::new(Arc::new(target)),
            queue: Mutex::new(queue),
            sweep: Mutex::new(Some(Depth::Ledger)),
            wake: Notify::new(),
            progress: watching::Sender::new(Progress::default()),
            working: tokio::sync::Mutex::default(),
        }
    }

    fn target(&self) -> Arc<Target> {
        Arc::clone(&self.target.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_target(&self, target: Target) -> Arc<Target> {
        let target = Arc::new(target);
        *self.target.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&target);
        target
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everybody is looked at, soon.
    fn ask_sweep(&self, depth: Depth) {
        let mut sweep = self.sweep.lock().unwrap_or_else(PoisonError::into_inner);
        *sweep = (*sweep).max(Some(depth));
        drop(sweep);
        self.wake.notify_one();
    }

    fn take_sweep(&self, now: OffsetDateTime) -> Option<Depth> {
        let mut queue = self.queue();
        queue.follow_clock(now);
        if queue.is_closed || queue.is_held(now) {
            return None;
        }
        self.sweep.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn next_at(&self) -> Option<OffsetDateTime> {
        let queue = self.queue();
        let is_asked = self.sweep.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let sweep = queue.hold_until.filter(|_| is_asked && !queue.is_closed);
        [queue.next_at(), sweep].into_iter().flatten().min()
    }
}

const fn may_run(target: &Target) -> bool {
    target.enabled && target.paused.is_none()
}

impl Pusher {
    /// Reads the targets. Nothing is pushed before [`Self::start`].
    ///
    /// # Errors
    /// `Store`.
    pub async fn open(ports: Ports) -> Result<Arc<Self>, PushError> {
        let changes = ports.directory.subscribe();
        let pusher = Self {
            slots: RwLock::default(),
            changing: tokio::sync::Mutex::default(),
            changes: Mutex::new(Some(changes)),
            is_started: Mutex::new(false),
            stop: watching::Sender::new(false),
            tasks: Mutex::default(),
            ports,
        };
        for target in pusher.ports.store.targets().await? {
            let slot = Arc::new(Slot::new(target));
            pusher.load_failed(&slot).await?;
            pusher.publish(&slot);
            pusher.insert(slot);
        }
        Ok(Arc::new(pusher))
    }

    /// Starts to follow the directory, and a worker for each target. To be called once, on a runtime.
    pub fn start(self: &Arc<Self>) {
        *self.is_started.lock().unwrap_or_else(PoisonError::into_inner) = true;
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(changes) = changes {
            let pusher = Arc::clone(self);
            self.keep(base::task::spawn("push watch", async move { pusher.follow(changes).await }));
        }
        for slot in self.slots() {
            self.start_worker(slot);
        }
    }

    /// Ends the workers, and waits for what is under way. What isn't done is done after the next start.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        for slot in self.slots() {
            slot.queue().is_closed = true;
            slot.wake.notify_one();
        }
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let end = tokio::time::Instant::now() + STOP_WITHIN;
        for mut task in tasks {
            // an error is a panic, which is logged already
            if tokio::time::timeout_at(end, &mut task).await.is_err() {
                tracing::warn!("a SCIM server doesn't answer; what was under way is looked at after the next start");
                task.abort();
                drop(task.await);
            }
        }
    }

    /// The groups of an SSO application changed, or it was made or deleted.
    pub fn application_changed(&self, application: &base::id::SsoApplicationId) {
        for slot in self.slots() {
            if matches!(&slot.target().assigned, Assigned::Application(own) if own == application) {
                slot.ask_sweep(Depth::Ledger);
            }
        }
    }

    /// Ordered by name.
    #[must_use]
    pub fn targets(&self) -> Vec<Arc<Target>> {
        let mut targets: Vec<_> = self.slots().iter().map(|slot| slot.target()).collect();
        targets.sort_by(|one, other| (fold(&one.name), &one.id).cmp(&(fold(&other.name), &other.id)));
        targets
    }

    #[must_use]
    pub fn target(&self, id: &PushTargetId) -> Option<Arc<Target>> {
        self.slot(id).ok().map(|slot| slot.target())
    }

    /// Without regard to case.
    #[must_use]
    pub fn target_by_name(&self, name: &str) -> Option<Arc<Target>> {
        let name = fold(name.trim());
        self.slots().iter().map(|slot| slot.target()).find(|target| fold(&target.name) == name)
    }

    fn keep(&self, task: JoinHandle<()>) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
    }

    fn start_worker(self: &Arc<Self>, slot: Arc<Slot>) {
        if *self.is_started.lock().unwrap_or_else(PoisonError::into_inner) {
            let pusher = Arc::clone(self);
            self.keep(base::task::spawn("push worker", async move { pusher.work(slot).await }));
        }
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn slot(&self, id: &PushTargetId) -> Result<Arc<Slot>, PushError> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(id).cloned().ok_or_else(|| PushError::UnknownTarget(id.clone()))
    }

    fn insert(&self, slot: Arc<Slot>) {
        let id = slot.target().id.clone();
        self.slots.write().unwrap_or_else(PoisonError::into_inner).insert(id, slot);
    }

    /// Who is assigned now; nothing when it can't be said: an application that is gone assigns nobody, and takes nobody away.
    fn assigned(&self, target: &Target) -> Option<BTreeSet<DirectoryGroupId>> {
        match &target.assigned {
            Assigned::Groups(groups) => Some(groups.clone()),
            Assigned::Application(application) => self.ports.roster.groups(application),
        }
    }

    /// Everything that a push to the target needs; a full sentence when something is missing.
    fn job(&self, target: &Arc<Target>) -> Result<Job, String> {
        let Some(assigned) = self.assigned(target) else {
            return Err("The SSO application of this target is gone: choose another one, or groups.".to_owned());
        };
        let sealed = self.ports.sealer.open_text(TOKEN_PURPOSE, &target.sealed_token);
        let token = sealed.and_then(|token| String::from_utf8(token.into_exposed()).ok());
        let Some(token) = token else {
            return Err(
                "The target's token can't be read with this server's key: give the target its token again.".to_owned()
            );
        };
        Ok(Job {
            target: Arc::clone(target),
            server: Server {
                transport: Arc::clone(&self.ports.transport),
                base: target.url.clone(),
                token: Secret::new(token),
                private_network: target.private_network,
            },
            assigned: Arc::new(assigned),
            directory: Arc::clone(&self.ports.directory),
            store: Arc::clone(&self.ports.store),
        })
    }
}
