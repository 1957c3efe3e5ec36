//! Signing out there when somebody signs out here, and here when they do there.

use base::id::SourceId;
use oidc::logout_location;
use saml::logout::{ExpectedLogout, LogoutStatus, SendRequest, SendResponse};
use saml::{Incoming, NameId, Outgoing};
use time::{Duration, OffsetDateTime};

use super::Sources;
use super::begin::endpoint;
use super::finish::{SKEW, mark};
use crate::error::SourceError;
use crate::model::{FederatedSession, IdentitySource, OidcSource, SamlSource, SourceKind};

/// So long after our request its answer is understood.
const ANSWER_LIFETIME: Duration = Duration::hours(1);
const PURPOSE: &str = "source logout request";

/// What an identity provider says about signing out.
#[derive(Debug)]
pub enum SamlLogout {
    /// It ended sessions: ours have to end, then `answer` is sent.
    Request(LoggedOut),
    /// It answers our request. `complete`: everybody whom it had told has signed the person out.
    Answer { complete: bool },
}

/// Which sessions ended at the provider.
#[derive(Debug)]
pub struct LoggedOut {
    pub source: SourceId,
    /// `None` with OpenID Connect, where a token names a session only.
    pub name_id: Option<String>,
    /// Empty: all of `name_id`.
    pub session_indexes: Vec<String>,
    /// Where the browser goes when it is done.
    pub answer: Option<Outgoing>,
}

impl Sources {
    /// Where the browser goes to end the provider's session too. `None`: the source has no logout, is gone, or can't be asked; signing
    /// out here doesn't wait for it.
    pub async fn begin_logout(&self, session: &FederatedSession) -> Option<Outgoing> {
        let source = self.get(&session.source).filter(|source| source.enabled)?;
        let begun = match &source.kind {
            SourceKind::Saml(saml) => self.begin_saml_logout(&source, saml, session),
            SourceKind::Oidc(oidc) => self.begin_oidc_logout(&source, oidc, session).await,
        };
        begun.unwrap_or_else(|error| {
            tracing::warn!(%error, source = %source.id, "a logout at the identity provider can't be begun");
            None
        })
    }

    fn begin_saml_logout(
        &self,
        source: &IdentitySource,
        saml: &SamlSource,
        session: &FederatedSession,
    ) -> Result<Option<Outgoing>, SourceError> {
        let Some(destination) = endpoint(&saml.single_logout) else { return Ok(None) };
        let now = self.inner.ports.clock.now();
        let name_id = NameId {
            value: session.name_id.clone(),
            format: session.name_id_format.clone(),
            name_qualifier: session.name_qualifier.clone(),
            sp_name_qualifier: session.sp_name_qualifier.clone(),
        };
        let session_indexes: Vec<String> = session.session_index.iter().cloned().collect();
        let request = SendRequest {
            id: &self.logout_id(source, now)?,
            issuer: &self.urls().saml_entity_id(&source.id),
            destination,
            name_id: &name_id,
            session_indexes: &session_indexes,
            now,
            relay_state: None,
        };
        Ok(Some(saml::logout::send_request(&request, &*self.signing_key()?)?))
    }

    /// The request's id says whose and how old it is, so that nothing has to be remembered for the answer.
    fn logout_id(&self, source: &IdentitySource, now: OffsetDateTime) -> Result<String, SourceError> {
        let text = format!("{} {}", source.id, now.unix_timestamp());
        let sealed = self.inner.ports.sealer.seal_text(PURPOSE, text.as_bytes());
        Ok(format!("_{}", sealed.map_err(|error| SourceError::Internal(error.to_string()))?))
    }

    fn is_own_logout(&self, id: &SourceId, request: &str, now: OffsetDateTime) -> bool {
        let opened = request.strip_prefix('_').and_then(|sealed| self.inner.ports.sealer.open_text(PURPOSE, sealed));
        let text = opened.and_then(|plain| String::from_utf8(plain.into_exposed()).ok()).unwrap_or_default();
        let Some((source, at)) = text.split_once(' ') else { return false };
        let at = at.parse().ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        source == id.as_str() && at.is_some_and(|at| now - at <= ANSWER_LIFETIME)
    }

    async fn begin_oidc_logout(
        &self,
        source: &IdentitySource,
        oidc: &OidcSource,
        session: &FederatedSession,
    ) -> Result<Option<Outgoing>, SourceError> {
        let provider = self.provider(source, oidc)?;
        let discovery = self.inner.ports.relying_party.discover(&provider).await?;
        let back = self.urls().oidc_signed_out();
        let location = logout_location(&discovery, &oidc.client_id, session.id_token.as_ref(), &back, None);
        Ok(location.map(Outgoing::Redirect))
    }

    /// Reads what came to the single logout service.
    ///
    /// # Errors
    /// `Unknown`, `Disabled`, `NotSaml`; `Logout` with the check that failed.
    pub async fn read_saml_logout(&self, id: &SourceId, incoming: &Incoming<'_>) -> Result<SamlLogout, SourceError> {
        let source = self.source(id)?;
        if !source.enabled {
            return Err(SourceError::Disabled(id.clone()));
        }
        let saml = source.saml().ok_or_else(|| SourceError::NotSaml(id.clone()))?;
        let now = self.inner.ports.clock.now();
        let expected = ExpectedLogout {
            issuer: &saml.entity_id,
            certificates: &saml.certificates,
            destination: &self.urls().saml_logout(id),
            now,
            skew: SKEW,
        };
        if let Some(request) = saml::logout::peek(incoming).and_then(|peeked| peeked.in_response_to) {
            let asked = if self.is_own_logout(id, &request, now) { request.as_str() } else { "" };
            let answer =
                saml::logout::read_response(incoming, &expected, asked).outcome.map_err(SourceError::Logout)?;
            return Ok(SamlLogout::Answer { complete: answer.complete });
        }
        let request = saml::logout::read_request(incoming, &expected).outcome.map_err(SourceError::Logout)?;
        let used = mark(&source, "logout", &request.id, request.replay_until);
        if !self.inner.ports.store.use_once(&[used], now).await? {
            return Err(SourceError::LogoutReplayed);
        }
        let answer = match endpoint(&saml.single_logout) {
            None => None,
            Some(destination) => {
                let response = SendResponse {
                    id: &saml::message_id(),
                    issuer: &self.urls().saml_entity_id(id),
                    destination,
                    in_response_to: &request.id,
                    status: LogoutStatus::Success,
                    now,
                    relay_state: request.relay_state.as_deref(),
                };
                Some(saml::logout::send_response(&response, &*self.signing_key()?)?)
            }
        };
        Ok(SamlLogout::Request(LoggedOut {
            source: id.clone(),
            name_id: Some(request.name_id.value),
            session_indexes: request.session_indexes,
            answer,
        }))
    }

    /// Reads a logout token (OpenID Connect Back-Channel Logout 1.0).
    ///
    /// # Errors
    /// `Unknown`, `Disabled`, `NotOidc`; `LogoutToken` with the check that failed; `LogoutReplayed`; `Store`.
    pub async fn read_backchannel(&self, id: &SourceId, logout_token: &str) -> Result<LoggedOut, SourceError> {
        let source = self.source(id)?;
        if !source.enabled {
            return Err(SourceError::Disabled(id.clone()));
        }
        let oidc = source.oidc().ok_or_else(|| SourceError::NotOidc(id.clone()))?;
        let provider = self.provider(&source, oidc)?;
        let verdict = self.inner.ports.relying_party.validate_logout_token(&provider, logout_token).await;
        let token = verdict.outcome.map_err(SourceError::LogoutToken)?;
        let now = self.inner.ports.clock.now();
        // Without an end of its own, a repetition ends sessions that are gone already.
        let until = token.remember_until().unwrap_or(now + Duration::DAY);
        if !self.inner.ports.store.use_once(&[mark(&source, "logout", token.id(), until)], now).await? {
            return Err(SourceError::LogoutReplayed);
        }
        Ok(LoggedOut {
            source: id.clone(),
            name_id: token.subject().map(str::to_owned),
            session_indexes: token.sid().map(str::to_owned).into_iter().collect(),
            answer: None,
        })
    }
}
