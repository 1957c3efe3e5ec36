//! Ends sessions and revokes tokens as soon as the directory announces a change of a person.

use std::sync::Arc;
use std::time::Duration;

use base::id::DirectoryUserId;
use base::{AuditEvent, AuditLog, AuditStep, CorrelationId, Outcome, Principal};
use directory::DirectoryChange;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::service::Sessions;

const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// Starts the task that re-evaluates exactly the people whom a directory change concerns, ends the sessions of revoked tokens, and
/// sweeps what expired. Changes announced after this call are seen. Ends when the directory is gone.
pub fn watch_directory(sessions: Arc<Sessions>, audit: Arc<dyn AuditLog>) -> JoinHandle<()> {
    let mut changes = sessions.directory.subscribe();
    let mut revocations = sessions.tokens.revocations();
    base::task::spawn("session-watch", async move {
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                change = changes.recv() => match change {
                    Ok(change) => for user in concerned(change) {
                        reevaluate(&sessions, &*audit, &user).await;
                    },
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "directory changes were missed; everybody is re-evaluated");
                        reevaluate_everybody(&sessions, &*audit).await;
                    }
                    Err(RecvError::Closed) => return,
                },
                revoked = revocations.recv() => match revoked {
                    Ok(grant) => { sessions.end_grant(&grant); }
                    Err(RecvError::Lagged(_)) => { sessions.end_what_must(); }
                    Err(RecvError::Closed) => return,
                },
                _ = sweep.tick() => sweep_both(&sessions).await,
            }
        }
    })
}

/// The people whose standing a change may alter.
fn concerned(change: DirectoryChange) -> Vec<DirectoryUserId> {
    match change {
        DirectoryChange::UserChanged(user)
        | DirectoryChange::UserDeleted(user)
        | DirectoryChange::PasswordChanged { user, at: _ } => vec![user],
        DirectoryChange::MembershipChanged { users, group: _ } => users,
    }
}

async fn reevaluate(sessions: &Sessions, audit: &dyn AuditLog, user: &DirectoryUserId) {
    let ended = match sessions.reevaluate(user).await {
        Ok(ended) => ended,
        Err(cause) => {
            tracing::error!(%cause, %user, "the end of sessions and tokens holds in memory, and can't be stored");
            return;
        }
    };
    if ended.is_nothing() {
        return;
    }
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, CorrelationId::fresh(), Principal::System)
        .action("reevaluate")
        .target(user.as_str())
        .field("db_sessions", ended.db_sessions.to_string())
        .field("browser_sessions", ended.browser_sessions.to_string())
        .field("grants", ended.grants.to_string());
    if let Err(cause) = audit.record(event).await {
        // The sessions stay ended: access taken away is not given back for want of a record.
        tracing::error!(%cause, %user, "the end of sessions can't be recorded");
    }
}

async fn reevaluate_everybody(sessions: &Sessions, audit: &dyn AuditLog) {
    for user in sessions.people() {
        reevaluate(sessions, audit, &user).await;
    }
    if let Err(cause) = sessions.tokens.reconcile_everyone().await {
        tracing::error!(%cause, "revoked tokens can't be stored");
    }
}

async fn sweep_both(sessions: &Sessions) {
    if let Err(cause) = sessions.sweep().await {
        tracing::error!(%cause, "expired browser sessions can't be deleted");
    }
    if let Err(cause) = sessions.tokens.sweep().await {
        tracing::error!(%cause, "expired tokens can't be deleted");
    }
}
