//! A request whose body has been read.

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use scim::discovery::LONGEST_BODY;
use scim::{Object, ScimError};

#[derive(Debug)]
pub(super) struct Call {
    parts: Parts,
    body: Bytes,
}

impl Call {
    pub(super) async fn read(request: Request) -> Result<Self, ScimError> {
        let (parts, body) = request.into_parts();
        let too_large = || ScimError::TooLarge(format!("The body is longer than {LONGEST_BODY} bytes."));
        let announced =
            parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > LONGEST_BODY) {
            return Err(too_large());
        }
        // a client that breaks off doesn't read the answer
        let body = to_bytes(body, LONGEST_BODY).await.map_err(|_| too_large())?;
        Ok(Self { parts, body })
    }

    pub(super) const fn method(&self) -> &Method {
        &self.parts.method
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The parameters, decoded.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
    }

    /// The JSON object in the body.
    pub(super) fn object(&self) -> Result<Object, ScimError> {
        let media_type =
            self.parts.headers.get(CONTENT_TYPE).map_or(Ok(""), |value| value.to_str()).unwrap_or("unreadable");
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let known = ["application/scim+json", "application/json"];
        if !known.iter().any(|known| essence.eq_ignore_ascii_case(known)) {
            return Err(ScimError::MediaType(format!("Content-Type must be {} or {}.", known[0], known[1])));
        }
        scim::parse(&self.body)
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        // an unreadable tag matches no version
        self.parts.headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
    }

    pub(super) fn if_match(&self) -> Option<&str> {
        self.header(IF_MATCH)
    }

    pub(super) fn if_none_match(&self) -> Option<&str> {
        self.header(IF_NONE_MATCH)
    }
}
