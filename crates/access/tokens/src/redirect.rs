//! Where a code may be sent (RFC 8252 7.3, RFC 9700 2.1): loopback with any port, or exactly one https address.

use std::fmt;

use url::{Host, Url};

const LONGEST: usize = 2048;

/// A redirect URI that a client registered or presented. It has neither query nor fragment nor user information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    /// Reads a redirect URI.
    ///
    /// # Errors
    /// A sentence for the client, when it isn't one that codes are sent to.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if !plain || !(text.starts_with("http://") || text.starts_with("https://")) {
            return Err(
                "a redirect URI is an absolute http or https URL of at most 2048 visible ASCII characters.".into()
            );
        }
        let url = Url::parse(text).map_err(|cause| format!("the redirect URI can't be read: {cause}."))?;
        if url.query().is_some() || url.fragment().is_some() || text.contains(['?', '#']) {
            return Err("a redirect URI must have neither a query nor a fragment.".into());
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err("a redirect URI must not hold user information.".into());
        }
        let accepted = match url.host() {
            Some(Host::Ipv4(address)) => url.scheme() == "https" || address.is_loopback(),
            Some(Host::Domain(name)) => url.scheme() == "https" || name == "localhost",
            // A browser's form-action rule can't name an IPv6 address, so the redirect would be blocked there.
            Some(Host::Ipv6(_)) | None => false,
        };
        if accepted {
            Ok(Self { text: text.to_owned(), url })
        } else {
            Err("a redirect URI is http on 127.0.0.1 or localhost, or https on a named host.".into())
        }
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http://127.0.0.1:7890`: what a page's `form-action` must allow for the redirect to be followed.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether it leads to the person's own computer; else it is https elsewhere.
    #[must_use]
    pub(crate) fn is_loopback(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether an application's grant that lists these takes it: https exactly; on loopback any port, and with the path `/` any
    /// path.
    #[must_use]
    pub fn is_listed(&self, listed: &[String]) -> bool {
        let takes = |listed: Self| listed.accepts(self) || listed.is_any_path_of(self);
        listed.iter().filter_map(|text| Self::parse(text).ok()).any(takes)
    }

    fn is_any_path_of(&self, presented: &Self) -> bool {
        self.is_loopback()
            && presented.is_loopback()
            && self.url.path() == "/"
            && self.url.host() == presented.url.host()
    }

    /// Whether a code for the client that registered `self` may be sent to `presented`.
    #[must_use]
    pub fn accepts(&self, presented: &Self) -> bool {
        if self.url.scheme() == "https" {
            return self.text == presented.text;
        }
        presented.url.scheme() == "http"
            && self.url.host() == presented.url.host()
            && self.url.path() == presented.url.path()
    }

    /// The address with these query parameters, in this order and with nothing after the last.
    #[must_use]
    pub(crate) fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
