//! Following the people of the provider, and tidying.

use std::sync::Arc;
use std::time::Duration;

use base::id::DirectoryUserId;
use directory::DirectoryChange;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::error::OpenIdError;
use crate::service::OpenIdProvider;

const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Revokes what belongs to people who are deactivated, deleted or get another password, as soon as that is announced, and forgets
/// what ended. Nothing depends on its speed: each use asks again. It makes sure that nothing comes to life again with the person.
pub fn watch(provider: Arc<OpenIdProvider>) -> JoinHandle<()> {
    // Before the task runs, so that nothing is missed from here on.
    let mut changes = provider.idp.people().subscribe();
    base::task::spawn("openid-watch", async move {
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        loop {
            let done = tokio::select! {
                change = changes.recv() => match change {
                    Ok(change) => follow(&provider, &change).await,
                    Err(RecvError::Lagged(_)) => provider.reconcile_everyone().await,
                    Err(RecvError::Closed) => return,
                },
                _ = tidy.tick() => provider.sweep().await,
            };
            if let Err(cause) = done {
                tracing::error!(%cause, "what was revoked for a person can't be stored");
            }
        }
    })
}

async fn follow(provider: &OpenIdProvider, change: &DirectoryChange) -> Result<(), OpenIdError> {
    let user: &DirectoryUserId = match change {
        DirectoryChange::UserChanged(user)
        | DirectoryChange::UserDeleted(user)
        | DirectoryChange::PasswordChanged { user, .. } => user,
        // Whether somebody may open an application is asked at each use.
        DirectoryChange::MembershipChanged { .. } => return Ok(()),
    };
    provider.reconcile_user(user).await.map(|_| ())
}
