//! Which service and operation a request calls, before anything else of it is looked at.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use pages::Connection;
use sts::Peer;

use crate::error::ApiError;
use crate::protocol::query::QueryParameters;
use crate::service::{Protocol, Service};

/// The parts of a request that its signature covers, and where it came from.
#[derive(Debug)]
pub(crate) struct Head {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    peer: Peer,
}

impl Head {
    pub(crate) fn read(parts: &Parts) -> Result<Self, ApiError> {
        let mut headers = Vec::with_capacity(parts.headers.len());
        for (name, value) in &parts.headers {
            let value = std::str::from_utf8(value.as_bytes())
                .map_err(|_| ApiError::Malformed(format!("The header {name} is not UTF-8.")))?;
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
        Ok(Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            peer: peer(parts),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(crate) const fn peer(&self) -> Peer {
        self.peer
    }

    /// Hands the request to `use_it` as the signature sees it.
    pub(crate) fn with_signed<T>(&self, body: &[u8], use_it: impl FnOnce(&sigv4::Request<'_>) -> T) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Self { method, path, query, .. } = self;
        use_it(&sigv4::Request { method, path, query, headers: &headers, body })
    }
}

/// As the listener told it. What isn't known isn't secure.
fn peer(parts: &Parts) -> Peer {
    let connection = parts.extensions.get::<Connection>();
    let address = connection.map(|connection| connection.peer);
    let address = address.or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer));
    Peer { address: address.map(|peer| peer.ip()), secure: connection.is_some_and(|connection| connection.encrypted) }
}

/// A call that is recognised, not yet proven.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) service: Service,
    /// As the client wrote it; maybe no operation of ours.
    pub(crate) operation: String,
    pub(crate) parameters: Parameters,
}

/// Parameters that are still to be looked at.
#[derive(Debug)]
pub(crate) enum Parameters {
    Query(QueryParameters),
    /// The body of the request.
    Json,
}

/// How to write an error where no service is known.
pub(crate) fn assumed_protocol(head: &Head) -> Protocol {
    if head.header("x-amz-target").is_some() { Protocol::Json } else { Protocol::Query }
}

pub(crate) fn recognise(head: &Head, body: &[u8]) -> Result<Call, ApiError> {
    match head.header("x-amz-target") {
        Some(target) => by_target(head, target),
        None => by_parameters(head, body),
    }
}

fn by_target(head: &Head, target: &str) -> Result<Call, ApiError> {
    let unknown = || ApiError::UnknownTarget(target.to_owned());
    let (prefix, operation) = target.rsplit_once('.').ok_or_else(unknown)?;
    let service = Service::by_target_prefix(prefix).ok_or_else(unknown)?;
    if head.method != "POST" || !head.query.is_empty() {
        return Err(ApiError::Malformed("A JSON request is sent by POST, without a query string.".to_owned()));
    }
    Ok(Call { service, operation: operation.to_owned(), parameters: Parameters::Json })
}

fn by_parameters(head: &Head, body: &[u8]) -> Result<Call, ApiError> {
    let mut parameters = QueryParameters::read(&head.query, body)?;
    let Some(operation) = parameters.take("Action") else {
        let unsigned = head.header("authorization").is_none() && !parameters.is_presigned();
        return Err(if unsigned {
            ApiError::Signature(sigv4::SigV4Error::MissingAuthenticationToken)
        } else {
            ApiError::MissingAction
        });
    };
    let version = parameters.take("Version").unwrap_or_default();
    let Some(service) = Service::by_version(&version) else {
        return Err(ApiError::UnknownVersion { operation, version });
    };
    Ok(Call { service, operation, parameters: Parameters::Query(parameters) })
}
