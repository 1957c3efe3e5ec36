//! A server that is started at another address than the last time calls itself by it: what the demo connected to itself is told so.

use anyhow::Context as _;
use base::id::SsoApplicationId;
use iam::SamlProviderEdit;
use source::{MetadataFrom, SamlEdit, SourceEdit};

use super::{aws, identity};
use crate::wiring::Gatehouse;

/// What somebody has connected to another provider, renamed or deleted since stays as it is.
pub(super) async fn follow(gatehouse: &Gatehouse) -> anyhow::Result<()> {
    identity_center(gatehouse).await.context("Identity Center doesn't follow")?;
    saml_provider(gatehouse).await.context("the SAML provider doesn't follow")
}

/// An application of the built-in provider, as it calls itself now.
struct OwnApplication {
    id: SsoApplicationId,
    entity_id: String,
    metadata: String,
}

impl OwnApplication {
    fn labelled(gatehouse: &Gatehouse, label: &str) -> anyhow::Result<Option<Self>> {
        let provider = &gatehouse.built_in.provider;
        let Some(application) = provider.applications().into_iter().find(|application| application.label == label)
        else {
            return Ok(None);
        };
        let metadata = provider.idp_metadata(&application.id)?.xml;
        Ok(Some(Self { id: application.id.clone(), entity_id: provider.saml_sso_url(&application), metadata }))
    }

    /// Whether this was called so before: each application has keys of its own.
    fn was(&self, entity_id: &str, mut certificates: impl Iterator<Item = String>) -> bool {
        entity_id != self.entity_id && certificates.any(|certificate| self.metadata.contains(&certificate))
    }
}

async fn identity_center(gatehouse: &Gatehouse) -> anyhow::Result<()> {
    let (sources, provider) = (&gatehouse.sources, &gatehouse.built_in.provider);
    let Some(own) = OwnApplication::labelled(gatehouse, identity::APPLICATION)? else { return Ok(()) };
    let Some(source) = sources.list().into_iter().find(|source| source.name == identity::SOURCE) else { return Ok(()) };
    let Some(saml) = source.saml() else { return Ok(()) };
    if !own.was(&saml.entity_id, saml.certificates.iter().map(|certificate| certificate.base64())) {
        return Ok(());
    }
    let saml = SamlEdit { metadata: Some(MetadataFrom::Document(own.metadata)), ..SamlEdit::default() };
    sources.update(&source.id, None, SourceEdit { saml, ..SourceEdit::default() }).await?;
    provider.upload_sp_metadata(&own.id, sources.sp_metadata(&source.id)?.as_bytes()).await?;
    Ok(())
}

async fn saml_provider(gatehouse: &Gatehouse) -> anyhow::Result<()> {
    let (iam, arn) = (&gatehouse.iam, aws::provider_arn());
    let Some(own) = OwnApplication::labelled(gatehouse, aws::APPLICATION)? else { return Ok(()) };
    let Some(provider) = iam.saml_provider(&arn) else { return Ok(()) };
    let certificates = provider.idp.certificates.iter().map(|certificate| certificate.base64());
    if own.was(&provider.idp.entity_id, certificates) {
        let edit = SamlProviderEdit { metadata: Some(own.metadata), ..SamlProviderEdit::default() };
        iam.update_saml_provider(&arn, edit).await?;
    }
    Ok(())
}
