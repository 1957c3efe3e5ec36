//! From a claim to a proof.

use base::Secret;
use time::{Duration, OffsetDateTime};

use crate::authorization::{Claim, Form};
use crate::hash::sha256_hex;
use crate::sign::string_to_sign;
use crate::{Request, SigV4Error, SigningKey, TERMINATOR, canonical, timestamp};

/// How far the client's clock may be off, either way.
pub const CLOCK_SKEW_MAX: Duration = Duration::minutes(15);
/// The longest life of a presigned request: seven days.
pub const EXPIRES_SECONDS_MAX: u32 = 604_800;

/// What belongs to an access key: its secret, and whoever holds it.
#[derive(Debug, Clone)]
pub struct Credential<C> {
    pub secret: Secret<String>,
    pub caller: C,
}

/// Where secrets are found.
pub trait CredentialLookup {
    /// Who a verified request is from.
    type Caller;

    /// The credential of a key with the session token that came with it: a temporary key has one, a long-lived key has none.
    ///
    /// # Errors
    /// [`SigV4Error::InvalidClientTokenId`] if the key isn't known, isn't alive, or the token isn't the one that was issued with
    /// it; [`SigV4Error::ExpiredToken`] if the session is over.
    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Credential<Self::Caller>, SigV4Error>;
}

impl<C, F: Fn(&str, Option<&str>) -> Result<Credential<C>, SigV4Error>> CredentialLookup for F {
    type Caller = C;

    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Credential<C>, SigV4Error> {
        self(access_key_id, session_token)
    }
}

/// What the signature must be scoped to.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub now: OffsetDateTime,
    /// The regions that the called service answers for; the first is named in the error.
    pub regions: &'a [&'a str],
    /// The signing name of the called service.
    pub service: &'a str,
}

/// A request whose signer holds the secret of a live access key. Made only by [`verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRequest<C> {
    access_key_id: String,
    caller: C,
    region: String,
    service: String,
}

impl<C> VerifiedRequest<C> {
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    #[must_use]
    pub const fn caller(&self) -> &C {
        &self.caller
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

/// Verifies the signature of `request` (AWS "Signature Version 4 signing process").
///
/// # Errors
/// The first thing that is wrong, in this order: absent or malformed, scope, time, headers that had to be signed, access key,
/// body hash, signature.
pub fn verify<L: CredentialLookup>(
    request: &Request<'_>,
    credentials: &L,
    expected: &Expected<'_>,
) -> Result<VerifiedRequest<L::Caller>, SigV4Error> {
    let claim = Claim::read(request)?;
    check_scope(&claim, expected)?;
    check_time(&claim, expected.now)?;
    check_signed_headers(&claim, request)?;
    let session_token = claim.session_token.as_ref().map(|token| token.expose().as_str());
    let credential = credentials.find(&claim.access_key_id, session_token)?;
    let payload_hash = sha256_hex(request.body);
    if request.single("x-amz-content-sha256")?.is_some_and(|stated| stated != payload_hash) {
        return Err(SigV4Error::PayloadMismatch);
    }
    let except = match claim.form {
        Form::Header => None,
        Form::Presigned { .. } => Some("X-Amz-Signature"),
    };
    let canonical_request = canonical::request(request, &claim.signed_headers, &payload_hash, except)?;
    let string_to_sign = string_to_sign(&claim.timestamp, &claim.scope, &canonical_request);
    let signature = SigningKey::derive(&credential.secret, &claim.scope).sign(&string_to_sign);
    if !signature.matches(claim.signature.as_bytes()) {
        return Err(SigV4Error::SignatureDoesNotMatch { canonical_request, string_to_sign });
    }
    Ok(VerifiedRequest {
        access_key_id: claim.access_key_id,
        caller: credential.caller,
        region: claim.scope.region,
        service: claim.scope.service,
    })
}

fn check_scope(claim: &Claim, expected: &Expected<'_>) -> Result<(), SigV4Error> {
    let scope = &claim.scope;
    let wrong = |message: String| Err(SigV4Error::Scope(message));
    if scope.terminator != TERMINATOR {
        return wrong(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}'."));
    }
    if !claim.timestamp.starts_with(&scope.date) || scope.date.len() != 8 {
        return wrong(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}'.",
            scope.date, claim.timestamp
        ));
    }
    if scope.service != expected.service {
        return wrong(format!("Credential should be scoped to correct service: '{}'.", expected.service));
    }
    if !expected.regions.contains(&scope.region.as_str()) {
        let region = expected.regions.first().copied().unwrap_or_default();
        return wrong(format!("Credential should be scoped to a valid region: '{region}', not '{}'.", scope.region));
    }
    Ok(())
}

fn check_time(claim: &Claim, now: OffsetDateTime) -> Result<(), SigV4Error> {
    let minutes = CLOCK_SKEW_MAX.whole_minutes();
    if claim.at > now + CLOCK_SKEW_MAX {
        return Err(SigV4Error::NotYetCurrent(format!(
            "Signature not yet current: {} is still later than {} ({} + {minutes} min.)",
            claim.timestamp,
            timestamp::format(now + CLOCK_SKEW_MAX),
            timestamp::format(now)
        )));
    }
    let (oldest, allowance) = match claim.form {
        Form::Header => (now - CLOCK_SKEW_MAX, format!("{minutes} min.")),
        Form::Presigned { expires } => (now - expires, format!("X-Amz-Expires={}", expires.whole_seconds())),
    };
    if claim.at < oldest {
        return Err(SigV4Error::Expired(format!(
            "Signature expired: {} is now earlier than {} ({} - {allowance})",
            claim.timestamp,
            timestamp::format(oldest),
            timestamp::format(now)
        )));
    }
    Ok(())
}

/// `host` and every `x-amz-*` header that was sent must be signed, or somebody on the way could change them.
fn check_signed_headers(claim: &Claim, request: &Request<'_>) -> Result<(), SigV4Error> {
    let signed = |name: &str| claim.signed_headers.iter().any(|signed| signed == name);
    if !signed("host") {
        return Err(SigV4Error::Incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization.".to_owned()));
    }
    request.single("host")?;
    for (name, _) in request.headers {
        let name = name.to_ascii_lowercase();
        if name.starts_with("x-amz-") && !signed(&name) {
            return Err(SigV4Error::Incomplete(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
        }
    }
    Ok(())
}
