//! Requests of our own: to identity providers, and to the SCIM servers that people are pushed to.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use base::Secret;
use oidc::{Fetch, FetchError, Fetched, LARGEST_DOCUMENT};
use outbound::{Limits, Method, Network, Outbound, OutboundError, Request, Response, Trust, header};
use push::{ScimAnswer, ScimRequest, ScimTransport, TransportError};

const SCIM: &str = "application/scim+json";
/// A group with its members, as a SCIM server lists them: some 100,000.
const SCIM_ANSWER_MAX: usize = 16 << 20;

/// Trusts the authorities of this machine, our own (`ca_pem`), and those in `extra`, a PEM file.
pub(crate) fn open(ca_pem: &str, extra: Option<&Path>) -> anyhow::Result<Arc<Outbound>> {
    let mut trust = Trust::system().with_pem("ca.pem", ca_pem.as_bytes())?;
    if let Some(path) = extra {
        let pem = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
        trust = trust.with_pem(&path.display().to_string(), &pem)?;
    }
    Ok(Arc::new(Outbound::new(trust, Limits::default())?))
}

/// Asks identity providers.
#[derive(Debug)]
pub(crate) struct OutboundFetch(pub(crate) Arc<Outbound>);

const fn network(network: oidc::Network) -> Network {
    match network {
        oidc::Network::Public => Network::Public,
        oidc::Network::Private => Network::Private,
    }
}

impl OutboundFetch {
    async fn send(&self, request: Request) -> Result<Fetched, OutboundError> {
        let request = request.header(header::ACCEPT, "application/json, */*;q=0.5")?.body_limit(LARGEST_DOCUMENT);
        let answer = self.0.send(request).await?;
        let content_type = answer.header("content-type").map(str::to_owned);
        Ok(Fetched { status: answer.status, content_type, body: answer.body })
    }
}

#[async_trait]
impl Fetch for OutboundFetch {
    async fn get(
        &self,
        url: &str,
        bearer: Option<&Secret<String>>,
        within: oidc::Network,
    ) -> Result<Fetched, FetchError> {
        let mut request = Request::get(url, network(within));
        if let Some(token) = bearer {
            request = request.bearer(token).map_err(fetch_error)?;
        }
        self.send(request).await.map_err(fetch_error)
    }

    async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret<String>)>,
        within: oidc::Network,
    ) -> Result<Fetched, FetchError> {
        let mut request = Request::post(url, network(within)).form(form);
        if let Some((user, password)) = basic {
            request = request.basic(user, password).map_err(fetch_error)?;
        }
        self.send(request).await.map_err(fetch_error)
    }
}

fn fetch_error(error: OutboundError) -> FetchError {
    let words = error.to_string();
    match error {
        OutboundError::BadUrl { .. }
        | OutboundError::NotHttps { .. }
        | OutboundError::NotPublic { .. }
        | OutboundError::Reserved { .. }
        | OutboundError::BadHeader { .. }
        | OutboundError::BadTrust { .. } => FetchError::NotAllowed(words),
        OutboundError::Unresolved { .. } | OutboundError::Unreachable { .. } => FetchError::Unreachable(words),
        OutboundError::Untrusted { .. } => FetchError::Tls(words),
        OutboundError::TimedOut { seconds, .. } => FetchError::TimedOut { seconds },
        OutboundError::TooLarge { limit, .. } => FetchError::TooLarge { limit },
        OutboundError::Broken { .. } => FetchError::Malformed(words),
    }
}

/// Asks SCIM servers.
#[derive(Debug)]
pub(crate) struct OutboundScim(pub(crate) Arc<Outbound>);

#[async_trait]
impl ScimTransport for OutboundScim {
    async fn send(&self, request: ScimRequest) -> Result<ScimAnswer, TransportError> {
        let answer = exchange(&self.0, request).await.map_err(transport_error)?;
        let retry_after = answer.header("retry-after").map(str::to_owned);
        Ok(ScimAnswer { status: answer.status, retry_after, body: answer.body })
    }
}

async fn exchange(outbound: &Outbound, asked: ScimRequest) -> Result<Response, OutboundError> {
    let method = match asked.method {
        push::Method::Get => Method::GET,
        push::Method::Post => Method::POST,
        push::Method::Patch => Method::PATCH,
        push::Method::Delete => Method::DELETE,
    };
    let network = if asked.private_network { Network::Private } else { Network::Public };
    let mut request = Request::new(method, &asked.url, network)
        .header(header::ACCEPT, SCIM)?
        .bearer(&asked.token)?
        .body_limit(SCIM_ANSWER_MAX);
    if let Some(body) = &asked.body {
        request = request.body(SCIM, body.to_string().into_bytes());
    }
    outbound.send(request).await
}

fn transport_error(error: OutboundError) -> TransportError {
    let words = error.to_string();
    match error {
        OutboundError::Unresolved { .. }
        | OutboundError::Unreachable { .. }
        | OutboundError::TimedOut { .. }
        | OutboundError::Broken { .. } => TransportError::Unreachable(words),
        OutboundError::TooLarge { .. } => TransportError::TooLarge(words),
        OutboundError::BadUrl { .. }
        | OutboundError::NotHttps { .. }
        | OutboundError::NotPublic { .. }
        | OutboundError::Reserved { .. }
        | OutboundError::Untrusted { .. }
        | OutboundError::BadHeader { .. }
        | OutboundError::BadTrust { .. } => TransportError::Refused(words),
    }
}
