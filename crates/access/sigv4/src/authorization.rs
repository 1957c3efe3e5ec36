//! What the client says about its signature: in the `Authorization` header, or in the query of a presigned request.

use base::Secret;
use time::{Duration, OffsetDateTime};

use crate::canonical::query_pairs;
use crate::{ALGORITHM, Request, SigV4Error, timestamp};

/// `YYYYMMDD/region/service/aws4_request`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub date: String,
    pub region: String,
    pub service: String,
    pub terminator: String,
}

impl Scope {
    #[must_use]
    pub fn text(&self) -> String {
        let Self { date, region, service, terminator } = self;
        format!("{date}/{region}/{service}/{terminator}")
    }
}

/// Where the signature was found, and what that form adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Header,
    Presigned { expires: Duration },
}

/// A claim that is still to be proven.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) form: Form,
    pub(crate) access_key_id: String,
    pub(crate) scope: Scope,
    /// The text that was signed; `at` is what it means.
    pub(crate) timestamp: String,
    pub(crate) at: OffsetDateTime,
    /// Lower case, sorted, no duplicates, at least one.
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
    pub(crate) session_token: Option<Secret<String>>,
}

impl Claim {
    pub(crate) fn read(request: &Request<'_>) -> Result<Self, SigV4Error> {
        let parameters = query_pairs(request.query)?;
        let presigned = parameters.iter().any(|(name, _)| name == "X-Amz-Signature" || name == "X-Amz-Algorithm");
        match (request.single("authorization")?, presigned) {
            (None, false) => Err(SigV4Error::MissingAuthenticationToken),
            (Some(header), false) => Self::from_header(request, header),
            (None, true) => Self::from_query(&parameters),
            (Some(_), true) => {
                Err(incomplete("Sign either in the Authorization header or in the query string, not in both."))
            }
        }
    }

    fn from_header(request: &Request<'_>, header: &str) -> Result<Self, SigV4Error> {
        let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
        if !algorithm.starts_with("AWS4-") {
            // Another scheme (Bearer, Basic) is no attempt at a signature.
            return Err(SigV4Error::MissingAuthenticationToken);
        }
        check_algorithm(algorithm)?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split(',').map(str::trim) {
            let (name, value) = part.split_once('=').ok_or_else(|| {
                incomplete(
                    "The Authorization header must be 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…'.",
                )
            })?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(incomplete(format!("The Authorization header has an unknown part '{name}'."))),
            };
            if slot.replace(value).is_some() {
                return Err(incomplete(format!("The Authorization header has '{name}' twice.")));
            }
        }
        let missing = |name: &str| incomplete(format!("Authorization header requires '{name}' parameter."));
        let (access_key_id, scope) = credential_scope(credential.ok_or_else(|| missing("Credential"))?)?;
        let (timestamp, at) = match (request.single("x-amz-date")?, request.single("date")?) {
            (Some(text), _) => (text.to_owned(), timestamp::parse(text)?),
            (None, Some(text)) => {
                let at = timestamp::parse_http(text)?;
                (timestamp::format(at), at)
            }
            (None, None) => {
                return Err(incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                ));
            }
        };
        Ok(Self {
            form: Form::Header,
            access_key_id,
            scope,
            timestamp,
            at,
            signed_headers: header_names(signed_headers.ok_or_else(|| missing("SignedHeaders"))?)?,
            signature: signature.ok_or_else(|| missing("Signature"))?.to_owned(),
            session_token: request.single("x-amz-security-token")?.map(Secret::from),
        })
    }

    fn from_query(parameters: &[(String, String)]) -> Result<Self, SigV4Error> {
        let single = |name: &str| {
            let mut values = parameters.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
            match (values.next(), values.next()) {
                (value, None) => Ok(value),
                (_, Some(_)) => Err(incomplete(format!("The query string has '{name}' twice."))),
            }
        };
        let needed = |name: &str| {
            single(name)?.ok_or_else(|| incomplete(format!("AWS query-string parameters must include '{name}'.")))
        };
        check_algorithm(needed("X-Amz-Algorithm")?)?;
        let (access_key_id, scope) = credential_scope(needed("X-Amz-Credential")?)?;
        let timestamp = needed("X-Amz-Date")?;
        let expires = needed("X-Amz-Expires")?
            .parse::<u32>()
            .ok()
            .filter(|seconds| (1..=crate::EXPIRES_SECONDS_MAX).contains(seconds));
        let expires = expires.ok_or_else(|| {
            incomplete(format!("X-Amz-Expires must be a number of seconds from 1 to {}.", crate::EXPIRES_SECONDS_MAX))
        })?;
        Ok(Self {
            form: Form::Presigned { expires: Duration::seconds(i64::from(expires)) },
            access_key_id,
            scope,
            timestamp: timestamp.to_owned(),
            at: timestamp::parse(timestamp)?,
            signed_headers: header_names(needed("X-Amz-SignedHeaders")?)?,
            signature: needed("X-Amz-Signature")?.to_owned(),
            session_token: single("X-Amz-Security-Token")?.map(Secret::from),
        })
    }
}

fn check_algorithm(algorithm: &str) -> Result<(), SigV4Error> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'. Use '{ALGORITHM}'.")))
}

fn credential_scope(credential: &str) -> Result<(String, Scope), SigV4Error> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [key, date, region, service, terminator] = parts.as_slice() else {
        return Err(incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
        ));
    };
    if key.is_empty() {
        return Err(incomplete("Credential has no access key id."));
    }
    let [date, region, service, terminator] = [date, region, service, terminator].map(|part| (*part).to_owned());
    Ok(((*key).to_owned(), Scope { date, region, service, terminator }))
}

fn header_names(list: &str) -> Result<Vec<String>, SigV4Error> {
    let names: Vec<String> = list.split(';').map(str::to_owned).collect();
    let sorted = names.is_sorted_by(|one, next| one < next);
    let lower = names.iter().all(|name| !name.is_empty() && !name.chars().any(|letter| letter.is_ascii_uppercase()));
    if sorted && lower {
        return Ok(names);
    }
    Err(incomplete("SignedHeaders must be names in lower case, sorted, each once, separated by ';'."))
}

fn incomplete(message: impl Into<String>) -> SigV4Error {
    SigV4Error::Incomplete(message.into())
}
