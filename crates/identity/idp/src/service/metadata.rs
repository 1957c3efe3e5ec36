//! Metadata: what service providers read about us, and what we read about them.

use std::sync::Arc;

use base::Fault as _;
use base::id::SsoApplicationId;
use saml::metadata::{IdpDescription, Organisation, SpMetadata};
use saml::{Binding, Endpoint};

use super::IdentityProvider;
use super::applications::known;
use crate::application::{Application, ApplicationEdit, Connector, NameIdFormat, SamlApplication};
use crate::error::IdpError;

/// The provider's metadata for one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpMetadataFile {
    /// `Gatehouse-<slug>-metadata.xml`.
    pub file_name: String,
    pub xml: String,
}

impl IdentityProvider {
    /// The application's SSO IdP URL: entity ID and single sign-on service.
    #[must_use]
    pub fn saml_sso_url(&self, application: &Application) -> String {
        format!("{}/idp/saml/{}", self.urls().idp_url, application.slug)
    }

    /// Where the provider takes logout messages for the application.
    #[must_use]
    pub fn saml_slo_url(&self, application: &Application) -> String {
        format!("{}/slo", self.saml_sso_url(application))
    }

    /// Where the console's tile leads: the sign-in begins at the provider.
    #[must_use]
    pub fn open_url(&self, application: &Application) -> String {
        format!("{}/idp/open/{}", self.urls().idp_url, application.slug)
    }

    /// The metadata that the service provider is given: every published certificate, the next one too.
    ///
    /// # Errors
    /// `UnknownApplication`, `NotSaml`, `Internal` (a certificate that can't be read).
    pub fn idp_metadata(&self, id: &SsoApplicationId) -> Result<IdpMetadataFile, IdpError> {
        let state = self.state();
        let application = known(&state, id)?;
        let saml = application.saml().ok_or_else(|| IdpError::NotSaml(id.clone()))?;
        let (entity_id, logout) = (self.saml_sso_url(application), self.saml_slo_url(application));
        let both = |location: &str| {
            [Binding::Redirect, Binding::Post].map(|binding| Endpoint { binding, location: location.to_owned() })
        };
        let xml = saml::metadata::write_idp(&IdpDescription {
            entity_id: &entity_id,
            single_sign_on: &both(&entity_id),
            single_logout: &both(&logout),
            certificates: &self.published_certificates(id)?,
            wants_signed_requests: saml.requests_signed,
            name_id_formats: &[saml.name_id.format.urn()],
            organisation: Some(&Organisation { name: &self.inner.parts.organisation_name, url: &self.urls().idp_url }),
        });
        Ok(IdpMetadataFile { file_name: format!("Gatehouse-{}-metadata.xml", application.slug), xml })
    }

    /// Takes what the service provider says about itself: entity ID, assertion consumers, logout, certificates, whether it signs its
    /// requests. The rest of the configuration stays.
    ///
    /// # Errors
    /// `Metadata` when it can't be read or doesn't fit; `UnknownApplication`, `NotSaml`, `Store`.
    pub async fn upload_sp_metadata(&self, id: &SsoApplicationId, xml: &[u8]) -> Result<Arc<Application>, IdpError> {
        let metadata = saml::metadata::read_sp(xml).map_err(|refusal| IdpError::Metadata(sentence(&refusal)))?;
        if metadata.valid_until.is_some_and(|until| until <= self.now()) {
            return Err(IdpError::Metadata("its validUntil is over; download it again".to_owned()));
        }
        self.update_application(id, None, |current| {
            let mut edit = ApplicationEdit::from(current);
            let is_redshift = matches!(edit.connector, Connector::Redshift(_));
            let saml = edit.connector.saml_mut().ok_or_else(|| IdpError::NotSaml(id.clone()))?;
            take(saml, &metadata, is_redshift)?;
            Ok(edit)
        })
        .await
    }
}

fn sentence(refusal: &saml::metadata::MetadataRefusal) -> String {
    let public = refusal.public();
    let message = public.message.trim_end_matches('.').to_owned();
    public.hint.map_or(message.clone(), |hint| format!("{message}. {}", hint.trim_end_matches('.')))
}

/// `is_redshift`: the drivers' listener stays the first assertion consumer. The metadata that AWS hands out names its sign-in pages,
/// where no driver listens.
fn take(saml: &mut SamlApplication, metadata: &SpMetadata, is_redshift: bool) -> Result<(), IdpError> {
    check_name_id(saml.name_id.format, &metadata.name_id_formats)?;
    let consumers = metadata.assertion_consumers.iter().map(|consumer| consumer.location.clone());
    if is_redshift {
        let new: Vec<String> = consumers.filter(|location| !saml.acs_urls.contains(location)).collect();
        saml.acs_urls.extend(new);
    } else {
        saml.acs_urls.clear();
        for location in consumers {
            // The same address for several indexes is one address.
            if !saml.acs_urls.contains(&location) {
                saml.acs_urls.push(location);
            }
        }
    }
    saml.sp_entity_id = Some(metadata.entity_id.clone());
    saml.single_logout.clone_from(&metadata.single_logout);
    saml.sp_certificates.clone_from(&metadata.certificates);
    saml.requests_signed = metadata.signs_requests && !metadata.certificates.is_empty();
    Ok(())
}

/// A service provider that names the formats which it takes must take ours.
fn check_name_id(ours: NameIdFormat, theirs: &[String]) -> Result<(), IdpError> {
    let takes_any = theirs.is_empty() || theirs.iter().any(|format| format == NameIdFormat::Unspecified.urn());
    if takes_any || theirs.iter().any(|format| format == ours.urn()) {
        return Ok(());
    }
    Err(IdpError::Metadata(format!(
        "it takes NameIDs in the formats {}, and the application sends {}; change the NameID first",
        theirs.join(", "),
        ours.urn()
    )))
}
