//! Applications, and what each may do.

use std::collections::{BTreeMap, BTreeSet};

use base::id::{ApplicationArn, InstanceArn};
use time::OffsetDateTime;

use crate::ActorPolicy;

/// The provider of the applications that an administrator makes (sso-admin CreateApplication): OAuth 2.0, customer managed.
pub const CUSTOM_PROVIDER_ARN: &str = "arn:aws:sso::aws:applicationProvider/custom";
/// The scope that a token needs to open a warehouse: the only one that a service here checks.
pub const REDSHIFT_CONNECT_SCOPE: &str = "redshift:connect";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationStatus {
    Enabled,
    /// Nobody may use it.
    Disabled,
}

impl ApplicationStatus {
    /// As AWS writes it, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|status| status.name() == name)
    }
}

/// A way to get tokens for an application (sso-admin `GrantType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    TokenExchange,
}

impl GrantType {
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::TokenExchange];

    /// As in OAuth's `grant_type` (RFC 6749, RFC 8693 2.1) and in sso-admin.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// The grants of an application. Without one, nobody gets a token for it in that way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationGrants {
    /// The redirect URIs of the grant, 1 to 10 ([`crate::rules::redirect_uri`]); `None` without the grant.
    pub authorization_code: Option<Vec<String>>,
    pub refresh_token: bool,
    pub token_exchange: bool,
}

impl ApplicationGrants {
    #[must_use]
    pub const fn has(&self, grant: GrantType) -> bool {
        match grant {
            GrantType::AuthorizationCode => self.authorization_code.is_some(),
            GrantType::RefreshToken => self.refresh_token,
            GrantType::TokenExchange => self.token_exchange,
        }
    }
}

/// The request that made an application, where it carried a `ClientToken`: the same request again answers the same application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// 1 to 64 visible ASCII characters.
    pub client_token: String,
    /// Everything else that was asked for, as JSON.
    pub parameters: String,
}

/// Something that people sign in to with tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `arn:aws:sso::<account>:application/ssoins-…/apl-<16 hex>`
    pub arn: ApplicationArn,
    /// `arn:aws:sso::aws:applicationProvider/…`
    pub provider_arn: String,
    /// 1 to 100 characters. Not unique.
    pub name: String,
    /// 1 to 128 characters.
    pub description: Option<String>,
    pub status: ApplicationStatus,
    /// Where `false`, everybody in the directory may use it.
    pub assignment_required: bool,
    pub grants: ApplicationGrants,
    /// Which programs may get tokens in its name (CreateTokenWithIAM). `None`: no program may.
    pub authentication: Option<ActorPolicy>,
    /// The scopes that its tokens may have, each with the ARNs of the applications (or of the instance, for all of them) that they
    /// may be used at. No ARN means any application.
    pub scopes: BTreeMap<String, BTreeSet<String>>,
    /// At most 50.
    pub tags: BTreeMap<String, String>,
    pub creation: Option<Creation>,
    pub created: OffsetDateTime,
}

impl Application {
    /// Whether its tokens may be used with `scope` at the application `target` of `instance`.
    #[must_use]
    pub fn reaches(&self, scope: &str, target: &ApplicationArn, instance: &InstanceArn) -> bool {
        self.scopes.get(scope).is_some_and(|targets| {
            targets.is_empty() || targets.contains(target.as_str()) || targets.contains(instance.as_str())
        })
    }
}

/// What a new application has; Identity Center adds the ARN and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApplication {
    pub provider_arn: String,
    pub name: String,
    pub description: Option<String>,
    pub status: ApplicationStatus,
    pub assignment_required: bool,
    pub grants: ApplicationGrants,
    pub scopes: BTreeMap<String, BTreeSet<String>>,
    pub tags: BTreeMap<String, String>,
}

/// What UpdateApplication changes. `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub status: Option<ApplicationStatus>,
}
