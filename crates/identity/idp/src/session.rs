//! Signed-in browsers at the provider.

use std::net::IpAddr;

use base::id::{DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, Secret, SecretHash};
use directory::ActiveUser;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// A session ends so long after the sign-in ...
pub const ABSOLUTE: Duration = Duration::hours(8);
/// ... and so long after its last use.
pub const IDLE: Duration = Duration::hours(1);

/// Names a session without being its credential: SAML's SessionIndex and OpenID Connect's `sid`. `ses-` and 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(String);

impl SessionId {
    pub(crate) fn fresh() -> Self {
        Self(format!("ses-{}", base::random::hex::<16>()))
    }

    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    Password,
    /// An authenticator app.
    Totp,
    /// With user verification: two factors in one.
    Passkey,
    RecoveryCode,
}

impl Factor {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

/// An application that was told about the person in this session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub application: SsoApplicationId,
    /// As the application knows the person: SAML's NameID, OpenID Connect's `sub`.
    pub name_id: String,
    /// The NameID's format; empty for OpenID Connect.
    pub name_id_format: String,
}

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    pub id: SessionId,
    /// Of its cookie.
    pub hash: SecretHash,
    pub user: DirectoryUserId,
    pub correlation: CorrelationId,
    pub factors: Vec<Factor>,
    pub authenticated: OffsetDateTime,
    pub last_seen: OffsetDateTime,
    pub participants: Vec<Participant>,
}

/// Whether a session is over: too old, or not used for too long.
#[must_use]
pub(crate) fn is_over(session: &StoredSession, now: OffsetDateTime) -> bool {
    now >= session.authenticated + ABSOLUTE || now >= session.last_seen + IDLE
}

/// Whether a session was opened before the person's password was last changed.
#[must_use]
pub(crate) fn is_before_password(session: &StoredSession, password_changed: Option<OffsetDateTime>) -> bool {
    password_changed.is_some_and(|changed| session.authenticated < changed)
}

/// A live session of a person who is active. Made only by [`crate::IdentityProvider`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpSession {
    pub(crate) id: SessionId,
    pub(crate) user: ActiveUser,
    pub(crate) authenticated_at: OffsetDateTime,
    pub(crate) factors: Vec<Factor>,
    pub(crate) correlation: CorrelationId,
}

impl IdpSession {
    #[must_use]
    pub const fn id(&self) -> &SessionId {
        &self.id
    }

    #[must_use]
    pub const fn user(&self) -> &ActiveUser {
        &self.user
    }

    #[must_use]
    pub const fn authenticated_at(&self) -> OffsetDateTime {
        self.authenticated_at
    }

    /// When it ends at the latest.
    #[must_use]
    pub fn expires(&self) -> OffsetDateTime {
        self.authenticated_at + ABSOLUTE
    }

    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// From the sign-in.
    #[must_use]
    pub const fn correlation(&self) -> &CorrelationId {
        &self.correlation
    }

    /// Whether the person signed in at most so long ago.
    #[must_use]
    pub fn is_fresh(&self, now: OffsetDateTime, within: Duration) -> bool {
        now - self.authenticated_at <= within
    }

    /// Two factors, or a passkey with user verification.
    #[must_use]
    pub fn is_multi_factor(&self) -> bool {
        self.factors.len() > 1 || self.factors.contains(&Factor::Passkey)
    }

    /// Authentication method references (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> Vec<&'static str> {
        let mut methods: Vec<&'static str> = self
            .factors
            .iter()
            .map(|factor| match factor {
                Factor::Password => "pwd",
                Factor::Totp | Factor::RecoveryCode => "otp",
                Factor::Passkey => "pop",
            })
            .collect();
        if self.is_multi_factor() {
            methods.push("mfa");
        }
        methods
    }

    /// The SAML authentication contexts that this session fulfils; the first is the one to state.
    #[must_use]
    pub fn authn_contexts(&self) -> Vec<&'static str> {
        let mut contexts = Vec::new();
        if self.factors.contains(&Factor::Password) {
            contexts.push(saml::idp::CONTEXT_PASSWORD);
        }
        if self.is_multi_factor() {
            contexts.push(saml::idp::CONTEXT_MFA);
        }
        contexts.push(saml::idp::CONTEXT_UNSPECIFIED);
        contexts
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    SignedOut,
    /// By a LogoutRequest of an application.
    LoggedOutByApplication,
    Deactivated,
    Deleted,
    PasswordChanged,
    FactorsReset,
    Administrator,
    Expired,
}

impl SessionEnd {
    /// A stable name for the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::LoggedOutByApplication => "logged_out_by_application",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::PasswordChanged => "password_changed",
            Self::FactorsReset => "factors_reset",
            Self::Administrator => "administrator",
            Self::Expired => "expired",
        }
    }
}

/// A session that has ended, and who has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession {
    pub id: SessionId,
    pub user: DirectoryUserId,
    pub correlation: CorrelationId,
    pub participants: Vec<Participant>,
}

/// Somebody who has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session cookie's value.
    pub cookie: Secret<String>,
    pub session: IdpSession,
    /// With the first second factor: shown this once.
    pub recovery_codes: Option<Vec<Secret<String>>>,
}

/// From where somebody signs in, and what ties the records of it together.
#[derive(Debug, Clone)]
pub struct Visit {
    pub peer: IpAddr,
    /// Becomes the session's.
    pub correlation: CorrelationId,
}

#[cfg(test)]
mod tests;
