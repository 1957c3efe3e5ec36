//! Whether an ID token says who signed in (OpenID Connect Core 3.1.3.7), and what it says.

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::claims::{self, Moment, stamp, text};
use crate::refusal::Noted;
use crate::verify::Signed;
use crate::{Check, Flow, OidcRefusal, Provider};

/// OpenID Connect Core 2, `sub`.
const LONGEST_SUBJECT: usize = 255;
const LONGEST_ID: usize = 200;

/// An ID token that passed every check. Made only by [`crate::RelyingParty::finish`].
#[derive(Debug, Clone)]
pub struct ValidatedIdToken {
    subject: String,
    expires: i64,
    id: String,
    claims: Map<String, Value>,
    userinfo: Option<Map<String, Value>>,
    token: Secret<String>,
}

/// What a token must fit.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) flow: &'a Flow,
    pub(crate) access_token: &'a Secret<String>,
    pub(crate) at: Moment,
}

/// The rule: everything but the signature, which [`Signed`] proves.
///
/// # Errors
/// The first check that failed, of: issuer, audience, authorised party, subject, expiry, issue time, not before, nonce,
/// authentication time, access token hash.
pub(crate) fn decide(
    signed: Signed,
    token: &Secret<String>,
    expected: &Expected<'_>,
    noted: &mut Noted<'_>,
) -> Result<ValidatedIdToken, OidcRefusal> {
    let Signed { claims, algorithm } = signed;
    let (provider, flow, at) = (expected.provider, expected.flow, expected.at);
    claims::issuer(&claims, provider, noted)?;
    claims::audience(&claims, provider, noted)?;
    let subject = subject(&claims, noted)?;
    let expires = claims::expiry(&claims, at, noted)?;
    claims::issued_at(&claims, flow.started, at, noted)?;
    claims::not_before(&claims, at, noted)?;
    let (found, same) = match text(&claims, "nonce") {
        None => ("none", false),
        Some(nonce) if flow.has_nonce(nonce) => ("the same", true),
        Some(_) => ("another one", false),
    };
    noted.check(Check::Nonce, "the nonce of this sign-in", found, same)?;
    authentication_time(&claims, flow, at, noted)?;
    if let Some(found) = claims.get("at_hash") {
        let hash = aws_lc_rs::digest::digest(algorithm.digest(), expected.access_token.expose().as_bytes());
        let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        let right = found.as_str() == Some(URL_SAFE_NO_PAD.encode(left).as_str());
        let found = if right { "the same" } else { "another one" };
        noted.check(Check::AccessTokenHash, "the hash of the access token beside it", found, right)?;
    }
    let id = identifier(&claims).unwrap_or_else(|| flow.nonce.clone());
    Ok(ValidatedIdToken { subject, expires, id, claims, userinfo: None, token: token.clone() })
}

/// What audit records call a token by.
pub(crate) fn identifier(claims: &Map<String, Value>) -> Option<String> {
    text(claims, "jti").filter(|id| !id.is_empty()).map(|id| id.chars().take(LONGEST_ID).collect())
}

fn subject(claims: &Map<String, Value>, noted: &mut Noted<'_>) -> Result<String, OidcRefusal> {
    let found = text(claims, "sub").unwrap_or_default();
    let passed = (1..=LONGEST_SUBJECT).contains(&found.chars().count());
    let shown = if found.is_empty() { "none" } else { found };
    noted.check(Check::Subject, &format!("1 to {LONGEST_SUBJECT} characters"), shown, passed)?;
    Ok(found.to_owned())
}

/// Only where we asked for a sign-in that isn't older than `max_age`.
fn authentication_time(
    claims: &Map<String, Value>,
    flow: &Flow,
    at: Moment,
    noted: &mut Noted<'_>,
) -> Result<(), OidcRefusal> {
    let Some(max_age) = flow.max_age else { return Ok(()) };
    let expected = format!("a sign-in at most {max_age} s before {}", stamp(at.now));
    let signed_in = claims::required_time(claims, "auth_time")
        .map_err(|found| noted.refusal(Check::AuthenticationTime, &expected, &found))?;
    let age = at.now.saturating_sub(signed_in);
    if age <= max_age.saturating_add(at.skew) && age >= -at.skew {
        return noted.check(Check::AuthenticationTime, &expected, &stamp(signed_in), true);
    }
    let found = format!(
        "the person signed in at the provider at {}, {age} s ago by this server's clock; {max_age} s, give or take {} s, are allowed",
        stamp(signed_in),
        at.skew
    );
    Err(noted.refusal(Check::AuthenticationTime, &expected, &found))
}

impl ValidatedIdToken {
    #[must_use]
    pub fn issuer(&self) -> &str {
        text(&self.claims, "iss").unwrap_or_default()
    }

    /// Stable and never given to anybody else, together with the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The ID token's claim, or else the userinfo endpoint's.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name).or_else(|| self.userinfo.as_ref()?.get(name))
    }

    /// A claim that is a text or a list of texts; anything else in it is left out.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.claim(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
        }
    }

    /// Whether the provider has the claim and keeps it elsewhere (OpenID Connect Core 5.6.2), as Microsoft Entra ID does with more
    /// than 200 groups. It must not be read as if there were none.
    #[must_use]
    pub fn is_elsewhere(&self, name: &str) -> bool {
        self.claim(name).is_none()
            && (claims::is_elsewhere(&self.claims, name)
                || self.userinfo.as_ref().is_some_and(|userinfo| claims::is_elsewhere(userinfo, name)))
    }

    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.documents().find_map(|document| text(document, "email"))
    }

    /// Whether the provider vouches for [`Self::email`]: said beside that very address, as `true` or, as some do, as the text
    /// `true`, and nowhere denied.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        let Some(email) = self.email() else { return false };
        let beside = self.documents().filter(|document| text(document, "email") == Some(email));
        let said: Vec<&Value> = beside.filter_map(|document| document.get("email_verified")).collect();
        !said.is_empty() && said.iter().all(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
    }

    fn documents(&self) -> impl Iterator<Item = &Map<String, Value>> {
        std::iter::once(&self.claims).chain(&self.userinfo)
    }

    /// When the person proved themselves to the provider.
    #[must_use]
    pub fn auth_time(&self) -> Option<OffsetDateTime> {
        let seconds = claims::time(&self.claims, "auth_time").ok().flatten()?;
        OffsetDateTime::from_unix_timestamp(seconds).ok()
    }

    /// The session at the provider: what its logout tokens name.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        text(&self.claims, "sid")
    }

    /// `jti`, or the nonce where it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn expires(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.expires).ok()
    }

    /// The token itself, for `id_token_hint`.
    #[must_use]
    pub const fn id_token(&self) -> &Secret<String> {
        &self.token
    }

    /// Whether one of the claims is in it not at all.
    pub(crate) fn lacks(&self, needed: &[String]) -> bool {
        needed.iter().any(|name| self.claim(name).is_none())
    }

    pub(crate) fn with_userinfo(mut self, userinfo: Map<String, Value>) -> Self {
        self.userinfo = Some(userinfo);
        self
    }
}
