//! Where a code may be sent (RFC 8252 7, RFC 9700 2.1 and 4.1): exactly a registered address; on loopback any port.

use url::{Host, Url};

const LONGEST: usize = 2048;

/// An address that the application registered, as the request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    /// The presented address, if the application registered it: the same text, or on loopback (`http`, 127.0.0.1, `[::1]` or
    /// localhost) the same but for the port.
    #[must_use]
    pub fn registered(presented: &str, registered: &[String]) -> Option<Self> {
        let presented = Self::read(presented)?;
        let without_port = presented.without_port();
        let known = registered.iter().any(|known| {
            *known == presented.text
                || (without_port.is_some()
                    && Self::read(known).is_some_and(|known| known.without_port() == without_port))
        });
        known.then_some(presented)
    }

    /// `None` for everything that codes are never sent to, registered or not.
    fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST || !idp::is_plain_redirect(text) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let fitting = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(&url),
            // RFC 8252 7.1: a private-use scheme is a domain name turned round; it can't be javascript, data or file.
            scheme => scheme.contains('.'),
        };
        fitting.then(|| Self { text: text.to_owned(), url })
    }

    /// On loopback, what is before the port and what comes after it, both to the letter: nothing is compared that a parser has
    /// tidied up first.
    fn without_port(&self) -> Option<(&str, &str)> {
        let address = self.text.strip_prefix("http://")?;
        let (authority, rest) = address.split_at(address.find(['/', '?']).unwrap_or(address.len()));
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
        Some((host, rest))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether any program on the person's device can wait there: nobody knows which one gets the code (RFC 8252 8.6).
    #[must_use]
    pub fn is_on_device(&self) -> bool {
        self.url.scheme() != "https"
    }

    /// `https://app.example.com`, for the person.
    #[must_use]
    pub fn place(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The address to the letter, with these query parameters after those that it has.
    #[must_use]
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        with_query(&self.text, pairs)
    }
}

pub(crate) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{}", query.finish())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests;
