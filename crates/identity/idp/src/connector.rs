//! Connectors: what an application of a kind begins with, and what its configuration must be.

mod check;
mod template;

pub use check::{MOST_GROUPS, is_plain_redirect};
pub(crate) use check::{check, label, missing};

use crate::application::Connector;

/// The kinds of applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorKind {
    IdentityCenter,
    Redshift,
    Saml,
    OpenIdConnect,
}

impl ConnectorKind {
    pub const ALL: [Self; 4] = [Self::IdentityCenter, Self::Redshift, Self::Saml, Self::OpenIdConnect];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityCenter => "identity-center",
            Self::Redshift => "redshift",
            Self::Saml => "saml",
            Self::OpenIdConnect => "oidc",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::IdentityCenter => "AWS IAM Identity Center",
            Self::Redshift => "Amazon Redshift",
            Self::Saml => "Custom SAML",
            Self::OpenIdConnect => "Custom OpenID Connect",
        }
    }

    /// What an application of this kind begins with.
    #[must_use]
    pub fn template(self) -> Connector {
        template::of(self)
    }
}

#[cfg(test)]
mod tests;
