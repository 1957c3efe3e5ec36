//! What an OpenID Connect client is told, and where.

use std::collections::BTreeSet;

use base::{Secret, SecretHash};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::saml::{GroupAttribute, UserAttribute};
use super::seconds;

/// The configuration of an OpenID Connect application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcApplication {
    /// Made with the application; never edited.
    pub client_id: String,
    /// `None` for a public client.
    pub client_secret: Option<SecretHash>,
    /// Compared to the letter, but for the port of loopback addresses (RFC 8252 7.3).
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the console's tile leads: the client begins the sign-in there (OpenID Connect Core 4).
    pub login_uri: Option<String>,
    pub grants: BTreeSet<OidcGrant>,
    /// Claims beyond `sub` and those of the standard scopes.
    pub claims: Vec<UserAttribute>,
    pub groups_claim: Option<GroupAttribute>,
    /// 60 s to a day.
    #[serde(with = "seconds")]
    pub id_token_lifetime: Duration,
    /// 60 s to a day.
    #[serde(with = "seconds")]
    pub access_token_lifetime: Duration,
    /// 60 s to 365 days.
    #[serde(with = "seconds")]
    pub refresh_token_lifetime: Duration,
}

impl OidcApplication {
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.client_secret.is_none()
    }

    /// Whether this is the client's secret, in constant time. Never for a public client.
    #[must_use]
    pub fn secret_matches(&self, presented: &Secret<String>) -> bool {
        self.client_secret.is_some_and(|hash| hash.is_of(presented))
    }
}

/// How a client may get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidcGrant {
    AuthorizationCode,
    RefreshToken,
    /// RFC 8628.
    DeviceCode,
}

impl OidcGrant {
    /// As `grant_type` has it.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }
}
