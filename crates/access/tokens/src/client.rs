//! Registered public clients (sso-oidc RegisterClient, RFC 7591).

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::ClientId;
use base::{Secret, SecretHash};
use time::OffsetDateTime;

use crate::claims::Scope;
use crate::error::{OAuthCode, TokenError};
use crate::redirect::RedirectUri;

const LONGEST_NAME: usize = 128;
const MOST_REDIRECTS: usize = 10;

/// What a client asks for, as it came.
#[derive(Debug, Clone, Default)]
pub struct ClientRegistration {
    pub name: String,
    pub client_type: String,
    pub scopes: Vec<String>,
    pub redirect_uris: Vec<String>,
    /// Empty means `authorization_code` (RFC 7591 2).
    pub grant_types: Vec<String>,
    pub issuer_url: Option<String>,
    pub entitled_application_arn: Option<String>,
}

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub secret: SecretHash,
    pub scopes: BTreeSet<Scope>,
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether it registered the grant `refresh_token` besides `authorization_code`.
    pub refreshes: bool,
    pub issued: OffsetDateTime,
    pub expires: OffsetDateTime,
    /// Whether somebody ever authorised it. One that nobody did may be forgotten to make room.
    pub used: bool,
}

/// A registration's answer: the only time that the secret is seen.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub client: Arc<Client>,
    pub secret: Secret<String>,
}

/// A registration that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValidRegistration {
    pub(crate) name: String,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) refreshes: bool,
}

/// Checks a registration against the rules and `issuers`, the addresses that this instance goes by. `listed` knows the https
/// redirect URIs that an application's grant lists: anybody may register, so nobody names another host by themselves.
pub(crate) fn validate(
    asked: &ClientRegistration,
    issuers: &[String],
    listed: impl Fn(&RedirectUri) -> bool,
) -> Result<ValidRegistration, TokenError> {
    use OAuthCode::{InvalidClientMetadata, InvalidRequest};
    if asked.client_type != "public" {
        return Err(TokenError::refused(InvalidClientMetadata, "clientType: only \"public\" clients can register."));
    }
    if let Some(application) = &asked.entitled_application_arn {
        let text =
            format!("entitledApplicationArn ({}) is not carried out by this server; leave it out.", brief(application));
        return Err(TokenError::refused(InvalidRequest, text));
    }
    if let Some(issuer) = &asked.issuer_url
        && !issuers.iter().any(|ours| bare(ours) == bare(issuer))
    {
        let text = format!("issuerUrl: {} is not this instance; it is {}.", brief(issuer), issuers.join(" or "));
        return Err(TokenError::refused(InvalidRequest, text));
    }
    Ok(ValidRegistration {
        name: valid_name(&asked.name)?,
        scopes: valid_scopes(&asked.scopes)?,
        refreshes: asks_to_refresh(&asked.grant_types)?,
        redirect_uris: valid_redirects(&asked.redirect_uris, listed)?,
    })
}

fn valid_name(name: &str) -> Result<String, TokenError> {
    let name = name.trim();
    // Bidirectional controls and zero-width characters would let a name read as another one on the consent page.
    let misleading = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
    };
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(misleading) {
        let text = format!("clientName: 1 to {LONGEST_NAME} visible characters are needed.");
        return Err(TokenError::refused(OAuthCode::InvalidClientMetadata, text));
    }
    Ok(name.to_owned())
}

fn valid_scopes(asked: &[String]) -> Result<BTreeSet<Scope>, TokenError> {
    let known = Scope::RedshiftConnect.name();
    let mut scopes = BTreeSet::new();
    for text in asked {
        let Some(scope) = Scope::parse(text) else {
            let text = format!("scopes: {} is not carried out by this server; it knows {known}.", brief(text));
            return Err(TokenError::refused(OAuthCode::InvalidScope, text));
        };
        scopes.insert(scope);
    }
    if scopes.is_empty() {
        let text = format!("scopes: at least one is needed; this server knows {known}.");
        return Err(TokenError::refused(OAuthCode::InvalidScope, text));
    }
    Ok(scopes)
}

fn asks_to_refresh(asked: &[String]) -> Result<bool, TokenError> {
    let mut codes = asked.is_empty();
    let mut refreshes = false;
    for grant_type in asked {
        match grant_type.as_str() {
            "authorization_code" => codes = true,
            "refresh_token" => refreshes = true,
            other => {
                let text = format!(
                    "grantTypes: {} is not carried out by this server; it knows authorization_code and refresh_token.",
                    brief(other)
                );
                return Err(TokenError::refused(OAuthCode::UnsupportedGrantType, text));
            }
        }
    }
    if codes {
        Ok(refreshes)
    } else {
        let text = "grantTypes: refresh_token needs authorization_code beside it.";
        Err(TokenError::refused(OAuthCode::InvalidClientMetadata, text))
    }
}

fn valid_redirects(asked: &[String], listed: impl Fn(&RedirectUri) -> bool) -> Result<Vec<RedirectUri>, TokenError> {
    use OAuthCode::InvalidRedirectUri;
    if asked.is_empty() {
        let text =
            "redirectUris: the grant authorization_code needs one. The device grant is not carried out by this server.";
        return Err(TokenError::refused(InvalidRedirectUri, text));
    }
    if asked.len() > MOST_REDIRECTS {
        return Err(TokenError::refused(
            InvalidRedirectUri,
            format!("redirectUris: at most {MOST_REDIRECTS} are taken."),
        ));
    }
    let parse = |text: &String| {
        RedirectUri::parse(text).map_err(|why| TokenError::refused(InvalidRedirectUri, format!("redirectUris: {why}")))
    };
    let uris: Vec<RedirectUri> = asked.iter().map(parse).collect::<Result<_, _>>()?;
    match uris.iter().find(|uri| !uri.is_loopback() && !listed(uri)) {
        None => Ok(uris),
        Some(uri) => {
            let text = format!(
                "redirectUris: no application lists {}. Use a loopback address (http://127.0.0.1/…), or ask an administrator to \
                 list it: sso-admin PutApplicationGrant with GrantType authorization_code and this address among its RedirectUris.",
                brief(uri.as_str())
            );
            Err(TokenError::refused(InvalidRedirectUri, text))
        }
    }
}

/// Start URLs are written with and without `/` and `#` at the end (`https://d-….awsapps.com/start/#`).
fn bare(url: &str) -> &str {
    url.trim_end_matches(['/', '#'])
}

/// Somebody else's text, cut to what fits in a message.
fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests;
