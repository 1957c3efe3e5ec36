//! Which application asks (RFC 6749 2.3, OpenID Connect Core 9): `client_secret_basic`, `client_secret_post`, or `none` for public ones.

use std::sync::Arc;

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::{Application, OidcApplication};

use crate::error::{OAuthError, Refusal};
use crate::parameters::Parameters;

/// The methods that the discovery document names.
pub const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// What came to prove who asks.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    pub id: String,
    pub secret: Option<Secret<String>>,
}

impl PresentedClient {
    /// Reads the header `Authorization`, if there is one, and the form.
    ///
    /// # Errors
    /// `invalid_client` for a method that isn't carried out; `invalid_request` for two at once, or none.
    pub fn read(authorization: Option<&str>, form: &Parameters) -> Result<Self, Refusal> {
        let assertion = form.get("client_assertion").or_else(|| form.get("client_assertion_type"));
        if assertion.is_some() {
            let text = "private_key_jwt and client_secret_jwt (client_assertion) are not carried out by this provider; use \
                        client_secret_basic or client_secret_post.";
            return Err(Refusal::new(OAuthError::InvalidClient, text));
        }
        let Some(header) = authorization else {
            return Ok(Self { id: form.required("client_id")?.to_owned(), secret: form.secret("client_secret") });
        };
        let presented = basic(header)?;
        if form.get("client_secret").is_some() {
            let text = "The client's secret was sent in the header and in the body; use one way.";
            return Err(Refusal::new(OAuthError::InvalidRequest, text));
        }
        if form.get("client_id").is_some_and(|id| id != presented.id) {
            let text = "client_id isn't the client of the header Authorization.";
            return Err(Refusal::new(OAuthError::InvalidRequest, text));
        }
        Ok(presented)
    }
}

/// RFC 6749 2.3.1: both halves are form-encoded before they are joined.
fn basic(header: &str) -> Result<PresentedClient, Refusal> {
    let refused = |text: &str| Refusal::new(OAuthError::InvalidClient, text);
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused("Of the header Authorization only Basic is carried out here (client_secret_basic)."));
    }
    let unreadable = || refused("The header Authorization isn't Basic with client id and secret.");
    let text = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = Secret::new(text.ok_or_else(unreadable)?);
    let (id, secret) = text.expose().split_once(':').ok_or_else(unreadable)?;
    let secret = Some(decoded(secret)).filter(|secret| !secret.is_empty()).map(Secret::new);
    Ok(PresentedClient { id: decoded(id), secret })
}

fn decoded(text: &str) -> String {
    // One name and no value: what is between is decoded as a form's.
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// The application that the presented credentials belong to.
///
/// # Errors
/// `invalid_client`: unknown, no OpenID Connect application, secret wrong, missing or not expected.
pub fn decide(application: Option<Arc<Application>>, presented: &PresentedClient) -> Result<Arc<Application>, Refusal> {
    let refused = |text: &str| Refusal::new(OAuthError::InvalidClient, text);
    let application = application.ok_or_else(|| refused("The client isn't known (client_id)."))?;
    let oidc = application.oidc().ok_or_else(|| refused("The client isn't known (client_id)."))?;
    proven(oidc, presented).map_err(refused)?;
    Ok(application)
}

fn proven(oidc: &OidcApplication, presented: &PresentedClient) -> Result<(), &'static str> {
    match (oidc.is_public(), &presented.secret) {
        (true, None) => Ok(()),
        (true, Some(_)) => Err("The application is a public client and has no secret; leave it out."),
        (false, None) => Err("The client's secret is missing."),
        (false, Some(secret)) if oidc.secret_matches(secret) => Ok(()),
        (false, Some(_)) => Err("The client's secret is wrong."),
    }
}

#[cfg(test)]
mod tests;
