//! Codes and tokens: authorise, exchange, refresh.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::ClientId;
use base::{CorrelationId, Secret, SecretHash};
use directory::ActiveUser;
use time::{Duration, OffsetDateTime};
use tokio::sync::OwnedMutexGuard;

use crate::access::NoAccess;
use crate::application::{self, CodeFor, OAuthApplication};
use crate::authorize::{CheckedAuthorization, Requester};
use crate::claims::{AccessClaims, GrantId, Scope};
use crate::client::Client;
use crate::error::{OAuthCode, TokenError};
use crate::format::{self, Kind};
use crate::grant::{self, Grant, GrantRefusal, PresentedCode, RevokeReason, StoredAccess, StoredCode, StoredRefresh};
use crate::port::TokenWrite;
use crate::service::{ApplicationCaller, Tokens};

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
    /// Where the application has the grant `refresh_token`, and the public client registered it.
    pub refresh: Option<Secret<String>>,
    /// What the access token says, for the audit record.
    pub claims: AccessClaims,
}

/// Who redeems what was issued, proven.
#[derive(Debug, Clone)]
pub(super) enum Redeemer {
    /// By its secret.
    Client(Arc<Client>),
    /// By its caller's signature, IAM and its actor policy.
    Application(ApplicationCaller),
}

impl Redeemer {
    fn id(&self) -> ClientId {
        match self {
            Self::Client(client) => client.id.clone(),
            Self::Application(caller) => caller.client(),
        }
    }

    fn refreshes(&self) -> bool {
        match self {
            Self::Client(client) => client.refreshes,
            Self::Application(_) => true,
        }
    }
}

/// A code as it is presented.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) code: Secret<String>,
    pub(super) redirect_uri: String,
    pub(super) verifier: Option<Secret<String>>,
    pub(super) scopes: Vec<String>,
}

impl Tokens {
    /// Gives a code for a request that the person consented to. The person's assignment and the application's settings are
    /// decided here, anew.
    ///
    /// # Errors
    /// `access_denied` when [`Tokens::may_authorize`] says no, `slow_down` past 1000 authorisations of one person, or
    /// [`TokenError::Unavailable`].
    pub async fn authorize(
        &self,
        request: &CheckedAuthorization,
        user: &ActiveUser,
        correlation: &CorrelationId,
    ) -> Result<Secret<String>, TokenError> {
        let denied = |why: NoAccess| TokenError::refused(OAuthCode::AccessDenied, why.reason);
        let application = self.may_authorize(request, user).map_err(denied)?;
        let turn = self.turn().await;
        self.room_for_a_grant(user)?;
        let created = self.now();
        let expires = created + self.settings.lifetimes.code;
        let grant = Grant {
            id: GrantId::new(base::id::uuid()),
            user: user.id().clone(),
            user_name: user.user_name().to_owned(),
            client: request.requester.id(),
            scopes: request.scopes.clone(),
            issuer: self.settings.instance.clone(),
            application,
            correlation: correlation.clone(),
            parent: None,
            created,
            ends: expires,
            revoked: None,
        };
        let code = format::mint(Kind::Code);
        let stored = StoredCode {
            hash: SecretHash::of(&code),
            grant: grant.id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            expires,
            used: None,
        };
        let mut writes = vec![TokenWrite::PutGrant(grant), TokenWrite::PutCode(stored)];
        writes.extend(self.first_use(&request.requester));
        self.write_through(turn, writes).await?;
        Ok(code)
    }

    pub(super) fn room_for_a_grant(&self, user: &ActiveUser) -> Result<(), TokenError> {
        if self.read().grant_count_of(user.id()) < MOST_GRANTS {
            return Ok(());
        }
        let text = "The user has too many authorizations at a time; try again later.";
        Err(TokenError::refused(OAuthCode::SlowDown, text))
    }

    fn first_use(&self, requester: &Requester) -> Option<TokenWrite> {
        let client = match requester {
            Requester::Client(client) => self.client(&client.id)?,
            Requester::Application(_) => return None,
        };
        if client.used {
            return None;
        }
        let mut used = (*client).clone();
        used.used = true;
        Some(TokenWrite::PutClient(used))
    }

    /// Exchanges a code. A code that comes a second time revokes everything that was issued from it.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_grant` with the reason, `unauthorized_client` when the application has lost the grant
    /// `authorization_code`, or [`TokenError::Unavailable`].
    pub async fn exchange_code(&self, asked: CodeExchange) -> Result<IssuedTokens, TokenError> {
        let client = self.authenticate(&asked.client, &asked.client_secret, self.now())?;
        let CodeExchange { code, redirect_uri, verifier, scopes, client: _, client_secret: _ } = asked;
        self.redeem_code(&Redeemer::Client(client), Code { code, redirect_uri, verifier: Some(verifier), scopes }).await
    }

    pub(super) async fn redeem_code(&self, redeemer: &Redeemer, asked: Code) -> Result<IssuedTokens, TokenError> {
        let now = self.now();
        let turn = self.turn().await;
        let unknown =
            || TokenError::refused(OAuthCode::InvalidGrant, "The authorization code is not known; sign in again.");
        let found = {
            let state = self.read();
            state.code(&SecretHash::of(&asked.code)).map(|(code, held)| (code.clone(), held.grant.clone()))
        };
        let (code, grant) = found.ok_or_else(unknown)?;
        let client = redeemer.id();
        let presented =
            PresentedCode { client: &client, redirect_uri: &asked.redirect_uri, verifier: asked.verifier.as_ref() };
        if let Err(refusal) = grant::decide_code(&code, &grant, &presented, now) {
            return Err(self.refuse(turn, &grant, refusal, RevokeReason::CodeReplayed).await);
        }
        check_scopes(&asked.scopes, &grant)?;
        if let Err((reason, text)) = self.recheck(&grant) {
            self.revoke_held(turn, &grant.id, reason).await?;
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        let settings = self.settings_of(&grant)?;
        decide_redirect_again(&settings, &code, redeemer).map_err(|why| lacking(&why).about(grant.subject()))?;
        let refreshes = redeemer.refreshes() && application::decide_refresh(&settings).is_ok();
        let used = TokenWrite::PutCode(StoredCode { used: Some(now), ..code });
        let refresh_until = refreshes.then(|| grant.created + self.settings.lifetimes.refresh);
        self.issue(turn, &grant, refresh_until, (used, now)).await
    }

    /// Exchanges a refresh token for new tokens; each is good for one use. One that comes again revokes its whole family.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_grant` with the reason, `unauthorized_client` when the application has lost the grant
    /// `refresh_token` (the token stays good for when it has it again), or [`TokenError::Unavailable`].
    pub async fn refresh(&self, asked: RefreshExchange) -> Result<IssuedTokens, TokenError> {
        let client = self.authenticate(&asked.client, &asked.client_secret, self.now())?;
        self.redeem_refresh(&Redeemer::Client(client), &asked.refresh_token, &asked.scopes).await
    }

    pub(super) async fn redeem_refresh(
        &self,
        redeemer: &Redeemer,
        presented: &Secret<String>,
        scopes: &[String],
    ) -> Result<IssuedTokens, TokenError> {
        let now = self.now();
        let turn = self.turn().await;
        let unknown = || TokenError::refused(OAuthCode::InvalidGrant, "The refresh token is not known; sign in again.");
        let found = {
            let state = self.read();
            let found = state.refresh(&SecretHash::of(presented));
            found.map(|(token, held)| (token.clone(), held.grant.clone(), held.refresh.len()))
        };
        let (token, grant, refreshes) = found.ok_or_else(unknown)?;
        if let Err(refusal) = grant::decide_refresh(&token, &grant, &redeemer.id(), now) {
            return Err(self.refuse(turn, &grant, refusal, RevokeReason::RefreshReused).await);
        }
        if refreshes >= MOST_REFRESHES {
            let text = format!("This authorization was refreshed {MOST_REFRESHES} times; sign in again.");
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        check_scopes(scopes, &grant)?;
        if let Err((reason, text)) = self.recheck(&grant) {
            self.revoke_held(turn, &grant.id, reason).await?;
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject()));
        }
        let settings = self.settings_of(&grant)?;
        application::decide_refresh(&settings).map_err(|why| lacking(&why).about(grant.subject()))?;
        let expires = token.expires;
        let used = TokenWrite::PutRefresh(StoredRefresh { used: Some(now), ..token });
        self.issue(turn, &grant, Some(expires), (used, now)).await
    }

    /// Issues from a grant, together with the write that `first` is. Nothing outlives the longest life of an authorisation.
    pub(super) async fn issue(
        &self,
        turn: OwnedMutexGuard<()>,
        grant: &Grant,
        refresh_until: Option<OffsetDateTime>,
        (first, now): (TokenWrite, OffsetDateTime),
    ) -> Result<IssuedTokens, TokenError> {
        let access = format::mint(Kind::Access);
        let lifetimes = self.settings.lifetimes;
        let expires = (now + lifetimes.access).min(grant.created + lifetimes.refresh.max(lifetimes.access));
        let token = StoredAccess { hash: SecretHash::of(&access), grant: grant.id.clone(), issued: now, expires };
        let claims = grant.claims(&token);
        let ends = refresh_until.map_or(expires, |until| until.max(expires)).max(grant.ends);
        let mut writes =
            vec![first, TokenWrite::PutAccess(token), TokenWrite::ExtendGrant { grant: grant.id.clone(), ends }];
        let refresh = refresh_until.map(|expires| {
            let refresh = format::mint(Kind::Refresh);
            let hash = SecretHash::of(&refresh);
            let stored = StoredRefresh { hash, grant: grant.id.clone(), issued: now, expires, used: None };
            writes.push(TokenWrite::PutRefresh(stored));
            refresh
        });
        self.write_through(turn, writes).await?;
        Ok(IssuedTokens { access, expires_in: expires - now, refresh, claims })
    }

    /// The person must still be active and may use the application; else the grant is worth nothing from now on.
    fn recheck(&self, grant: &Grant) -> Result<(), (RevokeReason, String)> {
        let Some(user) = self.directory.active_user(&grant.user) else {
            let reason = self.gone(&grant.user).unwrap_or(RevokeReason::UserDisabled);
            return Err((reason, format!("The authorization was revoked because {}.", reason.because())));
        };
        let why = |why: NoAccess| (why.lack.revokes(), format!("{} {}", why.reason, why.hint));
        self.access.may_use(&user, &grant.application).map_err(why)
    }

    /// The settings of the grant's application, if what it issues is worth anything.
    fn settings_of(&self, grant: &Grant) -> Result<OAuthApplication, TokenError> {
        let settings = self.access.application(&grant.application);
        let open = application::decide_open(&grant.application, settings.as_ref(), &grant.scopes);
        open.cloned().map_err(|why| lacking(&why).about(grant.subject()))
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
        let text = match (refusal, self.recheck(grant)) {
            // What is lacking helps more than that the grant was revoked for it.
            (GrantRefusal::Revoked(_), Err((_, lacking))) => lacking,
            (_, _) => refusal.describe(),
        };
        TokenError::refused(OAuthCode::InvalidGrant, text).about(grant.subject())
    }
}

/// The grant may have been taken away, or the address, since the code was given.
fn decide_redirect_again(settings: &OAuthApplication, code: &StoredCode, redeemer: &Redeemer) -> Result<(), NoAccess> {
    let code_for = match redeemer {
        Redeemer::Client(_) => CodeFor::PublicClient,
        Redeemer::Application(_) => CodeFor::Application,
    };
    application::decide_redirect(settings, &code.redirect_uri, code_for)
}

/// A refusal for what an application's settings lack.
pub(super) fn lacking(why: &NoAccess) -> TokenError {
    TokenError::refused(why.lack.code(), format!("{} {}", why.reason, why.hint))
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
