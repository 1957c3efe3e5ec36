//! Ends sessions as soon as IAM, or a revocation, takes their ground away.

use std::sync::Arc;

use base::{AuditEvent, AuditLog, AuditStep, Outcome, Principal};
use iam::{Iam, IamChange};
use sessions::{GroundKey, GroundsEnded, SessionContext, Sessions};
use sts::{Revoked, Sts};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

/// Starts the task that decides anew about exactly the sessions that stand on what a change of IAM or a revocation is about. Changes
/// announced after this call are seen. Ends when IAM or STS is gone.
pub fn watch_iam(iam: &Iam, sts: &Sts, sessions: Arc<Sessions>, audit: Arc<dyn AuditLog>) -> JoinHandle<()> {
    let (mut changes, mut revocations) = (iam.subscribe(), sts.subscribe());
    base::task::spawn("iam-watch", async move {
        loop {
            let concerned = tokio::select! {
                change = changes.recv() => change.map(of_change),
                revoked = revocations.recv() => revoked.map(of_revocation),
            };
            let concerned = match concerned {
                Ok(concerned) => concerned,
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "changes of IAM were missed; every session is looked at");
                    None
                }
                Err(RecvError::Closed) => return,
            };
            for (context, why) in sessions.reevaluate_grounds(concerned.as_ref()) {
                record(&*audit, &context, why).await;
            }
        }
    })
}

/// `None`: every session.
fn of_change(change: IamChange) -> Option<GroundKey> {
    match change {
        IamChange::UserChanged(id) => Some(GroundKey::IamUser(id)),
        IamChange::RoleChanged(id) => Some(GroundKey::IamRole(id)),
        IamChange::KeyChanged(id) => Some(GroundKey::AccessKey(id)),
        IamChange::ProviderChanged(arn) => Some(GroundKey::Provider(arn)),
        IamChange::PolicyChanged(arn) => Some(GroundKey::Policy(arn)),
        IamChange::Everything => None,
    }
}

fn of_revocation(revoked: Revoked) -> Option<GroundKey> {
    match revoked {
        Revoked::Role(id) => Some(GroundKey::IamRole(id)),
        Revoked::Session(access_key_id) => Some(GroundKey::AccessKey(access_key_id)),
    }
}

async fn record(audit: &dyn AuditLog, context: &SessionContext, GroundsEnded { reason, mend }: GroundsEnded) {
    let correlation = context.correlation().clone();
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, correlation, Principal::System)
        .action("not_allowed")
        .target(context.principal().to_string())
        .field("db_user", context.db_user())
        .field("process_id", context.backend_key().0.to_string())
        .field("reason", reason)
        .field("mend", mend);
    if let Err(cause) = audit.record(event).await {
        // The session stays ended: access taken away is not given back for want of a record.
        tracing::error!(%cause, "the end of a session can't be recorded");
    }
}
