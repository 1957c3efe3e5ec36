//! What a change of the configuration asks for, before it is planned.

use base::Secret;
use oidc::Network;

use crate::model::SubjectMapping;

/// What a new source has; it begins enabled. Times, version and id are added.
#[derive(Debug, Clone)]
pub struct NewSource {
    pub name: String,
    /// Any spelling of DNS names.
    pub domains: Vec<String>,
    pub kind: NewKind,
    pub subject: SubjectMapping,
    pub just_in_time: bool,
    pub groups_claim: Option<String>,
    pub contact: Option<String>,
    pub network: Network,
}

#[derive(Debug, Clone)]
pub enum NewKind {
    Saml(NewSaml),
    Oidc(NewOidc),
}

#[derive(Debug, Clone)]
pub struct NewSaml {
    pub metadata: MetadataFrom,
    pub sign_requests: bool,
    pub force_authn: bool,
    pub idp_initiated: bool,
}

/// A SAML identity provider's metadata: at most 75,000 characters.
#[derive(Debug, Clone)]
pub enum MetadataFrom {
    Document(String),
    /// Read now, and again by [`crate::Sources::refresh_metadata`].
    Url(String),
}

#[derive(Debug, Clone)]
pub struct NewOidc {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret<String>>,
    pub scopes: Vec<String>,
}

/// What changes; `None` stays. In the second `Option`, `None` removes.
#[derive(Debug, Clone, Default)]
pub struct SourceEdit {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub domains: Option<Vec<String>>,
    pub subject: Option<SubjectMapping>,
    pub just_in_time: Option<bool>,
    pub groups_claim: Option<Option<String>>,
    pub contact: Option<Option<String>>,
    pub network: Option<Network>,
    /// For SAML sources only.
    pub saml: SamlEdit,
    /// For OpenID Connect sources only.
    pub oidc: OidcEdit,
}

#[derive(Debug, Clone, Default)]
pub struct SamlEdit {
    /// Of the same provider: its certificates come beside those that are there. Of another provider: everything is replaced.
    pub metadata: Option<MetadataFrom>,
    pub sign_requests: Option<bool>,
    pub force_authn: Option<bool>,
    pub idp_initiated: Option<bool>,
}

#[derive(Debug, Clone, Default)]
pub struct OidcEdit {
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Option<Secret<String>>>,
    pub scopes: Option<Vec<String>>,
}

impl SamlEdit {
    /// The first parameter that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("Metadata", self.metadata.is_some()),
            ("SignRequests", self.sign_requests.is_some()),
            ("ForceAuthn", self.force_authn.is_some()),
            ("IdpInitiated", self.idp_initiated.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

impl OidcEdit {
    /// The first parameter that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("Issuer", self.issuer.is_some()),
            ("ClientId", self.client_id.is_some()),
            ("ClientSecret", self.client_secret.is_some()),
            ("Scopes", self.scopes.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}
