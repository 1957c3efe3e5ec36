//! What an identity source is.

use base::Secret;
use base::id::SourceId;
use oidc::Network;
use saml::{Endpoint, SigningCertificate};
use time::OffsetDateTime;

/// An external identity provider that people of the directory sign in with.
#[derive(Debug, Clone)]
pub struct IdentitySource {
    pub id: SourceId,
    /// Shown on the button. Unique without regard to case.
    pub name: String,
    pub enabled: bool,
    /// E-mail domains in lower-case ASCII, sorted. Nobody else vouches for their addresses: a domain has one source.
    pub domains: Vec<String>,
    pub kind: SourceKind,
    pub subject: SubjectMapping,
    /// Whether who isn't known yet is made at their first sign-in.
    pub just_in_time: bool,
    /// The attribute or claim that names the person's groups. Without it, groups are left alone.
    pub groups_claim: Option<String>,
    /// Whom to turn to, shown to who can't sign in.
    pub contact: Option<String>,
    /// Counts changes.
    pub version: u64,
    /// What was opened before is worth nothing: the source was disabled, or became another provider, then.
    pub sessions_since: OffsetDateTime,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub enum SourceKind {
    Saml(SamlSource),
    Oidc(OidcSource),
}

/// A SAML 2.0 identity provider. Its entity ID is unique among the sources.
#[derive(Debug, Clone)]
pub struct SamlSource {
    pub entity_id: String,
    /// Where its metadata is read again from.
    pub metadata_url: Option<String>,
    pub network: Network,
    pub single_sign_on: Vec<Endpoint>,
    pub single_logout: Vec<Endpoint>,
    /// Any of them that is valid now may have signed. Never empty.
    pub certificates: Vec<SigningCertificate>,
    /// Its metadata asks for signed requests.
    pub wants_signed_requests: bool,
    /// Requests are signed although it doesn't ask for it.
    pub sign_requests: bool,
    /// People prove themselves there each time, also when they have a session there.
    pub force_authn: bool,
    /// Whether a sign-in may begin there.
    pub idp_initiated: bool,
}

/// An OpenID provider. Issuer and client are unique together among the sources.
#[derive(Debug, Clone)]
pub struct OidcSource {
    /// To the letter.
    pub issuer: String,
    pub client_id: String,
    /// Sealed; `None` for a public client.
    pub client_secret: Option<Secret<String>>,
    /// Beside `openid`.
    pub scopes: Vec<String>,
    pub network: Network,
}

/// What of an assertion names the person, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectMapping {
    pub from: SubjectFrom,
    pub to: MatchBy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectFrom {
    /// SAML's NameID, OpenID Connect's `sub`.
    NameId,
    /// A SAML attribute or a claim of the ID token.
    Attribute(String),
}

/// What of the person is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchBy {
    /// Without regard to case.
    UserName,
    /// To the letter.
    ExternalId,
    /// The primary address without regard to case, if one person only has it.
    Email,
}

impl MatchBy {
    const ALL: [Self; 3] = [Self::UserName, Self::ExternalId, Self::Email];

    /// The attribute's name as SCIM writes it.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::Email => "email",
        }
    }

    #[must_use]
    pub fn from_attribute(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.attribute() == name)
    }
}

/// The identity provider's side of a browser session: what is needed to end one with the other.
#[derive(Debug, Clone)]
pub struct FederatedSession {
    pub source: SourceId,
    /// OpenID Connect: `sub`.
    pub name_id: String,
    pub name_id_format: Option<String>,
    pub name_qualifier: Option<String>,
    pub sp_name_qualifier: Option<String>,
    /// OpenID Connect: `sid`.
    pub session_index: Option<String>,
    /// OpenID Connect's `id_token_hint`.
    pub id_token: Option<Secret<String>>,
    /// The session here must not last longer.
    pub not_on_or_after: Option<OffsetDateTime>,
}

impl SourceKind {
    /// `saml` or `oidc`: the action of a sign-in's record.
    #[must_use]
    pub const fn protocol(&self) -> &'static str {
        match self {
            Self::Saml(_) => "saml",
            Self::Oidc(_) => "oidc",
        }
    }

    /// Which provider this is. A source whose provider is another one now is another source: links and sessions of before are void.
    #[must_use]
    pub fn provider(&self) -> String {
        match self {
            Self::Saml(saml) => saml.entity_id.clone(),
            Self::Oidc(oidc) => format!("{} {}", oidc.issuer, oidc.client_id),
        }
    }
}

impl IdentitySource {
    /// The SAML source in it.
    #[must_use]
    pub const fn saml(&self) -> Option<&SamlSource> {
        match &self.kind {
            SourceKind::Saml(saml) => Some(saml),
            SourceKind::Oidc(_) => None,
        }
    }

    /// The OpenID Connect source in it.
    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcSource> {
        match &self.kind {
            SourceKind::Saml(_) => None,
            SourceKind::Oidc(oidc) => Some(oidc),
        }
    }
}

impl PartialEq for FederatedSession {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            source,
            name_id,
            name_id_format,
            name_qualifier,
            sp_name_qualifier,
            session_index,
            id_token,
            not_on_or_after,
        } = self;
        let same_token = match (id_token, &other.id_token) {
            (Some(one), Some(other)) => one.matches(other.expose().as_bytes()),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_token
            && *source == other.source
            && *name_id == other.name_id
            && *name_id_format == other.name_id_format
            && *name_qualifier == other.name_qualifier
            && *sp_name_qualifier == other.sp_name_qualifier
            && *session_index == other.session_index
            && *not_on_or_after == other.not_on_or_after
    }
}

impl Eq for FederatedSession {}
