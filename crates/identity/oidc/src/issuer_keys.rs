//! Tokens of an issuer that were not asked for by us: a workload's, for AssumeRoleWithWebIdentity. Only the issuer's keys are fetched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Checks, Clock};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::claims::{self, Moment, text};
use crate::discovery::{self, Published};
use crate::id_token::identifier;
use crate::jwks::{self, KeySet};
use crate::jws::Unverified;
use crate::refusal::Noted;
use crate::verify::{self, Signed};
use crate::{Check, Fetch, Fetched, Network, OidcError, OidcRefusal, Provider, Verdict};

const LIFETIME: Duration = Duration::hours(1);
/// So seldom a token with an unknown key makes us look for new ones.
const BETWEEN_REFETCHES: Duration = Duration::minutes(1);
/// So long nobody asks an issuer again that didn't answer: tokens come from strangers.
const AFTER_FAILURE: Duration = Duration::seconds(10);
const MOST_ISSUERS: usize = 128;

type Issuer = (String, Network);

/// A token of an issuer that passed every check. Made only by [`IssuerKeys::verify`].
#[derive(Debug, Clone)]
pub struct IdentityToken {
    subject: String,
    audience: String,
    id: Option<String>,
    expires: i64,
    claims: Map<String, Value>,
}

impl IdentityToken {
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whom it was issued to: the authorised party where it names one, else the audience; one of those that were expected.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// `jti`
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    #[must_use]
    pub fn expires(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.expires).ok()
    }

    /// A claim that is a text or a list of texts; anything else in it is left out.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.claims.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
        }
    }

    /// The address, if the issuer vouches for it.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        let said = self.claims.get("email_verified");
        let vouched = said.is_some_and(|said| said.as_bool() == Some(true) || said.as_str() == Some("true"));
        text(&self.claims, "email").filter(|_| vouched)
    }

    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Every claim, by its name.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.claims.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether the issuer has the claim and keeps it elsewhere; see [`crate::ValidatedIdToken::is_elsewhere`].
    #[must_use]
    pub fn is_elsewhere(&self, name: &str) -> bool {
        claims::is_elsewhere(&self.claims, name)
    }
}

/// The issuer that a token names, unverified: to find the provider by, never to believe.
#[must_use]
pub fn issuer_of(token: &str) -> Option<String> {
    text(&Unverified::read(token).ok()?.claims, "iss").map(str::to_owned)
}

/// Verifies tokens by their issuers' published keys, which are remembered for an hour.
#[derive(Debug)]
pub struct IssuerKeys {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<Issuer, Known>>,
    failed: Mutex<HashMap<Issuer, (OidcError, OffsetDateTime)>>,
}

/// Whom a token must be for.
enum Wanted<'a> {
    /// It was issued to one of these.
    Issued(&'a [&'a str]),
    /// One of these is among its audiences.
    Among(&'a [&'a str]),
}

impl Wanted<'_> {
    /// The header's `typ` beside none and `JWT`.
    const fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::Issued(_) => &[],
            Self::Among(_) => &["at+jwt"],
        }
    }
}

#[derive(Debug, Clone)]
struct Known {
    published: Arc<Published>,
    keys: Arc<KeySet>,
    fetched: OffsetDateTime,
}

impl IssuerKeys {
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self { fetch, clock, known: Mutex::default(), failed: Mutex::default() }
    }

    /// Whether a token is `issuer`'s, for one of these audiences, and counts now.
    pub async fn verify<'a>(
        &self,
        issuer: &str,
        network: Network,
        token: &str,
        audiences: impl IntoIterator<Item = &'a str> + Send,
    ) -> Verdict<IdentityToken> {
        let audiences: Vec<&str> = audiences.into_iter().collect();
        self.verdict(issuer, network, token, &Wanted::Issued(&audiences)).await
    }

    /// Whether a token, an access token (RFC 9068) too, is `issuer`'s, names one of these audiences, and counts now; to which party
    /// the issuer gave it (`azp`) doesn't matter.
    pub async fn verify_access<'a>(
        &self,
        issuer: &str,
        network: Network,
        token: &str,
        audiences: impl IntoIterator<Item = &'a str> + Send,
    ) -> Verdict<IdentityToken> {
        let audiences: Vec<&str> = audiences.into_iter().collect();
        self.verdict(issuer, network, token, &Wanted::Among(&audiences)).await
    }

    async fn verdict(
        &self,
        issuer: &str,
        network: Network,
        token: &str,
        wanted: &Wanted<'_>,
    ) -> Verdict<IdentityToken> {
        let mut checks = Checks::default();
        let provider = Provider::new(issuer, "", None, network);
        let outcome = self.verified(&provider, token, wanted, &mut Noted(&mut checks)).await;
        let assertion = outcome.as_ref().ok().and_then(|token: &IdentityToken| token.id.clone());
        Verdict { checks, assertion, outcome }
    }

    async fn verified(
        &self,
        provider: &Provider,
        token: &str,
        wanted: &Wanted<'_>,
        noted: &mut Noted<'_>,
    ) -> Result<IdentityToken, OidcRefusal> {
        let now = self.clock.now();
        let refused = |noted: &mut Noted<'_>, error: &OidcError| {
            noted.refusal(Check::Discovery, &provider.issuer, &error.to_string())
        };
        let known = match self.fresh(provider, now) {
            Some(known) => known,
            None => self.fetched(provider, now).await.map_err(|error| refused(noted, &error))?,
        };
        noted.check(Check::Discovery, &provider.issuer, &provider.issuer, true)?;
        let acceptable = verify::accept(token, wanted.kinds(), &known.published.algorithms, noted)?;
        let stale = acceptable.needs_newer(&known.keys) && now - known.fetched >= BETWEEN_REFETCHES;
        let known =
            if stale { self.fetched(provider, now).await.map_err(|error| refused(noted, &error))? } else { known };
        let signed = acceptable.verify(&known.keys, noted)?;
        decide(signed, provider, wanted, Moment::new(now, provider), noted)
    }

    fn fresh(&self, provider: &Provider, now: OffsetDateTime) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&(provider.issuer.clone(), provider.network))?;
        (now >= found.fetched && now - found.fetched < LIFETIME).then(|| found.clone())
    }

    async fn fetched(&self, provider: &Provider, now: OffsetDateTime) -> Result<Known, OidcError> {
        let issuer = (provider.issuer.clone(), provider.network);
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&issuer).cloned();
        if let Some((error, at)) = failed
            && now >= at
            && now - at < AFTER_FAILURE
        {
            return Err(error);
        }
        let outcome = self.fetch_anew(provider, now).await;
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.retain(|other, (_, at)| *other != issuer && now - *at < AFTER_FAILURE);
        if let Err(error) = &outcome {
            failed.insert(issuer, (error.clone(), now));
        }
        outcome
    }

    async fn fetch_anew(&self, provider: &Provider, now: OffsetDateTime) -> Result<Known, OidcError> {
        let url = discovery::address(provider)?;
        let body = self.document(discovery::DOCUMENT, &url, provider).await?;
        let published = Arc::new(discovery::published(&body, &url, provider)?);
        let body = self.document(jwks::DOCUMENT, &published.jwks_uri, provider).await?;
        let keys = Arc::new(KeySet::read(&body, &published.jwks_uri)?);
        let found = Known { published, keys, fetched: now };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ISSUERS {
            known.retain(|_, other| now - other.fetched < LIFETIME);
        }
        if known.len() < MOST_ISSUERS {
            known.insert((provider.issuer.clone(), provider.network), found.clone());
        }
        Ok(found)
    }

    async fn document(&self, document: &'static str, url: &str, provider: &Provider) -> Result<Vec<u8>, OidcError> {
        let answer = self.fetch.get(url, None, provider.network).await.and_then(Fetched::bounded);
        let answer = answer.map_err(|error| OidcError::Fetch { document, url: url.to_owned(), error })?;
        if answer.status != 200 {
            return Err(OidcError::Status { document, url: url.to_owned(), status: answer.status });
        }
        Ok(answer.body)
    }
}

/// The rule: everything but the signature, which [`Signed`] proves.
///
/// # Errors
/// The first check that failed, of: issuer, audience, authorised party, subject, expiry, issue time, not before.
fn decide(
    signed: Signed,
    provider: &Provider,
    wanted: &Wanted<'_>,
    at: Moment,
    noted: &mut Noted<'_>,
) -> Result<IdentityToken, OidcRefusal> {
    let Signed { claims, algorithm: _ } = signed;
    claims::issuer(&claims, provider, noted)?;
    let audience = match wanted {
        Wanted::Issued(audiences) => issued(&claims, audiences, noted)?,
        Wanted::Among(audiences) => among(&claims, audiences, noted)?,
    };
    let subject = text(&claims, "sub").unwrap_or_default().to_owned();
    let fits = (1..=255).contains(&subject.chars().count());
    noted.check(Check::Subject, "1 to 255 characters", if subject.is_empty() { "none" } else { &subject }, fits)?;
    let expires = claims::expiry(&claims, at, noted)?;
    claims::issued_at(&claims, 0, at, noted)?;
    claims::not_before(&claims, at, noted)?;
    Ok(IdentityToken { subject, audience, id: identifier(&claims), expires, claims })
}

/// Every audience of the token must be expected, or it names the one party that it was issued to, and that one is.
fn issued(claims: &Map<String, Value>, expected: &[&str], noted: &mut Noted<'_>) -> Result<String, OidcRefusal> {
    let words = expected.join(" or ");
    if let Some(party) = claims.get("azp") {
        let party = party.as_str().unwrap_or("no text");
        noted.check(Check::AuthorisedParty, &words, party, expected.contains(&party))?;
        return Ok(party.to_owned());
    }
    let named = named(claims);
    let passed = !named.is_empty() && named.iter().all(|audience| expected.contains(audience));
    noted.check(Check::Audience, &words, &shown(&named), passed)?;
    Ok(named.first().map(|audience| (*audience).to_owned()).unwrap_or_default())
}

/// One of the token's audiences must be expected.
fn among(claims: &Map<String, Value>, expected: &[&str], noted: &mut Noted<'_>) -> Result<String, OidcRefusal> {
    let (words, named) = (expected.join(" or "), named(claims));
    let found = named.iter().find(|audience| expected.contains(audience));
    noted.check(Check::Audience, &words, &shown(&named), found.is_some())?;
    Ok(found.map(|audience| (*audience).to_owned()).unwrap_or_default())
}

fn named(claims: &Map<String, Value>) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().map(|item| item.as_str().unwrap_or("(no text)")).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

fn shown(named: &[&str]) -> String {
    if named.is_empty() { "nobody".to_owned() } else { named.join(", ") }
}
