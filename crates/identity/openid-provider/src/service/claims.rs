//! What applications learn about a person: the same in ID tokens and in user information.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Secret, SecretHash};
use directory::ActiveUser;
use idp::Application;
use serde_json::{Map, Value, json};

use crate::error::{OAuthError, Refusal, Subject};
use crate::scope::Scope;
use crate::service::OpenIdProvider;

/// The answer of the user information endpoint.
#[derive(Debug, Clone)]
pub struct UserInfo {
    pub claims: Map<String, Value>,
    /// For the audit record.
    pub subject: Subject,
    pub application: Arc<Application>,
}

impl OpenIdProvider {
    /// What an access token opens. Whether the person is active, signed in and may open the application is decided here, anew.
    ///
    /// # Errors
    /// `invalid_token` with the reason.
    pub fn userinfo(&self, access: &Secret<String>) -> Result<UserInfo, Refusal> {
        let refused = |text: String| Refusal::new(OAuthError::InvalidToken, text);
        let (token, grant) = {
            let state = self.read();
            let found = state.access(&SecretHash::of(access)).map(|(token, grant)| (token.clone(), grant.clone()));
            found.ok_or_else(|| refused("The access token isn't known.".to_owned()))?
        };
        let about = |refusal: Refusal| refusal.about(grant.subject());
        if let Some(revocation) = grant.revoked {
            let text = format!("The access token was revoked because {}.", revocation.reason.because());
            return Err(about(refused(text)));
        }
        if self.now() >= token.expires {
            return Err(about(refused("The access token has expired.".to_owned())));
        }
        let (user, application) = self.standing(&grant).map_err(|(_, text)| about(refused(text)))?;
        let claims = self.claims_of(&user, &application, &token.scopes).map_err(about)?;
        Ok(UserInfo { claims, subject: grant.subject(), application })
    }

    /// `sub`, and what the scopes permit (OpenID Connect Core 5.1 and 5.4). What an administrator mapped can't replace what is
    /// standard.
    pub(super) fn claims_of(
        &self,
        user: &ActiveUser,
        application: &Application,
        scopes: &BTreeSet<Scope>,
    ) -> Result<Map<String, Value>, Refusal> {
        let refused = |text: String| Refusal::new(OAuthError::ServerError, text);
        let mapped = self.idp.claims(user.id(), application).map_err(|cause| refused(cause.to_string()))?;
        let groups_claim = application.oidc().and_then(|oidc| oidc.groups_claim.as_ref()).map(|claim| &claim.name);
        let permitted = |name: &String| {
            let scope = if Some(name) == groups_claim { Scope::Groups } else { Scope::Profile };
            scopes.contains(&scope)
        };
        let mut claims: Map<String, Value> = mapped.into_iter().filter(|(name, _)| permitted(name)).collect();
        let person = self.idp.people().user(user.id());
        let person = person.ok_or_else(|| refused("The person was deleted.".to_owned()))?;
        let mut put = |name: &str, value: Option<Value>| value.map(|value| claims.insert(name.to_owned(), value));
        if scopes.contains(&Scope::Profile) {
            put("name", person.display_name.as_ref().map(|name| json!(name)));
            put("given_name", person.given_name.as_ref().map(|name| json!(name)));
            put("family_name", person.family_name.as_ref().map(|name| json!(name)));
            put("preferred_username", Some(json!(person.user_name)));
            put("updated_at", Some(json!(person.modified.unix_timestamp())));
        }
        if scopes.contains(&Scope::Email)
            && let Some(email) = &person.email
        {
            put("email", Some(json!(email)));
            // Only administrators set addresses here: it is their word.
            put("email_verified", Some(json!(true)));
        }
        put("sub", Some(json!(user.id().as_str())));
        Ok(claims)
    }
}
