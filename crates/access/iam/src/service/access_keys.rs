//! Access keys of users and of root.

use std::sync::Arc;

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Iam, users};
use crate::state::{State, Step};
use crate::{AccessKey, IamError, KeyHolder, KeyOwner, quota};

impl Iam {
    /// Root's oldest active key, to be told to its owner at the first start. There always is one.
    #[must_use]
    pub fn root(&self) -> Arc<AccessKey> {
        let keys = self.state().keys_of(&KeyOwner::Root);
        let active = keys.iter().find(|key| key.active).or_else(|| keys.first()).cloned();
        // The key of nobody opens nothing.
        active.unwrap_or_else(|| Arc::new(AccessKey { active: false, ..self.new_key(KeyOwner::Root) }))
    }

    pub(super) fn new_key(&self, owner: KeyOwner) -> AccessKey {
        AccessKey {
            id: Self::new_id("AKIA"),
            secret: Secret::new(STANDARD.encode(base::random::bytes::<30>())),
            owner,
            active: true,
            created: self.clock.now(),
        }
    }

    /// CreateAccessKey. Its secret is for its holder's eyes, this once.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`], [`IamError::LimitExceeded`].
    pub async fn create_access_key(&self, holder: KeyHolder<'_>) -> Result<Arc<AccessKey>, IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let owner = owner(&state, holder)?;
        if state.keys_of(&owner).len() >= quota::ACCESS_KEYS {
            return Err(IamError::quota("AccessKeysPerUser", quota::ACCESS_KEYS));
        }
        let key = Arc::new(self.new_key(owner));
        self.commit(turn, vec![Step::PutKey(Arc::clone(&key))]).await?;
        Ok(key)
    }

    /// UpdateAccessKey: Active or Inactive.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`]; [`IamError::DeleteConflict`] for root's last active key.
    pub async fn set_access_key_active(
        &self,
        holder: KeyHolder<'_>,
        key_id: &str,
        active: bool,
    ) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let key = key_of(&state, holder, key_id)?;
        if key.active == active {
            return Ok(());
        }
        if !active {
            check_not_last(&state, &key)?;
        }
        let key = AccessKey { active, ..AccessKey::clone(&key) };
        self.commit(turn, vec![Step::PutKey(Arc::new(key))]).await
    }

    /// DeleteAccessKey.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`]; [`IamError::DeleteConflict`] for root's last active key.
    pub async fn delete_access_key(&self, holder: KeyHolder<'_>, key_id: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let key = key_of(&state, holder, key_id)?;
        check_not_last(&state, &key)?;
        self.commit(turn, vec![Step::DeleteKey(key)]).await
    }
}

fn owner(state: &State, holder: KeyHolder<'_>) -> Result<KeyOwner, IamError> {
    match holder {
        KeyHolder::Root => Ok(KeyOwner::Root),
        KeyHolder::User(name) => users::known(state, name).map(|user| KeyOwner::User(user.id.clone())),
    }
}

fn key_of(state: &State, holder: KeyHolder<'_>, key_id: &str) -> Result<Arc<AccessKey>, IamError> {
    let owner = owner(state, holder)?;
    let key = state.key(key_id).filter(|key| key.owner == owner).cloned();
    key.ok_or_else(|| IamError::NoSuchEntity(format!("The Access Key with id {key_id} cannot be found.")))
}

/// Root has no password here: without a key nobody could administer the account any more.
fn check_not_last(state: &State, key: &AccessKey) -> Result<(), IamError> {
    let others =
        || state.keys_of(&KeyOwner::Root).into_iter().filter(|other| other.active && other.id != key.id).count();
    if key.owner == KeyOwner::Root && key.active && others() == 0 {
        return Err(IamError::DeleteConflict(
            "This is root's last active access key. Make another one with CreateAccessKey first.".to_owned(),
        ));
    }
    Ok(())
}
