//! A request whose body has been read, or an operation of a bulk request.

use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use scim::list::Parameters;
use scim::{Object, ScimError};

/// On a write: answer what it would change, and change nothing.
const DRY_RUN: HeaderName = HeaderName::from_static("gatehouse-dry-run");

/// So much of a body that is too large is read, in bytes.
const DRAINED: usize = 64 * 1024 * 1024;

#[derive(Debug)]
enum Content {
    Bytes { media_type: Option<HeaderValue>, bytes: Bytes },
    Object(Object),
}

#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    path: String,
    query: String,
    if_match: Option<String>,
    if_none_match: Option<String>,
    user_agent: Option<String>,
    is_dry_run: bool,
    content: Content,
}

impl Call {
    pub(super) async fn read(request: Request, longest: usize) -> Result<Self, ScimError> {
        let (parts, body) = request.into_parts();
        let too_large = || ScimError::TooLarge(format!("The body is longer than {longest} bytes; split the request."));
        let announced =
            parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > longest) {
            drain(body).await;
            return Err(too_large());
        }
        let is_dry_run = dry_run(&parts)?;
        // a client that breaks off doesn't read the answer
        let bytes = to_bytes(body, longest).await.map_err(|_| too_large())?;
        let header = |name: HeaderName| {
            // an unreadable tag matches no version
            parts.headers.get(name).map(|value| value.to_str().unwrap_or("unreadable").to_owned())
        };
        Ok(Self {
            if_match: header(IF_MATCH),
            if_none_match: header(IF_NONE_MATCH),
            user_agent: header(USER_AGENT),
            is_dry_run,
            content: Content::Bytes { media_type: parts.headers.get(CONTENT_TYPE).cloned(), bytes },
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            method: parts.method,
        })
    }

    /// An operation of this bulk request.
    pub(super) fn operation(&self, method: Method, path: String, version: Option<String>, data: Object) -> Self {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path.to_owned(), query.to_owned()),
            None => (path, String::new()),
        };
        Self {
            method,
            path,
            query,
            if_match: version,
            if_none_match: None,
            user_agent: self.user_agent.clone(),
            is_dry_run: self.is_dry_run,
            content: Content::Object(data),
        }
    }

    pub(super) const fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) const fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// The parameters in the address, decoded.
    pub(super) fn parameters(&self) -> Parameters {
        Parameters::from_address(&self.address())
    }

    fn address(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.address().iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    /// The JSON object in the body.
    pub(super) fn object(&self) -> Result<Object, ScimError> {
        let (media_type, bytes) = match &self.content {
            Content::Object(object) => return Ok(object.clone()),
            Content::Bytes { media_type, bytes } => (media_type, bytes),
        };
        let media_type = media_type.as_ref().map_or(Ok(""), HeaderValue::to_str).unwrap_or("unreadable");
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let known = ["application/scim+json", "application/json"];
        if !known.iter().any(|known| essence.eq_ignore_ascii_case(known)) {
            return Err(ScimError::MediaType(format!("Content-Type must be {} or {}.", known[0], known[1])));
        }
        scim::parse(bytes)
    }

    pub(super) fn if_match(&self) -> Option<&str> {
        self.if_match.as_deref()
    }

    pub(super) fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref()
    }

    pub(super) fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }
}

/// Reads what is thrown away: most clients send all of a body before they read that it is too large. Of a body without end, a part.
async fn drain(mut body: Body) {
    let mut left = DRAINED;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn dry_run(parts: &Parts) -> Result<bool, ScimError> {
    match parts.headers.get(DRY_RUN).map(|value| value.to_str().unwrap_or("unreadable").trim()) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(ScimError::InvalidValue("The header Gatehouse-Dry-Run must be true or false.".to_owned())),
    }
}
