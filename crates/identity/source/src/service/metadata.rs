//! Metadata and certificates of SAML sources, and our own metadata.

use std::sync::Arc;

use base::id::SourceId;
use oidc::Network;
use saml::metadata::{self, IdpMetadata, SpDescription};
use saml::{Binding, Endpoint, NAME_ID_EMAIL, NAME_ID_PERSISTENT, NAME_ID_UNSPECIFIED, SigningCertificate, SigningKey};

use super::Sources;
use crate::edit::MetadataFrom;
use crate::error::SourceError;
use crate::model::{IdentitySource, MatchBy, SamlSource, SourceKind, SubjectFrom};
use crate::plan;

/// What became of a refresh.
#[derive(Debug)]
pub struct Refreshed {
    pub source: Arc<IdentitySource>,
    /// SHA-256 fingerprints, hex.
    pub added: Vec<String>,
    /// Expired ones that the metadata doesn't have any more.
    pub dropped: Vec<String>,
    /// Certificates of the metadata that can't be used, and why: sentences.
    pub left_out: Vec<String>,
}

impl MetadataFrom {
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            Self::Document(_) => None,
            Self::Url(url) => Some(url),
        }
    }
}

impl Sources {
    /// Another signing certificate beside those that are there: PEM, or base64 as in metadata. One that is there already changes
    /// nothing.
    ///
    /// # Errors
    /// `Unknown`, `NotSaml`, `Certificate`, `TooMany`, `Store`.
    pub async fn add_certificate(&self, id: &SourceId, text: &str) -> Result<Arc<IdentitySource>, SourceError> {
        let read = if text.contains("-----BEGIN") {
            SigningCertificate::from_pem(text)
        } else {
            SigningCertificate::from_base64(text)
        };
        let certificate = read.map_err(SourceError::Certificate)?;
        self.change_saml(id, |saml| {
            if !saml.certificates.iter().any(|other| other.sha256() == certificate.sha256()) {
                saml.certificates.push(certificate);
            }
            Ok(())
        })
        .await
    }

    /// Takes a certificate away, by its SHA-256 fingerprint (hex, with or without colons).
    ///
    /// # Errors
    /// `Unknown`, `NotSaml`, `UnknownCertificate`, `LastCertificate`, `Store`.
    pub async fn remove_certificate(&self, id: &SourceId, sha256: &str) -> Result<Arc<IdentitySource>, SourceError> {
        let wanted = sha256.replace(':', "").to_ascii_lowercase();
        self.change_saml(id, |saml| {
            if !saml.certificates.iter().any(|one| one.sha256() == wanted) {
                return Err(SourceError::UnknownCertificate { id: id.clone(), sha256: wanted });
            }
            if saml.certificates.len() == 1 {
                return Err(SourceError::LastCertificate(id.clone()));
            }
            saml.certificates.retain(|one| one.sha256() != wanted);
            Ok(())
        })
        .await
    }

    /// Reads the metadata again from its URL: addresses are replaced, new certificates come beside the old ones.
    ///
    /// # Errors
    /// `Unknown`, `NotSaml`, `NoMetadataUrl`, `Fetch`, `Metadata`, `MetadataOfAnother`, `Store`.
    pub async fn refresh_metadata(&self, id: &SourceId) -> Result<Refreshed, SourceError> {
        let source = self.source(id)?;
        let saml = source.saml().ok_or_else(|| SourceError::NotSaml(id.clone()))?;
        let url = saml.metadata_url.clone().ok_or_else(|| SourceError::NoMetadataUrl(id.clone()))?;
        let metadata = self.read_metadata(&MetadataFrom::Url(url), saml.network).await?;
        if metadata.entity_id != saml.entity_id {
            let (expected, found) = (saml.entity_id.clone(), metadata.entity_id);
            return Err(SourceError::MetadataOfAnother { expected, found });
        }
        let left_out = metadata.left_out.clone();
        let now = self.inner.ports.clock.now();
        let mut changed = (Vec::new(), Vec::new());
        let source = self
            .change_saml(id, |saml| {
                changed = plan::take_metadata(saml, metadata, now)?;
                Ok(())
            })
            .await?;
        Ok(Refreshed { source, added: changed.0, dropped: changed.1, left_out })
    }

    async fn change_saml(
        &self,
        id: &SourceId,
        change: impl FnOnce(&mut SamlSource) -> Result<(), SourceError>,
    ) -> Result<Arc<IdentitySource>, SourceError> {
        let seen = self.source(id)?;
        let mut next = IdentitySource::clone(&seen);
        match &mut next.kind {
            SourceKind::Saml(saml) => change(saml)?,
            SourceKind::Oidc(_) => return Err(SourceError::NotSaml(id.clone())),
        }
        next.version = seen.version + 1;
        next.modified = self.inner.ports.clock.now();
        plan::check(&next)?;
        self.replace(seen.version, next, false).await
    }

    pub(super) async fn read_metadata(
        &self,
        from: &MetadataFrom,
        network: Network,
    ) -> Result<IdpMetadata, SourceError> {
        let document = match from {
            MetadataFrom::Document(text) => text.as_bytes().to_vec(),
            MetadataFrom::Url(url) => {
                crate::rules::address("Metadata", url, network)?;
                let fetched = self.inner.ports.fetch.get(url, None, network).await;
                let fetched = fetched.map_err(|error| SourceError::Fetch { url: url.clone(), error })?;
                if fetched.status != 200 {
                    return Err(SourceError::FetchStatus { url: url.clone(), status: fetched.status });
                }
                fetched.body
            }
        };
        metadata::read_idp(&document).map_err(SourceError::Metadata)
    }

    /// Our metadata as the source's identity provider has to know it (SAML metadata 2.4.4).
    ///
    /// # Errors
    /// `Unknown`, `NotSaml`, `Internal`.
    pub fn sp_metadata(&self, id: &SourceId) -> Result<String, SourceError> {
        let source = self.source(id)?;
        let saml = source.saml().ok_or_else(|| SourceError::NotSaml(id.clone()))?;
        let key = self.signing_key()?;
        let urls = self.urls();
        let location = urls.saml_logout(id);
        let logout = [Binding::Redirect, Binding::Post].map(|binding| Endpoint { binding, location: location.clone() });
        Ok(metadata::write_sp(&SpDescription {
            entity_id: &urls.saml_entity_id(id),
            acs_url: &urls.saml_acs(id),
            single_logout: &logout,
            certificates: std::slice::from_ref(key.certificate()),
            signs_requests: signs_requests(saml),
            name_id_formats: name_id_formats(&source),
        }))
    }

    pub(super) fn signing_key(&self) -> Result<Arc<SigningKey>, SourceError> {
        let key = self.state().signing_key.clone();
        key.ok_or_else(|| SourceError::Internal("there is a SAML source and no signing key".to_owned()))
    }
}

pub(super) const fn signs_requests(saml: &SamlSource) -> bool {
    saml.sign_requests || saml.wants_signed_requests
}

/// What the NameID should be: the best first.
fn name_id_formats(source: &IdentitySource) -> &'static [&'static str] {
    match (&source.subject.from, source.subject.to) {
        (SubjectFrom::NameId, MatchBy::Email) => &[NAME_ID_EMAIL],
        (SubjectFrom::NameId, MatchBy::UserName) => &[NAME_ID_EMAIL, NAME_ID_UNSPECIFIED],
        (SubjectFrom::NameId, MatchBy::ExternalId) => &[NAME_ID_PERSISTENT, NAME_ID_UNSPECIFIED],
        (SubjectFrom::Attribute(_), MatchBy::UserName | MatchBy::ExternalId | MatchBy::Email) => {
            &[NAME_ID_PERSISTENT, NAME_ID_EMAIL, NAME_ID_UNSPECIFIED]
        }
    }
}
