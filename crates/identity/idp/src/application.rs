//! SSO applications: what people are signed in to.

mod certificate;
mod field;
mod oidc;
mod saml;
mod seconds;

use std::collections::BTreeSet;

use base::Secret;
use base::id::{DirectoryGroupId, SsoApplicationId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use field::UserField;
pub use oidc::{OidcApplication, OidcGrant};
pub use saml::{
    ConstantAttribute, GroupAttribute, GroupsSent, NameIdFormat, NameIdSource, SamlApplication, UserAttribute,
};

use crate::connector::ConnectorKind;
use crate::slug::Slug;

/// An application that people of the provider may be signed in to. Nobody may, until one of their groups is authorised.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    pub id: SsoApplicationId,
    /// The last part of its SSO IdP URL: never edited.
    pub slug: Slug,
    /// The display label.
    pub label: String,
    pub description: String,
    /// Not shown in the user console; it can be opened all the same by who may.
    pub hidden: bool,
    /// `false`: SSO is deactivated, nobody may open it.
    pub active: bool,
    pub connector: Connector,
    /// Whose members may open it. At most [`crate::MOST_GROUPS`].
    pub groups: BTreeSet<DirectoryGroupId>,
    /// Counts changes; the ETag is made from it.
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// What kind of application it is, with its configuration. Serialised as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "connector", content = "configuration")]
pub enum Connector {
    #[serde(rename = "identity-center")]
    IdentityCenter(SamlApplication),
    #[serde(rename = "redshift")]
    Redshift(SamlApplication),
    #[serde(rename = "saml")]
    Saml(SamlApplication),
    #[serde(rename = "oidc")]
    OpenIdConnect(OidcApplication),
}

impl Connector {
    #[must_use]
    pub const fn kind(&self) -> ConnectorKind {
        match self {
            Self::IdentityCenter(_) => ConnectorKind::IdentityCenter,
            Self::Redshift(_) => ConnectorKind::Redshift,
            Self::Saml(_) => ConnectorKind::Saml,
            Self::OpenIdConnect(_) => ConnectorKind::OpenIdConnect,
        }
    }

    #[must_use]
    pub const fn saml(&self) -> Option<&SamlApplication> {
        match self {
            Self::IdentityCenter(saml) | Self::Redshift(saml) | Self::Saml(saml) => Some(saml),
            Self::OpenIdConnect(_) => None,
        }
    }

    #[must_use]
    pub const fn saml_mut(&mut self) -> Option<&mut SamlApplication> {
        match self {
            Self::IdentityCenter(saml) | Self::Redshift(saml) | Self::Saml(saml) => Some(saml),
            Self::OpenIdConnect(_) => None,
        }
    }

    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcApplication> {
        match self {
            Self::OpenIdConnect(oidc) => Some(oidc),
            Self::IdentityCenter(_) | Self::Redshift(_) | Self::Saml(_) => None,
        }
    }

    pub(crate) const fn oidc_mut(&mut self) -> Option<&mut OidcApplication> {
        match self {
            Self::OpenIdConnect(oidc) => Some(oidc),
            Self::IdentityCenter(_) | Self::Redshift(_) | Self::Saml(_) => None,
        }
    }

    pub(crate) const fn groups_sent(&self) -> Option<&GroupAttribute> {
        match self {
            Self::IdentityCenter(saml) | Self::Redshift(saml) | Self::Saml(saml) => saml.group_attribute.as_ref(),
            Self::OpenIdConnect(oidc) => oidc.groups_claim.as_ref(),
        }
    }
}

impl Application {
    #[must_use]
    pub const fn saml(&self) -> Option<&SamlApplication> {
        self.connector.saml()
    }

    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcApplication> {
        self.connector.oidc()
    }

    /// What must still be configured before anybody can open it: full sentences, empty when it is ready.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        crate::connector::missing(&self.connector)
    }
}

/// What a new application is made of. `connector`: begin with [`ConnectorKind::template`].
#[derive(Debug, Clone)]
pub struct NewApplication {
    pub label: String,
    /// The last part of the SSO IdP URL. Made from the label without it.
    pub slug: Option<String>,
    pub description: String,
    pub hidden: bool,
    pub connector: Connector,
    /// OpenID Connect only: whether the application can keep a secret, and so gets one.
    pub confidential: bool,
    pub groups: BTreeSet<DirectoryGroupId>,
}

impl NewApplication {
    /// An application as its connector's template has it, with nobody authorised.
    #[must_use]
    pub fn of(kind: ConnectorKind, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            slug: None,
            description: String::new(),
            hidden: false,
            connector: kind.template(),
            confidential: true,
            groups: BTreeSet::new(),
        }
    }
}

/// An application that was made.
#[derive(Debug, Clone)]
pub struct CreatedApplication {
    pub application: std::sync::Arc<Application>,
    /// Of a confidential OpenID Connect client; shown this once.
    pub client_secret: Option<Secret<String>>,
}

/// The full new value of what can be edited.
#[derive(Debug, Clone)]
pub struct ApplicationEdit {
    pub label: String,
    /// Refused unless it is what it was: service providers have it in their configuration.
    pub slug: Option<String>,
    pub description: String,
    pub hidden: bool,
    pub connector: Connector,
}

impl From<&Application> for ApplicationEdit {
    fn from(application: &Application) -> Self {
        Self {
            label: application.label.clone(),
            slug: None,
            description: application.description.clone(),
            hidden: application.hidden,
            connector: application.connector.clone(),
        }
    }
}
