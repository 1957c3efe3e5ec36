//! Codes and tokens: authorise, exchange, refresh.

use std::collections::BTreeSet;

use base::id::ClientId;
use base::{CorrelationId, Secret};
use directory::ActiveUser;
use time::{Duration, OffsetDateTime};
use tokio::sync::OwnedMutexGuard;

use crate::authorize::CheckedAuthorization;
use crate::claims::{AccessClaims, GrantId, Scope};
use crate::error::{OAuthCode, TokenError};
use crate::format::{self, Kind};
use crate::grant::{self, Grant, GrantRefusal, PresentedCode, RevokeReason, StoredAccess, StoredCode, StoredRefresh};
use crate::hash::TokenHash;
use crate::port::TokenWrite;
use crate::service::Tokens;

/// One person's authorisations that are remembered at a time, so that a script can't fill the memory.
const MOST_GRANTS: usize = 1000;
/// Refreshes of one authorisation, for the same reason.
const MOST_REFRESHES: usize = 1000;

/// CreateToken with `grantType` `authorization_code`.
#[derive(Debug, Clone)]
pub struct CodeExchange {
    pub client: ClientId,
    pub client_secret: Secret<String>,
    pub code: Secret<String>,
    pub redirect_uri: String,
    pub verifier: Secret<String>,
    /// Empty, or the scopes of the authorisation.
    pub scopes: Vec<String>,
}

/// CreateToken with `grantType` `refresh_token`.
#[derive(Debug, Clone)]
pub struct RefreshExchange {
    pub client: ClientId,
    pub client_secret: Secret<String>,
    pub refresh_token: Secret<String>,
    /// Empty, or the scopes of the authorisation.
    pub scopes: Vec<String>,
}

/// What CreateToken answers.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    pub access: Secret<String>,
    pub expires_in: Duration,
    /// Where the client registered the grant `refresh_token`.
    pub refresh: Option<Secret<String>>,
    /// What the access token says, for the audit record.
    pub claims: AccessClaims,
}

impl Tokens {
    /// Gives a code for a request that the person consented to. The person's assignment is decided here, anew.
    ///
    /// # Errors
    /// `access_denied` when the person isn't assigned to a Redshift application, `slow_down` past 1000 authorisations of one
    /// person, or [`TokenError::Unavailable`].
    pub async fn authorize(
        &self,
        request: &CheckedAuthorization,
        user: &ActiveUser,
        correlation: &CorrelationId,
    ) -> Result<Secret<String>, TokenError> {
        let denied = |why: crate::NotAssigned| TokenError::refused(OAuthCode::AccessDenied, why.reason);
        let application = self.access.redshift_application_for(user).map_err(denied)?;
        let turn = self.turn().await;
        if self.read().grant_count_of(user.id()) >= MOST_GRANTS {
            return Err(TokenError::refused(
                OAuthCode::SlowDown,
                "You have too many authorizations at a time; try again later.",
            ));
        }
        let created = self.now();
        let expires = created + self.settings.lifetimes.code;
        let grant = Grant {
            id: GrantId::new(base::id::uuid()),
            user: user.id().clone(),
            user_name: user.user_name().to_owned(),
            client: request.client.id.clone(),
            scopes: request.scopes.clone(),
            issuer: self.settings.instance.clone(),
            application,
            correlation: correlation.clone(),
            created,
            ends: expires,
            revoked: None,
        };
        let code = format::mint(Kind::Code);
        let stored = StoredCode {
            hash: TokenHash::of(&code),
            grant: grant.id.clone(),
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            challenge: request.challenge.clone(),
            expires,
            used: None,
        };
        let mut writes = vec![TokenWrite::PutGrant(grant), TokenWrite::PutCode(stored)];
        if let Some(client) = self.client(&request.client.id)
            && !client.used
        {
            let mut used = (*client).clone();
            used.used = true;
            writes.push(TokenWrite::PutClient(used));
        }
        self.write_through(turn, writes).await?;
        Ok(code)
    }

    /// Exchanges a code. A code that comes a second time revokes everything that was issued from it.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_grant` with the reason, or [`TokenError::Unavailable`].
    pub async fn exchange_code(&self, asked: CodeExchange) -> Result<IssuedTokens, TokenError> {
        let now = self.now();
        let client = self.authenticate(&asked.client, &asked.client_secret, now)?;
        let turn = self.turn().await;
        let unknown =
            || TokenError::refused(OAuthCode::InvalidGrant, "The authorization code is not known; sign in again.");
        let found = {
            let state = self.read();
            state.code(&TokenHash::of(&asked.code)).map(|(code, held)| (code.clone(), held.grant.clone()))
        };
        let (code, grant) = found.ok_or_else(unknown)?;
        let presented =
            PresentedCode { client: &client.id, redirect_uri: &asked.redirect_uri, verifier: &asked.verifier };
        if let Err(refusal) = grant::decide_code(&code, &grant, &presented, now) {
            return Err(self.refuse(turn, &grant, refusal, RevokeReason::CodeReplayed).await);
        }
        check_scopes(&asked.scopes, &grant)?;
        if let Err((reason, text)) = self.recheck(&grant) {
            self.revoke_held(turn, &grant.id, reason).await?;
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        let used = TokenWrite::PutCode(StoredCode { used: Some(now), ..code });
        let refresh_until = client.refreshes.then(|| grant.created + self.settings.lifetimes.refresh);
        self.issue(turn, &grant, refresh_until, (used, now)).await
    }

    /// Exchanges a refresh token for new tokens; each is good for one use. One that comes again revokes its whole family.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_grant` with the reason, or [`TokenError::Unavailable`].
    pub async fn refresh(&self, asked: RefreshExchange) -> Result<IssuedTokens, TokenError> {
        let now = self.now();
        let client = self.authenticate(&asked.client, &asked.client_secret, now)?;
        let turn = self.turn().await;
        let unknown = || TokenError::refused(OAuthCode::InvalidGrant, "The refresh token is not known; sign in again.");
        let found = {
            let state = self.read();
            let found = state.refresh(&TokenHash::of(&asked.refresh_token));
            found.map(|(token, held)| (token.clone(), held.grant.clone(), held.refresh.len()))
        };
        let (token, grant, refreshes) = found.ok_or_else(unknown)?;
        if let Err(refusal) = grant::decide_refresh(&token, &grant, &client.id, now) {
            return Err(self.refuse(turn, &grant, refusal, RevokeReason::RefreshReused).await);
        }
        if refreshes >= MOST_REFRESHES {
            let text = format!("This authorization was refreshed {MOST_REFRESHES} times; sign in again.");
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        check_scopes(&asked.scopes, &grant)?;
        if let Err((reason, text)) = self.recheck(&grant) {
            self.revoke_held(turn, &grant.id, reason).await?;
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        let expires = token.expires;
        let used = TokenWrite::PutRefresh(StoredRefresh { used: Some(now), ..token });
        self.issue(turn, &grant, Some(expires), (used, now)).await
    }

    async fn issue(
        &self,
        turn: OwnedMutexGuard<()>,
        grant: &Grant,
        refresh_until: Option<OffsetDateTime>,
        (used, now): (TokenWrite, OffsetDateTime),
    ) -> Result<IssuedTokens, TokenError> {
        let access = format::mint(Kind::Access);
        let expires_in = self.settings.lifetimes.access;
        let expires = now + expires_in;
        let token = StoredAccess { hash: TokenHash::of(&access), grant: grant.id.clone(), issued: now, expires };
        let claims = grant.claims(&token);
        let ends = refresh_until.map_or(expires, |until| until.max(expires)).max(grant.ends);
        let mut writes =
            vec![used, TokenWrite::PutAccess(token), TokenWrite::ExtendGrant { grant: grant.id.clone(), ends }];
        let refresh = refresh_until.map(|expires| {
            let refresh = format::mint(Kind::Refresh);
            let hash = TokenHash::of(&refresh);
            let stored = StoredRefresh { hash, grant: grant.id.clone(), issued: now, expires, used: None };
            writes.push(TokenWrite::PutRefresh(stored));
            refresh
        });
        self.write_through(turn, writes).await?;
        Ok(IssuedTokens { access, expires_in, refresh, claims })
    }

    /// The person must still be active and assigned; else the grant is worth nothing from now on.
    fn recheck(&self, grant: &Grant) -> Result<(), (RevokeReason, String)> {
        let Some(user) = self.directory.active_user(&grant.user) else {
            let reason = self.gone(&grant.user).unwrap_or(RevokeReason::UserDisabled);
            return Err((reason, format!("The authorization was revoked because {}.", reason.because())));
        };
        self.access.may_use(&user, &grant.application).map_err(|why| (RevokeReason::AccessRemoved, why.reason))
    }

    async fn refuse(
        &self,
        turn: OwnedMutexGuard<()>,
        grant: &Grant,
        refusal: GrantRefusal,
        replayed: RevokeReason,
    ) -> TokenError {
        if refusal == GrantRefusal::Replayed
            && let Err(cause) = self.revoke_held(turn, &grant.id, replayed).await
        {
            return cause;
        }
        TokenError::refused(OAuthCode::InvalidGrant, refusal.describe()).about(grant.subject())
    }
}

/// Scopes are what the person consented to. A request may name them again, and may not name others.
fn check_scopes(asked: &[String], grant: &Grant) -> Result<(), TokenError> {
    let named: Option<BTreeSet<Scope>> = asked.iter().map(|text| Scope::parse(text)).collect();
    if asked.is_empty() || named.as_ref() == Some(&grant.scopes) {
        return Ok(());
    }
    let text = format!("scope: the authorization is for {}.", Scope::list(&grant.scopes));
    Err(TokenError::refused(OAuthCode::InvalidScope, text).about(grant.subject()))
}
