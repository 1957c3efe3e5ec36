//! SAML providers.

use std::sync::Arc;

use base::Fault as _;
use saml::metadata::{IdpMetadata, read_idp};
use time::OffsetDateTime;

use super::Iam;
use crate::state::Step;
use crate::{IamError, NewSamlProvider, SamlProvider, SamlProviderEdit, names, quota};

impl Iam {
    /// CreateSAMLProvider.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_saml_provider(&self, new: NewSamlProvider) -> Result<Arc<SamlProvider>, IamError> {
        names::saml_provider(&new.name)?;
        check_encryption(new.encryption_mode.as_deref(), new.private_key)?;
        let created = self.clock.now();
        let idp = read(&new.metadata, created)?;
        let turn = self.turn().await?;
        let state = self.state();
        let arn = format!("arn:aws:iam::{}:saml-provider/{}", self.account(), new.name);
        if state.saml_provider(&arn).is_some() {
            return Err(IamError::EntityAlreadyExists(format!("SAML provider {arn} already exists.")));
        }
        if state.saml_providers().len() >= quota::SAML_PROVIDERS {
            return Err(IamError::quota("SAMLProvidersPerAccount", quota::SAML_PROVIDERS));
        }
        let provider = Arc::new(SamlProvider {
            name: new.name,
            arn,
            // The model's shape has at least 22 characters.
            uuid: format!("SAML{}", base::random::upper_alphanumeric(18)),
            metadata: new.metadata,
            valid_until: idp.valid_until,
            idp: Arc::new(idp),
            created,
            tags: new.tags,
        });
        self.commit(turn, vec![Step::PutSamlProvider(Arc::clone(&provider))]).await?;
        Ok(provider)
    }

    /// UpdateSAMLProvider: other metadata in place of what is there, its certificates too.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_saml_provider(&self, arn: &str, edit: SamlProviderEdit) -> Result<Arc<SamlProvider>, IamError> {
        check_encryption(edit.encryption_mode.as_deref(), edit.private_key)?;
        let read = edit.metadata.as_deref().map(|metadata| read(metadata, self.clock.now())).transpose()?;
        let turn = self.turn().await?;
        let before = self.find_saml_provider(arn)?;
        let (Some(metadata), Some(idp)) = (edit.metadata, read) else { return Ok(before) };
        let provider = Arc::new(SamlProvider {
            metadata,
            valid_until: idp.valid_until,
            idp: Arc::new(idp),
            ..SamlProvider::clone(&before)
        });
        self.commit(turn, vec![Step::PutSamlProvider(Arc::clone(&provider))]).await?;
        Ok(provider)
    }

    /// DeleteSAMLProvider. Roles that trust it stay as they are; nobody can assume them through it.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub async fn delete_saml_provider(&self, arn: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let provider = self.find_saml_provider(arn)?;
        self.commit(turn, vec![Step::DeleteSamlProvider(provider)]).await
    }
}

/// Assertions are read as they are signed: nothing here decrypts one.
fn check_encryption(mode: Option<&str>, private_key: bool) -> Result<(), IamError> {
    match mode {
        None | Some("Allowed") => {}
        Some("Required") => {
            return Err(IamError::InvalidInput(
                "AssertionEncryptionMode Required isn't carried out here: assertions aren't decrypted. Leave it out or send \
                 Allowed, and let the identity provider send signed, unencrypted assertions."
                    .to_owned(),
            ));
        }
        Some(_) => {
            let rule = "Member must satisfy enum value set: [Required, Allowed]";
            return Err(IamError::validation("assertionEncryptionMode", rule));
        }
    }
    if private_key {
        return Err(IamError::InvalidInput(
            "AddPrivateKey and RemovePrivateKey aren't carried out here: assertions aren't decrypted. Leave them out."
                .to_owned(),
        ));
    }
    Ok(())
}

/// The metadata, which names one identity provider with keys that are all strong enough.
fn read(metadata: &str, now: OffsetDateTime) -> Result<IdpMetadata, IamError> {
    if !(1000..=10_000_000).contains(&metadata.chars().count()) {
        return Err(IamError::validation("sAMLMetadataDocument", "Member must have 1000 to 10000000 characters"));
    }
    let refused = |reason: String| IamError::InvalidInput(format!("Could not parse metadata: {reason}"));
    let idp = read_idp(metadata.as_bytes()).map_err(|refusal| {
        let public = refusal.public();
        let hint = public.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        refused(format!("{}{hint}", public.message))
    })?;
    if !idp.left_out.is_empty() {
        let hint = "Let the identity provider leave it out of its metadata.";
        return Err(refused(format!("{} {hint}", idp.left_out.join(" "))));
    }
    if idp.certificates.len() > quota::CERTIFICATES_PER_SAML_PROVIDER {
        return Err(IamError::quota("CertificatesPerSAMLProvider", quota::CERTIFICATES_PER_SAML_PROVIDER));
    }
    if let Some(until) = idp.valid_until.filter(|until| *until <= now) {
        return Err(refused(format!(
            "it was valid until {until} (validUntil). Let the identity provider export it again."
        )));
    }
    Ok(idp)
}
