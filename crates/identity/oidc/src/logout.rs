//! Signing out at the provider, and being told that somebody was signed out there.

#[cfg(test)]
mod tests;

use base::Secret;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use url::Url;

use crate::claims::{self, Moment, text};
use crate::id_token::identifier;
use crate::refusal::Noted;
use crate::verify::Signed;
use crate::{Check, Discovery, OidcRefusal, Provider};

/// OpenID Connect Back-Channel Logout 1.0, 2.4.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The provider sends it at once; what is older was kept by somebody. Seconds.
const OLDEST: i64 = 600;

/// A logout token that passed every check. Made only by [`crate::RelyingParty::validate_logout_token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    subject: Option<String>,
    sid: Option<String>,
    id: String,
    remember_until: i64,
}

impl LogoutToken {
    /// Whose sessions ended; of all of them where there is no [`Self::sid`].
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The session that ended.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// `jti`: one that was seen before is a repetition.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From then on a repetition is refused for its age.
    #[must_use]
    pub fn remember_until(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.remember_until).ok()
    }
}

/// The rule (OpenID Connect Back-Channel Logout 1.0, 2.6): everything but the signature, which [`Signed`] proves.
///
/// # Errors
/// The first check that failed, of: issuer, audience, expiry, issue time, events, subject, nonce, token id.
pub(crate) fn decide(
    signed: Signed,
    provider: &Provider,
    at: Moment,
    noted: &mut Noted<'_>,
) -> Result<LogoutToken, OidcRefusal> {
    let Signed { claims, algorithm: _ } = signed;
    claims::issuer(&claims, provider, noted)?;
    claims::audience(&claims, provider, noted)?;
    let expires = claims::expiry(&claims, at, noted)?;
    claims::issued_at(&claims, at.now.saturating_sub(OLDEST), at, noted)?;
    events(&claims, noted)?;
    let (subject, sid) = (given(&claims, "sub"), given(&claims, "sid"));
    let named = subject.is_some() || sid.is_some();
    noted.check(Check::Subject, "a subject or a session (sub, sid)", if named { "one" } else { "neither" }, named)?;
    let plain = !claims.contains_key("nonce");
    noted.check(Check::Nonce, "no nonce, which only ID tokens have", if plain { "none" } else { "one" }, plain)?;
    let id = identifier(&claims).ok_or_else(|| noted.refusal(Check::TokenId, "an id (jti)", "none"))?;
    noted.check(Check::TokenId, "an id (jti)", &id, true)?;
    Ok(LogoutToken { subject, sid, id, remember_until: expires.saturating_add(at.skew) })
}

fn given(claims: &Map<String, Value>, name: &str) -> Option<String> {
    text(claims, name).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn events(claims: &Map<String, Value>, noted: &mut Noted<'_>) -> Result<(), OidcRefusal> {
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    let passed = event.is_some_and(Value::is_object);
    noted.check(Check::Events, EVENT, if passed { EVENT } else { "no such event" }, passed)
}

/// Where a browser goes to be signed out at the provider too (OpenID Connect RP-Initiated Logout 1.0, 2); `None` where the
/// provider has no such page.
#[must_use]
pub fn logout_location(
    discovery: &Discovery,
    client_id: &str,
    id_token_hint: Option<&Secret<String>>,
    post_logout_redirect_uri: &str,
    state: Option<&str>,
) -> Option<String> {
    let mut location = Url::parse(discovery.end_session_endpoint()?).ok()?;
    let mut query = location.query_pairs_mut();
    query.append_pair("client_id", client_id).append_pair("post_logout_redirect_uri", post_logout_redirect_uri);
    if let Some(token) = id_token_hint {
        query.append_pair("id_token_hint", token.expose());
    }
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    drop(query);
    Some(location.into())
}
