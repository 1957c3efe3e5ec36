//! The discovery document (OpenID Connect Discovery 1.0, RFC 8414): what is carried out, and nothing more.

use serde_json::{Value, json};

use crate::authorize::Prompt;
use crate::client::METHODS;
use crate::scope::Scope;

/// `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 3.4).
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The values of `grant_type`.
pub const GRANT_TYPES: [&str; 3] = ["authorization_code", "refresh_token", DEVICE_GRANT];

/// What ID tokens and user information may say, beside what an administrator adds for an application.
const CLAIMS: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "at_hash",
    "amr",
    "sid",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "updated_at",
    "email",
    "email_verified",
    "groups",
];

/// The document of the provider whose issuer this is.
#[must_use]
pub fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let prompts: Vec<&str> = Prompt::ALL.iter().map(|prompt| prompt.name()).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/oauth/jwks"),
        "revocation_endpoint": at("/oauth/revoke"),
        "end_session_endpoint": at("/oauth/logout"),
        "device_authorization_endpoint": at("/oauth/device_authorization"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": prompts,
        "claims_supported": CLAIMS,
        "claim_types_supported": ["normal"],
        "display_values_supported": ["page"],
        "ui_locales_supported": ["en"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "backchannel_logout_supported": false,
        "frontchannel_logout_supported": false,
    })
}
