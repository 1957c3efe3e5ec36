//! Who may open which application: authorised from the application's side and from the group's.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use directory::ActiveUser;

use super::applications::{by_label, known, next, put};
use super::{IdentityProvider, Plan};
use crate::application::Application;
use crate::error::IdpError;
use crate::opening::{self, Decision};

impl IdentityProvider {
    /// Makes `groups` the only ones that are authorised.
    ///
    /// # Errors
    /// `UnknownApplication`, `UnknownGroups`, `Invalid` (too many, or a name that the application can't take), `Store`.
    pub async fn set_groups(
        &self,
        id: &SsoApplicationId,
        groups: BTreeSet<DirectoryGroupId>,
    ) -> Result<Arc<Application>, IdpError> {
        self.change_groups(id, |_| groups).await
    }

    /// Authorises groups beside those that are.
    ///
    /// # Errors
    /// As [`Self::set_groups`].
    pub async fn authorise(
        &self,
        id: &SsoApplicationId,
        groups: &[DirectoryGroupId],
    ) -> Result<Arc<Application>, IdpError> {
        self.change_groups(id, |current| current.iter().chain(groups).cloned().collect()).await
    }

    /// Takes the authorisation back; a group that has none is ignored.
    ///
    /// # Errors
    /// `UnknownApplication`, `Store`.
    pub async fn withdraw(
        &self,
        id: &SsoApplicationId,
        groups: &[DirectoryGroupId],
    ) -> Result<Arc<Application>, IdpError> {
        self.change_groups(id, |current| current.iter().filter(|group| !groups.contains(group)).cloned().collect())
            .await
    }

    async fn change_groups(
        &self,
        id: &SsoApplicationId,
        change: impl FnOnce(&BTreeSet<DirectoryGroupId>) -> BTreeSet<DirectoryGroupId> + Send,
    ) -> Result<Arc<Application>, IdpError> {
        self.write(|state, now| {
            let current = known(state, id)?;
            let groups = change(&current.groups);
            if groups == current.groups {
                return Ok((Plan::default(), Arc::clone(current)));
            }
            let added: BTreeSet<DirectoryGroupId> = groups.difference(&current.groups).cloned().collect();
            self.check_groups(&current.connector, &added)?;
            let groups = self.existing(&groups);
            self.check_groups(&current.connector, &groups)?;
            Ok(put(Application { groups, ..next(current, now) }))
        })
        .await
    }

    /// The applications that the group is authorised for, by label.
    #[must_use]
    pub fn applications_of_group(&self, group: &DirectoryGroupId) -> Vec<Arc<Application>> {
        let mut applications: Vec<_> = self.state().applications_of_group(group).cloned().collect();
        by_label(&mut applications);
        applications
    }

    /// Makes these the only applications that the group is authorised for: all of it, or nothing.
    ///
    /// # Errors
    /// `UnknownApplication`, `UnknownGroups`, `Invalid`, `Store`.
    pub async fn set_applications_of_group(
        &self,
        group: &DirectoryGroupId,
        applications: BTreeSet<SsoApplicationId>,
    ) -> Result<(), IdpError> {
        self.write(|state, now| {
            if self.people().group(group).is_none() {
                return Err(IdpError::UnknownGroups(vec![group.clone()]));
            }
            let before: BTreeSet<SsoApplicationId> =
                state.applications_of_group(group).map(|application| application.id.clone()).collect();
            let mut all = Plan::default();
            for id in before.symmetric_difference(&applications) {
                let mut application = next(known(state, id)?, now);
                if before.contains(id) {
                    application.groups.remove(group);
                } else {
                    application.groups.insert(group.clone());
                    application.groups = self.existing(&application.groups);
                    self.check_groups(&application.connector, &application.groups)?;
                }
                let (plan, _) = put(application);
                all.writes.extend(plan.writes);
                all.changes.extend(plan.changes);
            }
            Ok((all, ()))
        })
        .await
    }

    /// Whether the person may open the application now, and why.
    #[must_use]
    pub fn may_open(&self, user: &DirectoryUserId, application: &Application) -> Decision {
        let people = self.people();
        let active = people.active_user(user).is_some();
        opening::decide(application, active, |group| people.is_member(group, user))
    }

    /// The tiles of the person's console: what they may open, isn't hidden, and can be opened, by label.
    #[must_use]
    pub fn tiles(&self, user: &ActiveUser) -> Vec<Arc<Application>> {
        let state = self.state();
        let mut ids = BTreeSet::new();
        // By the groups that are authorised for anything, or by the person's: whichever is less.
        let people = self.people();
        let mut add = |group: &DirectoryGroupId| {
            ids.extend(state.applications_of_group(group).map(|application| application.id.clone()));
        };
        if state.authorised_group_count() <= people.group_count_of(user.id()) {
            state.authorised_groups().filter(|group| people.is_member(group, user.id())).for_each(&mut add);
        } else {
            people.groups_of(user.id()).iter().for_each(|group| add(&group.id));
        }
        let mut tiles: Vec<_> = ids.iter().filter_map(|id| state.application(id)).cloned().collect();
        tiles.retain(|application| {
            let leads_somewhere = application.oidc().is_none_or(|oidc| oidc.login_uri.is_some());
            !application.hidden
                && leads_somewhere
                && application.missing().is_empty()
                && self.may_open(user.id(), application).is_allowed()
        });
        by_label(&mut tiles);
        tiles
    }
}
