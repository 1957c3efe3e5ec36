//! When a session must end: pure rules.

use base::id::ApplicationArn;
use time::OffsetDateTime;
use tokens::{Lack, NoAccess, RevokeReason};

use crate::browser::{BrowserLimits, BrowserSession};
use crate::reason::EndReason;

/// Why a person who isn't active any more isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    Active,
    Disabled,
    Deleted,
}

impl Activity {
    pub(crate) const fn of(gone: Option<RevokeReason>) -> Self {
        match gone {
            None => Self::Active,
            Some(RevokeReason::UserDeleted) => Self::Deleted,
            Some(
                RevokeReason::UserDisabled
                | RevokeReason::AccessRemoved
                | RevokeReason::ApplicationClosed
                | RevokeReason::ParentRevoked
                | RevokeReason::CodeReplayed
                | RevokeReason::RefreshReused
                | RevokeReason::Administrator,
            ) => Self::Disabled,
        }
    }
}

/// Why a person's database session must end now. `application` is its warehouse's, with whether the person may still use it, `None`
/// for a session that isn't tied to one; `revoked` is why the grant that opened it was revoked, if it was.
///
/// A grant that ended with an application only, because the person is no longer assigned to it or because it was closed, doesn't end
/// the sessions in the warehouses of other applications.
#[must_use]
pub fn still_allowed(
    activity: Activity,
    application: Option<(&ApplicationArn, Result<(), NoAccess>)>,
    revoked: Option<RevokeReason>,
) -> Option<EndReason> {
    match (activity, application) {
        (Activity::Deleted, _) => Some(EndReason::UserDeleted),
        (Activity::Disabled, _) => Some(EndReason::UserDisabled),
        (Activity::Active, Some((application, Err(why)))) => Some(lost(application, why)),
        (Activity::Active, Some((_, Ok(()))) | None) => revoked.and_then(revocation_ends),
    }
}

fn lost(application: &ApplicationArn, why: NoAccess) -> EndReason {
    let application = application.clone();
    match why.lack {
        Lack::Assignment => EndReason::AccessRemoved { application },
        Lack::NoWarehouse | Lack::UnknownApplication | Lack::Disabled | Lack::Scope | Lack::Grant | Lack::Redirect => {
            EndReason::ApplicationClosed { application, reason: why.reason, hint: why.hint }
        }
    }
}

const fn revocation_ends(reason: RevokeReason) -> Option<EndReason> {
    match reason {
        RevokeReason::AccessRemoved | RevokeReason::ApplicationClosed => None,
        RevokeReason::CodeReplayed
        | RevokeReason::RefreshReused
        | RevokeReason::UserDisabled
        | RevokeReason::UserDeleted
        | RevokeReason::ParentRevoked
        | RevokeReason::Administrator => Some(EndReason::TokenRevoked),
    }
}

/// Whether a browser session is over: too old, not used for too long, or at the end that the identity source set to it
/// (SessionNotOnOrAfter, SAML core 2.7.2).
#[must_use]
pub fn browser_over(session: &BrowserSession, limits: &BrowserLimits, now: OffsetDateTime) -> bool {
    let source_ends = session.federated.as_ref().and_then(|federated| federated.not_on_or_after);
    now >= session.created + limits.absolute
        || now >= session.last_seen + limits.idle
        || source_ends.is_some_and(|ends| now >= ends)
}

/// Whether a browser session was opened before the person's password was last changed: it shows a password that is no more.
#[must_use]
pub fn before_password(session: &BrowserSession, password_changed: Option<OffsetDateTime>) -> bool {
    password_changed.is_some_and(|changed| session.created < changed)
}

#[cfg(test)]
mod tests;
