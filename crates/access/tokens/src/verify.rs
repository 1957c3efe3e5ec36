//! Whether an access token opens a door: a pure decision, with the reason.

use std::fmt;

use base::id::{ApplicationArn, InstanceArn};
use base::{ErrorKind, Fault, PublicMessage};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::application::{self, OAuthApplication};
use crate::claims::{AccessClaims, Scope};
use crate::grant::{Revocation, RevokeReason};

/// Whom a token must be meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    Application(ApplicationArn),
    /// Every application of this instance that Redshift manages: drivers can't say which warehouse they want a token for. The
    /// door then asks for the application of its own ([`crate::AccessDecision::may_use`]).
    AnyRedshift,
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(arn) => write!(f, "{arn}"),
            Self::AnyRedshift => f.write_str("the Amazon Redshift applications of this instance"),
        }
    }
}

/// What the door asks for. All of it must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub scope: Scope,
    pub audience: Audience,
    pub issuer: InstanceArn,
}

/// Why a token doesn't open the door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("not an access token of this server")]
    Malformed,
    /// A JSON Web Token, signed or not. Ours are opaque.
    #[error("a JSON Web Token was presented")]
    JwtNotAccepted,
    /// Never issued, or expired so long ago that it is forgotten.
    #[error("unknown access token")]
    Unknown,
    #[error("access token revoked: {}", .reason.name())]
    Revoked { reason: RevokeReason },
    #[error("access token expired at {}", stamp(*.since))]
    Expired { since: OffsetDateTime },
    #[error("access token of {found} presented to {expected}")]
    WrongIssuer { expected: InstanceArn, found: InstanceArn },
    /// Its application was deleted or disabled, or lost the scope. Full sentences.
    #[error("the access token's application is closed: {reason}")]
    ApplicationClosed { reason: String, hint: String },
    #[error("access token for {found} presented to {expected}")]
    WrongAudience { expected: Audience, found: ApplicationArn },
    #[error("access token without scope {}", .required.name())]
    MissingScope { required: Scope, found: Vec<Scope> },
}

impl TokenRefusal {
    /// A full sentence for the person: the DETAIL of the wire's error.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Malformed => "What was presented is not an access token of this server.".into(),
            Self::JwtNotAccepted => {
                "A JSON Web Token was presented; this server takes only the opaque access tokens that it issues itself."
                    .into()
            }
            Self::Unknown => "The access token was not issued by this server, or expired long ago.".into(),
            Self::Revoked { reason } => format!("The access token was revoked because {}.", reason.because()),
            Self::Expired { since } => format!("The access token expired at {}.", stamp(*since)),
            Self::WrongIssuer { expected, found } => {
                format!("The access token was issued by {found}, and this warehouse trusts {expected}.")
            }
            Self::WrongAudience { expected, found } => {
                format!(
                    "The access token is meant for {found}, and what was asked for is open to tokens for {expected}."
                )
            }
            Self::ApplicationClosed { reason, hint: _ } => reason.clone(),
            Self::MissingScope { required, found } => {
                let found: Vec<_> = found.iter().map(|scope| scope.name()).collect();
                format!("The access token has the scopes [{}], and {} is needed.", found.join(", "), required.name())
            }
        }
    }
}

impl Fault for TokenRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed | Self::JwtNotAccepted | Self::Unknown | Self::Revoked { .. } | Self::Expired { .. } => {
                ErrorKind::Unauthenticated
            }
            Self::WrongIssuer { .. }
            | Self::ApplicationClosed { .. }
            | Self::WrongAudience { .. }
            | Self::MissingScope { .. } => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        let hint = match self {
            Self::ApplicationClosed { reason: _, hint } => hint.as_str(),
            Self::Malformed
            | Self::JwtNotAccepted
            | Self::Unknown
            | Self::Revoked { .. }
            | Self::Expired { .. }
            | Self::WrongIssuer { .. }
            | Self::WrongAudience { .. }
            | Self::MissingScope { .. } => "Sign in again to get a new access token.",
        };
        PublicMessage::new("The access token was refused.").with_detail(self.reason()).with_hint(hint)
    }
}

/// Whether the token with these claims meets the requirement now. `application` is what the token is meant for, as it is now.
///
/// # Errors
/// The first of: revoked (closed application, where it was revoked for that and still is), expired, wrong issuer, closed
/// application, wrong audience, missing scope.
pub fn decide(
    claims: &AccessClaims,
    revoked: Option<Revocation>,
    application: Option<&OAuthApplication>,
    required: &Requirement,
    now: OffsetDateTime,
) -> Result<(), TokenRefusal> {
    let open = application::decide_open(&claims.audience, application, &claims.scopes)
        .map_err(|why| TokenRefusal::ApplicationClosed { reason: why.reason, hint: why.hint });
    if let Some(revocation) = revoked {
        // What opens the application helps more than that the token was revoked when it was closed.
        if revocation.reason == RevokeReason::ApplicationClosed {
            open?;
        }
        return Err(TokenRefusal::Revoked { reason: revocation.reason });
    }
    if now >= claims.expires {
        return Err(TokenRefusal::Expired { since: claims.expires });
    }
    if claims.issuer != required.issuer {
        return Err(TokenRefusal::WrongIssuer { expected: required.issuer.clone(), found: claims.issuer.clone() });
    }
    let application = open?;
    let meant = match &required.audience {
        Audience::Application(arn) => claims.audience == *arn,
        Audience::AnyRedshift => application.redshift,
    };
    if !meant {
        return Err(TokenRefusal::WrongAudience {
            expected: required.audience.clone(),
            found: claims.audience.clone(),
        });
    }
    if !claims.scopes.contains(&required.scope) {
        let found = claims.scopes.iter().copied().collect();
        return Err(TokenRefusal::MissingScope { required: required.scope, found });
    }
    Ok(())
}

/// `2026-01-02T03:04:05Z`
pub(crate) fn stamp(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests;
