//! Access tokens, refresh tokens and ID tokens of one grant.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Secret, SecretHash};
use directory::ActiveUser;
use idp::{Application, OidcApplication};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::error::{OAuthError, OpenIdError, Refusal, Subject};
use crate::format::{self, Kind, RefreshToken};
use crate::grant::{Grant, GrantId, StoredAccess, StoredRefresh};
use crate::id_token::at_hash;
use crate::port::OpenIdWrite;
use crate::scope::Scope;
use crate::service::OpenIdProvider;

/// Access tokens of one grant that are good at a time; a further one pushes out the oldest.
const ACCESS_KEPT: usize = 4;

/// What the token endpoint answers.
#[derive(Debug, Clone)]
pub struct Issued {
    pub access: Secret<String>,
    pub expires_in: Duration,
    /// With `offline_access`.
    pub refresh: Option<Secret<String>>,
    pub id_token: Secret<String>,
    pub scopes: BTreeSet<Scope>,
    /// For the audit record.
    pub subject: Subject,
    pub grant: GrantId,
    pub application: Arc<Application>,
}

/// What is about to be issued: signed, and not yet stored.
#[derive(Debug)]
pub(super) struct Draft {
    issued: Issued,
    access: StoredAccess,
    refresh: Option<StoredRefresh>,
}

impl OpenIdProvider {
    /// Signs outside of the turn to write: it takes longer than all the rest.
    pub(super) fn draft(
        &self,
        grant: &Grant,
        (user, application): (&ActiveUser, Arc<Application>),
        scopes: BTreeSet<Scope>,
        refresh: Option<RefreshToken>,
    ) -> Result<Draft, OpenIdError> {
        let closed = || Refusal::new(OAuthError::InvalidGrant, "The application doesn't use OpenID Connect any more.");
        let oidc = application.oidc().ok_or_else(closed)?;
        let now = self.now();
        let last = refresh_end(grant, oidc);
        let access = format::mint(Kind::Access);
        let expires = match last {
            Some(last) => (now + oidc.access_token_lifetime).min(last),
            None => now + oidc.access_token_lifetime,
        };
        let id_token = self.id_token((grant, user), (&application, oidc), &scopes, &access)?;
        let stored = StoredAccess {
            hash: SecretHash::of(&access),
            grant: grant.id.clone(),
            scopes: scopes.clone(),
            issued: now,
            expires,
        };
        let family = refresh.as_ref().zip(last).map(|(refresh, expires)| StoredRefresh {
            family: refresh.family(),
            newest: refresh.own(),
            expires,
        });
        let issued = Issued {
            access,
            expires_in: expires - now,
            refresh: refresh.map(|refresh| refresh.write()),
            id_token,
            scopes,
            subject: grant.subject(),
            grant: grant.id.clone(),
            application,
        };
        Ok(Draft { issued, access: stored, refresh: family })
    }

    /// The writes of a draft. For callers that have the turn to write and have decided again.
    pub(super) fn writes_of(&self, draft: &Draft, grant: &Grant) -> Vec<OpenIdWrite> {
        let ends = draft.refresh.as_ref().map_or(draft.access.expires, |refresh| refresh.expires);
        let renew = OpenIdWrite::Renew {
            grant: grant.id.clone(),
            refresh: draft.refresh.clone(),
            ends: ends.max(draft.access.expires).max(grant.ends),
        };
        let mut writes = vec![renew, OpenIdWrite::PutAccess(draft.access.clone())];
        let state = self.read();
        let access = state.access_of(&grant.id);
        let surplus = (access.len() + 1).saturating_sub(ACCESS_KEPT);
        writes.extend(access.take(surplus).map(|hash| OpenIdWrite::DeleteAccess(*hash)));
        writes
    }

    fn id_token(
        &self,
        (grant, user): (&Grant, &ActiveUser),
        (application, oidc): (&Application, &OidcApplication),
        scopes: &BTreeSet<Scope>,
        access: &Secret<String>,
    ) -> Result<Secret<String>, OpenIdError> {
        let now = self.now();
        let mut claims: Map<String, Value> = self.claims_of(user, application, scopes)?;
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(self.issuer));
        put("aud", json!(oidc.client_id));
        put("iat", json!(now.unix_timestamp()));
        put("exp", json!((now + oidc.id_token_lifetime).unix_timestamp()));
        put("auth_time", json!(grant.authenticated.unix_timestamp()));
        put("amr", json!(grant.methods));
        put("sid", json!(grant.session));
        put("at_hash", json!(at_hash(access)));
        if let Some(nonce) = &grant.nonce {
            put("nonce", json!(nonce));
        }
        self.signer.sign(&self.idp, &claims)
    }
}

impl Draft {
    pub(super) fn into_issued(self) -> Issued {
        self.issued
    }
}

/// When the last refresh token of a grant expires. Rotating doesn't prolong it, a shorter setting of the application shortens it.
fn refresh_end(grant: &Grant, oidc: &OidcApplication) -> Option<OffsetDateTime> {
    let end = grant.is_offline().then(|| grant.created + oidc.refresh_token_lifetime)?;
    Some(grant.refresh.as_ref().map_or(end, |refresh| refresh.expires.min(end)))
}
