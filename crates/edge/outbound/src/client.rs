//! Requests, over connections that are kept for a while.

#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::Uri;
use hyper::header::{HeaderValue, USER_AGENT};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_rustls::TlsConnector;
use tower::util::{BoxCloneSyncService, service_fn};
use url::Url;

use crate::address::Network;
use crate::connect::{Connector, Link};
use crate::error::OutboundError;
use crate::request::{Request, Response};
use crate::resolve::{Resolve, SystemResolver};
use crate::trust::Trust;

const AGENT: &str = concat!("Gatehouse/", env!("CARGO_PKG_VERSION"));
/// Connections to one server that wait for the next request.
const KEPT_PER_HOST: usize = 8;
const KEPT_FOR: Duration = Duration::from_secs(30);
const HEADERS_MAX: usize = 100;
const HEADER_BYTES_MAX: usize = 64 << 10;

/// How much of time and memory one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the look-up of the name to the last byte of the answer.
    pub deadline: Duration,
    /// Bytes of an answer's body.
    pub body: usize,
}

impl Default for Limits {
    /// 10 seconds, 1 MiB.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), body: 1 << 20 }
    }
}

type Client = legacy::Client<BoxCloneSyncService<Uri, Link, OutboundError>, Full<Bytes>>;

/// Makes requests. Connections of one network are never used for the other.
pub struct Outbound {
    public: Client,
    private: Client,
    limits: Limits,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Outbound {
    /// # Errors
    /// [`OutboundError::BadTrust`].
    pub fn new(trust: Trust, limits: Limits) -> Result<Self, OutboundError> {
        Self::with_resolver(trust, limits, Arc::new(SystemResolver))
    }

    /// As [`Self::new`], with names looked up elsewhere.
    ///
    /// # Errors
    /// [`OutboundError::BadTrust`].
    pub fn with_resolver(trust: Trust, limits: Limits, resolver: Arc<dyn Resolve>) -> Result<Self, OutboundError> {
        let tls = TlsConnector::from(Arc::new(trust.client_config()?));
        let client = |network| client_of(Connector { network, resolver: Arc::clone(&resolver), tls: tls.clone() });
        Ok(Self { public: client(Network::Public), private: client(Network::Private), limits })
    }

    /// Sends a request and reads the whole answer, whatever its status; a redirect isn't followed.
    ///
    /// # Errors
    /// Nothing was sent, or nothing usable came back.
    pub async fn send(&self, request: Request) -> Result<Response, OutboundError> {
        let url = target(&request)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let limit = request.body_limit.unwrap_or(self.limits.body);
        let client = match request.network {
            Network::Public => &self.public,
            Network::Private => &self.private,
        };
        let exchange = exchange(client, http_request(request, &url)?, &host, limit);
        match tokio::time::timeout(self.limits.deadline, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(OutboundError::TimedOut { host, seconds: self.limits.deadline.as_secs() }),
        }
    }
}

fn client_of(connector: Connector) -> Client {
    let connect = service_fn(move |uri: Uri| -> Pin<Box<dyn Future<Output = Result<Link, OutboundError>> + Send>> {
        Box::pin(connector.clone().connect(uri))
    });
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEPT_FOR)
        .pool_max_idle_per_host(KEPT_PER_HOST)
        .http1_max_headers(HEADERS_MAX)
        .http1_max_buf_size(HEADER_BYTES_MAX)
        .build(BoxCloneSyncService::new(connect))
}

/// The address, if it is one that can be asked at all.
fn target(request: &Request) -> Result<Url, OutboundError> {
    let url = Url::parse(&request.url)
        .map_err(|error| OutboundError::BadUrl { url: request.url.clone(), cause: error.to_string() })?;
    // What stands there may be a password: it isn't repeated.
    if !url.username().is_empty() || url.password().is_some() {
        let url = url.host_str().unwrap_or_default().to_owned();
        return Err(OutboundError::BadUrl { url, cause: "a user name or a password stands in it".to_owned() });
    }
    match (url.scheme(), request.network) {
        ("https", _) | ("http", Network::Private) => Ok(url),
        ("http", Network::Public) => Err(OutboundError::NotHttps { url: url.into() }),
        (_, _) => {
            let cause = "only https addresses can be".to_owned();
            Err(OutboundError::BadUrl { url: url.into(), cause })
        }
    }
}

fn http_request(request: Request, url: &Url) -> Result<hyper::Request<Full<Bytes>>, OutboundError> {
    let bad = |cause: String| OutboundError::BadUrl { url: url.to_string(), cause };
    let uri: Uri = url.as_str().parse().map_err(|error: hyper::http::uri::InvalidUri| bad(error.to_string()))?;
    let mut http = hyper::Request::new(Full::new(Bytes::from(request.body)));
    *http.method_mut() = request.method;
    *http.uri_mut() = uri;
    *http.headers_mut() = request.headers;
    http.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
    Ok(http)
}

async fn exchange(
    client: &Client,
    request: hyper::Request<Full<Bytes>>,
    host: &str,
    limit: usize,
) -> Result<Response, OutboundError> {
    let response = client.request(request).await.map_err(|error| reason(&error, host))?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            OutboundError::TooLarge { host: host.to_owned(), limit }
        } else {
            OutboundError::Broken { host: host.to_owned(), cause: error.to_string() }
        }
    })?;
    Ok(Response { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes().to_vec() })
}

/// Our own reason, if the connection wasn't made; else the innermost one.
fn reason(error: &legacy::Error, host: &str) -> OutboundError {
    let mut cause = error.source();
    let mut innermost = error.to_string();
    while let Some(current) = cause {
        if let Some(own) = current.downcast_ref::<OutboundError>() {
            return own.clone();
        }
        innermost = current.to_string();
        cause = current.source();
    }
    OutboundError::Broken { host: host.to_owned(), cause: innermost }
}
