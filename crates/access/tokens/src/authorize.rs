//! The authorisation request (RFC 6749 4.1.1): of a registered public client, with PKCE S256, or of an application that redeems
//! its codes with CreateTokenWithIAM, whose `client_id` is its ARN.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::ClientId;
use base::{Secret, pkce};
use time::OffsetDateTime;

use crate::access::NoAccess;
use crate::application::{self, CodeFor, OAuthApplication};
use crate::claims::Scope;
use crate::client::Client;
use crate::redirect::RedirectUri;

const LONGEST_STATE: usize = 1024;

/// The parameters as they came. `scope` holds what `scope` or `scopes` said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    pub response_type: Option<String>,
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub state: Option<String>,
    /// Separated by spaces; none means all that the client registered, or that the application has.
    pub scope: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
    /// What the reader of the parameters found wrong with them (one came twice, one isn't carried out): a full sentence.
    pub fault: Option<String>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requester {
    /// A program that registered itself; it gets a token for a Redshift application.
    Client(Arc<Client>),
    /// An application, for itself.
    Application(OAuthApplication),
}

impl Requester {
    /// As `client_id` names it.
    #[must_use]
    pub fn id(&self) -> ClientId {
        match self {
            Self::Client(client) => client.id.clone(),
            Self::Application(application) => ClientId::new(application.arn.as_str()),
        }
    }

    /// As the consent page shows it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Client(client) => &client.name,
            Self::Application(application) => &application.name,
        }
    }
}

/// A request that keeps the rules: who asks is known, and where the answer goes is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedAuthorization {
    pub(crate) requester: Requester,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) state: Option<String>,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) challenge: Option<String>,
}

impl CheckedAuthorization {
    #[must_use]
    pub const fn requester(&self) -> &Requester {
        &self.requester
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

/// Checks a request against who asks (`None`: there is no client or application of this id). `listed` knows the https redirect
/// URIs that an application's grant lists.
///
/// # Errors
/// See [`AuthorizeRefusal`].
pub fn check(
    requester: Option<Requester>,
    request: &AuthorizationRequest,
    listed: impl Fn(&RedirectUri) -> bool,
    now: OffsetDateTime,
) -> Result<CheckedAuthorization, AuthorizeRefusal> {
    let requester = requester.ok_or_else(|| {
        AuthorizeRefusal::Page(
            "The program that sent you here is not registered at this server (client_id).".to_owned(),
        )
    })?;
    let redirect_uri = place(&requester, request, listed, now).map_err(AuthorizeRefusal::Page)?;
    let state = request.state.clone();
    let refuse = |error: &'static str, description: String| {
        // Anybody can register a client: this server must not send a browser to another host unasked (RFC 9700 4.11.2).
        if matches!(requester, Requester::Client(_)) && !redirect_uri.is_loopback() {
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
    let challenge = challenge(&requester, request).map_err(|why| refuse("invalid_request", why.to_owned()))?;
    let scopes = scopes(&requester, request).map_err(|why| refuse("invalid_scope", why))?;
    Ok(CheckedAuthorization { requester, redirect_uri, state: request.state.clone(), scopes, challenge })
}

/// Where the answer goes, if that can be trusted; else a sentence for the person.
fn place(
    requester: &Requester,
    request: &AuthorizationRequest,
    listed: impl Fn(&RedirectUri) -> bool,
    now: OffsetDateTime,
) -> Result<RedirectUri, String> {
    let unknown = || "The program asked for an answer at an address that it didn't register (redirect_uri).".to_owned();
    let presented = RedirectUri::parse(request.redirect_uri.as_deref().unwrap_or_default()).map_err(|_| unknown())?;
    match requester {
        Requester::Client(client) => {
            if now >= client.expires {
                return Err(
                    "The registration of the program that sent you here has expired; start it again.".to_owned()
                );
            }
            if !client.redirect_uris.iter().any(|registered| registered.accepts(&presented)) {
                return Err(unknown());
            }
            if presented.is_loopback() || listed(&presented) {
                return Ok(presented);
            }
            Err(format!(
                "No application lists the address {presented} that the program asked for an answer at. Your administrator can \
                 list it (sso-admin PutApplicationGrant with GrantType authorization_code)."
            ))
        }
        Requester::Application(asking) => {
            let sentences = |why: NoAccess| format!("{} {}", why.reason, why.hint);
            application::decide_open(&asking.arn, Some(asking), &BTreeSet::new()).map_err(sentences)?;
            application::decide_redirect(asking, &presented, CodeFor::Application).map_err(sentences)?;
            Ok(presented)
        }
    }
}

fn challenge(requester: &Requester, request: &AuthorizationRequest) -> Result<Option<String>, &'static str> {
    let optional = match requester {
        Requester::Client(_) => false,
        Requester::Application(_) => true,
    };
    if optional && request.code_challenge.is_none() && request.code_challenge_method.is_none() {
        return Ok(None);
    }
    if request.code_challenge_method.as_deref() != Some("S256") {
        return Err("code_challenge_method must be S256.");
    }
    match &request.code_challenge {
        Some(challenge) if pkce::is_challenge(challenge) => Ok(Some(challenge.clone())),
        Some(_) => Err("code_challenge must be 43 characters of base64url without padding."),
        None => Err("code_challenge is missing; PKCE is needed from every public client."),
    }
}

fn scopes(requester: &Requester, request: &AuthorizationRequest) -> Result<BTreeSet<Scope>, String> {
    let (theirs, call) = match requester {
        Requester::Client(client) => (client.scopes.clone(), "the client registered"),
        Requester::Application(application) => {
            (application.scopes.clone(), "by sso-admin PutApplicationAccessScope, the application has")
        }
    };
    let refused = || format!("scopes: {call} [{}], and this server knows no others.", Scope::list(&theirs));
    let asked = match request.scope.as_deref().filter(|text| !text.trim().is_empty()) {
        None => theirs.clone(),
        Some(text) => {
            let asked: Option<BTreeSet<Scope>> = text.split_ascii_whitespace().map(Scope::parse).collect();
            asked.ok_or_else(refused)?
        }
    };
    if asked.is_empty() || !asked.is_subset(&theirs) { Err(refused()) } else { Ok(asked) }
}

fn error_location(redirect_uri: &RedirectUri, error: &str, description: &str, state: Option<&str>) -> String {
    let mut pairs = vec![("error", error), ("error_description", description)];
    pairs.extend(state.map(|state| ("state", state)));
    redirect_uri.with_query(&pairs)
}

#[cfg(test)]
mod tests;
