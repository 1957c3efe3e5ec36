//! Codes.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Secret, SecretHash};
use directory::ActiveUser;
use idp::{Application, Decision, IdpSession, OidcGrant, SessionId};
use time::OffsetDateTime;

use crate::authorize::CheckedRequest;
use crate::error::{OAuthError, OpenIdError, Refusal};
use crate::format::{self, Kind};
use crate::grant::{Grant, GrantId, RevokeReason, StoredCode};
use crate::port::OpenIdWrite;
use crate::service::OpenIdProvider;

impl OpenIdProvider {
    /// Gives a code for a request, to the person of a live session. Whether they may open the application is decided here.
    ///
    /// # Errors
    /// `access_denied` with the reason, or [`OpenIdError::Unavailable`].
    pub async fn authorize(
        &self,
        checked: &CheckedRequest,
        session: &IdpSession,
    ) -> Result<Secret<String>, OpenIdError> {
        let turn = self.turn().await;
        self.may_issue(session, &checked.application)?;
        let created = self.now();
        let expires = created + self.limits.code;
        let code = format::mint(Kind::Code);
        let stored = StoredCode {
            hash: SecretHash::of(&code),
            redirect_uri: checked.redirect_uri.as_str().to_owned(),
            challenge: checked.request.challenge.clone(),
            expires,
            used: None,
        };
        let nonce = checked.request.nonce.clone();
        let grant = Grant {
            scopes: checked.scopes.clone(),
            nonce,
            code: Some(stored),
            ..new_grant(session, &checked.application, created, expires)
        };
        let writes = self.put(grant);
        self.write_through(turn, writes).await?;
        Ok(code)
    }

    /// For callers that have the turn to write.
    pub(super) fn may_issue(&self, session: &IdpSession, application: &Application) -> Result<(), Refusal> {
        let user = session.user().id();
        match self.idp.may_open(user, application) {
            Decision::Allowed { .. } => Ok(()),
            Decision::Denied(denial) => Err(Refusal::new(OAuthError::AccessDenied, denial.to_string())),
        }
    }

    /// The writes of a new grant. For callers that have the turn to write.
    pub(super) fn put(&self, grant: Grant) -> Vec<OpenIdWrite> {
        let mut writes = self.read().pushed_out(&grant.user, &grant.application, self.limits.grants);
        writes.push(OpenIdWrite::PutGrant(Box::new(grant)));
        writes
    }

    /// Whether what was issued from a grant is still worth something: the person is active, has the same password, may open the
    /// application, and is still signed in unless the application may act offline. Answers with who and what it is for.
    ///
    /// # Errors
    /// A sentence, and the reason for which the grant has to be revoked, unless there is nothing to revoke.
    pub(super) fn standing(
        &self,
        grant: &Grant,
    ) -> Result<(ActiveUser, Arc<Application>), (Option<RevokeReason>, String)> {
        let lost = |reason: RevokeReason| (Some(reason), format!("It was revoked because {}.", reason.because()));
        if let Some(reason) = self.gone(grant) {
            return Err(lost(reason));
        }
        let people = self.idp.people();
        let user = people.active_user(&grant.user).ok_or_else(|| lost(RevokeReason::UserDisabled))?;
        let application = self.idp.application(&grant.application);
        let application = application.ok_or_else(|| lost(RevokeReason::ApplicationClosed))?;
        let oidc = application.oidc().ok_or_else(|| lost(RevokeReason::ApplicationClosed))?;
        if grant.is_offline() && !oidc.grants.contains(&OidcGrant::RefreshToken) {
            return Err(lost(RevokeReason::ApplicationClosed));
        }
        if let Decision::Denied(denial) = self.idp.may_open(&grant.user, &application) {
            return Err((Some(RevokeReason::AccessRemoved), denial.to_string()));
        }
        if !grant.is_offline() && !self.idp.session_is_live(&SessionId::new(grant.session.as_str())) {
            return Err((None, "The person's session at the identity provider has ended; sign in again.".to_owned()));
        }
        Ok((user, application))
    }

    /// Why a person's grants are worth nothing, whatever they are for.
    pub(super) fn gone(&self, grant: &Grant) -> Option<RevokeReason> {
        let people = self.idp.people();
        if people.active_user(&grant.user).is_none() {
            let known = people.user(&grant.user).is_some();
            return Some(if known { RevokeReason::UserDisabled } else { RevokeReason::UserDeleted });
        }
        let changed = people.password_changed_at(&grant.user).is_some_and(|at| at > grant.authenticated);
        changed.then_some(RevokeReason::PasswordChanged)
    }
}

/// A grant with nothing issued from it.
pub(super) fn new_grant(
    session: &IdpSession,
    application: &Application,
    created: OffsetDateTime,
    ends: OffsetDateTime,
) -> Grant {
    Grant {
        id: GrantId::new(base::id::uuid()),
        user: session.user().id().clone(),
        user_name: session.user().user_name().to_owned(),
        application: application.id.clone(),
        scopes: BTreeSet::new(),
        nonce: None,
        authenticated: session.authenticated_at(),
        methods: session.amr().into_iter().map(str::to_owned).collect(),
        session: session.id().as_str().to_owned(),
        correlation: session.correlation().clone(),
        created,
        ends,
        code: None,
        refresh: None,
        revoked: None,
    }
}
