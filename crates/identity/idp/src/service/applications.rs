//! SSO applications: read, made, edited, deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, SsoApplicationId};
use base::{Secret, SecretHash};

use super::{IdentityProvider, Plan};
use crate::application::{Application, ApplicationEdit, Connector, CreatedApplication, NewApplication};
use crate::aws_attribute::{self, DB_GROUPS};
use crate::change::IdpChange;
use crate::connector;
use crate::error::IdpError;
use crate::key::{KeyOwner, KeyState, StoredKey};
use crate::port::IdpWrite;
use crate::slug::{self, Slug};
use crate::state::State;

pub(super) fn known<'a>(state: &'a State, id: &SsoApplicationId) -> Result<&'a Arc<Application>, IdpError> {
    state.application(id).ok_or_else(|| IdpError::UnknownApplication { name: id.as_str().to_owned() })
}

pub(super) fn put(application: Application) -> (Plan, Arc<Application>) {
    let application = Arc::new(application);
    let plan = Plan {
        writes: vec![IdpWrite::PutApplication(Arc::clone(&application))],
        changes: vec![IdpChange::ApplicationChanged(application.id.clone())],
    };
    (plan, application)
}

/// The application with the next version.
pub(super) fn next(current: &Application, now: time::OffsetDateTime) -> Application {
    Application { version: current.version + 1, modified: now, ..current.clone() }
}

/// The slug that was chosen, else one made from the label.
fn choose_slug(state: &State, new: &NewApplication, label: &str) -> Result<Slug, IdpError> {
    let Some(chosen) = new.slug.as_deref().filter(|text| !text.is_empty()) else {
        let is_taken = |candidate: &str| state.application_by_slug(candidate).is_some();
        return Ok(slug::from_label(label, new.connector.kind().name(), is_taken));
    };
    let slug = Slug::parse(chosen)?;
    match state.application_by_slug(slug.as_str()) {
        Some(holder) => Err(IdpError::SlugTaken { slug: chosen.to_owned(), holder: holder.id.clone() }),
        None => Ok(slug),
    }
}

fn check_edit(current: &Application, edit: &ApplicationEdit) -> Result<(), IdpError> {
    if edit.slug.as_ref().is_some_and(|slug| slug != current.slug.as_str()) {
        return Err(IdpError::SlugImmutable {
            application: current.id.clone(),
            slug: current.slug.as_str().to_owned(),
        });
    }
    let immutable = |what| IdpError::Immutable { application: current.id.clone(), what };
    if edit.connector.kind() != current.connector.kind() {
        return Err(immutable("connector"));
    }
    if let (Some(before), Some(after)) = (current.oidc(), edit.connector.oidc()) {
        if before.client_id != after.client_id {
            return Err(immutable("client id"));
        }
        if before.client_secret != after.client_secret {
            return Err(immutable("client secret"));
        }
    }
    Ok(())
}

impl IdentityProvider {
    /// All applications, by label.
    #[must_use]
    pub fn applications(&self) -> Vec<Arc<Application>> {
        let mut applications: Vec<_> = self.state().applications().cloned().collect();
        by_label(&mut applications);
        applications
    }

    #[must_use]
    pub fn application_count(&self) -> usize {
        self.state().application_count()
    }

    #[must_use]
    pub fn application(&self, id: &SsoApplicationId) -> Option<Arc<Application>> {
        self.state().application(id).cloned()
    }

    /// By the last part of its SSO IdP URL.
    #[must_use]
    pub fn application_by_slug(&self, slug: &str) -> Option<Arc<Application>> {
        self.state().application_by_slug(slug).cloned()
    }

    #[must_use]
    pub fn application_by_client_id(&self, client_id: &str) -> Option<Arc<Application>> {
        self.state().application_by_client_id(client_id).cloned()
    }

    /// Makes an application, with its signing key.
    ///
    /// # Errors
    /// `SlugTaken`, `Invalid`, `UnknownGroups`, `Store`.
    pub async fn create_application(&self, new: NewApplication) -> Result<CreatedApplication, IdpError> {
        new.check()?;
        let (label, description) = connector::label(&new.label, &new.description)?;
        connector::check(&new.connector)?;
        let id = SsoApplicationId::new(format!("app-{}", base::random::hex::<8>()));
        let mut connector = new.connector.clone();
        let client_secret = give_client(&mut connector, new.confidential);
        let key = self.first_key(&id, &connector, choose_slug(&self.state(), &new, &label)?).await?;
        let application = self
            .write(|state, now| {
                self.check_groups(&connector, &new.groups)?;
                let slug = choose_slug(state, &new, &label)?;
                let application = Application {
                    id,
                    slug,
                    label,
                    description,
                    hidden: new.hidden,
                    active: true,
                    connector,
                    groups: new.groups,
                    version: 1,
                    created: now,
                    modified: now,
                };
                let (mut plan, application) = put(application);
                // Another one may have made the OpenID key meanwhile.
                if let Some(key) = key.filter(|key| state.keys(&key.owner).next().is_none()) {
                    plan.writes.push(IdpWrite::PutKey(Arc::new(key)));
                }
                Ok::<_, IdpError>((plan, application))
            })
            .await?;
        Ok(CreatedApplication { application, client_secret })
    }

    /// The signing key of a new application, where it has none yet. Slow: before the writer's lock.
    async fn first_key(
        &self,
        id: &SsoApplicationId,
        connector: &Connector,
        slug: Slug,
    ) -> Result<Option<StoredKey>, IdpError> {
        if connector.saml().is_some() {
            let owner = KeyOwner::Application(id.clone());
            return self.generate_key(&owner, slug.as_str().to_owned(), KeyState::Current).await.map(Some);
        }
        let owner = KeyOwner::OpenId;
        if self.state().keys(&owner).next().is_some() {
            return Ok(None);
        }
        self.generate_key(&owner, owner.name().to_owned(), KeyState::Current).await.map(Some)
    }

    /// Reads, changes and writes as one: `edit` sees the value that no other writer can change meanwhile. An unchanged value changes
    /// no version.
    ///
    /// # Errors
    /// Whatever `edit` returns; `UnknownApplication`, `VersionMismatch`, `SlugImmutable`, `Immutable`, `Invalid`, `Store`.
    pub async fn update_application<E: From<IdpError>>(
        &self,
        id: &SsoApplicationId,
        expected_version: Option<u64>,
        edit: impl FnOnce(&Application) -> Result<ApplicationEdit, E> + Send,
    ) -> Result<Arc<Application>, E> {
        self.write(|state, now| {
            let current = known(state, id)?;
            if let Some(expected) = expected_version.filter(|expected| *expected != current.version) {
                return Err(IdpError::VersionMismatch { expected, found: current.version }.into());
            }
            let edit = edit(current)?;
            check_edit(current, &edit)?;
            let (label, description) = connector::label(&edit.label, &edit.description)?;
            connector::check(&edit.connector)?;
            self.check_groups(&edit.connector, &self.existing(&current.groups))?;
            let edited = Application {
                label,
                description,
                hidden: edit.hidden,
                connector: edit.connector,
                ..next(current, now)
            };
            let same = Application { version: current.version, modified: current.modified, ..edited.clone() };
            if same == **current {
                return Ok((Plan::default(), Arc::clone(current)));
            }
            Ok(put(edited))
        })
        .await
    }

    /// A fresh client secret, shown this once. The one before ends at once. A public client becomes a confidential one.
    ///
    /// # Errors
    /// `UnknownApplication`, `NotOpenId`, `Store`.
    pub async fn renew_client_secret(&self, id: &SsoApplicationId) -> Result<Secret<String>, IdpError> {
        let secret = base::random::token();
        let hash = SecretHash::of(&secret);
        self.write(|state, now| {
            let mut application = next(known(state, id)?, now);
            let oidc = application.connector.oidc_mut().ok_or_else(|| IdpError::NotOpenId(id.clone()))?;
            oidc.client_secret = Some(hash);
            connector::check(&application.connector)?;
            Ok::<_, IdpError>(put(application))
        })
        .await?;
        Ok(secret)
    }

    /// SSO works again.
    ///
    /// # Errors
    /// `UnknownApplication`, `Store`.
    pub async fn activate(&self, id: &SsoApplicationId) -> Result<Arc<Application>, IdpError> {
        self.set_active(id, true).await
    }

    /// Nobody may open it from now on.
    ///
    /// # Errors
    /// `UnknownApplication`, `Store`.
    pub async fn deactivate(&self, id: &SsoApplicationId) -> Result<Arc<Application>, IdpError> {
        self.set_active(id, false).await
    }

    async fn set_active(&self, id: &SsoApplicationId, active: bool) -> Result<Arc<Application>, IdpError> {
        self.write(|state, now| {
            let current = known(state, id)?;
            if current.active == active {
                return Ok((Plan::default(), Arc::clone(current)));
            }
            Ok(put(Application { active, ..next(current, now) }))
        })
        .await
    }

    /// Deletes applications with their signing keys: all of them, or none. `typed_count`: how many the administrator says they are.
    ///
    /// # Errors
    /// `CountMismatch`, `UnknownApplication`, `Store`.
    pub async fn delete_applications(&self, ids: &[SsoApplicationId], typed_count: usize) -> Result<(), IdpError> {
        let ids: BTreeSet<&SsoApplicationId> = ids.iter().collect();
        if ids.len() != typed_count || ids.is_empty() {
            return Err(IdpError::CountMismatch { typed: typed_count, selected: ids.len() });
        }
        self.write(|state, _| {
            let mut plan = Plan::default();
            for id in ids {
                known(state, id)?;
                let owner = KeyOwner::Application(id.clone());
                let keys = state.keys(&owner);
                plan.writes.extend(keys.map(|key| IdpWrite::DeleteKey(key.id.clone())));
                plan.writes.push(IdpWrite::DeleteApplication(id.clone()));
                plan.changes.push(IdpChange::ApplicationDeleted(id.clone()));
            }
            Ok((plan, ()))
        })
        .await
    }

    /// Without groups that were deleted meanwhile: they leave when their end is heard of.
    pub(super) fn existing(&self, groups: &BTreeSet<DirectoryGroupId>) -> BTreeSet<DirectoryGroupId> {
        groups.iter().filter(|group| self.people().group(group).is_some()).cloned().collect()
    }

    /// The groups exist, aren't too many, and have names that can be sent.
    pub(super) fn check_groups(
        &self,
        connector: &Connector,
        groups: &BTreeSet<DirectoryGroupId>,
    ) -> Result<(), IdpError> {
        if groups.len() > connector::MOST_GROUPS {
            let rule =
                format!("At most {} groups may be authorised; these are {}.", connector::MOST_GROUPS, groups.len());
            return Err(IdpError::invalid("groups", rule));
        }
        let mut unknown = Vec::new();
        for id in groups {
            let Some(group) = self.people().group(id) else {
                unknown.push(id.clone());
                continue;
            };
            let sent = connector.groups_sent().filter(|attribute| {
                attribute.name == DB_GROUPS
                    && group.display_name.starts_with(attribute.prefix.as_deref().unwrap_or_default())
            });
            if let Some(attribute) = sent {
                aws_attribute::check(&attribute.name, std::slice::from_ref(&group.display_name)).map_err(
                    |problem| IdpError::invalid("groups", format!("\"{}\": {}", problem.found, problem.rule)),
                )?;
            }
        }
        if unknown.is_empty() { Ok(()) } else { Err(IdpError::UnknownGroups(unknown)) }
    }
}

pub(super) fn by_label(applications: &mut [Arc<Application>]) {
    applications.sort_by_cached_key(|application| (directory::fold(&application.label), application.id.clone()));
}

/// Gives an OpenID Connect application its client id, and its secret if it can keep one.
fn give_client(connector: &mut Connector, confidential: bool) -> Option<Secret<String>> {
    let oidc = connector.oidc_mut()?;
    oidc.client_id = format!("gh-{}", base::random::hex::<12>());
    let secret = confidential.then(base::random::token);
    oidc.client_secret = secret.as_ref().map(SecretHash::of);
    secret
}
