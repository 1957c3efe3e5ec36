//! One authorisation and what is issued from it; the pure rules for redeeming a code and for refreshing.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use base::id::{DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, Secret, SecretHash, pkce};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Subject;
use crate::scope::Scope;

/// Names a grant: a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId(Arc<str>);

impl GrantId {
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why everything of a grant became worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevokeReason {
    /// Its code came a second time (RFC 6749 4.1.2).
    CodeReplayed,
    /// One of its used refresh tokens came again (RFC 9700 4.14.2).
    RefreshReused,
    UserDisabled,
    UserDeleted,
    PasswordChanged,
    /// The person may no longer open the application, or it was deactivated.
    AccessRemoved,
    /// The application was deleted, or lost the grant.
    ApplicationClosed,
    /// The application gave it back (RFC 7009).
    Client,
}

impl RevokeReason {
    const ALL: [Self; 8] = [
        Self::CodeReplayed,
        Self::RefreshReused,
        Self::UserDisabled,
        Self::UserDeleted,
        Self::PasswordChanged,
        Self::AccessRemoved,
        Self::ApplicationClosed,
        Self::Client,
    ];

    /// A stable name, for the store and audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReused => "refresh_reused",
            Self::UserDisabled => "user_disabled",
            Self::UserDeleted => "user_deleted",
            Self::PasswordChanged => "password_changed",
            Self::AccessRemoved => "access_removed",
            Self::ApplicationClosed => "application_closed",
            Self::Client => "client",
        }
    }

    /// Reads what [`Self::name`] wrote.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// A clause for a sentence: `it was revoked because …`.
    #[must_use]
    pub const fn because(self) -> &'static str {
        match self {
            Self::CodeReplayed => "its code was presented a second time",
            Self::RefreshReused => "one of its used refresh tokens was presented again",
            Self::UserDisabled => "its user was deactivated",
            Self::UserDeleted => "its user was deleted",
            Self::PasswordChanged => "its user's password was changed",
            Self::AccessRemoved => "its user may no longer open the application",
            Self::ApplicationClosed => "the application was deleted or may no longer have it",
            Self::Client => "the application revoked it",
        }
    }
}

/// When and why a grant was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    pub at: OffsetDateTime,
    pub reason: RevokeReason,
}

/// A person's authorisation of an application. Everything issued from it points here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub user: DirectoryUserId,
    pub user_name: String,
    pub application: SsoApplicationId,
    pub scopes: BTreeSet<Scope>,
    pub nonce: Option<String>,
    /// When the person proved who they are: `auth_time`.
    pub authenticated: OffsetDateTime,
    /// How: `amr` (RFC 8176).
    pub methods: Vec<String>,
    /// The browser session at the provider in which it was given: `sid`.
    pub session: String,
    pub correlation: CorrelationId,
    /// When it was given. Refreshing doesn't make it younger.
    pub created: OffsetDateTime,
    /// When the last thing issued from it expires.
    pub ends: OffsetDateTime,
    /// `None` for one that a device got.
    pub code: Option<StoredCode>,
    /// With `offline_access`, once the code was redeemed.
    pub refresh: Option<StoredRefresh>,
    pub revoked: Option<Revocation>,
}

impl Grant {
    pub(crate) fn subject(&self) -> Subject {
        Subject { user: self.user.clone(), user_name: self.user_name.clone(), correlation: self.correlation.clone() }
    }

    /// Whether it lives on when the person has signed out.
    pub(crate) fn is_offline(&self) -> bool {
        self.scopes.contains(&Scope::OfflineAccess)
    }
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    pub hash: SecretHash,
    /// As the request named it; the exchange must name the same.
    pub redirect_uri: String,
    /// S256.
    pub challenge: String,
    pub expires: OffsetDateTime,
    pub used: Option<OffsetDateTime>,
}

/// The family of refresh tokens of a grant, of which only the newest is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefresh {
    /// Of the part that all tokens of the family have.
    pub family: SecretHash,
    /// Of the newest one's own part.
    pub newest: SecretHash,
    /// From the authorisation on; rotating doesn't prolong it.
    pub expires: OffsetDateTime,
}

/// An access token: opens user information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccess {
    pub hash: SecretHash,
    pub grant: GrantId,
    /// The grant's, or fewer.
    pub scopes: BTreeSet<Scope>,
    pub issued: OffsetDateTime,
    pub expires: OffsetDateTime,
}

/// Why a code or a refresh token isn't exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantRefusal {
    /// Issued to another application.
    OtherClient,
    /// Used before: whoever holds it, one of the two isn't the application.
    Replayed,
    Revoked(RevokeReason),
    Expired {
        since: OffsetDateTime,
    },
    RedirectMismatch,
    VerifierMismatch,
}

impl GrantRefusal {
    /// A sentence for `error_description`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::OtherClient => "It was issued to another client.".into(),
            Self::Replayed => "It was used before. Everything issued from it has been revoked; sign in again.".into(),
            Self::Revoked(reason) => format!("It was revoked because {}; sign in again.", reason.because()),
            Self::Expired { since } => {
                format!("It expired at {}; sign in again.", since.format(&Rfc3339).unwrap_or_default())
            }
            Self::RedirectMismatch => "redirect_uri is not the one that the authorization request named.".into(),
            Self::VerifierMismatch => {
                "code_verifier doesn't fit the code_challenge of the authorization request.".into()
            }
        }
    }
}

/// What comes with a code.
#[derive(Debug, Clone, Copy)]
pub struct PresentedCode<'a> {
    /// Proven.
    pub application: &'a SsoApplicationId,
    pub redirect_uri: &'a str,
    pub verifier: &'a Secret<String>,
}

/// Whether a code may be exchanged (RFC 6749 4.1.3, RFC 7636 4.6).
///
/// # Errors
/// The first rule that it breaks. `Replayed` obliges the caller to revoke the grant.
pub fn decide_code(
    code: &StoredCode,
    grant: &Grant,
    presented: &PresentedCode<'_>,
    now: OffsetDateTime,
) -> Result<(), GrantRefusal> {
    ours(grant, presented.application)?;
    if code.used.is_some() {
        return Err(GrantRefusal::Replayed);
    }
    unexpired(code.expires, now)?;
    if code.redirect_uri != presented.redirect_uri {
        return Err(GrantRefusal::RedirectMismatch);
    }
    if pkce::verifies(presented.verifier, &code.challenge) { Ok(()) } else { Err(GrantRefusal::VerifierMismatch) }
}

/// Whether a refresh token may be exchanged (RFC 6749 6, RFC 9700 4.14.2). `own` is the hash of its own part; its family is the
/// grant's.
///
/// # Errors
/// The first rule that it breaks. `Replayed` obliges the caller to revoke the grant: there is no grace for an answer that got lost,
/// because nothing tells it from a theft.
pub fn decide_refresh(
    refresh: &StoredRefresh,
    grant: &Grant,
    own: &SecretHash,
    application: &SsoApplicationId,
    now: OffsetDateTime,
) -> Result<(), GrantRefusal> {
    ours(grant, application)?;
    if !refresh.newest.matches(own) {
        return Err(GrantRefusal::Replayed);
    }
    unexpired(refresh.expires, now)
}

/// The client first, so that another one can't revoke what isn't its own.
fn ours(grant: &Grant, application: &SsoApplicationId) -> Result<(), GrantRefusal> {
    if grant.application != *application {
        return Err(GrantRefusal::OtherClient);
    }
    grant.revoked.map_or(Ok(()), |revocation| Err(GrantRefusal::Revoked(revocation.reason)))
}

fn unexpired(expires: OffsetDateTime, now: OffsetDateTime) -> Result<(), GrantRefusal> {
    if now >= expires { Err(GrantRefusal::Expired { since: expires }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
