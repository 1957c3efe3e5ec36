//! Cookies of ours: bound to this host, closed to scripts.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base::Secret;

use crate::connection::Connection;

/// Browsers take 4,096 bytes of name, value and attributes (RFC 6265bis 5.6).
const LONGEST_SEALED: usize = 3800;

/// With which requests of other sites a browser sends a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// With links, not with forms. The default to take.
    Lax,
    /// With every request: for what an identity provider's form brings back. Needs https.
    None,
}

/// What a cookie's value looks like; another one isn't ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieValue {
    /// What [`base::random::token`] makes.
    Token,
    /// What [`base::Sealer::seal_text`] makes, at most 3,800 bytes.
    Sealed,
}

/// A kind of cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie<'a> {
    /// Without `__Host-`, which is put before it where the connection is encrypted: it binds a cookie to this host and to https
    /// (RFC 6265bis 4.1.3.2). Plain http can't have it.
    pub name: &'a str,
    pub value: CookieValue,
    /// Seconds. The server's own limits are what counts; this only tidies the browser.
    pub max_age: u32,
    pub same_site: SameSite,
}

impl Cookie<'_> {
    /// The cookie's value, when the browser sent exactly one that can be ours.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap, connection: Connection) -> Option<Secret<String>> {
        let name = self.full_name(connection);
        let mut values = pairs(headers).filter(|(key, _)| *key == name).map(|(_, value)| value);
        let first = values.next().filter(|value| self.value.can_be(value))?;
        // Two of the same name: somebody else set one of them.
        if values.next().is_some() { None } else { Some(Secret::from(first)) }
    }

    /// `Set-Cookie` for a new value. `None` for a value that can't be in a cookie.
    #[must_use]
    pub fn set(&self, value: &Secret<String>, connection: Connection) -> Option<HeaderValue> {
        self.value.can_be(value.expose()).then(|| self.header(value.expose(), self.max_age, connection)).flatten()
    }

    /// `Set-Cookie` that removes it.
    #[must_use]
    pub fn remove(&self, connection: Connection) -> Option<HeaderValue> {
        self.header("", 0, connection)
    }

    fn full_name(&self, connection: Connection) -> String {
        format!("{}{}", prefix(connection), self.name)
    }

    fn header(&self, value: &str, max_age: u32, connection: Connection) -> Option<HeaderValue> {
        let secure = if connection.encrypted { "; Secure" } else { "" };
        let same_site = match self.same_site {
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        };
        let name = self.full_name(connection);
        let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite={same_site}{secure}");
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl CookieValue {
    fn can_be(self, value: &str) -> bool {
        let fits = match self {
            Self::Token => value.len() == 43,
            Self::Sealed => (1..=LONGEST_SEALED).contains(&value.len()),
        };
        fits && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}

/// The names, without `__Host-`, of the cookies that begin with `start`, in the order in which the browser sent them: of cookies
/// of one path that is the order in which they were made, oldest first (RFC 6265 5.4).
#[must_use]
pub fn cookie_names<'a>(headers: &'a HeaderMap, start: &str, connection: Connection) -> Vec<&'a str> {
    let names = pairs(headers).filter_map(|(name, _)| name.strip_prefix(prefix(connection)));
    names.filter(|name| name.starts_with(start)).collect()
}

const fn prefix(connection: Connection) -> &'static str {
    if connection.encrypted { "__Host-" } else { "" }
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let texts = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests;
