//! The service: reads from memory, writes in turn.

mod applications;
mod assignments;
mod tags;

use std::sync::{Arc, RwLockReadGuard};

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId, InstanceArn};
use base::{Backing, Clock, Kept};
use tokio::sync::broadcast;

use crate::state::State;
use crate::{
    AccessDecision, Application, CenterChange, CenterError, CenterStore, CenterStoreError, CenterWrite, Instance,
    InstanceSettings, access, rules,
};

/// Records of one page of a list (sso-admin `MaxResults`).
pub const LIST_RECORDS_MAX: usize = 100;
/// Applications of the instance (IAM Identity Center quotas).
pub const APPLICATIONS_MAX: usize = 3000;
/// Changes that a slow subscriber may lag behind before it is told so.
const CHANGES_QUEUED_MAX: usize = 1024;

/// Identity Center. Cheap to read from many tasks; writes take turns.
#[derive(Debug)]
pub struct Center {
    clock: Arc<dyn Clock>,
    region: String,
    instance: Instance,
    kept: Kept<Store>,
}

#[derive(Debug)]
struct Store(Arc<dyn CenterStore>);

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "center write";
    type State = State;
    type Write = CenterWrite;
    type Change = CenterChange;
    type Error = CenterError;

    async fn load(&self) -> Result<State, CenterError> {
        Ok(State::load(self.0.load().await?))
    }

    async fn store(&self, write: &CenterWrite) -> Result<(), CenterError> {
        Ok(self.0.apply(write.clone()).await?)
    }

    fn show(state: &mut State, write: CenterWrite) {
        state.apply(&write);
    }

    fn lost(cause: String) -> CenterError {
        CenterStoreError(cause).into()
    }
}

impl Center {
    /// Reads everything, and makes the instance at the first start. `account` is twelve digits.
    ///
    /// # Errors
    /// [`CenterError::Store`]; [`CenterError::Invalid`] where the stored instance belongs to another account.
    pub async fn open(
        store: Arc<dyn CenterStore>,
        clock: Arc<dyn Clock>,
        account: &str,
        region: &str,
    ) -> Result<Self, CenterError> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CenterError::invalid("account", "an account id is twelve digits"));
        }
        let mut stored = store.load().await?;
        let instance = match stored.instance.take() {
            Some(instance) if instance.owner_account == account => instance,
            Some(_) => {
                let rule =
                    "the data directory belongs to another account; start with that account or another directory";
                return Err(CenterError::invalid("account", rule));
            }
            None => {
                let instance = Instance {
                    arn: InstanceArn::new(format!("arn:aws:sso:::instance/ssoins-{}", base::random::hex::<8>())),
                    identity_store_id: format!("d-{}", base::random::hex::<5>()),
                    owner_account: account.to_owned(),
                    created: clock.now(),
                };
                store.apply(CenterWrite::CreateInstance(instance.clone())).await?;
                instance
            }
        };
        let kept = Kept::new(Store(store), State::load(stored), CHANGES_QUEUED_MAX);
        Ok(Self { clock, region: region.to_owned(), instance, kept })
    }

    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The name and the tags of the instance, as they are now.
    #[must_use]
    pub fn instance_settings(&self) -> Arc<InstanceSettings> {
        Arc::clone(self.read().settings())
    }

    /// Gives the instance a name (UpdateInstance).
    ///
    /// # Errors
    /// [`CenterError::Invalid`], [`CenterError::Store`].
    pub async fn rename_instance(&self, name: &str) -> Result<(), CenterError> {
        rules::instance_name(name)?;
        self.change_settings(|settings| {
            settings.name = Some(name.to_owned());
            Ok(())
        })
        .await
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Every change from now on. A receiver that lags is told so (`RecvError::Lagged`) and must then check everything anew.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<CenterChange> {
        self.kept.subscribe()
    }

    #[must_use]
    pub fn application(&self, arn: &ApplicationArn) -> Option<Arc<Application>> {
        self.read().application(arn).cloned()
    }

    /// Every application, ordered by ARN. For administration, not for requests.
    #[must_use]
    pub fn applications(&self) -> Vec<Arc<Application>> {
        self.read().applications()
    }

    /// Decides by [`access::decide`] whether a person who is in `groups` may use the application.
    #[must_use]
    pub fn decide(&self, arn: &ApplicationArn, user: &DirectoryUserId, groups: &[DirectoryGroupId]) -> AccessDecision {
        let state = self.read();
        let application = state.application(arn).map(Arc::as_ref);
        access::decide(arn, application, |principal| state.is_assigned(arn, principal), user, groups)
    }

    async fn change_settings(
        &self,
        edit: impl FnOnce(&mut InstanceSettings) -> Result<(), CenterError> + Send,
    ) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        let before = self.instance_settings();
        let mut settings = InstanceSettings::clone(&before);
        edit(&mut settings)?;
        if settings == *before {
            return Ok(());
        }
        turn.commit(CenterWrite::PutInstanceSettings(settings), Vec::new()).await
    }

    /// One change of an application: one write, announced. What changes nothing writes nothing.
    async fn change(
        &self,
        arn: &ApplicationArn,
        edit: impl FnOnce(&mut Application) -> Result<(), CenterError> + Send,
    ) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        let before = self.known(arn)?;
        let mut application = Application::clone(&before);
        edit(&mut application)?;
        if application == *before {
            return Ok(());
        }
        let change = CenterChange::ApplicationChanged(arn.clone());
        turn.commit(CenterWrite::PutApplication(application), vec![change]).await
    }

    fn known(&self, arn: &ApplicationArn) -> Result<Arc<Application>, CenterError> {
        self.application(arn).ok_or_else(|| CenterError::ApplicationNotFound(arn.clone()))
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.kept.read()
    }
}
