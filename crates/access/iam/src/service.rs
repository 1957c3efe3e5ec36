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

use std::sync::{Arc, Mutex};

use base::{Backing, Clock, Kept, Sealer, Secret, Turn};
use tokio::sync::broadcast;

use crate::state::{State, Step, Touched};
use crate::{
    AccessKey, Entity, IamChange, IamError, IamRow, IamStore, IamStoreUnavailable, IamWrite, KeyOwner, aws_managed,
    stored,
};

/// Changes that a slow subscriber may lag behind before it is told so.
const CHANGES_QUEUED_MAX: usize = 1024;
/// Changes of one write that are told one by one.
const CHANGES_TOLD_MAX: usize = 100;

/// IAM. Cheap to read from many tasks; writes take turns.
#[derive(Debug)]
pub struct Iam {
    clock: Arc<dyn Clock>,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kept: Kept<Store>,
    used: Mutex<used::Used>,
}

#[derive(Debug)]
struct Store {
    port: Arc<dyn IamStore>,
    sealer: Arc<Sealer>,
    account: String,
}

impl Store {
    fn read(&self, rows: &[IamRow]) -> Result<Arc<State>, IamError> {
        let steps: Result<Vec<_>, _> = rows.iter().map(|row| stored::read(row, &self.sealer)).collect();
        Ok(Arc::new(State::load(&self.account, aws_managed::policies()?, &steps?)?))
    }
}

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "iam write";
    type State = Arc<State>;
    type Write = (Vec<IamWrite>, Arc<State>);
    type Change = IamChange;
    type Error = IamError;

    async fn load(&self) -> Result<Arc<State>, IamError> {
        self.read(&self.port.load(&self.account).await?.rows)
    }

    async fn store(&self, (writes, _): &Self::Write) -> Result<(), IamError> {
        Ok(self.port.apply(writes).await?)
    }

    fn show(state: &mut Arc<State>, (_, next): Self::Write) {
        *state = next;
    }

    fn lost(cause: String) -> IamError {
        IamStoreUnavailable(cause).into()
    }
}

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
        let used = Mutex::new(used::Used::load(stored.used, clock.now()));
        let store = Store { port: store, sealer, account: account.to_owned() };
        let state = store.read(&stored.rows)?;
        let inner = Inner { kept: Kept::new(store, state, CHANGES_QUEUED_MAX), used };
        let iam = Self { clock, inner: Arc::new(inner) };
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
        let turn = self.turn().await?;
        self.commit_with(turn, steps, retired).await
    }

    /// Twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.inner.kept.backing().account
    }

    /// Every change from now on. A receiver that lags is told so (`RecvError::Lagged`) and must then look at everything anew.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<IamChange> {
        self.inner.kept.subscribe()
    }

    /// An id that was never given out: the store refuses one that was.
    fn new_id(prefix: &str) -> String {
        format!("{prefix}{}", base::random::upper_alphanumeric(16))
    }

    fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.account())
    }

    async fn turn(&self) -> Result<Turn<Store>, IamError> {
        self.inner.kept.turn().await
    }

    /// What is now. Whoever holds the turn sees nothing newer come.
    fn state(&self) -> Arc<State> {
        self.inner.state()
    }

    async fn commit(&self, turn: Turn<Store>, steps: Vec<Step>) -> Result<(), IamError> {
        self.commit_with(turn, steps, Vec::new()).await
    }

    async fn commit_with(&self, turn: Turn<Store>, steps: Vec<Step>, others: Vec<IamWrite>) -> Result<(), IamError> {
        let (state, sealer) = (self.state(), &self.inner.kept.backing().sealer);
        let writes = steps.iter().map(|step| stored::write(step, state.is_new(step), sealer));
        let mut writes = writes.collect::<Result<Vec<_>, _>>()?;
        writes.extend(others);
        let (next, touched) = state.applied(&steps);
        turn.commit((writes, Arc::new(next)), changes(touched)).await
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
        Arc::clone(&self.kept.read())
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
