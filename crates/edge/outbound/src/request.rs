//! What is asked, and what is answered.

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::address::Network;
use crate::error::OutboundError;

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) network: Network,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) body_limit: Option<usize>,
}

impl Request {
    #[must_use]
    pub fn new(method: Method, url: &str, network: Network) -> Self {
        Self { method, url: url.to_owned(), network, headers: HeaderMap::new(), body: Vec::new(), body_limit: None }
    }

    #[must_use]
    pub fn get(url: &str, network: Network) -> Self {
        Self::new(Method::GET, url, network)
    }

    #[must_use]
    pub fn post(url: &str, network: Network) -> Self {
        Self::new(Method::POST, url, network)
    }

    /// # Errors
    /// [`OutboundError::BadHeader`].
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, OutboundError> {
        let value =
            HeaderValue::from_str(value).map_err(|_| OutboundError::BadHeader { name: name.as_str().to_owned() })?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// A bearer token (RFC 6750).
    ///
    /// # Errors
    /// [`OutboundError::BadHeader`].
    pub fn bearer(self, token: &Secret<String>) -> Result<Self, OutboundError> {
        self.authorization(&format!("Bearer {}", token.expose()))
    }

    /// A user and a password as they are (RFC 7617).
    ///
    /// # Errors
    /// [`OutboundError::BadHeader`].
    pub fn basic(self, user: &str, password: &Secret<String>) -> Result<Self, OutboundError> {
        self.authorization(&format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
    }

    fn authorization(mut self, value: &str) -> Result<Self, OutboundError> {
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| OutboundError::BadHeader { name: AUTHORIZATION.as_str().to_owned() })?;
        value.set_sensitive(true);
        self.headers.insert(AUTHORIZATION, value);
        Ok(self)
    }

    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body;
        self
    }

    /// A form (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body("application/x-www-form-urlencoded", form.into_bytes())
    }

    /// Another limit for the answer than the usual one. In bytes.
    #[must_use]
    pub const fn body_limit(mut self, limit: usize) -> Self {
        self.body_limit = Some(limit);
        self
    }
}

/// An answer, whatever its status. A redirect is an answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
    pub(crate) headers: HeaderMap,
}

impl Response {
    /// The first header of this name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
