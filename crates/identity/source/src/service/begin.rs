//! The beginning of a sign-in.

use base::Secret;
use base::id::SourceId;
use saml::sp::AuthnRequest;
use saml::{Binding, Endpoint, Outgoing};

use super::Sources;
use super::metadata::signs_requests;
use crate::error::SourceError;
use crate::flow::{Flow, FlowKind};
use crate::model::{IdentitySource, OidcSource, SamlSource, SourceKind};

/// Where the browser goes, and what it takes along.
#[derive(Debug)]
pub struct Begun {
    pub go: Outgoing,
    pub cookie: FlowCookie,
}

/// For the cookie that proves, when the answer comes, that this browser began the sign-in. It lives for [`crate::FLOW_LIFETIME`].
#[derive(Debug)]
pub struct FlowCookie {
    /// The end of the cookie's name: the RelayState or `state` that the answer brings back.
    pub suffix: String,
    pub value: Secret<String>,
}

/// By which binding messages are sent: a redirect needs no page in between.
pub(super) fn endpoint(endpoints: &[Endpoint]) -> Option<&Endpoint> {
    let by = |binding: Binding| endpoints.iter().find(move |endpoint| endpoint.binding == binding);
    by(Binding::Redirect).or_else(|| by(Binding::Post))
}

impl Sources {
    /// Begins a sign-in. `continue_to` comes back with [`crate::Admitted`]; `login_hint` is what the person typed.
    ///
    /// # Errors
    /// `Unknown`, `Disabled`, `Invalid` (`continue_to` is too long), what keeps an OpenID provider from being asked.
    pub async fn begin(
        &self,
        id: &SourceId,
        continue_to: Option<&str>,
        login_hint: Option<&str>,
    ) -> Result<Begun, SourceError> {
        let source = self.source(id)?;
        if !source.enabled {
            return Err(SourceError::Disabled(id.clone()));
        }
        match &source.kind {
            SourceKind::Saml(saml) => self.begin_saml(&source, saml, continue_to),
            SourceKind::Oidc(oidc) => self.begin_oidc(&source, oidc, continue_to, login_hint).await,
        }
    }

    fn begin_saml(
        &self,
        source: &IdentitySource,
        saml: &SamlSource,
        continue_to: Option<&str>,
    ) -> Result<Begun, SourceError> {
        let (now, urls) = (self.inner.ports.clock.now(), self.urls());
        let destination = endpoint(&saml.single_sign_on);
        let destination = destination.ok_or_else(|| {
            SourceError::MetadataContent("It has no single sign-on service by HTTP-Redirect or HTTP-POST.".to_owned())
        })?;
        let (request, key) = (saml::message_id(), base::random::hex::<16>());
        let signing_key = if signs_requests(saml) { Some(self.signing_key()?) } else { None };
        let sent = AuthnRequest {
            id: &request,
            issuer: &urls.saml_entity_id(&source.id),
            destination,
            acs_url: &urls.saml_acs(&source.id),
            // What the provider is configured to send is better than an error about a format that it can't.
            name_id_format: None,
            force_authn: saml.force_authn,
            now,
        };
        let go = saml::sp::send(&sent, signing_key.as_deref(), Some(&key))?;
        let flow = Flow::new(source, key.clone(), FlowKind::Saml { request }, continue_to, now);
        let value = flow.seal(&self.inner.ports.sealer)?;
        Ok(Begun { go, cookie: FlowCookie { suffix: key, value } })
    }

    async fn begin_oidc(
        &self,
        source: &IdentitySource,
        oidc: &OidcSource,
        continue_to: Option<&str>,
        login_hint: Option<&str>,
    ) -> Result<Begun, SourceError> {
        let provider = self.provider(source, oidc)?;
        let callback = self.urls().oidc_callback(&source.id);
        let begun = self.inner.ports.relying_party.begin(&provider, &callback, login_hint).await?;
        let key = begun.flow.state().to_owned();
        let now = self.inner.ports.clock.now();
        let flow = Flow::new(source, key.clone(), FlowKind::Oidc(begun.flow), continue_to, now);
        let value = flow.seal(&self.inner.ports.sealer)?;
        Ok(Begun { go: Outgoing::Redirect(begun.location), cookie: FlowCookie { suffix: key, value } })
    }
}
