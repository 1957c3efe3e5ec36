//! The authentication request (OpenID Connect Core 3.1.2.1, RFC 7636, RFC 9700): which ones keep the rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Secret, pkce};
use idp::{Application, OidcApplication, OidcGrant};
use serde::{Deserialize, Serialize};

use crate::error::{OAuthError, Refusal};
use crate::parameters::{Parameters, repeated};
use crate::redirect::RedirectUri;
use crate::scope::Scope;

const LONGEST_STATE: usize = 1024;
const LONGEST_NONCE: usize = 512;

/// Refused by name. `display`, `ui_locales`, `claims_locales` and `acr_values` are wishes that OpenID Connect Core 15.1 forbids to
/// refuse; every other parameter is unknown and ignored (RFC 6749 3.1).
const NOT_CARRIED_OUT: [(&str, OAuthError, &str); 7] = [
    ("request", OAuthError::RequestNotSupported, "send the parameters themselves"),
    ("request_uri", OAuthError::RequestUriNotSupported, "send the parameters themselves"),
    ("registration", OAuthError::RegistrationNotSupported, "an administrator registers applications"),
    ("claims", OAuthError::InvalidRequest, "ask by scope"),
    ("resource", OAuthError::InvalidTarget, "access tokens are for user information only"),
    ("authorization_details", OAuthError::InvalidRequest, "ask by scope"),
    ("dpop_jkt", OAuthError::InvalidRequest, "tokens are bearer tokens"),
];

/// How the person is to be asked (OpenID Connect Core 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Prompt {
    /// No page is shown.
    None,
    /// The person signs in again.
    Login,
    /// The person is asked whether the application may know.
    Consent,
    /// The person says as whom.
    SelectAccount,
}

impl Prompt {
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// A request, understood. It may be kept (sealed) while the person signs in; [`recheck`] looks at it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// Names of scopes, separated by spaces.
    pub scope: String,
    pub challenge: String,
    pub prompt: BTreeSet<Prompt>,
    /// Seconds.
    pub max_age: Option<u32>,
    pub login_hint: Option<String>,
    /// Whom `id_token_hint` was about: `sub`.
    pub expected_subject: Option<String>,
}

/// A request that keeps the rules: the application is known, and the address registered.
#[derive(Debug, Clone)]
pub struct CheckedRequest {
    pub(crate) application: Arc<Application>,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) request: AuthorizationRequest,
    pub(crate) public: bool,
}

impl CheckedRequest {
    #[must_use]
    pub const fn application(&self) -> &Arc<Application> {
        &self.application
    }

    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    #[must_use]
    pub const fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    #[must_use]
    pub const fn request(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// `<redirect_uri>?code=…&state=…&iss=…` (RFC 6749 4.1.2, RFC 9207).
    #[must_use]
    pub fn success_location(&self, code: &Secret<String>, issuer: &str) -> String {
        let mut pairs = vec![("code", code.expose().as_str())];
        pairs.extend(self.request.state.as_deref().map(|state| ("state", state)));
        pairs.push(("iss", issuer));
        self.redirect_uri.with_query(&pairs)
    }

    /// `<redirect_uri>?error=…&error_description=…&state=…&iss=…` (RFC 6749 4.1.2.1, RFC 9207).
    #[must_use]
    pub fn error_location(&self, error: OAuthError, description: &str, issuer: &str) -> String {
        error_location(&self.redirect_uri, (error, description), self.request.state.as_deref(), issuer)
    }
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// The application or the address can't be trusted: told to the person, never redirected. A full sentence.
    Page(String),
    /// Told to the application, at a registered address.
    Redirect { application: Arc<str>, location: String, error: OAuthError, description: String },
}

/// Checks a request against the application of its `client_id` (`None`: there is none). `subject_of` reads an `id_token_hint`:
/// whom it is about, if it is one of ours for this application.
///
/// # Errors
/// See [`AuthorizeRefusal`].
pub fn check(
    application: Option<Arc<Application>>,
    parameters: &Parameters,
    issuer: &str,
    subject_of: impl FnOnce(&Application, &str) -> Option<String>,
) -> Result<CheckedRequest, AuthorizeRefusal> {
    let (application, redirect_uri) = place(application, parameters)?;
    let state = parameters.get("state").filter(|state| state.len() <= LONGEST_STATE);
    understand(&application, redirect_uri.clone(), parameters, subject_of).map_err(|refusal| {
        AuthorizeRefusal::Redirect {
            application: application.slug.to_string().into(),
            location: error_location(&redirect_uri, (refusal.error, &refusal.description), state, issuer),
            error: refusal.error,
            description: refusal.description,
        }
    })
}

/// Looks again at a request that kept the rules before the person signed in.
///
/// # Errors
/// A sentence for the person: the application was changed meanwhile.
pub fn recheck(
    application: Option<Arc<Application>>,
    request: AuthorizationRequest,
) -> Result<CheckedRequest, AuthorizeRefusal> {
    let changed = || {
        AuthorizeRefusal::Page("The application was changed while you signed in; start again from there.".to_owned())
    };
    let application = application.ok_or_else(changed)?;
    let oidc = application.oidc().ok_or_else(changed)?;
    let redirect_uri = RedirectUri::registered(&request.redirect_uri, &oidc.redirect_uris).ok_or_else(changed)?;
    let scopes = scopes(oidc, Some(&request.scope)).map_err(|_| changed())?;
    code_grant(oidc).map_err(|_| changed())?;
    let public = oidc.is_public();
    Ok(CheckedRequest { application, redirect_uri, scopes, request, public })
}

/// Who asks, and where the answer goes, if both can be trusted.
fn place(
    application: Option<Arc<Application>>,
    parameters: &Parameters,
) -> Result<(Arc<Application>, RedirectUri), AuthorizeRefusal> {
    let page = |text: &str| AuthorizeRefusal::Page(text.to_owned());
    if let Some(name @ ("client_id" | "redirect_uri")) = parameters.repeated() {
        return Err(AuthorizeRefusal::Page(repeated(name)));
    }
    let unknown = "The application that sent you here isn't registered at this identity provider (client_id).";
    let application = application.ok_or_else(|| page(unknown))?;
    let oidc = application.oidc().ok_or_else(|| page(unknown))?;
    let presented = parameters.get("redirect_uri").unwrap_or_default();
    let redirect_uri = RedirectUri::registered(presented, &oidc.redirect_uris).ok_or_else(|| {
        page("The application asked for an answer at an address that isn't registered for it (redirect_uri).")
    })?;
    Ok((application, redirect_uri))
}

fn understand(
    application: &Arc<Application>,
    redirect_uri: RedirectUri,
    parameters: &Parameters,
    subject_of: impl FnOnce(&Application, &str) -> Option<String>,
) -> Result<CheckedRequest, Refusal> {
    let invalid = |text: &str| Refusal::new(OAuthError::InvalidRequest, text);
    let oidc = application.oidc().ok_or_else(|| invalid("The application doesn't use OpenID Connect."))?;
    if let Some(name) = parameters.repeated() {
        return Err(Refusal::new(OAuthError::InvalidRequest, repeated(name)));
    }
    if parameters.get("state").is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(invalid("state is longer than 1024 bytes."));
    }
    parameters.refuse(&NOT_CARRIED_OUT)?;
    response(parameters)?;
    code_grant(oidc)?;
    let scopes = scopes(oidc, parameters.get("scope"))?;
    let challenge = challenge(parameters)?;
    if parameters.get("nonce").is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(invalid("nonce is longer than 512 bytes."));
    }
    let max_age = parameters.get("max_age").map(str::parse).transpose();
    let expected_subject = match parameters.get("id_token_hint") {
        None => None,
        Some(hint) => Some(
            subject_of(application, hint)
                .ok_or_else(|| invalid("id_token_hint isn't an ID token of this provider for this application."))?,
        ),
    };
    let text = |name: &str| parameters.get(name).map(str::to_owned);
    let request = AuthorizationRequest {
        client_id: oidc.client_id.clone(),
        redirect_uri: redirect_uri.as_str().to_owned(),
        state: text("state"),
        nonce: text("nonce"),
        scope: Scope::list(&scopes),
        challenge,
        prompt: prompt(parameters.get("prompt"))?,
        max_age: max_age.map_err(|_| invalid("max_age must be a whole number of seconds."))?,
        login_hint: text("login_hint").filter(|hint| hint.len() <= 256),
        expected_subject,
    };
    Ok(CheckedRequest { application: Arc::clone(application), redirect_uri, scopes, request, public: oidc.is_public() })
}

fn response(parameters: &Parameters) -> Result<(), Refusal> {
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(Refusal::new(OAuthError::UnsupportedResponseType, "response_type: only code is carried out."));
        }
        None => return Err(Refusal::new(OAuthError::InvalidRequest, "response_type is missing; it must be code.")),
    }
    match parameters.get("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(Refusal::new(OAuthError::InvalidRequest, "response_mode: only query is carried out.")),
    }
}

fn code_grant(oidc: &OidcApplication) -> Result<(), Refusal> {
    if oidc.grants.contains(&OidcGrant::AuthorizationCode) {
        return Ok(());
    }
    let text = "The application doesn't have the grant authorization_code; an administrator can add it.";
    Err(Refusal::new(OAuthError::UnauthorizedClient, text))
}

fn challenge(parameters: &Parameters) -> Result<String, Refusal> {
    let invalid = |text: &str| Err(Refusal::new(OAuthError::InvalidRequest, text));
    match (parameters.get("code_challenge"), parameters.get("code_challenge_method")) {
        (None, _) => invalid("code_challenge is missing; PKCE is needed from every application."),
        (Some(_), Some("S256")) => {
            let challenge = parameters.get("code_challenge").filter(|challenge| pkce::is_challenge(challenge));
            let text = "code_challenge must be 43 characters of base64url without padding.";
            challenge.map_or_else(|| invalid(text), |challenge| Ok(challenge.to_owned()))
        }
        (Some(_), _) => invalid("code_challenge_method must be S256."),
    }
}

/// The scopes that an application may be given.
///
/// # Errors
/// `invalid_scope`: one isn't carried out, `openid` is missing, or `offline_access` is asked for by an application without the grant
/// `refresh_token`.
pub(crate) fn scopes(oidc: &OidcApplication, asked: Option<&str>) -> Result<BTreeSet<Scope>, Refusal> {
    let invalid = |text: String| Refusal::new(OAuthError::InvalidScope, text);
    let scopes = Scope::read(asked.unwrap_or_default()).map_err(|name| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
        let name = if name.bytes().all(|byte| byte.is_ascii_graphic()) { name.as_str() } else { "(unreadable name)" };
        invalid(format!("scope: {name} is not carried out; there are {}.", known.join(", ")))
    })?;
    if !scopes.contains(&Scope::OpenId) {
        return Err(invalid("scope must contain openid.".to_owned()));
    }
    if scopes.contains(&Scope::OfflineAccess) && !oidc.grants.contains(&OidcGrant::RefreshToken) {
        let text = "scope: offline_access needs the grant refresh_token, which the application doesn't have; an administrator can \
                    add it.";
        return Err(invalid(text.to_owned()));
    }
    Ok(scopes)
}

fn prompt(text: Option<&str>) -> Result<BTreeSet<Prompt>, Refusal> {
    let invalid = |text: &str| Refusal::new(OAuthError::InvalidRequest, text);
    let words = text.unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let read = |word: &str| Prompt::ALL.into_iter().find(|prompt| prompt.name() == word);
    let prompts: Option<BTreeSet<Prompt>> = words.map(read).collect();
    let prompts = prompts.ok_or_else(|| invalid("prompt: there are none, login, consent and select_account."))?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(invalid("prompt: none goes with no other."));
    }
    Ok(prompts)
}

fn error_location(
    redirect_uri: &RedirectUri,
    (error, description): (OAuthError, &str),
    state: Option<&str>,
    issuer: &str,
) -> String {
    let mut pairs = vec![("error", error.code()), ("error_description", description)];
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", issuer));
    redirect_uri.with_query(&pairs)
}
