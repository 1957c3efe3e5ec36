//! The operations.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use base::Clock;
use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId, InstanceArn};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

use crate::state::State;
use crate::{
    AccessDecision, Application, ApplicationStatus, AssignedPrincipal, CenterChange, CenterError, CenterStore,
    CenterStoreError, CenterWrite, Instance, NewApplication, Page, PrincipalLookup, access,
};

/// Records of one page of a list (sso-admin `MaxResults`).
pub const LIST_RECORDS_MAX: usize = 100;
/// Characters of an application's name (sso-admin `NameType`).
const NAME_CHARACTERS_MAX: usize = 100;
/// Changes that a slow subscriber may lag behind before it is told so.
const CHANGES_QUEUED_MAX: usize = 1024;

/// Identity Center. Cheap to read from many tasks; writes take turns.
#[derive(Debug)]
pub struct Center {
    clock: Arc<dyn Clock>,
    region: String,
    instance: Instance,
    inner: Arc<Inner>,
    writer: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn CenterStore>,
    state: RwLock<State>,
    changes: broadcast::Sender<CenterChange>,
}

/// The right to write. Held until the write is visible.
type Turn = OwnedMutexGuard<()>;

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
            return Err(CenterError::Invalid { field: "account", rule: "an account id is twelve digits" });
        }
        let mut stored = store.load().await?;
        let instance = match stored.instance.take() {
            Some(instance) if instance.owner_account == account => instance,
            Some(_) => {
                let rule =
                    "the data directory belongs to another account; start with that account or another directory";
                return Err(CenterError::Invalid { field: "account", rule });
            }
            None => {
                let instance = Instance {
                    arn: InstanceArn::new(format!("arn:aws:sso:::instance/ssoins-{}", base::random::hex::<8>())),
                    identity_store_id: format!("d-{}", base::random::hex::<5>()),
                    owner_account: account.to_owned(),
                    name: None,
                    created: clock.now(),
                };
                store.apply(CenterWrite::CreateInstance(instance.clone())).await?;
                instance
            }
        };
        let (changes, _) = broadcast::channel(CHANGES_QUEUED_MAX);
        let inner = Arc::new(Inner { store, state: RwLock::new(State::load(stored)), changes });
        Ok(Self { clock, region: region.to_owned(), instance, inner, writer: Arc::default() })
    }

    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.instance
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Every change from now on. A receiver that lags is told so (`RecvError::Lagged`) and must then check everything anew.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<CenterChange> {
        self.inner.changes.subscribe()
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

    /// # Errors
    /// [`CenterError::Invalid`] for the name or the provider ARN; [`CenterError::Store`].
    pub async fn create_application(&self, new: NewApplication) -> Result<Arc<Application>, CenterError> {
        let NewApplication { provider_arn, name, assignment_required } = new;
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX {
            return Err(CenterError::Invalid { field: "Name", rule: "a name has 1 to 100 characters" });
        }
        if !provider_arn.starts_with("arn:aws:sso::aws:applicationProvider/") {
            let rule = "it must begin with arn:aws:sso::aws:applicationProvider/";
            return Err(CenterError::Invalid { field: "ApplicationProviderArn", rule });
        }
        let (account, instance) = (&self.instance.owner_account, self.instance.id());
        let id = base::random::hex::<8>();
        let application = Application {
            arn: ApplicationArn::new(format!("arn:aws:sso::{account}:application/{instance}/apl-{id}")),
            provider_arn,
            name,
            status: ApplicationStatus::Enabled,
            assignment_required,
            created: self.clock.now(),
        };
        let turn = self.turn().await;
        let change = CenterChange::ApplicationChanged(application.arn.clone());
        self.commit(turn, CenterWrite::CreateApplication(application.clone()), vec![change]).await?;
        Ok(Arc::new(application))
    }

    /// Deletes the application and its assignments.
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::Store`].
    pub async fn delete_application(&self, arn: &ApplicationArn) -> Result<(), CenterError> {
        let turn = self.turn().await;
        self.known(arn)?;
        let change = CenterChange::ApplicationChanged(arn.clone());
        self.commit(turn, CenterWrite::DeleteApplication(arn.clone()), vec![change]).await
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::PrincipalNotFound`], [`CenterError::AssignmentExists`],
    /// [`CenterError::Store`].
    pub async fn create_assignment(
        &self,
        arn: &ApplicationArn,
        principal: &AssignedPrincipal,
        directory: &(impl PrincipalLookup + Sync),
    ) -> Result<(), CenterError> {
        let turn = self.turn().await;
        self.known(arn)?;
        let exists = match principal {
            AssignedPrincipal::User(id) => directory.user_exists(id),
            AssignedPrincipal::Group(id) => directory.group_exists(id),
        };
        if !exists {
            return Err(CenterError::PrincipalNotFound(principal.clone()));
        }
        if self.read().is_assigned(arn, principal) {
            return Err(CenterError::AssignmentExists { application: arn.clone(), principal: principal.clone() });
        }
        let change = CenterChange::AssignmentChanged { application: arn.clone(), principal: principal.clone() };
        self.commit(turn, CenterWrite::CreateAssignment(arn.clone(), principal.clone()), vec![change]).await
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::AssignmentNotFound`], [`CenterError::Store`].
    pub async fn delete_assignment(
        &self,
        arn: &ApplicationArn,
        principal: &AssignedPrincipal,
    ) -> Result<(), CenterError> {
        let turn = self.turn().await;
        self.known(arn)?;
        if !self.read().is_assigned(arn, principal) {
            return Err(CenterError::AssignmentNotFound { application: arn.clone(), principal: principal.clone() });
        }
        let change = CenterChange::AssignmentChanged { application: arn.clone(), principal: principal.clone() };
        self.commit(turn, CenterWrite::DeleteAssignment(arn.clone(), principal.clone()), vec![change]).await
    }

    /// The assignments of an application that follow `after`, users before groups, each by id; at most `records` (1 to
    /// [`LIST_RECORDS_MAX`], outside of it the nearest).
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`].
    pub fn assignments(
        &self,
        arn: &ApplicationArn,
        after: Option<&AssignedPrincipal>,
        records: usize,
    ) -> Result<Page<AssignedPrincipal>, CenterError> {
        let page = self.read().assignments(arn, after, records.clamp(1, LIST_RECORDS_MAX));
        page.ok_or_else(|| CenterError::ApplicationNotFound(arn.clone()))
    }

    /// Removes every assignment of a principal that was deleted from the directory. Nothing to remove is no error.
    ///
    /// # Errors
    /// [`CenterError::Store`].
    pub async fn forget_principal(&self, principal: &AssignedPrincipal) -> Result<(), CenterError> {
        let turn = self.turn().await;
        let applications = self.read().applications_of(principal);
        if applications.is_empty() {
            return Ok(());
        }
        let changes = applications
            .into_iter()
            .map(|application| CenterChange::AssignmentChanged { application, principal: principal.clone() })
            .collect();
        self.commit(turn, CenterWrite::DeletePrincipal(principal.clone()), changes).await
    }

    fn known(&self, arn: &ApplicationArn) -> Result<(), CenterError> {
        self.application(arn).map(|_| ()).ok_or_else(|| CenterError::ApplicationNotFound(arn.clone()))
    }

    async fn turn(&self) -> Turn {
        Arc::clone(&self.writer).lock_owned().await
    }

    /// Durable, then visible, then announced: in a task of its own, so that a caller who goes away can't leave memory behind the
    /// store.
    async fn commit(&self, turn: Turn, write: CenterWrite, changes: Vec<CenterChange>) -> Result<(), CenterError> {
        let inner = Arc::clone(&self.inner);
        let task = base::task::spawn("center write", async move {
            inner.store.apply(write.clone()).await?;
            inner.state.write().unwrap_or_else(PoisonError::into_inner).apply(&write);
            for change in changes {
                // Nobody listening is fine.
                let _ = inner.changes.send(change);
            }
            drop(turn);
            Ok(())
        });
        task.await.unwrap_or_else(|error| Err(CenterStoreError(error.to_string()).into()))
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.inner.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}
