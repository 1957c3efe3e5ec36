//! Taking back, and forgetting.

use base::id::DirectoryUserId;
use base::{Secret, SecretHash};
use idp::Application;
use tokio::sync::OwnedMutexGuard;

use crate::error::{OAuthError, OpenIdError, Refusal, Subject};
use crate::format::RefreshToken;
use crate::grant::{GrantId, Revocation, RevokeReason};
use crate::port::OpenIdWrite;
use crate::service::OpenIdProvider;

impl OpenIdProvider {
    /// RFC 7009: an access token is forgotten, a refresh token ends everything that it belongs to. What isn't known is fine.
    /// Answers whose it was, where it was something.
    ///
    /// # Errors
    /// `invalid_grant` for another client's, or [`OpenIdError::Unavailable`].
    pub async fn revoke(
        &self,
        application: &Application,
        token: &Secret<String>,
    ) -> Result<Option<Subject>, OpenIdError> {
        let turn = self.turn().await;
        let hash = SecretHash::of(token);
        let (grant, is_access) = {
            let state = self.read();
            match RefreshToken::read(token) {
                Some(refresh) => (state.by_family(&refresh.family()).cloned(), false),
                None => (state.access(&hash).map(|(_, grant)| grant.clone()), true),
            }
        };
        let Some(grant) = grant else { return Ok(None) };
        if grant.application != application.id {
            return Err(Refusal::new(OAuthError::InvalidGrant, "The token was issued to another client.").into());
        }
        if is_access {
            self.write_through(turn, vec![OpenIdWrite::DeleteAccess(hash)]).await?;
        } else {
            self.revoke_held(turn, &grant.id, RevokeReason::Client).await?;
        }
        Ok(Some(grant.subject()))
    }

    /// Decides anew about everything that one person holds: revokes what was given before they were deactivated, deleted, or got
    /// another password. Answers how many grants it ended.
    ///
    /// # Errors
    /// [`OpenIdError::Unavailable`]; the revocation holds in memory all the same.
    pub async fn reconcile_user(&self, user: &DirectoryUserId) -> Result<usize, OpenIdError> {
        let ids: Vec<(GrantId, RevokeReason)> = {
            let state = self.read();
            let live = state.live_grants_of(user);
            live.filter_map(|grant| self.gone(grant).map(|reason| (grant.id.clone(), reason))).collect()
        };
        let writes: Vec<OpenIdWrite> = ids.iter().filter_map(|(id, reason)| self.mark(id, *reason)).collect();
        let count = writes.len();
        if count > 0 {
            self.write_through(self.turn().await, writes).await?;
        }
        Ok(count)
    }

    /// [`Self::reconcile_user`] for everybody who holds something: after a start, and after changes were missed.
    ///
    /// # Errors
    /// [`OpenIdError::Unavailable`].
    pub async fn reconcile_everyone(&self) -> Result<(), OpenIdError> {
        let people = self.read().people();
        for user in people {
            self.reconcile_user(&user).await?;
        }
        Ok(())
    }

    /// Forgets what ended; to be called every minute or so.
    ///
    /// # Errors
    /// [`OpenIdError::Unavailable`].
    pub async fn sweep(&self) -> Result<(), OpenIdError> {
        let turn = self.turn().await;
        let writes = self.read().expired(self.now() - self.limits.memory);
        self.write_through(turn, writes).await?;
        self.forget_paces();
        Ok(())
    }

    /// For callers that have the turn to write.
    pub(super) async fn revoke_held(
        &self,
        turn: OwnedMutexGuard<()>,
        grant: &GrantId,
        reason: RevokeReason,
    ) -> Result<(), OpenIdError> {
        let writes = self.mark(grant, reason).into_iter().collect();
        self.write_through(turn, writes).await
    }

    /// Revokes in memory, at once; the write is for later.
    fn mark(&self, grant: &GrantId, reason: RevokeReason) -> Option<OpenIdWrite> {
        let revocation = Revocation { at: self.now(), reason };
        let marked = self.write().revoke(grant, revocation);
        marked.then(|| OpenIdWrite::RevokeGrant { grant: grant.clone(), revocation })
    }
}
