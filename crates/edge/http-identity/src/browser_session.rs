//! Cookies, and the proof that a form was sent from a page of ours.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use base::Secret;
use sessions::csrf_token;

use crate::connection::Connection;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CookieKind {
    /// The signed-in browser.
    Session,
    /// A browser that looks at the sign-in form; its form token comes from here (double submit).
    BeforeSignIn,
}

impl CookieKind {
    /// `__Host-` binds a cookie to this host and to https (RFC 6265bis 4.1.3.2); plain http can't have it.
    const fn name(self, encrypted: bool) -> &'static str {
        match (self, encrypted) {
            (Self::Session, true) => "__Host-gatehouse-session",
            (Self::Session, false) => "gatehouse-session",
            (Self::BeforeSignIn, true) => "__Host-gatehouse-form",
            (Self::BeforeSignIn, false) => "gatehouse-form",
        }
    }

    /// Seconds. The server's own limits are what counts; this only tidies the browser.
    const fn max_age(self) -> u32 {
        match self {
            Self::Session => 8 * 3600,
            Self::BeforeSignIn => 3600,
        }
    }
}

/// The cookie's value, when the browser sent exactly one that can be ours.
pub(crate) fn cookie(headers: &HeaderMap, kind: CookieKind, connection: Connection) -> Option<Secret<String>> {
    let name = kind.name(connection.encrypted);
    let texts = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let first = values.next().filter(|value| value.len() == 43)?;
    // Two of the same name: somebody else set one of them.
    if values.next().is_some() { None } else { Some(Secret::from(first)) }
}

/// `Set-Cookie` for a new value.
pub(crate) fn set_cookie(kind: CookieKind, value: &Secret<String>, connection: Connection) -> Option<HeaderValue> {
    header(kind, value.expose(), kind.max_age(), connection)
}

/// `Set-Cookie` that removes it.
pub(crate) fn remove_cookie(kind: CookieKind, connection: Connection) -> Option<HeaderValue> {
    header(kind, "", 0, connection)
}

fn header(kind: CookieKind, value: &str, max_age: u32, connection: Connection) -> Option<HeaderValue> {
    let secure = if connection.encrypted { "; Secure" } else { "" };
    let name = kind.name(connection.encrypted);
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether a form that changes something came from a page of ours: by what the browser says of its origin, and by the token that
/// only a page of ours can hold.
pub(crate) fn form_is_ours(headers: &HeaderMap, cookie: &Secret<String>, token: &str, connection: Connection) -> bool {
    origin_may_be_ours(headers, connection) && csrf_token(cookie).matches(token.as_bytes())
}

/// `Sec-Fetch-Site` where the browser sends it, else `Origin`. `Origin: null` says nothing: it is what browsers send from pages
/// whose Referrer-Policy is no-referrer, as ours are.
fn origin_may_be_ours(headers: &HeaderMap, connection: Connection) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let scheme = if connection.encrypted { "https" } else { "http" };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    origin == "null" || origin.as_bytes() == format!("{scheme}://{host}").as_bytes()
}

#[cfg(test)]
mod tests;
