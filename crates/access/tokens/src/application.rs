//! What an application's settings permit in OAuth: pure rules. Each refusal says which call gives it back.

use std::collections::BTreeSet;

use base::id::ApplicationArn;

use crate::access::{Lack, NoAccess};
use crate::claims::Scope;
use crate::redirect::RedirectUri;

/// What the rules read of an application of Identity Center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthApplication {
    pub arn: ApplicationArn,
    /// Shown on the consent page where the application itself asks.
    pub name: String,
    pub enabled: bool,
    /// Managed by Redshift: its tokens open warehouses.
    pub redshift: bool,
    /// The redirect URIs of the grant `authorization_code`; `None` without the grant.
    pub code_redirects: Option<Vec<String>>,
    /// The grant `refresh_token`.
    pub refresh_token: bool,
    /// The grant `urn:ietf:params:oauth:grant-type:token-exchange`.
    pub token_exchange: bool,
    /// Access scopes. What each of them reaches is another question ([`crate::AccessDecision::reaches`]).
    pub scopes: BTreeSet<Scope>,
}

impl OAuthApplication {
    fn lacks(&self, lack: Lack, reason: String, call: &str) -> NoAccess {
        let hint = format!("Ask your administrator to change it ({call}).");
        NoAccess { application: Some(self.arn.clone()), lack, reason, hint }
    }
}

/// Whether tokens with these scopes for the application are worth anything: it exists, is enabled and has all of them.
///
/// # Errors
/// The first of: unknown, disabled, a scope is missing.
pub fn decide_open<'a>(
    arn: &ApplicationArn,
    application: Option<&'a OAuthApplication>,
    scopes: &BTreeSet<Scope>,
) -> Result<&'a OAuthApplication, NoAccess> {
    let Some(application) = application else {
        return Err(NoAccess {
            application: Some(arn.clone()),
            lack: Lack::UnknownApplication,
            reason: format!("The application {arn} does not exist."),
            hint: "Ask your administrator which application to use (sso-admin ListApplications).".to_owned(),
        });
    };
    if !application.enabled {
        let reason = format!("The application {arn} is disabled.");
        return Err(application.lacks(Lack::Disabled, reason, "sso-admin UpdateApplication with Status ENABLED"));
    }
    match scopes.difference(&application.scopes).next() {
        None => Ok(application),
        Some(missing) => {
            let scope = missing.name();
            let reason = format!("The application {arn} doesn't have the access scope {scope}.");
            let call = format!("sso-admin PutApplicationAccessScope with Scope {scope}");
            Err(application.lacks(Lack::Scope, reason, &call))
        }
    }
}

/// Who a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFor {
    /// A program that registered itself (RegisterClient). It may have its answer on the person's own computer (RFC 8252 7.3).
    PublicClient,
    /// The application itself, which redeems the code with CreateTokenWithIAM.
    Application,
}

/// Whether a code may be sent to `redirect` on behalf of the application: it has the grant `authorization_code`, and the grant
/// lists the redirect URI. A public client needs no listing for a loopback address.
///
/// # Errors
/// The grant is missing, or the redirect URI isn't listed.
pub fn decide_redirect(
    application: &OAuthApplication,
    redirect: &RedirectUri,
    code_for: CodeFor,
) -> Result<(), NoAccess> {
    let arn = &application.arn;
    let Some(listed) = &application.code_redirects else {
        return Err(grant_missing(application, "authorization_code"));
    };
    let allowed = match code_for {
        CodeFor::PublicClient => redirect.is_loopback() || redirect.is_listed(listed),
        CodeFor::Application => redirect.is_listed(listed),
    };
    if allowed {
        return Ok(());
    }
    let reason =
        format!("The grant authorization_code of the application {arn} doesn't list the redirect URI {redirect}.");
    let call = "sso-admin PutApplicationGrant with GrantType authorization_code and all its RedirectUris";
    Err(application.lacks(Lack::Redirect, reason, call))
}

/// Whether refresh tokens may be issued and used for the application.
///
/// # Errors
/// The grant is missing.
pub fn decide_refresh(application: &OAuthApplication) -> Result<(), NoAccess> {
    if application.refresh_token { Ok(()) } else { Err(grant_missing(application, "refresh_token")) }
}

/// Whether a token of `subject` with these scopes may be exchanged for one of `target` (RFC 8693; apis.md 3.2): `target` has the
/// grant, and some of the scopes reach it (`reaches`). Answers those: an exchange never widens.
///
/// # Errors
/// The grant is missing, or none of the scopes is for `target`.
pub fn decide_exchange(
    subject: &ApplicationArn,
    target: &OAuthApplication,
    scopes: &BTreeSet<Scope>,
    reaches: impl Fn(Scope) -> bool,
) -> Result<BTreeSet<Scope>, NoAccess> {
    if !target.token_exchange {
        return Err(grant_missing(target, "urn:ietf:params:oauth:grant-type:token-exchange"));
    }
    let granted: BTreeSet<Scope> = scopes.iter().copied().filter(|scope| reaches(*scope)).collect();
    if !granted.is_empty() {
        return Ok(granted);
    }
    let (from, to) = (subject, &target.arn);
    let reason = format!(
        "No access scope of the subject token reaches the application {to}: it was issued for {from} with {}.",
        Scope::list(scopes)
    );
    let call = format!("sso-admin PutApplicationAccessScope for {from}, with {to} among its AuthorizedTargets");
    Err(target.lacks(Lack::Scope, reason, &call))
}

fn grant_missing(application: &OAuthApplication, grant: &str) -> NoAccess {
    let reason = format!("The application {} doesn't have the grant {grant}.", application.arn);
    application.lacks(Lack::Grant, reason, &format!("sso-admin PutApplicationGrant with GrantType {grant}"))
}

#[cfg(test)]
mod tests;
