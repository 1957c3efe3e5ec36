//! From a verified assertion to an active person of the directory.

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{ActiveUser, Directory, DirectoryError, DirectoryUser, NewGroup, NewUser, Origin};

use super::Sources;
use super::finish::Attempt;
use crate::choice::domain_of;
use crate::denial::SignInDenial;
use crate::error::SourceError;
use crate::groups::{self, GroupPlan, Named};
use crate::link::{self, Found, Known, Person};
use crate::model::{IdentitySource, MatchBy};
use crate::port::{Link, SourceStoreUnavailable, SourceWrite};
use crate::subject::Asserted;

/// Provisioning and other sign-ins may be faster; then it is looked again who is there, so often at most.
const ROUNDS: usize = 4;

impl From<SourceStoreUnavailable> for SignInDenial {
    fn from(error: SourceStoreUnavailable) -> Self {
        Self::Unavailable(error.0)
    }
}

impl From<SourceError> for SignInDenial {
    fn from(error: SourceError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Sources {
    /// Who it is, made if need be and allowed; with their groups as the claim has them. The second is whether they were made now.
    pub(super) async fn admit(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        asserted: &Asserted,
    ) -> Result<(ActiveUser, bool), SignInDenial> {
        let mut created = false;
        for _ in 0..ROUNDS {
            let (user, new_link) = match self.identify(source, asserted).await? {
                Person::Linked(user) => (user, false),
                Person::Matched { user, link } => (user, link),
                Person::Unknown if source.just_in_time => {
                    created |= self.create_person(source, asserted).await?;
                    continue;
                }
                Person::Unknown => {
                    return Err(SignInDenial::NotProvisioned { by: asserted.to, value: asserted.value.clone() });
                }
            };
            let directory = &self.inner.ports.directory;
            let Some(person) = directory.user(&user) else { continue };
            if !person.active {
                return Err(SignInDenial::Inactive { user_name: person.user_name.clone() });
            }
            if new_link && !self.link(source, asserted, &user).await? {
                continue;
            }
            let how = if created {
                "made just in time"
            } else if new_link || asserted.stable.is_none() {
                "found by the name"
            } else {
                "found by the permanent link"
            };
            attempt.checks.note("person", "an active person", &format!("{}, {how}", person.user_name), true);
            self.keep_groups(attempt, source, asserted, &user).await?;
            // Deactivation may have come meanwhile.
            let active = directory.active_user(&user);
            let user = active.ok_or_else(|| SignInDenial::Inactive { user_name: person.user_name.clone() })?;
            return Ok((user, created));
        }
        Err(SignInDenial::Unavailable("the directory was changed again and again meanwhile".to_owned()))
    }

    async fn identify(&self, source: &IdentitySource, asserted: &Asserted) -> Result<Person, SignInDenial> {
        let (store, directory) = (&self.inner.ports.store, &self.inner.ports.directory);
        let mut linked = None;
        if let Some(subject) = &asserted.stable
            && let Some(user) = store.linked_user(&source.id, subject).await?
        {
            linked = directory.user(&user);
            if linked.is_none() {
                let gone = SourceWrite::DeleteLink { source: source.id.clone(), subject: subject.clone() };
                store.apply(&[gone]).await?;
            }
        }
        let (found, several) = find(directory, asserted);
        let mut found_is_anothers = false;
        if let Some(user) = &found {
            let subject = store.linked_subject(&source.id, &user.id).await?;
            found_is_anothers = subject.is_some() && subject != asserted.stable;
        }
        let state = self.state();
        let other_owner =
            |domain: &str| state.owner(domain).filter(|owner| owner.id != source.id).map(|owner| owner.name.clone());
        let found = match &found {
            Some(user) => Found::One(user),
            None if several => Found::Several,
            None => Found::Nobody,
        };
        link::decide(
            asserted,
            &Known { linked: linked.as_deref(), found, found_is_anothers, other_owner: &other_owner },
        )
    }

    async fn link(
        &self,
        source: &IdentitySource,
        asserted: &Asserted,
        user: &DirectoryUserId,
    ) -> Result<bool, SignInDenial> {
        let Some(subject) = asserted.stable.clone() else { return Ok(true) };
        Ok(self.inner.ports.store.link(&Link { source: source.id.clone(), subject, user: user.clone() }).await?)
    }

    /// Makes the person. `false`: somebody else did it first.
    async fn create_person(&self, source: &IdentitySource, asserted: &Asserted) -> Result<bool, SignInDenial> {
        let directory = &self.inner.ports.directory;
        let state = self.state();
        let profile = asserted.profile.clone();
        let is_free = |email: &String| {
            let owner = domain_of(email).and_then(|domain| state.owner(&domain).cloned());
            let is_foreign = owner.is_some_and(|owner| owner.id != source.id);
            // An address that somebody has would name neither of them any more; only a domain's own source gives its addresses.
            !is_foreign && directory.other_holder_of_email(email, None).is_none()
        };
        let new = NewUser {
            user_name: asserted.value.clone(),
            active: true,
            display_name: profile.display_name.or_else(|| Some(asserted.value.clone())),
            given_name: profile.given_name,
            family_name: profile.family_name,
            email: profile.email.filter(is_free),
            origin: Origin::SignIn,
            ..NewUser::default()
        };
        match directory.create_user(new).await {
            Ok(_) => Ok(true),
            // Just now, by another sign-in or by provisioning.
            Err(DirectoryError::UserNameTaken { .. })
                if asserted.to == MatchBy::UserName || find(directory, asserted).0.is_some() =>
            {
                Ok(false)
            }
            Err(DirectoryError::UserNameTaken { .. }) => {
                let rule = "somebody with another e-mail address has it".to_owned();
                Err(SignInDenial::NotCreatable { value: asserted.value.clone(), rule })
            }
            Err(DirectoryError::Invalid { attribute, rule }) => {
                Err(SignInDenial::NotCreatable { value: asserted.value.clone(), rule: format!("{attribute}: {rule}") })
            }
            Err(error) => Err(SignInDenial::Unavailable(error.to_string())),
        }
    }

    /// Makes memberships in the source's own groups equal to the claim.
    async fn keep_groups(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        asserted: &Asserted,
        user: &DirectoryUserId,
    ) -> Result<(), SignInDenial> {
        if asserted.groups.is_none() {
            return Ok(());
        }
        let mut refused = Vec::new();
        let mut plan = self.plan_groups(source, asserted, user);
        if !plan.create.is_empty() {
            refused = self.create_groups(source, &plan.create).await?;
            plan = self.plan_groups(source, asserted, user);
        }
        let changed = self.inner.ports.directory.change_groups_of(user, &plan.join, &plan.leave).await;
        match changed {
            Ok(()) => {}
            Err(DirectoryError::UnknownMembers(_)) => {
                return Err(SignInDenial::NotProvisioned { by: asserted.to, value: asserted.value.clone() });
            }
            Err(error) => return Err(SignInDenial::Unavailable(error.to_string())),
        }
        let found = told(&plan, &refused);
        attempt.checks.note("groups", "the groups of this source, as the claim names them", &found, true);
        Ok(())
    }

    fn plan_groups(&self, source: &IdentitySource, asserted: &Asserted, user: &DirectoryUserId) -> GroupPlan {
        let (state, directory) = (self.state(), &self.inner.ports.directory);
        let made_here = |id: &DirectoryGroupId| state.groups.get(id) == Some(&source.id);
        let member_of = directory.groups_of(user);
        let present: Vec<_> = member_of.iter().map(|group| (group.as_ref(), made_here(&group.id))).collect();
        let claimed = asserted.groups.clone().unwrap_or_default();
        let groups: Vec<_> = claimed.values().filter_map(|name| directory.group_by_name(name)).collect();
        let by_name: std::collections::HashMap<_, _> =
            groups.iter().map(|group| (directory::fold(&group.display_name), group.as_ref())).collect();
        let named = |name: &str| {
            let group = by_name.get(&directory::fold(name));
            group.map_or(Named::Nothing, |group| Named::Group { group, ours: made_here(&group.id) })
        };
        groups::plan(&claimed, named, &present)
    }

    /// Notes whose the groups are, then makes them: a kill in between leaves a note about nothing. Answers the names that no group
    /// can have.
    async fn create_groups(&self, source: &IdentitySource, names: &[String]) -> Result<Vec<String>, SignInDenial> {
        let fresh: Vec<_> = names.iter().map(|name| (DirectoryGroupId::new(base::id::uuid()), name)).collect();
        self.note_groups(source, fresh.iter().map(|(id, _)| id.clone())).await?;
        let mut refused = Vec::new();
        for (id, name) in fresh {
            let new = NewGroup { display_name: name.clone(), origin: Origin::SignIn, ..NewGroup::default() };
            match self.inner.ports.directory.create_group_as(id, new).await {
                // Taken: another sign-in, or provisioning, made it first; whose it is then decides.
                Ok(_) | Err(DirectoryError::DisplayNameTaken { .. }) => {}
                Err(DirectoryError::Invalid { .. }) => refused.push(name.clone()),
                Err(error) => return Err(SignInDenial::Unavailable(error.to_string())),
            }
        }
        Ok(refused)
    }
}

/// The one who has the value, and whether several have it.
fn find(directory: &Directory, asserted: &Asserted) -> (Option<std::sync::Arc<DirectoryUser>>, bool) {
    let value = asserted.value.as_str();
    match asserted.to {
        MatchBy::UserName => (directory.user_by_name(value), false),
        MatchBy::ExternalId => (directory.user_by_external_id(value), false),
        MatchBy::Email => {
            let found = directory.user_by_email(value);
            let several = found.is_none() && directory.other_holder_of_email(value, None).is_some();
            (found, several)
        }
    }
}

fn told(plan: &GroupPlan, refused: &[String]) -> String {
    let mut parts = vec![format!("{} joined, {} left", plan.join.len(), plan.leave.len())];
    if !plan.foreign.is_empty() {
        parts.push(format!("not joined, since they aren't this source's: {}", plan.foreign.join(", ")));
    }
    if !refused.is_empty() {
        parts.push(format!("not made, since no group can be called that: {}", refused.join(", ")));
    }
    parts.join("; ")
}
