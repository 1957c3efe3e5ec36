//! The token endpoint: a code, a refresh token or a device code for tokens.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Secret, SecretHash};
use idp::{Application, OidcGrant};
use tokio::sync::OwnedMutexGuard;

use crate::device::{DeviceDecision, DeviceState, StoredDevice};
use crate::error::{OAuthError, OpenIdError, Refusal};
use crate::format::RefreshToken;
use crate::grant::{self, Grant, GrantRefusal, PresentedCode, RevokeReason};
use crate::port::OpenIdWrite;
use crate::scope::Scope;
use crate::service::OpenIdProvider;
use crate::service::issue::Issued;

/// `grant_type=authorization_code`, of an application that has proven itself.
#[derive(Debug, Clone)]
pub struct CodeExchange {
    pub application: Arc<Application>,
    pub code: Secret<String>,
    pub redirect_uri: String,
    pub verifier: Secret<String>,
}

/// `grant_type=refresh_token`, of an application that has proven itself.
#[derive(Debug, Clone)]
pub struct RefreshExchange {
    pub application: Arc<Application>,
    pub refresh_token: Secret<String>,
    /// Fewer than the authorisation's, for the tokens that this answer holds.
    pub scope: Option<String>,
}

/// `grant_type=urn:ietf:params:oauth:grant-type:device_code`, of an application that has proven itself.
#[derive(Debug, Clone)]
pub struct DeviceExchange {
    pub application: Arc<Application>,
    pub device_code: Secret<String>,
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::new(OAuthError::InvalidGrant, text)
}

impl OpenIdProvider {
    /// Exchanges a code. A code that comes a second time revokes everything that was issued from it.
    ///
    /// # Errors
    /// `invalid_grant` with the reason, `unauthorized_client`, or [`OpenIdError::Unavailable`].
    pub async fn exchange_code(&self, asked: CodeExchange) -> Result<Issued, OpenIdError> {
        has_grant(&asked.application, OidcGrant::AuthorizationCode)?;
        let found = self.read().by_code(&SecretHash::of(&asked.code)).cloned();
        let known = found.ok_or_else(|| refused("The code is not known; sign in again."))?;
        let presented = PresentedCode {
            application: &asked.application.id,
            redirect_uri: &asked.redirect_uri,
            verifier: &asked.verifier,
        };
        let decide = |grant: &Grant| {
            let code = grant.code.as_ref().ok_or(GrantRefusal::Replayed)?;
            grant::decide_code(code, grant, &presented, self.now())
        };
        self.settle(&known, &decide, RevokeReason::CodeReplayed).await?;
        let standing = self.standing(&known).map_err(|(_, text)| refused(text).about(known.subject()))?;
        let refresh = known.is_offline().then(RefreshToken::first);
        let draft = self.draft(&known, (&standing.0, standing.1), known.scopes.clone(), refresh)?;
        let (turn, current) = self.still(&known, &decide, RevokeReason::CodeReplayed).await?;
        let mut writes = vec![OpenIdWrite::UseCode { grant: current.id.clone(), at: self.now() }];
        writes.extend(self.writes_of(&draft, &current));
        self.write_through(turn, writes).await?;
        Ok(draft.into_issued())
    }

    /// Exchanges a refresh token for new tokens; each is good for one use. One that comes again revokes its whole family. The
    /// person and the application are decided about anew.
    ///
    /// # Errors
    /// `invalid_grant` with the reason, `invalid_scope`, `unauthorized_client`, or [`OpenIdError::Unavailable`].
    pub async fn refresh(&self, asked: RefreshExchange) -> Result<Issued, OpenIdError> {
        has_grant(&asked.application, OidcGrant::RefreshToken)?;
        let unknown = || refused("The refresh token is not known; sign in again.");
        let token = RefreshToken::read(&asked.refresh_token).ok_or_else(unknown)?;
        let known = self.read().by_family(&token.family()).cloned().ok_or_else(unknown)?;
        let own = token.own();
        let decide = |grant: &Grant| {
            let refresh = grant.refresh.as_ref().ok_or(GrantRefusal::Replayed)?;
            grant::decide_refresh(refresh, grant, &own, &asked.application.id, self.now())
        };
        self.settle(&known, &decide, RevokeReason::RefreshReused).await?;
        let scopes = narrowed(&known, asked.scope.as_deref())?;
        let standing = match self.standing(&known) {
            Ok(standing) => standing,
            Err((reason, text)) => {
                if let Some(reason) = reason {
                    self.revoke_held(self.turn().await, &known.id, reason).await?;
                }
                return Err(refused(text).about(known.subject()).into());
            }
        };
        let draft = self.draft(&known, (&standing.0, standing.1), scopes, Some(token.next()))?;
        let (turn, current) = self.still(&known, &decide, RevokeReason::RefreshReused).await?;
        let writes = self.writes_of(&draft, &current);
        self.write_through(turn, writes).await?;
        Ok(draft.into_issued())
    }

    /// What a device gets that asks for its tokens (RFC 8628 3.4 and 3.5).
    ///
    /// # Errors
    /// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, `unauthorized_client`, or
    /// [`OpenIdError::Unavailable`].
    pub async fn exchange_device(&self, asked: DeviceExchange) -> Result<Issued, OpenIdError> {
        has_grant(&asked.application, OidcGrant::DeviceCode)?;
        let grant = match self.poll(&asked)? {
            DeviceDecision::Issue(grant) => grant,
            DeviceDecision::Pending => {
                let text = "The person hasn't answered yet.";
                return Err(Refusal::new(OAuthError::AuthorizationPending, text).into());
            }
            DeviceDecision::SlowDown => {
                let text = "The device asks too often; it must wait 5 seconds longer than before.";
                return Err(Refusal::new(OAuthError::SlowDown, text).into());
            }
            DeviceDecision::Denied => {
                return Err(Refusal::new(OAuthError::AccessDenied, "The person denied it.").into());
            }
            DeviceDecision::Expired => {
                let text = "The device code has expired; begin again.";
                return Err(Refusal::new(OAuthError::ExpiredToken, text).into());
            }
            DeviceDecision::OtherClient => return Err(refused("It was issued to another client.").into()),
            DeviceDecision::Replayed(grant) => return Err(self.replayed_device(&grant).await),
        };
        let gone = || refused("What the person allowed has ended; begin again.");
        let known = self.read().grant(&grant).cloned().ok_or_else(gone)?;
        if let Some(revocation) = known.revoked {
            let text = GrantRefusal::Revoked(revocation.reason).describe();
            return Err(refused(text).about(known.subject()).into());
        }
        let standing = self.standing(&known).map_err(|(_, text)| refused(text).about(known.subject()))?;
        let refresh = known.is_offline().then(RefreshToken::first);
        let draft = self.draft(&known, (&standing.0, standing.1), known.scopes.clone(), refresh)?;
        let turn = self.turn().await;
        let device = self.read().device(&SecretHash::of(&asked.device_code)).cloned().ok_or_else(gone)?;
        if device.state != DeviceState::Approved(grant.clone()) {
            drop(turn);
            return Err(self.replayed_device(&grant).await);
        }
        let redeemed = StoredDevice { state: DeviceState::Redeemed(grant), ..device };
        let mut writes = vec![OpenIdWrite::PutDevice(redeemed)];
        writes.extend(self.writes_of(&draft, &known));
        self.write_through(turn, writes).await?;
        Ok(draft.into_issued())
    }

    async fn replayed_device(&self, grant: &crate::grant::GrantId) -> OpenIdError {
        let turn = self.turn().await;
        let known = self.read().grant(grant).cloned();
        if let Err(cause) = self.revoke_held(turn, grant, RevokeReason::CodeReplayed).await {
            return cause;
        }
        let refusal = refused(GrantRefusal::Replayed.describe());
        known.map_or(refusal.clone(), |known| refusal.about(known.subject())).into()
    }

    /// Refuses what breaks a rule, and revokes what has to be.
    async fn settle(
        &self,
        grant: &Grant,
        decide: &(impl Fn(&Grant) -> Result<(), GrantRefusal> + Sync),
        replayed: RevokeReason,
    ) -> Result<(), OpenIdError> {
        let Err(refusal) = decide(grant) else { return Ok(()) };
        if refusal == GrantRefusal::Replayed {
            self.revoke_held(self.turn().await, &grant.id, replayed).await?;
        }
        Err(refused(refusal.describe()).about(grant.subject()).into())
    }

    /// Decides again with the turn to write: of two requests with the same credential one comes second.
    async fn still(
        &self,
        known: &Grant,
        decide: &(impl Fn(&Grant) -> Result<(), GrantRefusal> + Sync),
        replayed: RevokeReason,
    ) -> Result<(OwnedMutexGuard<()>, Grant), OpenIdError> {
        let turn = self.turn().await;
        let current = self.read().grant(&known.id).cloned();
        let current = current.ok_or_else(|| refused("It has expired; sign in again.").about(known.subject()))?;
        if decide(&current).is_err() {
            drop(turn);
            self.settle(&current, decide, replayed).await?;
            return Err(refused("It has expired; sign in again.").about(known.subject()).into());
        }
        Ok((turn, current))
    }
}

fn has_grant(application: &Application, grant: OidcGrant) -> Result<(), Refusal> {
    if application.oidc().is_some_and(|oidc| oidc.grants.contains(&grant)) {
        return Ok(());
    }
    let text = "The application doesn't have this grant type; an administrator can add it.";
    Err(Refusal::new(OAuthError::UnauthorizedClient, text))
}

/// RFC 6749 6: the same scopes, or fewer.
fn narrowed(grant: &Grant, asked: Option<&str>) -> Result<BTreeSet<Scope>, Refusal> {
    let Some(asked) = asked else { return Ok(grant.scopes.clone()) };
    match Scope::read(asked) {
        Ok(scopes) if scopes.is_subset(&grant.scopes) && scopes.contains(&Scope::OpenId) => Ok(scopes),
        Ok(_) | Err(_) => {
            let text =
                format!("scope: the authorization is for {}; ask for openid and fewer.", Scope::list(&grant.scopes));
            Err(Refusal::new(OAuthError::InvalidScope, text).about(grant.subject()))
        }
    }
}
