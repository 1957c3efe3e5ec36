//! When a session must end: pure rules.

use base::id::ApplicationArn;
use time::OffsetDateTime;
use tokens::RevokeReason;

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
                | RevokeReason::CodeReplayed
                | RevokeReason::RefreshReused
                | RevokeReason::Administrator,
            ) => Self::Disabled,
        }
    }
}

/// Why a person's database session must end now. `application` is the one that it was opened through, with whether the person may
/// still use it; `None` for a session that isn't tied to one.
#[must_use]
pub fn still_allowed(activity: Activity, application: Option<(&ApplicationArn, bool)>) -> Option<EndReason> {
    match (activity, application) {
        (Activity::Deleted, _) => Some(EndReason::UserDeleted),
        (Activity::Disabled, _) => Some(EndReason::UserDisabled),
        (Activity::Active, Some((application, false))) => {
            Some(EndReason::AccessRemoved { application: application.clone() })
        }
        (Activity::Active, Some((_, true)) | None) => None,
    }
}

/// Whether a browser session is over: too old, or not used for too long.
#[must_use]
pub fn browser_over(session: &BrowserSession, limits: &BrowserLimits, now: OffsetDateTime) -> bool {
    now >= session.created + limits.absolute || now >= session.last_seen + limits.idle
}

#[cfg(test)]
mod tests;
