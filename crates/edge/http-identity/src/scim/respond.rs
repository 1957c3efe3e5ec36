//! Answers: always `application/scim+json`.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use base::CorrelationId;
use scim::{MEDIA_TYPE, Object, Profile, ScimError, idc_compat};
use serde_json::Value;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// An answer that isn't an error.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(HeaderName, String)>,
}

impl Reply {
    pub(super) const fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), headers: Vec::new() }
    }

    pub(super) fn resource(resource: Object, etag: String) -> Self {
        Self { headers: vec![(ETAG, etag)], ..Self::ok(Value::Object(resource)) }
    }

    pub(super) fn created(resource: Object, etag: String, location: String) -> Self {
        let mut reply = Self::resource(resource, etag);
        reply.status = StatusCode::CREATED;
        reply.headers.push((LOCATION, location));
        reply
    }

    pub(super) const fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, headers: Vec::new() }
    }

    pub(super) fn not_modified(etag: String) -> Self {
        Self { status: StatusCode::NOT_MODIFIED, body: None, headers: vec![(ETAG, etag)] }
    }

    /// A PATCH whose result isn't shown.
    pub(super) fn unshown(etag: String) -> Self {
        Self { headers: vec![(ETAG, etag)], ..Self::no_content() }
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    pub(super) fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    pub(super) fn etag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What an error's body needs to know of its request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) profile: Profile,
    pub(super) correlation: CorrelationId,
}

impl Asked {
    pub(super) fn error_body(&self, error: &ScimError) -> Value {
        match self.profile {
            Profile::Rfc => error.body(),
            Profile::IdcCompat => idc_compat::error_body(error, &self.correlation),
        }
    }
}

fn error(error: &ScimError, asked: &Asked) -> Reply {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = Vec::new();
    match error {
        ScimError::Unauthorized(_) => headers.push((WWW_AUTHENTICATE, "Bearer realm=\"scim\"".to_owned())),
        ScimError::MethodNotAllowed { allow, .. } => headers.push((ALLOW, (*allow).to_owned())),
        ScimError::Unavailable(_) => headers.push((RETRY_AFTER, "5".to_owned())),
        ScimError::InvalidFilter(_)
        | ScimError::TooMany(_)
        | ScimError::InvalidSyntax(_)
        | ScimError::InvalidPath(_)
        | ScimError::NoTarget(_)
        | ScimError::InvalidValue(_)
        | ScimError::Mutability(_)
        | ScimError::Uniqueness(_)
        | ScimError::InvalidCursor(_)
        | ScimError::ExpiredCursor(_)
        | ScimError::InvalidCount(_)
        | ScimError::Conflict(_)
        | ScimError::Forbidden(_)
        | ScimError::NotFound(_)
        | ScimError::PreconditionFailed(_)
        | ScimError::TooLarge(_)
        | ScimError::MediaType(_)
        | ScimError::NotImplemented(_)
        | ScimError::Internal(_) => {}
    }
    if asked.profile == Profile::IdcCompat {
        headers.push((ERROR_TYPE, idc_compat::error_name(error).to_owned()));
    }
    Reply { status, body: Some(asked.error_body(error)), headers }
}

/// The answer as it is sent.
pub(super) fn finish(outcome: Result<Reply, ScimError>, asked: &Asked) -> Response {
    let Reply { status, body, headers } = outcome.unwrap_or_else(|failure| error(&failure, asked));
    let mut response = Response::new(body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string())));
    *response.status_mut() = status;
    let sent = response.headers_mut();
    sent.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if body.is_some() {
        sent.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    }
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            sent.insert(name, value);
        }
    }
    response
}
