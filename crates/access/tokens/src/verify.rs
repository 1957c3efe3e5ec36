//! Whether an access token opens a door: a pure decision, with the reason.

use base::id::{ApplicationArn, InstanceArn};
use base::{ErrorKind, Fault, PublicMessage};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::claims::{AccessClaims, Scope};
use crate::grant::{Revocation, RevokeReason};

/// What the door asks for. All of it must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub scope: Scope,
    pub audience: ApplicationArn,
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
    #[error("access token for {found} presented to {expected}")]
    WrongAudience { expected: ApplicationArn, found: ApplicationArn },
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
                format!("The access token is meant for {found}, and this warehouse is {expected}.")
            }
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
            Self::WrongIssuer { .. } | Self::WrongAudience { .. } | Self::MissingScope { .. } => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new("The access token was refused.")
            .with_detail(self.reason())
            .with_hint("Sign in again to get a new access token.")
    }
}

/// Whether the token with these claims meets the requirement now.
///
/// # Errors
/// The first of: revoked, expired, wrong issuer, wrong audience, missing scope.
pub fn decide(
    claims: &AccessClaims,
    revoked: Option<Revocation>,
    required: &Requirement,
    now: OffsetDateTime,
) -> Result<(), TokenRefusal> {
    if let Some(revocation) = revoked {
        return Err(TokenRefusal::Revoked { reason: revocation.reason });
    }
    if now >= claims.expires {
        return Err(TokenRefusal::Expired { since: claims.expires });
    }
    if claims.issuer != required.issuer {
        return Err(TokenRefusal::WrongIssuer { expected: required.issuer.clone(), found: claims.issuer.clone() });
    }
    if claims.audience != required.audience {
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
