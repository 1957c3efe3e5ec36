//! OpenID Connect providers.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;

use super::Iam;
use crate::state::Step;
use crate::{IamError, NewOidcProvider, OidcProvider, quota};

impl Iam {
    /// CreateOpenIDConnectProvider.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_oidc_provider(&self, new: NewOidcProvider) -> Result<Arc<OidcProvider>, IamError> {
        let arn = check_url(&new.url).and_then(|()| {
            let missing = || IamError::InvalidInput("The URL must begin with https://.".to_owned());
            self.oidc_arn(&new.url).ok_or_else(missing)
        })?;
        let mut client_ids = BTreeSet::new();
        for id in new.client_ids {
            add_client_id(&mut client_ids, &id)?;
        }
        check_thumbprints(&new.thumbprints)?;
        let turn = self.turn().await?;
        let state = self.state();
        if state.oidc_provider(&arn).is_some() {
            return Err(IamError::EntityAlreadyExists(format!("Provider with url {} already exists.", new.url)));
        }
        if state.oidc_providers().len() >= quota::OIDC_PROVIDERS {
            return Err(IamError::quota("OpenIdConnectProvidersPerAccount", quota::OIDC_PROVIDERS));
        }
        let provider = Arc::new(OidcProvider {
            url: new.url,
            arn,
            uuid: Self::new_id("OIDC"),
            client_ids,
            thumbprints: new.thumbprints,
            created: self.clock.now(),
            tags: new.tags,
        });
        self.commit(turn, vec![Step::PutOidcProvider(Arc::clone(&provider))]).await?;
        Ok(provider)
    }

    /// AddClientIDToOpenIDConnectProvider. One that is there stays.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn add_client_id(&self, arn: &str, client_id: &str) -> Result<(), IamError> {
        self.change_oidc(arn, |provider| add_client_id(&mut provider.client_ids, client_id)).await
    }

    /// RemoveClientIDFromOpenIDConnectProvider. One that isn't there stays away.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub async fn remove_client_id(&self, arn: &str, client_id: &str) -> Result<(), IamError> {
        self.change_oidc(arn, |provider| {
            provider.client_ids.remove(client_id);
            Ok(())
        })
        .await
    }

    /// UpdateOpenIDConnectProviderThumbprint.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_thumbprints(&self, arn: &str, thumbprints: Vec<String>) -> Result<(), IamError> {
        check_thumbprints(&thumbprints)?;
        self.change_oidc(arn, |provider| {
            provider.thumbprints = thumbprints;
            Ok(())
        })
        .await
    }

    /// DeleteOpenIDConnectProvider. Roles that trust it stay as they are; nobody can assume them through it.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub async fn delete_oidc_provider(&self, arn: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let provider = self.find_oidc_provider(arn)?;
        self.commit(turn, vec![Step::DeleteOidcProvider(provider)]).await
    }

    async fn change_oidc(
        &self,
        arn: &str,
        edit: impl FnOnce(&mut OidcProvider) -> Result<(), IamError> + Send,
    ) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let before = self.find_oidc_provider(arn)?;
        let mut provider = OidcProvider::clone(&before);
        edit(&mut provider)?;
        if provider == *before {
            return Ok(());
        }
        self.commit(turn, vec![Step::PutOidcProvider(Arc::new(provider))]).await
    }

    /// The ARN that the provider of an issuer has.
    pub(super) fn oidc_arn(&self, issuer: &str) -> Option<String> {
        let rest = issuer.strip_prefix("https://")?;
        Some(format!("arn:aws:iam::{}:oidc-provider/{rest}", self.account()))
    }
}

/// The issuer of ID tokens (OpenID Connect Discovery 3): https, without a query or a fragment, written as it is compared.
fn check_url(text: &str) -> Result<(), IamError> {
    if !(1..=255).contains(&text.chars().count()) {
        return Err(IamError::validation("url", "Member must have 1 to 255 characters"));
    }
    let written_plainly = |url: &Url| url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    let fits = Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && written_plainly(&url)
    });
    if fits {
        return Ok(());
    }
    Err(IamError::InvalidInput(format!(
        "Invalid Open ID Connect Provider URL {text}: it is the issuer of its tokens, begins with https://, and has no user, \
         query or fragment."
    )))
}

fn add_client_id(ids: &mut BTreeSet<String>, id: &str) -> Result<(), IamError> {
    if !(1..=255).contains(&id.chars().count()) {
        return Err(IamError::validation("clientID", "Member must have 1 to 255 characters"));
    }
    ids.insert(id.to_owned());
    if ids.len() > quota::CLIENT_IDS_PER_OIDC_PROVIDER {
        return Err(IamError::quota("ClientIdsPerOpenIdConnectProvider", quota::CLIENT_IDS_PER_OIDC_PROVIDER));
    }
    Ok(())
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), IamError> {
    if thumbprints.len() > quota::THUMBPRINTS_PER_OIDC_PROVIDER {
        return Err(IamError::InvalidInput(format!(
            "Thumbprint list must contain fewer than {} entries.",
            quota::THUMBPRINTS_PER_OIDC_PROVIDER + 1
        )));
    }
    let is_sha1 = |text: &String| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !thumbprints.iter().all(is_sha1) {
        return Err(IamError::validation("thumbprintList", "Member must have 40 hexadecimal digits"));
    }
    Ok(())
}
