//! Lost assignments end sessions, as lost people do.

use std::sync::Arc;

use base::id::DirectoryUserId;
use center::{AssignedPrincipal, Center, CenterChange};
use directory::{Directory, DirectoryChange};
use sessions::Sessions;
use tokio::sync::broadcast::error::RecvError;

/// Starts the task that re-evaluates the people whom a change in Identity Center concerns, and takes back the assignments of
/// people and groups that are deleted.
pub(crate) fn assignments(center: &Arc<Center>, directory: &Arc<Directory>, sessions: &Arc<Sessions>) {
    let mut changes = center.subscribe();
    let (watched, people) = (Arc::clone(directory), Arc::clone(sessions));
    base::task::spawn("assignment watch", async move {
        loop {
            let concerned = match changes.recv().await {
                Ok(CenterChange::AssignmentChanged { application: _, principal }) => {
                    concerned(&watched, &people, &principal)
                }
                Ok(CenterChange::ApplicationChanged(application)) => {
                    if let Err(error) = people.reevaluate_application(&application).await {
                        tracing::error!(%error, %application, "what ended with an application can't be stored");
                    }
                    continue;
                }
                Err(RecvError::Lagged(_)) => people.people().into_iter().collect(),
                Err(RecvError::Closed) => return,
            };
            for user in concerned {
                if let Err(error) = people.reevaluate(&user).await {
                    tracing::error!(%error, %user, "a session's end holds in memory, and can't be stored");
                }
            }
        }
    });
    forget_deleted(center, directory);
}

/// Only people with sessions or tokens can lose something: those of them who are in the group.
fn concerned(directory: &Directory, sessions: &Sessions, principal: &AssignedPrincipal) -> Vec<DirectoryUserId> {
    match principal {
        AssignedPrincipal::User(user) => vec![user.clone()],
        AssignedPrincipal::Group(group) => {
            sessions.people().into_iter().filter(|user| directory.is_member(group, user)).collect()
        }
    }
}

fn forget_deleted(center: &Arc<Center>, directory: &Arc<Directory>) {
    let mut changes = directory.subscribe();
    let (center, directory) = (Arc::clone(center), Arc::clone(directory));
    base::task::spawn("assignment cleanup", async move {
        loop {
            let gone = match changes.recv().await {
                Ok(DirectoryChange::UserDeleted(user)) => AssignedPrincipal::User(user),
                Ok(DirectoryChange::MembershipChanged { group, users: _ }) if directory.group(&group).is_none() => {
                    AssignedPrincipal::Group(group)
                }
                Ok(
                    DirectoryChange::MembershipChanged { .. }
                    | DirectoryChange::UserChanged(_)
                    | DirectoryChange::PasswordChanged { .. },
                ) => continue,
                // An assignment of somebody who isn't there lets nobody in; it only lingers in lists.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            if let Err(error) = center.forget_principal(&gone).await {
                tracing::warn!(%error, "the assignments of a deleted principal can't be removed");
            }
        }
    });
}
