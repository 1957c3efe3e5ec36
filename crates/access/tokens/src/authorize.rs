//! The authorisation request (RFC 6749 4.1.1, with PKCE S256 for everyone).

use std::collections::BTreeSet;
use std::sync::Arc;

use base::Secret;
use time::OffsetDateTime;

use crate::claims::Scope;
use crate::client::Client;
use crate::pkce;
use crate::redirect::RedirectUri;

const LONGEST_STATE: usize = 1024;

/// The parameters as they came. `scope` holds what `scope` or `scopes` said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    pub response_type: Option<String>,
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub state: Option<String>,
    /// Separated by spaces; none means all that the client registered.
    pub scope: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
    /// What the reader of the parameters found wrong with them (one came twice, one isn't carried out): a full sentence.
    pub fault: Option<String>,
}

/// A request that keeps the rules: who asks is known, and where the answer goes is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedAuthorization {
    pub(crate) client: Arc<Client>,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) state: Option<String>,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) challenge: String,
}

impl CheckedAuthorization {
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    #[must_use]
    pub const fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// `<redirect_uri>?code=<code>&state=<state>`, in this order: the Python driver takes what is between `code=` and `&state=`.
    #[must_use]
    pub fn success_location(&self, code: &Secret<String>) -> String {
        let mut pairs = vec![("code", code.expose().as_str())];
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        self.redirect_uri.with_query(&pairs)
    }

    /// `<redirect_uri>?error=…&error_description=…&state=…` (RFC 6749 4.1.2.1).
    #[must_use]
    pub fn error_location(&self, error: &str, description: &str) -> String {
        error_location(&self.redirect_uri, error, description, self.state.as_deref())
    }
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// The client or its address can't be trusted: told to the person, never redirected. A full sentence.
    Page(String),
    /// Told to the client, at its registered address on the person's own computer.
    Redirect { location: String, error: &'static str, description: String },
}

/// Checks a request against its client (`None`: there is no client of this id).
///
/// # Errors
/// See [`AuthorizeRefusal`].
pub fn check(
    client: Option<&Arc<Client>>,
    request: &AuthorizationRequest,
    now: OffsetDateTime,
) -> Result<CheckedAuthorization, AuthorizeRefusal> {
    let page = |text: &str| AuthorizeRefusal::Page(text.to_owned());
    let client =
        client.ok_or_else(|| page("The program that sent you here is not registered at this server (client_id)."))?;
    if now >= client.expires {
        return Err(page("The registration of the program that sent you here has expired; start it again."));
    }
    let presented = request.redirect_uri.as_deref().unwrap_or_default();
    let redirect_uri = RedirectUri::parse(presented)
        .ok()
        .filter(|presented| client.redirect_uris.iter().any(|registered| registered.accepts(presented)))
        .ok_or_else(|| page("The program asked for an answer at an address that it didn't register (redirect_uri)."))?;
    let state = request.state.clone();
    let refuse = |error: &'static str, description: String| {
        // Anybody can register a client: this server must not send a browser to another host unasked (RFC 9700 4.11.2).
        if !redirect_uri.is_loopback() {
            return AuthorizeRefusal::Page(description);
        }
        let state = state.as_deref().filter(|state| state.len() <= LONGEST_STATE);
        let location = error_location(&redirect_uri, error, &description, state);
        AuthorizeRefusal::Redirect { location, error, description }
    };
    if state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(refuse("invalid_request", format!("state is longer than {LONGEST_STATE} bytes.")));
    }
    if let Some(fault) = &request.fault {
        return Err(refuse("invalid_request", fault.clone()));
    }
    match request.response_type.as_deref() {
        Some("code") => {}
        Some(_) => return Err(refuse("unsupported_response_type", "response_type: only code is known.".into())),
        None => return Err(refuse("invalid_request", "response_type is missing; it must be code.".into())),
    }
    let challenge = challenge(request).map_err(|why| refuse("invalid_request", why.to_owned()))?;
    let scopes = scopes(request, client).map_err(|why| refuse("invalid_scope", why))?;
    Ok(CheckedAuthorization {
        client: Arc::clone(client),
        redirect_uri: redirect_uri.clone(),
        state: request.state.clone(),
        scopes,
        challenge,
    })
}

fn challenge(request: &AuthorizationRequest) -> Result<String, &'static str> {
    if request.code_challenge_method.as_deref() != Some("S256") {
        return Err("code_challenge_method must be S256.");
    }
    match &request.code_challenge {
        Some(challenge) if pkce::is_challenge(challenge) => Ok(challenge.clone()),
        Some(_) => Err("code_challenge must be 43 characters of base64url without padding."),
        None => Err("code_challenge is missing; PKCE is needed from every client."),
    }
}

fn scopes(request: &AuthorizationRequest, client: &Client) -> Result<BTreeSet<Scope>, String> {
    let Some(asked) = request.scope.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(client.scopes.clone());
    };
    let asked: Option<BTreeSet<Scope>> = asked.split_ascii_whitespace().map(Scope::parse).collect();
    asked
        .filter(|asked| asked.is_subset(&client.scopes))
        .ok_or_else(|| format!("scopes: the client registered {}.", Scope::list(&client.scopes)))
}

fn error_location(redirect_uri: &RedirectUri, error: &str, description: &str, state: Option<&str>) -> String {
    let mut pairs = vec![("error", error), ("error_description", description)];
    pairs.extend(state.map(|state| ("state", state)));
    redirect_uri.with_query(&pairs)
}

#[cfg(test)]
mod tests;
