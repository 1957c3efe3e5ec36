//! Taking back, and forgetting.

use std::collections::HashMap;

use base::id::{ApplicationArn, DirectoryUserId};
use tokio::sync::OwnedMutexGuard;

use crate::claims::GrantId;
use crate::error::TokenError;
use crate::grant::{Revocation, RevokeReason};
use crate::port::TokenWrite;
use crate::service::Tokens;

impl Tokens {
    /// Revokes everything that a person holds: at once in memory, then durably. Answers how many grants it ended.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`]; the revocation holds in memory all the same.
    pub async fn revoke_user(&self, user: &DirectoryUserId, reason: RevokeReason) -> Result<usize, TokenError> {
        self.revoke_where(user, |_| Some(reason)).await
    }

    /// Revokes one grant with all that was issued from it.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`]; the revocation holds in memory all the same.
    pub async fn revoke_grant(&self, grant: &GrantId, reason: RevokeReason) -> Result<(), TokenError> {
        let ids = [grant.clone()];
        let writes = self.mark(&ids, reason);
        self.write_through(self.turn().await, writes).await
    }

    /// Decides anew about everything that one person holds: revokes all of it when they are disabled or deleted, and what is meant
    /// for an application that they may no longer use. Answers how many grants it ended.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`]; the revocation holds in memory all the same.
    pub async fn reconcile_user(&self, user: &DirectoryUserId) -> Result<usize, TokenError> {
        let gone = self.gone(user);
        let active = self.directory.active_user(user);
        self.revoke_where(user, |application| match (&active, gone) {
            (Some(active), _) => self.access.may_use(active, application).err().map(|why| why.lack.revokes()),
            (None, reason) => Some(reason.unwrap_or(RevokeReason::UserDisabled)),
        })
        .await
    }

    /// Decides anew about everything that was issued for one application: after its settings changed. Answers how many grants it
    /// ended.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`]; the revocation holds in memory all the same.
    pub async fn reconcile_application(&self, application: &ApplicationArn) -> Result<usize, TokenError> {
        let live: Vec<(GrantId, DirectoryUserId)> = {
            let state = self.read();
            let live = state.grants_for(application).filter(|grant| grant.revoked.is_none());
            live.map(|grant| (grant.id.clone(), grant.user.clone())).collect()
        };
        let mut known: HashMap<DirectoryUserId, Option<RevokeReason>> = HashMap::new();
        let mut writes = Vec::new();
        for (grant, user) in live {
            let reason = *known.entry(user).or_insert_with_key(|user| match self.directory.active_user(user) {
                Some(active) => self.access.may_use(&active, application).err().map(|why| why.lack.revokes()),
                None => self.gone(user),
            });
            if let Some(reason) = reason {
                writes.extend(self.mark(&[grant], reason));
            }
        }
        self.store_revocations(writes).await
    }

    /// [`Self::reconcile_user`] for everybody who holds something: after a start, and after changes were missed.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`].
    pub async fn reconcile_everyone(&self) -> Result<(), TokenError> {
        let people = self.read().people();
        for user in people {
            self.reconcile_user(&user).await?;
        }
        Ok(())
    }

    /// Forgets what expired; to be called every few minutes.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`].
    pub async fn sweep(&self) -> Result<(), TokenError> {
        let turn = self.turn().await;
        let now = self.now();
        let writes = self.read().expired(now, now - self.settings.lifetimes.memory);
        self.write_through(turn, writes).await
    }

    async fn revoke_where(
        &self,
        user: &DirectoryUserId,
        decide: impl Fn(&ApplicationArn) -> Option<RevokeReason>,
    ) -> Result<usize, TokenError> {
        let ids: Vec<(GrantId, RevokeReason)> = {
            let state = self.read();
            let live = state.grants_of(user).filter(|grant| grant.revoked.is_none());
            live.filter_map(|grant| decide(&grant.application).map(|reason| (grant.id.clone(), reason))).collect()
        };
        let mut writes = Vec::new();
        for (id, reason) in ids {
            writes.extend(self.mark(&[id], reason));
        }
        self.store_revocations(writes).await
    }

    async fn store_revocations(&self, writes: Vec<TokenWrite>) -> Result<usize, TokenError> {
        let count = writes.len();
        if count > 0 {
            self.write_through(self.turn().await, writes).await?;
        }
        Ok(count)
    }

    /// For callers that have the turn to write.
    pub(super) async fn revoke_held(
        &self,
        turn: OwnedMutexGuard<()>,
        grant: &GrantId,
        reason: RevokeReason,
    ) -> Result<(), TokenError> {
        let writes = self.mark(std::slice::from_ref(grant), reason);
        self.write_through(turn, writes).await
    }

    /// Revokes in memory, at once, with everything that was exchanged from it, and announces it.
    pub(super) fn mark(&self, ids: &[GrantId], reason: RevokeReason) -> Vec<TokenWrite> {
        let revocation = Revocation { at: self.now(), reason };
        let marked: Vec<_> = {
            let mut state = self.write();
            ids.iter().flat_map(|id| state.revoke_family(id, revocation)).collect()
        };
        for (id, _) in &marked {
            // Nobody listening is fine: sessions also ask when they open.
            let _ = self.revoked.send(id.clone());
        }
        marked.into_iter().map(|(grant, revocation)| TokenWrite::RevokeGrant { grant, revocation }).collect()
    }
}
