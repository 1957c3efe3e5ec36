//! One authorisation and what is issued from it; the pure rules for redeeming a code and for refreshing.

use std::collections::BTreeSet;

use base::id::{ApplicationArn, ClientId, DirectoryUserId, InstanceArn};
use base::{CorrelationId, Secret, SecretHash, pkce};
use time::OffsetDateTime;

use crate::claims::{AccessClaims, GrantId, Scope};
use crate::error::Subject;
use crate::redirect::RedirectUri;

/// Why everything of a grant became worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevokeReason {
    /// Its authorisation code came a second time (RFC 6749 4.1.2).
    CodeReplayed,
    /// One of its used refresh tokens came again (RFC 9700 4.14.2).
    RefreshReused,
    UserDisabled,
    UserDeleted,
    /// The person is no longer assigned to the application.
    AccessRemoved,
    /// The application was disabled or deleted, or lost the scope.
    ApplicationClosed,
    /// It was exchanged from another grant, and that one was revoked.
    ParentRevoked,
    Administrator,
}

impl RevokeReason {
    const ALL: [Self; 8] = [
        Self::CodeReplayed,
        Self::RefreshReused,
        Self::UserDisabled,
        Self::UserDeleted,
        Self::AccessRemoved,
        Self::ApplicationClosed,
        Self::ParentRevoked,
        Self::Administrator,
    ];

    /// A stable name, for the store and audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReused => "refresh_reused",
            Self::UserDisabled => "user_disabled",
            Self::UserDeleted => "user_deleted",
            Self::AccessRemoved => "access_removed",
            Self::ApplicationClosed => "application_closed",
            Self::ParentRevoked => "parent_revoked",
            Self::Administrator => "administrator",
        }
    }

    /// Reads what [`Self::name`] wrote.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// A clause for a sentence: `the token was revoked because …`.
    #[must_use]
    pub const fn because(self) -> &'static str {
        match self {
            Self::CodeReplayed => "its authorization code was presented a second time",
            Self::RefreshReused => "one of its used refresh tokens was presented again",
            Self::UserDisabled => "its user was deactivated at the identity provider",
            Self::UserDeleted => "its user was deleted at the identity provider",
            Self::AccessRemoved => "its user is no longer assigned to the application",
            Self::ApplicationClosed => "its application was disabled or deleted, or lost the access scope",
            Self::ParentRevoked => "the authorization that it was exchanged from was revoked",
            Self::Administrator => "an administrator revoked it",
        }
    }
}

/// When and why a grant was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    pub at: OffsetDateTime,
    pub reason: RevokeReason,
}

/// A person's authorisation of a client. Everything issued from it points here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub user: DirectoryUserId,
    pub user_name: String,
    pub client: ClientId,
    pub scopes: BTreeSet<Scope>,
    pub issuer: InstanceArn,
    pub application: ApplicationArn,
    pub correlation: CorrelationId,
    /// The grant whose access token it was exchanged from; revoked with it.
    pub parent: Option<GrantId>,
    /// When the person authorised it. Neither refreshing nor exchanging makes it younger.
    pub created: OffsetDateTime,
    /// When the last thing issued from it expires.
    pub ends: OffsetDateTime,
    pub revoked: Option<Revocation>,
}

impl Grant {
    pub(crate) fn subject(&self) -> Subject {
        Subject { user: self.user.clone(), user_name: self.user_name.clone(), correlation: self.correlation.clone() }
    }

    pub(crate) fn claims(&self, token: &StoredAccess) -> AccessClaims {
        AccessClaims {
            user: self.user.clone(),
            user_name: self.user_name.clone(),
            client: self.client.clone(),
            scopes: self.scopes.clone(),
            issuer: self.issuer.clone(),
            audience: self.application.clone(),
            correlation: self.correlation.clone(),
            grant: self.id.clone(),
            issued: token.issued,
            expires: token.expires,
        }
    }
}

/// An authorisation code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    pub hash: SecretHash,
    pub grant: GrantId,
    /// As the client presented it; the exchange must name the same.
    pub redirect_uri: RedirectUri,
    /// The S256 challenge. Only the code of an application that redeems it with IAM may be without.
    pub challenge: Option<String>,
    pub expires: OffsetDateTime,
    pub used: Option<OffsetDateTime>,
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccess {
    pub hash: SecretHash,
    pub grant: GrantId,
    pub issued: OffsetDateTime,
    pub expires: OffsetDateTime,
}

/// A refresh token: one use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefresh {
    pub hash: SecretHash,
    pub grant: GrantId,
    pub issued: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub used: Option<OffsetDateTime>,
}

/// Why a code or a refresh token isn't exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantRefusal {
    /// Issued to another client.
    OtherClient,
    /// Used before: whoever holds it, one of the two isn't the client.
    Replayed,
    Revoked(RevokeReason),
    Expired {
        since: OffsetDateTime,
    },
    RedirectMismatch,
    VerifierMissing,
    VerifierMismatch,
    /// There was no challenge: somebody put their own code in place of the client's (RFC 9700 4.8.2).
    VerifierUnexpected,
}

impl GrantRefusal {
    /// A sentence for `error_description`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::OtherClient => "It was issued to another client.".into(),
            Self::Replayed => "It was used before. Everything issued from it has been revoked; sign in again.".into(),
            Self::Revoked(reason) => format!("It was revoked because {}; sign in again.", reason.because()),
            Self::Expired { since } => format!("It expired at {}; sign in again.", crate::verify::stamp(since)),
            Self::RedirectMismatch => "redirectUri is not the one that the authorization request named.".into(),
            Self::VerifierMissing => "codeVerifier is missing; the authorization request had a code_challenge.".into(),
            Self::VerifierUnexpected => {
                "codeVerifier was given, and the authorization request had no code_challenge.".into()
            }
            Self::VerifierMismatch => {
                "codeVerifier doesn't fit the code_challenge of the authorization request.".into()
            }
        }
    }
}

/// What comes with a code.
#[derive(Debug, Clone)]
pub struct PresentedCode<'a> {
    pub client: &'a ClientId,
    pub redirect_uri: &'a str,
    pub verifier: Option<&'a Secret<String>>,
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
    live(grant, presented.client, code.used, code.expires, now)?;
    if code.redirect_uri.as_str() != presented.redirect_uri {
        return Err(GrantRefusal::RedirectMismatch);
    }
    match (&code.challenge, presented.verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if pkce::verifies(verifier, challenge) => Ok(()),
        (Some(_), Some(_)) => Err(GrantRefusal::VerifierMismatch),
        (Some(_), None) => Err(GrantRefusal::VerifierMissing),
        (None, Some(_)) => Err(GrantRefusal::VerifierUnexpected),
    }
}

/// Whether a refresh token may be exchanged (RFC 6749 6, RFC 9700 4.14.2).
///
/// # Errors
/// The first rule that it breaks. `Replayed` obliges the caller to revoke the grant.
pub fn decide_refresh(
    token: &StoredRefresh,
    grant: &Grant,
    client: &ClientId,
    now: OffsetDateTime,
) -> Result<(), GrantRefusal> {
    live(grant, client, token.used, token.expires, now)
}

fn live(
    grant: &Grant,
    client: &ClientId,
    used: Option<OffsetDateTime>,
    expires: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), GrantRefusal> {
    // First, so that another client can't revoke what isn't its own.
    if grant.client != *client {
        return Err(GrantRefusal::OtherClient);
    }
    if let Some(revocation) = grant.revoked {
        return Err(GrantRefusal::Revoked(revocation.reason));
    }
    if used.is_some() {
        return Err(GrantRefusal::Replayed);
    }
    if now >= expires {
        return Err(GrantRefusal::Expired { since: expires });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
