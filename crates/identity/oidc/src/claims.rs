//! The checks that every token of a provider must pass, whatever it is for (RFC 7519, OpenID Connect Core 3.1.3.7).

use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::refusal::Noted;
use crate::{Check, OidcRefusal, Provider};

/// The end of the year 9999: what is later is no time.
const LATEST: i64 = 253_402_300_799;

/// The time here, and how far the provider's clock may differ. Seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: i64,
    pub(crate) skew: i64,
}

impl Moment {
    pub(crate) fn new(now: OffsetDateTime, provider: &Provider) -> Self {
        Self { now: now.unix_timestamp(), skew: provider.skew_seconds() }
    }

    fn text(self) -> String {
        format!("{}, give or take {} s", stamp(self.now), self.skew)
    }
}

/// A claim that is a text.
pub(crate) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// Whether the provider has the claim and keeps it elsewhere (OpenID Connect Core 5.6.2; Entra's implicit form of the same).
pub(crate) fn is_elsewhere(claims: &Map<String, Value>, name: &str) -> bool {
    let named = claims.get("_claim_names").and_then(|names| names.get(name)).is_some();
    let overage = name == "groups" && claims.get("hasgroups").and_then(Value::as_bool) == Some(true);
    !claims.contains_key(name) && (named || overage)
}

/// A `NumericDate`, which may have a fraction (RFC 7519 2).
///
/// # Errors
/// The claim is there and is no time: as in "… came".
pub(crate) fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let fraction = || Duration::checked_seconds_f64(value.as_f64()?).map(Duration::whole_seconds);
    let seconds = value.as_i64().or_else(fraction).filter(|seconds| (0..=LATEST).contains(seconds));
    seconds.map(Some).ok_or_else(|| format!("{name} is not a time"))
}

pub(crate) fn required_time(claims: &Map<String, Value>, name: &str) -> Result<i64, String> {
    time(claims, name)?.ok_or_else(|| format!("the token has no {name}"))
}

/// RFC 3339, UTC.
pub(crate) fn stamp(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| format!("{seconds} s since 1970"))
}

pub(crate) fn issuer(
    claims: &Map<String, Value>,
    provider: &Provider,
    noted: &mut Noted<'_>,
) -> Result<(), OidcRefusal> {
    let found = text(claims, "iss").unwrap_or("nobody");
    noted.check(Check::Issuer, &provider.issuer, found, found == provider.issuer)
}

/// We must be an audience; others only as configured; and where there are several, the token must say that it was issued to us.
pub(crate) fn audience(
    claims: &Map<String, Value>,
    provider: &Provider,
    noted: &mut Noted<'_>,
) -> Result<(), OidcRefusal> {
    let ours = &provider.client_id;
    let audiences = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().map(|item| item.as_str().unwrap_or("(no text)")).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    };
    let trusted = |audience: &str| audience == ours || provider.trusted_audiences.iter().any(|other| other == audience);
    let found = if audiences.is_empty() { "nobody".to_owned() } else { audiences.join(", ") };
    let passed = audiences.contains(&ours.as_str()) && audiences.iter().all(|audience| trusted(audience));
    noted.check(Check::Audience, ours, &found, passed)?;
    match claims.get("azp") {
        Some(party) => {
            let found = party.as_str().unwrap_or("no text");
            noted.check(Check::AuthorisedParty, ours, found, found == ours)
        }
        None if audiences.len() > 1 => {
            Err(noted.refusal(Check::AuthorisedParty, ours, "missing, though the token has several audiences"))
        }
        None => Ok(()),
    }
}

pub(crate) fn expiry(claims: &Map<String, Value>, at: Moment, noted: &mut Noted<'_>) -> Result<i64, OidcRefusal> {
    let expected = format!("a time after {}", at.text());
    let expires = required_time(claims, "exp").map_err(|found| noted.refusal(Check::Expiry, &expected, &found))?;
    if at.now < expires.saturating_add(at.skew) {
        noted.check(Check::Expiry, &expected, &stamp(expires), true)?;
        return Ok(expires);
    }
    let late = at.now.saturating_sub(expires);
    let found = format!(
        "the token expired at {}, {late} s ago by this server's clock; {} s are allowed",
        stamp(expires),
        at.skew
    );
    Err(noted.refusal(Check::Expiry, &expected, &found))
}

/// `since`: nothing older counts.
pub(crate) fn issued_at(
    claims: &Map<String, Value>,
    since: i64,
    at: Moment,
    noted: &mut Noted<'_>,
) -> Result<(), OidcRefusal> {
    let expected = format!("a time from {} to {}", stamp(since), at.text());
    let issued = required_time(claims, "iat").map_err(|found| noted.refusal(Check::IssuedAt, &expected, &found))?;
    let (ahead, behind) = (issued.saturating_sub(at.now), since.saturating_sub(issued));
    let found = if ahead > at.skew {
        format!(
            "the token was issued at {}: this server's clock is {ahead} s behind the provider's, and {} s are allowed",
            stamp(issued),
            at.skew
        )
    } else if behind > at.skew {
        format!(
            "the token was issued at {}, {behind} s too early: the provider's clock is behind this server's by more than the {} s \
             that are allowed, or the token is an old one",
            stamp(issued),
            at.skew
        )
    } else {
        return noted.check(Check::IssuedAt, &expected, &stamp(issued), true);
    };
    Err(noted.refusal(Check::IssuedAt, &expected, &found))
}

/// Only where the token says so.
pub(crate) fn not_before(claims: &Map<String, Value>, at: Moment, noted: &mut Noted<'_>) -> Result<(), OidcRefusal> {
    let expected = format!("a time up to {}", at.text());
    let start = time(claims, "nbf").map_err(|found| noted.refusal(Check::NotBefore, &expected, &found))?;
    let Some(start) = start else { return Ok(()) };
    let ahead = start.saturating_sub(at.now);
    if ahead <= at.skew {
        return noted.check(Check::NotBefore, &expected, &stamp(start), true);
    }
    let found = format!(
        "the token counts from {}: this server's clock is {ahead} s behind the provider's, and {} s are allowed",
        stamp(start),
        at.skew
    );
    Err(noted.refusal(Check::NotBefore, &expected, &found))
}
