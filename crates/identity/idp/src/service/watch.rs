//! What follows changes of the directory: sessions end, leftovers go, what is over is forgotten.

use std::sync::Arc;
use std::time::Duration;

use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{AuditEvent, AuditLog, AuditStep, CorrelationId, Outcome, Principal};
use directory::DirectoryChange;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use super::applications::{next, put};
use super::{IdentityProvider, Plan};
use crate::application::Application;
use crate::error::IdpError;
use crate::session::SessionEnd;

/// How often sessions that are over are forgotten.
const SWEEP: Duration = Duration::from_secs(300);

/// Ends the sessions of people who are deactivated, deleted or get another password, at once, and forgets what belongs to people and
/// groups that are gone. A lost group ends nothing by itself: it counts when an application is opened next.
#[must_use]
pub fn watch_directory(provider: Arc<IdentityProvider>, audit: Arc<dyn AuditLog>) -> JoinHandle<()> {
    // Before the task runs: what changes from here on is heard.
    let mut changes = provider.people().subscribe();
    base::task::spawn("identity provider watch", async move {
        reevaluate_everybody(&provider, &*audit).await;
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                change = changes.recv() => match change {
                    Ok(change) => follow(&provider, &*audit, change).await,
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "changes of the provider's directory were missed; everybody is looked at");
                        reevaluate_everybody(&provider, &*audit).await;
                    }
                    Err(RecvError::Closed) => return,
                },
                _ = sweep.tick() => if let Err(error) = provider.sweep_sessions().await {
                    tracing::error!(%error, "sessions of the identity provider that are over can't be deleted");
                },
            }
        }
    })
}

async fn follow(provider: &IdentityProvider, audit: &dyn AuditLog, change: DirectoryChange) {
    match change {
        DirectoryChange::UserChanged(user) | DirectoryChange::PasswordChanged { user, at: _ } => {
            reevaluate(provider, audit, &user).await;
        }
        DirectoryChange::UserDeleted(user) => {
            reevaluate(provider, audit, &user).await;
            forget_person(provider, &user).await;
        }
        DirectoryChange::MembershipChanged { group, users: _ } => {
            if provider.people().group(&group).is_none() {
                forget_group(provider, &group).await;
            }
        }
    }
}

async fn reevaluate(provider: &IdentityProvider, audit: &dyn AuditLog, user: &DirectoryUserId) {
    let ended = match provider.reevaluate_sessions(user).await {
        Ok(ended) => ended,
        Err(error) => {
            tracing::error!(%error, %user, "the end of sessions holds in memory, and can't be stored");
            return;
        }
    };
    for session in ended {
        let event = AuditEvent::new(
            AuditStep::SessionEnd,
            Outcome::Allowed,
            CorrelationId::resume(session.correlation.as_str()),
            Principal::System,
        )
        .action("idp:session")
        .target(session.id.as_str())
        .field("user", session.user.as_str())
        .field("reason", provider.end_reason(user).name());
        if let Err(error) = audit.record(event).await {
            // The session stays ended: access taken away is not given back for want of a record.
            tracing::error!(%error, %user, "the end of a session can't be recorded");
        }
    }
}

async fn reevaluate_everybody(provider: &IdentityProvider, audit: &dyn AuditLog) {
    for user in provider.people_with_sessions() {
        reevaluate(provider, audit, &user).await;
    }
    for user in provider.leftovers() {
        forget_person(provider, &user).await;
    }
    let groups: Vec<DirectoryGroupId> = provider.state().authorised_groups().cloned().collect();
    for group in groups.iter().filter(|group| provider.people().group(group).is_none()) {
        forget_group(provider, group).await;
    }
}

async fn forget_person(provider: &IdentityProvider, user: &DirectoryUserId) {
    if let Err(error) = provider.delete_factors(user).await {
        tracing::error!(%error, %user, "the second factors of somebody who is gone can't be deleted yet");
    }
}

async fn forget_group(provider: &IdentityProvider, group: &DirectoryGroupId) {
    if let Err(error) = provider.withdraw_everywhere(group).await {
        tracing::error!(%error, %group, "a group that is gone is still named by applications");
    }
}

impl IdentityProvider {
    /// Why the sessions of this person had to end.
    fn end_reason(&self, user: &DirectoryUserId) -> SessionEnd {
        match self.people().user(user).map(|person| person.active) {
            None => SessionEnd::Deleted,
            Some(false) => SessionEnd::Deactivated,
            Some(true) => SessionEnd::PasswordChanged,
        }
    }

    async fn withdraw_everywhere(&self, group: &DirectoryGroupId) -> Result<(), IdpError> {
        self.write(|state, now| {
            let mut all = Plan::default();
            for application in state.applications_of_group(group) {
                let mut groups = application.groups.clone();
                groups.remove(group);
                let (plan, _) = put(Application { groups, ..next(application, now) });
                all.writes.extend(plan.writes);
                all.changes.extend(plan.changes);
            }
            Ok((all, ()))
        })
        .await
    }
}
