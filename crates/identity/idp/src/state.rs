//! The provider's configuration in memory: a snapshot with its indexes, changed by the writes that the store got.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use imbl::{HashMap, OrdMap, OrdSet};

use crate::api_token::ApiToken;
use crate::application::Application;
use crate::factors::{MfaPolicy, PersonFactors};
use crate::key::{KeyOwner, StoredKey};
use crate::password_only::FormPlugins;
use crate::port::{IdpWrite, StoredIdp};

#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) policy: MfaPolicy,
    pub(crate) form_plugins: FormPlugins,
    applications: OrdMap<SsoApplicationId, Arc<Application>>,
    by_slug: HashMap<String, SsoApplicationId>,
    by_client_id: HashMap<String, SsoApplicationId>,
    /// By the entity id of their service provider: AWS's is that of many.
    by_entity: HashMap<String, OrdSet<SsoApplicationId>>,
    by_group: HashMap<DirectoryGroupId, OrdSet<SsoApplicationId>>,
    factors: HashMap<DirectoryUserId, Arc<PersonFactors>>,
    /// Which person a passkey is of.
    passkeys: HashMap<String, DirectoryUserId>,
    keys: HashMap<KeyOwner, OrdMap<String, Arc<StoredKey>>>,
    key_owners: HashMap<String, KeyOwner>,
    api_tokens: OrdMap<String, Arc<ApiToken>>,
}

impl State {
    pub(crate) fn load(stored: StoredIdp) -> Self {
        let mut state = Self { policy: stored.policy, form_plugins: stored.form_plugins, ..Self::default() };
        for application in stored.applications {
            state.put_application(Arc::new(application));
        }
        for factors in stored.factors {
            state.put_factors(Arc::new(factors));
        }
        for key in stored.keys {
            state.put_key(Arc::new(key));
        }
        for token in stored.api_tokens {
            state.api_tokens.insert(token.id.clone(), Arc::new(token));
        }
        state
    }

    pub(crate) fn apply(&mut self, write: &IdpWrite) {
        match write {
            IdpWrite::PutApplication(application) => self.put_application(Arc::clone(application)),
            IdpWrite::DeleteApplication(id) => self.remove_application(id),
            IdpWrite::PutFactors(factors) => self.put_factors(Arc::clone(factors)),
            IdpWrite::DeleteFactors(user) => self.remove_factors(user),
            IdpWrite::PutPolicy(policy) => self.policy = *policy,
            IdpWrite::PutFormPlugins(wanted) => self.form_plugins = *wanted,
            IdpWrite::PutKey(key) => self.put_key(Arc::clone(key)),
            IdpWrite::DeleteKey(id) => self.remove_key(id),
            IdpWrite::PutApiToken(token) => {
                self.api_tokens.insert(token.id.clone(), Arc::clone(token));
            }
            // Sessions change too often for a snapshot: they have a registry of their own.
            IdpWrite::PutSession(_) | IdpWrite::DeleteSessions(_) => {}
        }
    }

    fn put_application(&mut self, application: Arc<Application>) {
        self.remove_application(&application.id);
        self.by_slug.insert(application.slug.as_str().to_owned(), application.id.clone());
        if let Some(oidc) = application.oidc() {
            self.by_client_id.insert(oidc.client_id.clone(), application.id.clone());
        }
        if let Some(entity) = entity_of(&application) {
            self.by_entity.entry(entity.to_owned()).or_default().insert(application.id.clone());
        }
        for group in &application.groups {
            self.by_group.entry(group.clone()).or_default().insert(application.id.clone());
        }
        self.applications.insert(application.id.clone(), application);
    }

    fn remove_application(&mut self, id: &SsoApplicationId) {
        let Some(application) = self.applications.remove(id) else { return };
        self.by_slug.remove(application.slug.as_str());
        if let Some(oidc) = application.oidc() {
            self.by_client_id.remove(&oidc.client_id);
        }
        if let Some(entity) = entity_of(&application)
            && let Some(applications) = self.by_entity.get_mut(entity)
        {
            applications.remove(id);
            if applications.is_empty() {
                self.by_entity.remove(entity);
            }
        }
        for group in &application.groups {
            if let Some(applications) = self.by_group.get_mut(group) {
                applications.remove(id);
                if applications.is_empty() {
                    self.by_group.remove(group);
                }
            }
        }
    }

    fn put_factors(&mut self, factors: Arc<PersonFactors>) {
        self.remove_factors(&factors.user);
        for kept in &factors.passkeys {
            self.passkeys.insert(kept.passkey.id().to_owned(), factors.user.clone());
        }
        self.factors.insert(factors.user.clone(), factors);
    }

    fn remove_factors(&mut self, user: &DirectoryUserId) {
        let Some(factors) = self.factors.remove(user) else { return };
        for kept in &factors.passkeys {
            self.passkeys.remove(kept.passkey.id());
        }
    }

    fn put_key(&mut self, key: Arc<StoredKey>) {
        self.key_owners.insert(key.id.clone(), key.owner.clone());
        self.keys.entry(key.owner.clone()).or_default().insert(key.id.clone(), key);
    }

    fn remove_key(&mut self, id: &str) {
        let Some(owner) = self.key_owners.remove(id) else { return };
        if let Some(keys) = self.keys.get_mut(&owner) {
            keys.remove(id);
            if keys.is_empty() {
                self.keys.remove(&owner);
            }
        }
    }

    pub(crate) fn application(&self, id: &SsoApplicationId) -> Option<&Arc<Application>> {
        self.applications.get(id)
    }

    pub(crate) fn application_by_slug(&self, slug: &str) -> Option<&Arc<Application>> {
        self.applications.get(self.by_slug.get(slug)?)
    }

    pub(crate) fn application_by_client_id(&self, client_id: &str) -> Option<&Arc<Application>> {
        self.applications.get(self.by_client_id.get(client_id)?)
    }

    /// The SAML applications of a service provider, ordered by id.
    pub(crate) fn applications_of_entity(&self, entity_id: &str) -> impl Iterator<Item = &Arc<Application>> {
        self.by_entity.get(entity_id).into_iter().flatten().filter_map(|id| self.applications.get(id))
    }

    pub(crate) fn applications(&self) -> impl Iterator<Item = &Arc<Application>> {
        self.applications.values()
    }

    pub(crate) fn application_count(&self) -> usize {
        self.applications.len()
    }

    pub(crate) fn applications_of_group(&self, group: &DirectoryGroupId) -> impl Iterator<Item = &Arc<Application>> {
        self.by_group.get(group).into_iter().flatten().filter_map(|id| self.applications.get(id))
    }

    /// Groups that are authorised for something.
    pub(crate) fn authorised_groups(&self) -> impl Iterator<Item = &DirectoryGroupId> {
        self.by_group.keys()
    }

    pub(crate) fn authorised_group_count(&self) -> usize {
        self.by_group.len()
    }

    pub(crate) fn factors(&self, user: &DirectoryUserId) -> Option<&Arc<PersonFactors>> {
        self.factors.get(user)
    }

    /// Everybody who has a second factor.
    pub(crate) fn people_with_factors(&self) -> impl Iterator<Item = &DirectoryUserId> {
        self.factors.keys()
    }

    pub(crate) fn holder_of_passkey(&self, id: &str) -> Option<&DirectoryUserId> {
        self.passkeys.get(id)
    }

    /// The keys of one owner, ordered by id.
    pub(crate) fn keys(&self, owner: &KeyOwner) -> impl Iterator<Item = &Arc<StoredKey>> {
        self.keys.get(owner).into_iter().flat_map(OrdMap::values)
    }

    pub(crate) fn api_token(&self, id: &str) -> Option<&Arc<ApiToken>> {
        self.api_tokens.get(id)
    }

    pub(crate) fn api_tokens(&self) -> impl Iterator<Item = &Arc<ApiToken>> {
        self.api_tokens.values()
    }
}

fn entity_of(application: &Application) -> Option<&str> {
    application.saml().and_then(|saml| saml.sp_entity_id.as_deref())
}
