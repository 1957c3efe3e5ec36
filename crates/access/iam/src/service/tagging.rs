//! Tags of users, roles, policies and providers.

use std::sync::Arc;

use super::{Iam, policies, roles, users};
use crate::state::{State, Step};
use crate::{IamError, IamRole, IamUser, ManagedPolicy, OidcProvider, SamlProvider, Taggable, Tags};

impl Iam {
    /// ListUserTags and its like. AWS's own policies have none.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn tags_of(&self, what: Taggable<'_>) -> Result<Tags, IamError> {
        match what {
            Taggable::User(name) => self.find_user(name).map(|user| user.tags.clone()),
            Taggable::Role(name) => self.find_role(name).map(|role| role.tags.clone()),
            Taggable::Policy(arn) => self.find_policy(arn).map(|policy| policy.tags.clone()),
            Taggable::SamlProvider(arn) => self.find_saml_provider(arn).map(|provider| provider.tags.clone()),
            Taggable::OidcProvider(arn) => self.find_oidc_provider(arn).map(|provider| provider.tags.clone()),
        }
    }

    /// TagUser and its like: sets these tags, keeps the others.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn tag(&self, what: Taggable<'_>, tags: Tags) -> Result<(), IamError> {
        self.change_tags(what, |before| before.with(&tags)).await
    }

    /// UntagUser and its like. A key that isn't there stays away.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn untag(&self, what: Taggable<'_>, keys: &[String]) -> Result<(), IamError> {
        self.change_tags(what, |before| Ok(before.without(keys))).await
    }

    async fn change_tags(
        &self,
        what: Taggable<'_>,
        edit: impl FnOnce(&Tags) -> Result<Tags, IamError> + Send,
    ) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let before = self.tags_of(what)?;
        let tags = edit(&before)?;
        let step = self.tagged(&self.state(), what, tags.clone())?;
        if tags == before { Ok(()) } else { self.commit(turn, vec![step]).await }
    }

    fn tagged(&self, state: &State, what: Taggable<'_>, tags: Tags) -> Result<Step, IamError> {
        Ok(match what {
            Taggable::User(name) => {
                Step::PutUser(Arc::new(IamUser { tags, ..IamUser::clone(&*users::known(state, name)?) }))
            }
            // A service's own role too: its tags are the account's (TagRole has no UnmodifiableEntity).
            Taggable::Role(name) => {
                let role = roles::known(state, name)?;
                Step::PutRole(Arc::new(IamRole { tags, ..IamRole::clone(&role) }))
            }
            Taggable::Policy(arn) => {
                let policy = policies::own(state, arn)?;
                Step::PutPolicy(Arc::new(ManagedPolicy { tags, ..ManagedPolicy::clone(&policy) }))
            }
            Taggable::SamlProvider(arn) => {
                let provider = self.find_saml_provider(arn)?;
                Step::PutSamlProvider(Arc::new(SamlProvider { tags, ..SamlProvider::clone(&provider) }))
            }
            Taggable::OidcProvider(arn) => {
                let provider = self.find_oidc_provider(arn)?;
                Step::PutOidcProvider(Arc::new(OidcProvider { tags, ..OidcProvider::clone(&provider) }))
            }
        })
    }
}
