//! The provider's discovery document (OpenID Connect Discovery 1.0, RFC 8414).

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::error::shown;
use crate::jws::Algorithm;
use crate::{Network, OidcError, Provider, web_address};

pub(crate) const DOCUMENT: &str = "discovery document";

/// What a provider says of itself, checked.
#[derive(Debug, Clone)]
pub struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    /// Those that the provider signs with and we take.
    algorithms: Vec<Algorithm>,
    token_endpoint_methods: Option<Vec<String>>,
    names_itself: bool,
}

/// How we prove ourselves at the token endpoint (OpenID Connect Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAuthentication {
    /// A public client.
    None,
    Basic,
    Post,
}

impl Discovery {
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    #[must_use]
    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    #[must_use]
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    #[must_use]
    pub fn userinfo_endpoint(&self) -> Option<&str> {
        self.userinfo_endpoint.as_deref()
    }

    /// Where people are signed out at the provider (OpenID Connect RP-Initiated Logout 1.0).
    #[must_use]
    pub fn end_session_endpoint(&self) -> Option<&str> {
        self.end_session_endpoint.as_deref()
    }

    pub(crate) fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Whether every answer to a sign-in must name its issuer (RFC 9207 3).
    pub(crate) const fn names_itself(&self) -> bool {
        self.names_itself
    }

    /// # Errors
    /// [`OidcError::Lacks`] where the provider takes a secret in neither way.
    pub(crate) fn client_authentication(&self, has_secret: bool) -> Result<ClientAuthentication, OidcError> {
        let Some(methods) = &self.token_endpoint_methods else {
            return Ok(if has_secret { ClientAuthentication::Basic } else { ClientAuthentication::None });
        };
        let takes = |method: &str| methods.iter().any(|other| other == method);
        match has_secret {
            // Many that take public clients don't list `none`.
            false => Ok(ClientAuthentication::None),
            true if takes("client_secret_basic") => Ok(ClientAuthentication::Basic),
            true if takes("client_secret_post") => Ok(ClientAuthentication::Post),
            true => Err(OidcError::Lacks(format!(
                "client_secret_basic or client_secret_post at the token endpoint; it takes {}",
                shown(&methods.join(", "))
            ))),
        }
    }
}

/// Where the document of an issuer is (OpenID Connect Discovery 4.1).
///
/// # Errors
/// [`OidcError::BadIssuer`].
pub(crate) fn address(provider: &Provider) -> Result<String, OidcError> {
    let issuer = &provider.issuer;
    let bad = |problem: String| OidcError::BadIssuer { issuer: issuer.clone(), problem };
    let url = web_address::decide(issuer, provider.network).map_err(bad)?;
    if url.query().is_some() {
        return Err(bad("must not have a query".into()));
    }
    Ok(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

/// Whether a document is the provider's, and one that we can work with.
///
/// # Errors
/// What is missing or wrong in it, by name.
pub(crate) fn decide(body: &[u8], url: &str, provider: &Provider) -> Result<Discovery, OidcError> {
    let document = Document { url, network: provider.network, members: members(body, url)? };
    let issuer = document.text("issuer")?;
    if issuer != provider.issuer {
        return Err(OidcError::AnotherIssuer { expected: provider.issuer.clone(), found: shown(issuer) });
    }
    if document.list("response_types_supported")?.is_some_and(|types| !types.iter().any(|kind| kind == "code")) {
        return Err(OidcError::Lacks("the authorization code flow (response type code)".into()));
    }
    if document
        .list("code_challenge_methods_supported")?
        .is_some_and(|methods| !methods.iter().any(|kind| kind == "S256"))
    {
        return Err(OidcError::Lacks("PKCE with S256".into()));
    }
    let algorithms = document.algorithms()?;
    Ok(Discovery {
        issuer: issuer.to_owned(),
        authorization_endpoint: document.endpoint("authorization_endpoint")?,
        token_endpoint: document.endpoint("token_endpoint")?,
        jwks_uri: document.endpoint("jwks_uri")?,
        userinfo_endpoint: document.optional_endpoint("userinfo_endpoint")?,
        end_session_endpoint: document.optional_endpoint("end_session_endpoint")?,
        algorithms,
        token_endpoint_methods: document.list("token_endpoint_auth_methods_supported")?,
        names_itself: document.flag("authorization_response_iss_parameter_supported")?,
    })
}

/// Where the keys of an issuer are, and what it signs with: all that verifying its tokens needs (RFC 8414 2).
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) jwks_uri: String,
    pub(crate) algorithms: Vec<Algorithm>,
}

/// Whether a document is the issuer's, and says where its keys are. An issuer of tokens needn't sign anybody in.
///
/// # Errors
/// What is missing or wrong in it, by name.
pub(crate) fn published(body: &[u8], url: &str, provider: &Provider) -> Result<Published, OidcError> {
    let document = Document { url, network: provider.network, members: members(body, url)? };
    let issuer = document.text("issuer")?;
    if issuer != provider.issuer {
        return Err(OidcError::AnotherIssuer { expected: provider.issuer.clone(), found: shown(issuer) });
    }
    Ok(Published { jwks_uri: document.endpoint("jwks_uri")?, algorithms: document.algorithms()? })
}

fn members(body: &[u8], url: &str) -> Result<Map<String, Value>, OidcError> {
    let bad = |problem: String| OidcError::Document { document: DOCUMENT, url: url.to_owned(), problem };
    match base::strict_json::read(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(bad("is not a JSON object".into())),
        Err(error) => Err(bad(format!("is not JSON ({error})"))),
    }
}

struct Document<'a> {
    url: &'a str,
    network: Network,
    members: Map<String, Value>,
}

impl Document<'_> {
    fn bad(&self, problem: String) -> OidcError {
        OidcError::Document { document: DOCUMENT, url: self.url.to_owned(), problem }
    }

    fn optional_text(&self, member: &str) -> Result<Option<&str>, OidcError> {
        match self.members.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| self.bad(format!("has a {member} that is not text"))),
        }
    }

    fn text(&self, member: &str) -> Result<&str, OidcError> {
        self.optional_text(member)?.ok_or_else(|| self.bad(format!("has no {member}")))
    }

    /// Those that the issuer signs with and we take; at least one.
    fn algorithms(&self) -> Result<Vec<Algorithm>, OidcError> {
        let listed = self.list("id_token_signing_alg_values_supported")?.unwrap_or_else(|| vec!["RS256".into()]);
        let algorithms: Vec<Algorithm> = listed.iter().filter_map(|name| Algorithm::named(name)).collect();
        if algorithms.is_empty() {
            return Err(OidcError::Lacks(format!(
                "ID tokens signed with RS256 or ES256; it signs with {}",
                shown(&listed.join(", "))
            )));
        }
        Ok(algorithms)
    }

    fn flag(&self, member: &str) -> Result<bool, OidcError> {
        match self.members.get(member) {
            None | Some(Value::Null) => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| self.bad(format!("has a {member} that is not true or false"))),
        }
    }

    fn list(&self, member: &str) -> Result<Option<Vec<String>>, OidcError> {
        let Some(value) = self.members.get(member).filter(|value| !value.is_null()) else { return Ok(None) };
        let texts = |list: &Vec<Value>| list.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        let list: Option<Vec<String>> = value.as_array().and_then(texts);
        list.map(Some).ok_or_else(|| self.bad(format!("has a {member} that is not a list of texts")))
    }

    fn endpoint(&self, member: &'static str) -> Result<String, OidcError> {
        self.checked(member, self.text(member)?)
    }

    fn optional_endpoint(&self, member: &'static str) -> Result<Option<String>, OidcError> {
        self.optional_text(member)?.map(|address| self.checked(member, address)).transpose()
    }

    fn checked(&self, member: &'static str, address: &str) -> Result<String, OidcError> {
        match web_address::decide(address, self.network) {
            Ok(_) => Ok(address.to_owned()),
            Err(problem) => Err(OidcError::BadEndpoint { member, address: shown(address), problem }),
        }
    }
}
