//! A source as JSON. A definition that can't be read stops the start: a guess could let the wrong people in.

use std::sync::Arc;

use base::Secret;
use oidc::Network;
use saml::{Endpoint, SigningCertificate};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::error::SourceError;
use crate::model::{IdentitySource, MatchBy, OidcSource, SamlSource, SourceKind, SubjectFrom, SubjectMapping};
use crate::port::StoredSource;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    enabled: bool,
    domains: Vec<String>,
    kind: Kind,
    /// `None` is the NameID.
    subject_attribute: Option<String>,
    match_by: String,
    just_in_time: bool,
    groups_claim: Option<String>,
    contact: Option<String>,
    /// In nanoseconds since 1970. `None`: since it was created.
    #[serde(default)]
    sessions_since: Option<i128>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Kind {
    Saml {
        entity_id: String,
        metadata_url: Option<String>,
        network: Network,
        single_sign_on: Vec<Endpoint>,
        single_logout: Vec<Endpoint>,
        /// Base64 of DER.
        certificates: Vec<String>,
        wants_signed_requests: bool,
        sign_requests: bool,
        force_authn: bool,
        idp_initiated: bool,
    },
    Oidc {
        issuer: String,
        client_id: String,
        /// Sealed.
        client_secret: Option<String>,
        scopes: Vec<String>,
        network: Network,
    },
}

impl From<&SourceKind> for Kind {
    fn from(kind: &SourceKind) -> Self {
        match kind {
            SourceKind::Saml(saml) => Self::Saml {
                entity_id: saml.entity_id.clone(),
                metadata_url: saml.metadata_url.clone(),
                network: saml.network,
                single_sign_on: saml.single_sign_on.clone(),
                single_logout: saml.single_logout.clone(),
                certificates: saml.certificates.iter().map(SigningCertificate::base64).collect(),
                wants_signed_requests: saml.wants_signed_requests,
                sign_requests: saml.sign_requests,
                force_authn: saml.force_authn,
                idp_initiated: saml.idp_initiated,
            },
            SourceKind::Oidc(oidc) => Self::Oidc {
                issuer: oidc.issuer.clone(),
                client_id: oidc.client_id.clone(),
                client_secret: oidc.client_secret.as_ref().map(|sealed| sealed.expose().clone()),
                scopes: oidc.scopes.clone(),
                network: oidc.network,
            },
        }
    }
}

impl Kind {
    fn into_kind(self) -> Result<SourceKind, String> {
        Ok(match self {
            Self::Saml {
                entity_id,
                metadata_url,
                network,
                single_sign_on,
                single_logout,
                certificates,
                wants_signed_requests,
                sign_requests,
                force_authn,
                idp_initiated,
            } => {
                let read = |text: &String| SigningCertificate::from_base64(text).map_err(|error| error.to_string());
                let certificates = certificates.iter().map(read).collect::<Result<_, _>>()?;
                SourceKind::Saml(SamlSource {
                    entity_id,
                    metadata_url,
                    network,
                    single_sign_on,
                    single_logout,
                    certificates,
                    wants_signed_requests,
                    sign_requests,
                    force_authn,
                    idp_initiated,
                })
            }
            Self::Oidc { issuer, client_id, client_secret, scopes, network } => {
                let client_secret = client_secret.map(Secret::new);
                SourceKind::Oidc(OidcSource { issuer, client_id, client_secret, scopes, network })
            }
        })
    }
}

pub(crate) fn write(source: &IdentitySource) -> Result<Arc<StoredSource>, SourceError> {
    let subject_attribute = match &source.subject.from {
        SubjectFrom::NameId => None,
        SubjectFrom::Attribute(name) => Some(name.clone()),
    };
    let definition = Definition {
        name: source.name.clone(),
        enabled: source.enabled,
        domains: source.domains.clone(),
        kind: Kind::from(&source.kind),
        subject_attribute,
        match_by: source.subject.to.attribute().to_owned(),
        just_in_time: source.just_in_time,
        groups_claim: source.groups_claim.clone(),
        contact: source.contact.clone(),
        sessions_since: Some(source.sessions_since.unix_timestamp_nanos()),
    };
    let definition = serde_json::to_string(&definition).map_err(|error| SourceError::Internal(error.to_string()))?;
    Ok(Arc::new(StoredSource {
        id: source.id.clone(),
        definition,
        version: source.version,
        created: source.created,
        modified: source.modified,
    }))
}

pub(crate) fn read(stored: StoredSource) -> Result<IdentitySource, SourceError> {
    let id = stored.id;
    let broken = |cause: String| SourceError::Store(format!("the definition of {id} can't be read: {cause}"));
    let definition: Definition = serde_json::from_str(&stored.definition).map_err(|error| broken(error.to_string()))?;
    let to = MatchBy::from_attribute(&definition.match_by);
    let to = to.ok_or_else(|| broken(format!("nobody is found by {}", definition.match_by)))?;
    let from = definition.subject_attribute.map_or(SubjectFrom::NameId, SubjectFrom::Attribute);
    let since = definition.sessions_since.map(OffsetDateTime::from_unix_timestamp_nanos).transpose();
    Ok(IdentitySource {
        sessions_since: since.map_err(|error| broken(error.to_string()))?.unwrap_or(stored.created),
        name: definition.name,
        enabled: definition.enabled,
        domains: definition.domains,
        kind: definition.kind.into_kind().map_err(broken)?,
        subject: SubjectMapping { from, to },
        just_in_time: definition.just_in_time,
        groups_claim: definition.groups_claim,
        contact: definition.contact,
        version: stored.version,
        created: stored.created,
        modified: stored.modified,
        id,
    })
}
