//! The port for requests to a provider, and what comes back.

use async_trait::async_trait;
use base::Secret;
use serde::{Deserialize, Serialize};

/// No document of a provider is longer, in bytes. The adapter stops reading there.
pub const LARGEST_DOCUMENT: usize = 1 << 20;

/// Which addresses a request may go to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// Public addresses, https.
    #[default]
    Public,
    /// Private and loopback addresses too, and http on loopback: an administrator's explicit choice.
    Private,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub status: u16,
    /// As the header has it, parameters included.
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl Fetched {
    /// What an adapter should have refused already.
    pub(crate) fn bounded(self) -> Result<Self, FetchError> {
        if self.body.len() > LARGEST_DOCUMENT {
            Err(FetchError::TooLarge { limit: LARGEST_DOCUMENT })
        } else {
            Ok(self)
        }
    }
}

/// There is no answer. Each says what happened, as part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The network guard refused the address.
    #[error("{0}")]
    NotAllowed(String),
    #[error("it can't be reached: {0}")]
    Unreachable(String),
    #[error("TLS failed: {0}")]
    Tls(String),
    #[error("it did not answer within {seconds} s")]
    TimedOut { seconds: u64 },
    #[error("its answer is longer than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("its answer is not HTTP: {0}")]
    Malformed(String),
}

/// Makes requests. Follows no redirect, sends no cookie, reads at most [`LARGEST_DOCUMENT`], and checks the address that a name
/// resolves to against [`Network`].
#[async_trait]
pub trait Fetch: Send + Sync + std::fmt::Debug {
    /// GET, with `bearer` as `Authorization`.
    ///
    /// # Errors
    /// [`FetchError`] where there is no answer.
    async fn get(&self, url: &str, bearer: Option<&Secret<String>>, network: Network) -> Result<Fetched, FetchError>;

    /// POST of a form. `basic`: user and password, form-encoded already as RFC 6749 2.3.1 wants them; they are joined with a colon
    /// and base64-encoded, no more.
    ///
    /// # Errors
    /// [`FetchError`] where there is no answer.
    async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret<String>)>,
        network: Network,
    ) -> Result<Fetched, FetchError>;
}

/// Reaches nobody: for tests of what doesn't ask a provider.
#[derive(Debug)]
pub struct NobodyThere;

#[async_trait]
impl Fetch for NobodyThere {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        Err(FetchError::Unreachable(url.to_owned()))
    }

    async fn post_form(
        &self,
        url: &str,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        Err(FetchError::Unreachable(url.to_owned()))
    }
}
