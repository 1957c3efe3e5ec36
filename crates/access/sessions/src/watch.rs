//! Ends sessions and revokes tokens as soon as the directory announces a change of a person.

use std::sync::Arc;
use std::time::Duration;

use base::id::{DirectoryUserId, SourceId};
use base::{AuditEvent, AuditLog, AuditStep, CorrelationId, Outcome, Principal};
use directory::DirectoryChange;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use source::{SourceChange, Sources};

use crate::browser::BrowserSession;
use crate::error::SessionError;
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

/// Starts the task that ends the browser sessions of identity sources that are no more: deleted, disabled, another provider now, or
/// the directory's passwords switched off. What a killed server left behind is ended first. Ends when the sources are gone.
pub fn watch_sources(sessions: Arc<Sessions>, sources: &Arc<Sources>, audit: Arc<dyn AuditLog>) -> JoinHandle<()> {
    let mut changes = sources.subscribe();
    let sources = Arc::downgrade(sources);
    base::task::spawn("source-watch", async move {
        let everything = || sources.upgrade().map(|sources| sources_that_ended(&sessions, &sources));
        let Some(mut ended) = everything() else { return };
        loop {
            for origin in std::mem::take(&mut ended) {
                end_origin(&sessions, &*audit, &origin).await;
            }
            ended = match changes.recv().await {
                Ok(SourceChange::Ended(source)) => vec![Some(source)],
                Ok(SourceChange::Directory { enabled: false }) => vec![None],
                Ok(SourceChange::Created(_) | SourceChange::Changed(_) | SourceChange::Directory { enabled: true }) => {
                    Vec::new()
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "changes of identity sources were missed; every source is looked at");
                    let Some(all) = everything() else { return };
                    all
                }
                Err(RecvError::Closed) => return,
            };
        }
    })
}

/// What sessions were opened through and nobody can sign in through any more; `None` is the directory.
fn sources_that_ended(sessions: &Sessions, sources: &Sources) -> Vec<Option<SourceId>> {
    let mut ended: Vec<Option<SourceId>> =
        sessions.sources().into_iter().filter(|source| !sources.is_enabled(source)).map(Some).collect();
    ended.extend((!sources.directory_enabled()).then_some(None));
    ended
}

async fn end_origin(sessions: &Sessions, audit: &dyn AuditLog, origin: &Option<SourceId>) {
    let ended: Result<Vec<BrowserSession>, SessionError> = match origin {
        Some(source) => sessions.end_source(source).await,
        None => sessions.end_password_sessions().await,
    };
    let ended = match ended {
        Ok(ended) => ended,
        Err(cause) => {
            tracing::error!(%cause, ?origin, "the end of browser sessions holds in memory, and can't be stored");
            return;
        }
    };
    let target = origin.as_ref().map_or("directory", SourceId::as_str);
    for session in ended {
        let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, session.correlation, Principal::System)
            .action("source_ended")
            .target(session.user.as_str())
            .field("source", target)
            .field("browser_sessions", "1");
        if let Err(cause) = audit.record(event).await {
            tracing::error!(%cause, user = %session.user, "the end of a browser session can't be recorded");
        }
    }
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
