//! The service: reads from memory, writes in turn.

mod access_keys;
mod groups;
mod holders;
mod oidc_providers;
mod policies;
mod reads;
mod roles;
mod saml_providers;
mod service_linked;
mod tagging;
mod used;
mod users;

use std::sync::{Arc, Mutex as StdMutex, PoisonError, RwLock};

use base::{Clock, Sealer, Secret};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

use crate::state::{State, Step, Touched};
use crate::{
    AccessKey, Entity, IamChange, IamError, IamStore, IamStoreUnavailable, IamWrite, KeyOwner, aws_managed, stored,
};

/// Changes that a slow subscriber may lag behind before it is told so.
const CHANGES_QUEUED_MAX: usize = 1024;
/// Changes of one write that are told one by one.
const CHANGES_TOLD_MAX: usize = 100;

/// IAM. Cheap to read from many tasks; writes take turns.
#[derive(Debug)]
pub struct Iam {
    clock: Arc<dyn Clock>,
    account: String,
    inner: Arc<Inner>,
    writer: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn IamStore>,
    sealer: Arc<Sealer>,
    state: RwLock<Arc<State>>,
    changes: broadcast::Sender<IamChange>,
    used: StdMutex<used::Used>,
}

/// The right to write. Held until the write is visible.
type Turn = OwnedMutexGuard<()>;

impl Iam {
    /// Reads everything, and makes root's access key at the first start (or takes over the one of before there was IAM). `account` is
    /// twelve digits.
    ///
    /// # Errors
    /// [`IamError::Store`]: also where a secret was sealed with another key, or a stored policy isn't one.
    pub async fn open(
        store: Arc<dyn IamStore>,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
        account: &str,
    ) -> Result<Self, IamError> {
        let stored = store.load(account).await?;
        let steps: Result<Vec<_>, _> = stored.rows.iter().map(|row| stored::read(row, &sealer)).collect();
        let state = State::load(account, aws_managed::policies()?, &steps?)?;
        let used = used::Used::load(stored.used, clock.now());
        let (changes, _) = broadcast::channel(CHANGES_QUEUED_MAX);
        let inner = Inner { store, sealer, state: RwLock::new(Arc::new(state)), changes, used: StdMutex::new(used) };
        let iam = Self { clock, account: account.to_owned(), inner: Arc::new(inner), writer: Arc::default() };
        if iam.state().keys_of(&KeyOwner::Root).is_empty() {
            iam.make_root_keys(&stored.legacy_root_keys).await?;
        }
        Ok(iam)
    }

    async fn make_root_keys(&self, legacy: &[crate::LegacyRootKey]) -> Result<(), IamError> {
        let mut keys: Vec<_> = legacy
            .iter()
            .map(|key| AccessKey {
                id: key.id.clone(),
                secret: Secret::clone(&key.secret),
                owner: KeyOwner::Root,
                active: true,
                created: key.created,
            })
            .collect();
        if keys.is_empty() {
            keys.push(self.new_key(KeyOwner::Root));
        }
        let retired = legacy.iter().map(|key| IamWrite::RetireLegacyRootKey(key.id.clone())).collect();
        let steps = keys.into_iter().map(|key| Step::PutKey(Arc::new(key))).collect();
        let turn = self.turn().await;
        self.commit_with(turn, steps, retired).await
    }

    /// Twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Every change from now on. A receiver that lags is told so (`RecvError::Lagged`) and must then look at everything anew.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<IamChange> {
        self.inner.changes.subscribe()
    }

    /// An id that was never given out: the store refuses one that was.
    fn new_id(prefix: &str) -> String {
        format!("{prefix}{}", base::random::upper_alphanumeric(16))
    }

    fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.account)
    }

    async fn turn(&self) -> Turn {
        Arc::clone(&self.writer).lock_owned().await
    }

    /// What is now. Whoever holds the turn sees nothing newer come.
    fn state(&self) -> Arc<State> {
        self.inner.state()
    }

    async fn commit(&self, turn: Turn, steps: Vec<Step>) -> Result<(), IamError> {
        self.commit_with(turn, steps, Vec::new()).await
    }

    /// Durable, then visible, then announced: in a task of its own, so that a caller who goes away can't leave memory behind the
    /// store.
    async fn commit_with(&self, turn: Turn, steps: Vec<Step>, others: Vec<IamWrite>) -> Result<(), IamError> {
        let inner = Arc::clone(&self.inner);
        let task = base::task::spawn("iam write", async move {
            let state = inner.state();
            let writes = steps.iter().map(|step| stored::write(step, state.is_new(step), &inner.sealer));
            let mut writes = writes.collect::<Result<Vec<_>, _>>()?;
            writes.extend(others);
            let (next, touched) = state.applied(&steps);
            inner.store.apply(&writes).await?;
            *inner.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
            for change in changes(touched) {
                // Nobody listening is fine.
                let _ = inner.changes.send(change);
            }
            drop(turn);
            Ok(())
        });
        task.await.unwrap_or_else(|error| Err(IamStoreUnavailable(error.to_string()).into()))
    }
}

#[cfg(test)]
impl Iam {
    /// Panics where an index doesn't say what walking over everything says.
    pub(crate) fn check_indexes(&self) {
        self.state().check_indexes();
    }
}

impl Inner {
    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn changes(touched: Touched) -> Vec<IamChange> {
    if touched.entities.len() > CHANGES_TOLD_MAX {
        return vec![IamChange::Everything];
    }
    let entities = touched.entities.into_iter().filter_map(|entity| match entity {
        Entity::User(id) => Some(IamChange::UserChanged(id)),
        Entity::Role(id) => Some(IamChange::RoleChanged(id)),
        Entity::Group(_) => None,
    });
    let keys = touched.keys.into_iter().map(IamChange::KeyChanged);
    let policies = touched.policies.into_iter().map(IamChange::PolicyChanged);
    let providers = touched.providers.into_iter().map(IamChange::ProviderChanged);
    entities.chain(keys).chain(policies).chain(providers).collect()
}
