//! What a CreateTokenWithIAM call asks for.

use base::Secret;
use tokens::{OAuthCode, RequestedToken, Scope, SubjectExchange};

use crate::oauth::body::{CreateTokenWithIam, Refused, foreign, missing};

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// A call, understood.
pub(super) struct Asked {
    pub(super) grant: Grant,
    pub(super) scopes: Vec<String>,
}

pub(super) enum Grant {
    Code { code: Secret<String>, redirect_uri: String, verifier: Option<Secret<String>> },
    Refresh { token: Secret<String> },
    Exchange(SubjectExchange),
}

impl Asked {
    /// `issuedTokenType`: a refresh token stands for both where there is one.
    pub(super) const fn issued_token_type(&self, with_refresh: bool) -> &'static str {
        if with_refresh { REFRESH_TOKEN } else { ACCESS_TOKEN }
    }
}

/// Reads the members of the grant type, and refuses by name what belongs to another or isn't carried out.
pub(super) fn understand(input: CreateTokenWithIam) -> Result<Asked, Refused> {
    let grant_type = input.grant_type.as_deref().ok_or_else(|| missing("grantType"))?;
    let scopes = known_scopes(input.scope.clone().unwrap_or_default())?;
    let code = [
        ("code", input.code.is_some()),
        ("redirectUri", input.redirect_uri.is_some()),
        ("codeVerifier", input.code_verifier.is_some()),
    ];
    let exchange = [
        ("subjectToken", input.subject_token.is_some()),
        ("subjectTokenType", input.subject_token_type.is_some()),
        ("requestedTokenType", input.requested_token_type.is_some()),
    ];
    let refresh = [("refreshToken", input.refresh_token.is_some())];
    let grant = match grant_type {
        "authorization_code" => {
            foreign(grant_type, &[exchange.as_slice(), &refresh, &assertion(&input)].concat())?;
            Grant::Code {
                code: Secret::new(input.code.ok_or_else(|| missing("code"))?),
                redirect_uri: input.redirect_uri.ok_or_else(|| missing("redirectUri"))?,
                verifier: input.code_verifier.map(Secret::new),
            }
        }
        "refresh_token" => {
            foreign(grant_type, &[exchange.as_slice(), &code, &assertion(&input)].concat())?;
            Grant::Refresh { token: Secret::new(input.refresh_token.ok_or_else(|| missing("refreshToken"))?) }
        }
        TOKEN_EXCHANGE => {
            foreign(grant_type, &[code.as_slice(), &refresh, &assertion(&input)].concat())?;
            Grant::Exchange(subject(input, &scopes)?)
        }
        JWT_BEARER => {
            let text = format!(
                "grantType: {JWT_BEARER} is not carried out by this server, which has no trusted token issuers; use \
                 authorization_code or {TOKEN_EXCHANGE}."
            );
            return Err(Refused::new(OAuthCode::UnsupportedGrantType, text));
        }
        _ => {
            let text =
                format!("grantType: this server carries out authorization_code, refresh_token and {TOKEN_EXCHANGE}.");
            return Err(Refused::new(OAuthCode::UnsupportedGrantType, text));
        }
    };
    Ok(Asked { grant, scopes })
}

const fn assertion(input: &CreateTokenWithIam) -> [(&'static str, bool); 1] {
    [("assertion", input.assertion.is_some())]
}

fn known_scopes(scopes: Vec<String>) -> Result<Vec<String>, Refused> {
    let Some(unknown) = scopes.iter().find(|scope| Scope::parse(scope).is_none()) else { return Ok(scopes) };
    let shown: String = unknown.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let why = match unknown.as_str() {
        "openid" => ": it signs no ID tokens",
        "sts:identity_context" | "aws" => ": it has no role sessions with an identity",
        _ => "",
    };
    let text =
        format!("scope: {shown} is not carried out by this server{why}; it knows {}.", Scope::RedshiftConnect.name());
    Err(Refused::new(OAuthCode::InvalidScope, text))
}

fn subject(input: CreateTokenWithIam, scopes: &[String]) -> Result<SubjectExchange, Refused> {
    let invalid = |text: String| Refused::new(OAuthCode::InvalidRequest, text);
    match input.subject_token_type.as_deref() {
        Some(ACCESS_TOKEN) => {}
        Some(_) => return Err(invalid(format!("subjectTokenType: only {ACCESS_TOKEN} is known."))),
        None => return Err(missing("subjectTokenType")),
    }
    let requested = match input.requested_token_type.as_deref() {
        None | Some(ACCESS_TOKEN) => RequestedToken::Access,
        Some(REFRESH_TOKEN) => RequestedToken::Refresh,
        Some(_) => return Err(invalid(format!("requestedTokenType: {ACCESS_TOKEN} or {REFRESH_TOKEN}."))),
    };
    let subject = Secret::new(input.subject_token.ok_or_else(|| missing("subjectToken"))?);
    Ok(SubjectExchange { subject, requested, scopes: scopes.to_vec() })
}
