//! The credentials of `endpoints.env`: those of an earlier start while they are good.

#[cfg(test)]
mod tests;

use base::Secret;
use time::Duration;

use crate::data_dir::DataDir;
use crate::wiring::Gatehouse;

const LIFETIME: Duration = Duration::days(365);
/// A token is made anew when it has less left.
const RENEWED_BEFORE: Duration = Duration::days(30);

/// What identity providers push to Identity Center with.
pub(super) async fn scim_token(gatehouse: &Gatehouse, data: &DataDir) -> anyhow::Result<Secret<String>> {
    let directory = &gatehouse.directory;
    if let Some(token) = data.existing_secret("scim-token")? {
        let client = directory.verify_scim_token(&token).ok();
        let now = gatehouse.clock.now();
        let kept =
            client.and_then(|client| directory.scim_tokens().into_iter().find(|kept| kept.id == client.token_id()));
        match kept {
            Some(kept) if kept.expires - now > RENEWED_BEFORE => return Ok(token),
            Some(kept) => directory.delete_scim_token(&kept.id).await?,
            None => {}
        }
    }
    let (_, token) = directory.create_scim_token(LIFETIME).await?;
    data.write_secret("scim-token", &token)?;
    Ok(token)
}

/// What the built-in identity provider is administered with.
pub(super) async fn idp_api_token(gatehouse: &Gatehouse, data: &DataDir) -> anyhow::Result<Secret<String>> {
    let provider = &gatehouse.built_in.provider;
    if let Some(token) = data.existing_secret("idp-api-token")? {
        let client = provider.verify_api_token(&token).ok();
        let now = gatehouse.clock.now();
        let kept =
            client.and_then(|client| provider.api_tokens().into_iter().find(|kept| kept.id == client.token_id()));
        match kept {
            Some(kept) if kept.expires - now > RENEWED_BEFORE => return Ok(token),
            Some(kept) => provider.delete_api_token(&kept.id).await?,
            None => {}
        }
    }
    let (_, token) = provider.create_api_token("endpoints.env", LIFETIME).await?;
    data.write_secret("idp-api-token", &token)?;
    Ok(token)
}
