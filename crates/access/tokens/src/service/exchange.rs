//! CreateTokenWithIAM: an application redeems codes and refresh tokens, and exchanges tokens of other applications.

use std::collections::BTreeSet;

use base::Secret;
use base::id::{ApplicationArn, ClientId};
use directory::ActiveUser;
use time::OffsetDateTime;
use tokio::sync::OwnedMutexGuard;

use crate::access::{CallRefusal, IamCaller};
use crate::application;
use crate::claims::{AccessClaims, GrantId, Scope, Verified};
use crate::error::{OAuthCode, Subject, TokenError};
use crate::grant::{Grant, RevokeReason};
use crate::port::TokenWrite;
use crate::service::Tokens;
use crate::service::issue::{Code, IssuedTokens, Redeemer, lacking};
use crate::verify::{Audience, Requirement};

/// An application whose caller may ask for its tokens: by IAM, and by its actor policy. Made only by
/// [`Tokens::application_caller`].
#[derive(Debug, Clone)]
pub struct ApplicationCaller {
    application: ApplicationArn,
}

impl ApplicationCaller {
    #[must_use]
    pub const fn application(&self) -> &ApplicationArn {
        &self.application
    }

    pub(super) fn client(&self) -> ClientId {
        ClientId::new(self.application.as_str())
    }
}

/// `requestedTokenType`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestedToken {
    Access,
    /// An access token, and a refresh token with it.
    Refresh,
}

/// Grant type `urn:ietf:params:oauth:grant-type:token-exchange`.
#[derive(Debug, Clone)]
pub struct SubjectExchange {
    /// An access token of another application of this instance.
    pub subject: Secret<String>,
    pub requested: RequestedToken,
    /// Empty, or some of the subject token's scopes.
    pub scopes: Vec<String>,
}

impl Tokens {
    /// Whether `caller`, whose signature was verified, may ask for the tokens of the application that `client_id` names.
    ///
    /// # Errors
    /// `access_denied` by IAM or by the application's actor policy; `invalid_client` when there is no such application.
    pub fn application_caller(&self, client_id: &str, caller: &IamCaller<'_>) -> Result<ApplicationCaller, TokenError> {
        let application = ApplicationArn::new(client_id);
        match self.access.may_call(caller, &application) {
            Ok(()) => Ok(ApplicationCaller { application }),
            Err(CallRefusal::UnknownApplication) => {
                let text = "clientId: there is no application of this ARN (sso-admin ListApplications).";
                Err(TokenError::refused(OAuthCode::InvalidClient, text))
            }
            Err(CallRefusal::Denied { reason, hint }) => {
                Err(TokenError::refused(OAuthCode::AccessDenied, format!("{reason} {hint}")))
            }
        }
    }

    /// Grant type `authorization_code` of CreateTokenWithIAM. `verifier` is needed where the request had a challenge.
    ///
    /// # Errors
    /// As [`Tokens::exchange_code`].
    pub async fn exchange_code_with_iam(
        &self,
        caller: ApplicationCaller,
        code: Secret<String>,
        redirect_uri: String,
        verifier: Option<Secret<String>>,
        scopes: Vec<String>,
    ) -> Result<IssuedTokens, TokenError> {
        self.redeem_code(&Redeemer::Application(caller), Code { code, redirect_uri, verifier, scopes }).await
    }

    /// Grant type `refresh_token` of CreateTokenWithIAM.
    ///
    /// # Errors
    /// As [`Tokens::refresh`].
    pub async fn refresh_with_iam(
        &self,
        caller: ApplicationCaller,
        refresh_token: &Secret<String>,
        scopes: &[String],
    ) -> Result<IssuedTokens, TokenError> {
        self.redeem_refresh(&Redeemer::Application(caller), refresh_token, scopes).await
    }

    /// Exchanges an access token of another application for one of the caller's (RFC 8693). What is issued goes back to the same
    /// sign-in, has no more scopes, ends with it, and is revoked with the grant that it came from.
    ///
    /// # Errors
    /// `invalid_grant` for a subject token that isn't live or isn't another application's; `unauthorized_client` when the
    /// caller's application lacks the grant; `invalid_scope` when no scope of the subject token is for it; `access_denied` when
    /// the person isn't assigned to it; [`TokenError::Unavailable`].
    pub async fn exchange_subject(
        &self,
        caller: ApplicationCaller,
        asked: SubjectExchange,
    ) -> Result<IssuedTokens, TokenError> {
        let turn = self.turn().await;
        let subject = self.subject(&caller, &asked.subject)?;
        let claims = subject.get();
        let about = Subject {
            user: claims.user.clone(),
            user_name: claims.user_name.clone(),
            correlation: claims.correlation.clone(),
        };
        let exchanged = self.exchange_verified(turn, &caller, claims, &asked).await;
        exchanged.map_err(|cause| cause.about(about))
    }

    /// The subject token, verified.
    fn subject(
        &self,
        caller: &ApplicationCaller,
        token: &Secret<String>,
    ) -> Result<Verified<AccessClaims>, TokenError> {
        let invalid = |why: String| TokenError::refused(OAuthCode::InvalidGrant, format!("subjectToken: {why}"));
        let audience = self.presented(token).map_err(|why| invalid(why.reason()))?.0.audience;
        if audience == caller.application {
            return Err(invalid("It is this application's own; use the grant type refresh_token.".to_owned()));
        }
        let required = Requirement {
            scope: Scope::RedshiftConnect,
            audience: Audience::Application(audience),
            issuer: self.settings.instance.clone(),
        };
        self.verify_access(token, &required).map_err(|why| invalid(why.reason()))
    }

    async fn exchange_verified(
        &self,
        turn: OwnedMutexGuard<()>,
        caller: &ApplicationCaller,
        claims: &AccessClaims,
        asked: &SubjectExchange,
    ) -> Result<IssuedTokens, TokenError> {
        let target = self.access.application(&caller.application);
        let target = application::decide_open(&caller.application, target.as_ref(), &BTreeSet::new())
            .map_err(|why| lacking(&why))?;
        let reaches = |scope| self.access.reaches(&claims.audience, scope, &caller.application);
        let granted = application::decide_exchange(&claims.audience, target, &claims.scopes, reaches)
            .map_err(|why| lacking(&why))?;
        let scopes = narrowed(&asked.scopes, granted)?;
        application::decide_open(&caller.application, Some(target), &scopes).map_err(|why| lacking(&why))?;
        if asked.requested == RequestedToken::Refresh {
            application::decide_refresh(target).map_err(|why| lacking(&why))?;
        }
        let user = self.subject_user(claims)?;
        self.access.may_use(&user, &caller.application).map_err(|why| lacking(&why))?;
        self.room_for_a_grant(&user)?;
        let now = self.now();
        let grant = self.exchanged_grant(caller, claims, scopes)?;
        let until = grant.created + self.settings.lifetimes.refresh;
        if now >= until {
            let text = "subjectToken: The sign-in that it goes back to is too long ago; sign in again.";
            return Err(TokenError::refused(OAuthCode::InvalidGrant, text));
        }
        let refresh_until = (asked.requested == RequestedToken::Refresh).then_some(until);
        let issued = self.issue(turn, &grant, refresh_until, (TokenWrite::PutGrant(grant.clone()), now)).await?;
        self.still_exchanged(&claims.grant, issued).await
    }

    fn subject_user(&self, claims: &AccessClaims) -> Result<ActiveUser, TokenError> {
        self.directory.active_user(&claims.user).ok_or_else(|| {
            let reason = self.gone(&claims.user).unwrap_or(RevokeReason::UserDisabled);
            TokenError::refused(
                OAuthCode::InvalidGrant,
                format!("subjectToken: worthless because {}.", reason.because()),
            )
        })
    }

    fn exchanged_grant(
        &self,
        caller: &ApplicationCaller,
        claims: &AccessClaims,
        scopes: BTreeSet<Scope>,
    ) -> Result<Grant, TokenError> {
        let created: Option<OffsetDateTime> = self.read().held(&claims.grant).map(|held| held.grant.created);
        let unknown =
            || TokenError::refused(OAuthCode::InvalidGrant, "subjectToken: The access token is not known any more.");
        let created = created.ok_or_else(unknown)?;
        Ok(Grant {
            id: GrantId::new(base::id::uuid()),
            user: claims.user.clone(),
            user_name: claims.user_name.clone(),
            client: caller.client(),
            scopes,
            issuer: self.settings.instance.clone(),
            application: caller.application.clone(),
            correlation: claims.correlation.clone(),
            parent: Some(claims.grant.clone()),
            created,
            ends: created,
            revoked: None,
        })
    }

    /// A revocation of the parent between the check and the write didn't see its child.
    async fn still_exchanged(&self, parent: &GrantId, issued: IssuedTokens) -> Result<IssuedTokens, TokenError> {
        if self.is_live(parent) {
            return Ok(issued);
        }
        self.revoke_grant(&issued.claims.grant, RevokeReason::ParentRevoked).await?;
        let text = "subjectToken: It was revoked meanwhile; sign in again.";
        Err(TokenError::refused(OAuthCode::InvalidGrant, text))
    }
}

/// Those of the scopes that the request names, which must be among them; all of them where it names none.
fn narrowed(asked: &[String], granted: BTreeSet<Scope>) -> Result<BTreeSet<Scope>, TokenError> {
    if asked.is_empty() {
        return Ok(granted);
    }
    let named: Option<BTreeSet<Scope>> = asked.iter().map(|text| Scope::parse(text)).collect();
    match named.filter(|named| named.is_subset(&granted)) {
        Some(named) => Ok(named),
        None => {
            let text = format!("scope: the subject token can be exchanged for [{}] only.", Scope::list(&granted));
            Err(TokenError::refused(OAuthCode::InvalidScope, text))
        }
    }
}
