//! Which proof is asked for: a pure rule over the start-up packet and the catalog.

use aws_lc_rs::hmac;
use catalog::{Catalog, PasswordVerifier};

use super::{Challenge, StartupRequest, refusal};
use crate::error::QueryError;

/// The challenge, and for a password login the name it is about.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) challenge: Challenge,
    pub(super) user: Option<String>,
    /// The name is one that temporary credentials have.
    pub(super) temporary: bool,
    /// Whose token it is to be, for [`Challenge::Token`].
    pub(super) issuer: Issuer,
}

/// Who issued the token that answers [`Challenge::Token`] (`idp_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Issuer {
    /// Identity Center: an access token of ours.
    IdentityCenter,
    /// An identity provider of type azure: a JSON Web Token.
    Azure,
}

/// Code 14 where the client names an identity provider type; else by what is kept of the user's password and by what the client
/// can answer: only Redshift's own drivers know code 13 (drivers.md 1.5). In clear, from this machine only, a proof is taken that
/// doesn't tell the password (5, 13). Unknown users are asked the same as known ones.
pub(super) fn plan(startup: &StartupRequest, catalog: &Catalog, key: &hmac::Key) -> Result<Plan, QueryError> {
    if !startup.encrypted && !startup.peer.ip().is_loopback() {
        return Err(refusal::not_encrypted("a login from another machine"));
    }
    if let Some(idp_type) = startup.parameter("idp_type") {
        return token_plan(startup, idp_type);
    }
    let user = startup.parameter("user").ok_or_else(refusal::no_user)?.to_owned();
    if credentials::is_temporary(&user) {
        return Ok(temporary_plan(startup, user, key));
    }
    let verifier = catalog.user_by_name(&user).and_then(|user| user.password.as_ref());
    let redshift_driver = is_redshift_driver(startup);
    let challenge = match verifier {
        Some(PasswordVerifier::Md5(_)) => Challenge::Md5 { salt: base::random::bytes() },
        Some(PasswordVerifier::Sha256 { digest: _, salt }) if redshift_driver => digest(salt.clone()),
        None if redshift_driver => digest(pretended_salt(&user, key)),
        Some(PasswordVerifier::Sha256 { .. }) | None if startup.encrypted => Challenge::Cleartext,
        Some(PasswordVerifier::Sha256 { .. }) | None => return Err(refusal::not_encrypted("this user's password")),
    };
    Ok(Plan { challenge, user: Some(user), temporary: false, issuer: Issuer::IdentityCenter })
}

/// A temporary password can be proven in every way, so the client's own decides, whether the name has credentials or not.
fn temporary_plan(startup: &StartupRequest, user: String, key: &hmac::Key) -> Plan {
    let challenge = if is_redshift_driver(startup) {
        digest(pretended_salt(&user, key))
    } else if startup.encrypted {
        Challenge::Cleartext
    } else {
        Challenge::Md5 { salt: base::random::bytes() }
    };
    Plan { challenge, user: Some(user), temporary: true, issuer: Issuer::IdentityCenter }
}

/// Only they know code 13.
fn is_redshift_driver(startup: &StartupRequest) -> bool {
    startup.parameter("driver_version").is_some() || startup.parameter("client_protocol_version").is_some()
}

fn token_plan(startup: &StartupRequest, idp_type: &str) -> Result<Plan, QueryError> {
    let issuer = if idp_type.eq_ignore_ascii_case("AwsIdc") {
        Issuer::IdentityCenter
    } else if idp_type.eq_ignore_ascii_case("AzureAD") {
        Issuer::Azure
    } else {
        return Err(refusal::unsupported_idp_type(idp_type));
    };
    if issuer == Issuer::IdentityCenter
        && let Some(token_type) = startup.parameter("token_type")
        && !token_type.eq_ignore_ascii_case("ACCESS_TOKEN")
    {
        return Err(refusal::unsupported_token_type(token_type));
    }
    if !startup.encrypted {
        return Err(refusal::not_encrypted("an access token"));
    }
    Ok(Plan { challenge: Challenge::Token, user: None, temporary: false, issuer })
}

fn digest(salt: Vec<u8>) -> Challenge {
    Challenge::Digest { salt, server_nonce: base::random::bytes::<32>().to_vec() }
}

/// The same salt every time for the same unknown name, so that asking twice doesn't tell whether the user exists.
fn pretended_salt(user: &str, key: &hmac::Key) -> Vec<u8> {
    hmac::sign(key, user.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests;
