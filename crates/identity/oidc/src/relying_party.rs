//! The relying party: fetches what the rules need, and remembers the providers' documents.

#[cfg(test)]
mod tests;

mod cache;

use std::sync::Arc;

use base::{Checks, Clock};

use self::cache::Cache;
use crate::callback::Answer;
use crate::claims::Moment;
use crate::id_token::{self, Expected};
use crate::jwks::{self, KeySet};
use crate::refusal::Noted;
use crate::verify::{self, Signed};
use crate::{
    Begun, Check, Discovery, Fetch, Fetched, Flow, LogoutToken, OidcError, OidcRefusal, Provider, ValidatedIdToken,
    Verdict, discovery, flow, logout, token_endpoint, userinfo,
};

/// Signs people in at upstream providers.
#[derive(Debug)]
pub struct RelyingParty {
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl RelyingParty {
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self { fetch, clock, cache: Cache::default() }
    }

    /// The provider's document, at most an hour old.
    ///
    /// # Errors
    /// What can't be fetched, or is wrong in it.
    pub async fn discover(&self, provider: &Provider) -> Result<Arc<Discovery>, OidcError> {
        match self.cache.discovery(provider, self.clock.now()) {
            Some(discovery) => Ok(discovery),
            None => self.fetch_discovery(provider).await,
        }
    }

    /// Whether a provider can be used as it is configured, asked afresh: its document, its keys, and how it takes our secret.
    ///
    /// # Errors
    /// What can't be fetched, or is wrong in it.
    pub async fn check(&self, provider: &Provider) -> Result<Arc<Discovery>, OidcError> {
        let discovery = self.fetch_discovery(provider).await?;
        discovery.client_authentication(provider.client_secret.is_some())?;
        self.fetch_keys(provider, &discovery).await?;
        Ok(discovery)
    }

    /// Where the browser goes to sign in, and what must be kept until it comes back to `redirect_uri`.
    ///
    /// # Errors
    /// As [`Self::discover`].
    pub async fn begin(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        login_hint: Option<&str>,
    ) -> Result<Begun, OidcError> {
        let discovery = self.discover(provider).await?;
        flow::begin(provider, &discovery, redirect_uri, login_hint, self.clock.now())
    }

    /// Whether the query that a browser came back with proves who signed in. The flow must be used once.
    pub async fn finish(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        callback_query: &str,
        flow: &Flow,
    ) -> Verdict<ValidatedIdToken> {
        let mut checks = Checks::default();
        let outcome = self.finished(provider, redirect_uri, callback_query, flow, &mut Noted(&mut checks)).await;
        let assertion = outcome.as_ref().map_or(flow.nonce.as_str(), ValidatedIdToken::id).to_owned();
        Verdict { checks, assertion: Some(assertion), outcome }
    }

    async fn finished(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        callback_query: &str,
        flow: &Flow,
        noted: &mut Noted<'_>,
    ) -> Result<ValidatedIdToken, OidcRefusal> {
        let answer = Answer::checked(callback_query, flow, &provider.issuer, noted)?;
        let discovery = self.noted_discovery(provider, noted).await?;
        let code = answer.code(&discovery, noted)?;
        let tokens = token_endpoint::exchange(&*self.fetch, provider, &discovery, redirect_uri, &code, flow).await;
        let tokens = tokens.map_err(|found| noted.refusal(Check::TokenEndpoint, "an ID token", &found))?;
        noted.check(Check::TokenEndpoint, "an ID token", "an ID token", true)?;
        let signed = self.signed(tokens.id_token.expose(), &[], provider, &discovery, noted).await?;
        let at = Moment::new(self.clock.now(), provider);
        let expected = Expected { provider, flow, access_token: &tokens.access_token, at };
        let token = id_token::decide(signed, &tokens.id_token, &expected, noted)?;
        match discovery.userinfo_endpoint() {
            Some(url) if token.lacks(&provider.needed_claims) => {
                let (fetch, subject) = (&*self.fetch, token.subject());
                let claims = userinfo::ask(fetch, provider, url, &tokens.access_token, subject, noted).await?;
                Ok(token.with_userinfo(claims))
            }
            Some(_) | None => Ok(token),
        }
    }

    /// Whether a token that the provider posted ends sessions (OpenID Connect Back-Channel Logout 1.0). The caller refuses a
    /// [`LogoutToken::id`] that it has seen.
    pub async fn validate_logout_token(&self, provider: &Provider, logout_token: &str) -> Verdict<LogoutToken> {
        let mut checks = Checks::default();
        let mut noted = Noted(&mut checks);
        let outcome = match self.noted_discovery(provider, &mut noted).await {
            Ok(discovery) => match self.signed(logout_token, &["logout+jwt"], provider, &discovery, &mut noted).await {
                Ok(signed) => logout::decide(signed, provider, Moment::new(self.clock.now(), provider), &mut noted),
                Err(refusal) => Err(refusal),
            },
            Err(refusal) => Err(refusal),
        };
        let assertion = outcome.as_ref().ok().map(|token| token.id().to_owned());
        Verdict { checks, assertion, outcome }
    }

    async fn noted_discovery(&self, provider: &Provider, noted: &mut Noted<'_>) -> Result<Arc<Discovery>, OidcRefusal> {
        match self.discover(provider).await {
            Ok(discovery) => {
                noted.check(Check::Discovery, &provider.issuer, discovery.issuer(), true)?;
                Ok(discovery)
            }
            Err(error) => Err(noted.refusal(Check::Discovery, &provider.issuer, &error.to_string())),
        }
    }

    /// The claims of a token that the provider signed.
    async fn signed(
        &self,
        token: &str,
        kinds: &[&str],
        provider: &Provider,
        discovery: &Discovery,
        noted: &mut Noted<'_>,
    ) -> Result<Signed, OidcRefusal> {
        const EXPECTED: &str = "the provider's keys";
        let token = verify::accept(token, kinds, discovery.algorithms(), noted)?;
        let keys = match self.cache.keys(provider, discovery, self.clock.now()) {
            Some(keys) => keys,
            None => self
                .fetch_keys(provider, discovery)
                .await
                .map_err(|error| noted.refusal(Check::Keys, EXPECTED, &error.to_string()))?,
        };
        if !token.needs_newer(&keys) || !self.cache.may_refetch_keys(provider, self.clock.now()) {
            return token.verify(&keys, noted);
        }
        match self.fetch_keys(provider, discovery).await {
            Ok(newer) => token.verify(&newer, noted),
            Err(error) => Err(noted.refusal(Check::Keys, EXPECTED, &error.to_string())),
        }
    }

    async fn fetch_discovery(&self, provider: &Provider) -> Result<Arc<Discovery>, OidcError> {
        let url = discovery::address(provider)?;
        let body = self.document(discovery::DOCUMENT, &url, provider).await?;
        let discovery = Arc::new(discovery::decide(&body, &url, provider)?);
        self.cache.keep_discovery(provider, &discovery, self.clock.now());
        Ok(discovery)
    }

    async fn fetch_keys(&self, provider: &Provider, discovery: &Discovery) -> Result<Arc<KeySet>, OidcError> {
        let url = discovery.jwks_uri();
        let body = self.document(jwks::DOCUMENT, url, provider).await?;
        let keys = Arc::new(KeySet::read(&body, url)?);
        self.cache.keep_keys(provider, url, &keys, self.clock.now());
        Ok(keys)
    }

    async fn document(&self, document: &'static str, url: &str, provider: &Provider) -> Result<Vec<u8>, OidcError> {
        let answer = self.fetch.get(url, None, provider.network).await.and_then(Fetched::bounded);
        let answer = answer.map_err(|error| OidcError::Fetch { document, url: url.to_owned(), error })?;
        if answer.status != 200 {
            return Err(OidcError::Status { document, url: url.to_owned(), status: answer.status });
        }
        Ok(answer.body)
    }
}
