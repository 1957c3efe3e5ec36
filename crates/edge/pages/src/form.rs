//! Forms, and the proof that one was sent from a page of ours.

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use base::Secret;
use maud::{Markup, PreEscaped, html};

use crate::connection::Connection;

/// Each field is compared with all before it, and no form of ours or of a protocol has nearly as many.
const MOST_FIELDS: usize = 64;

/// The fields of a form or query, each at most once.
#[derive(Debug, Clone)]
pub struct Form(Vec<(String, Secret<String>)>);

impl Form {
    /// `None` when a field comes twice, or more than 64 come.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields: Vec<(String, Secret<String>)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if fields.len() == MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name.into_owned(), Secret::new(value.into_owned())));
        }
        Some(Self(fields))
    }

    /// The field's value; empty when it isn't there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.expose())
    }
}

/// Name and value of a hidden field.
pub type Hidden<'a> = (&'a str, &'a str);

/// The hidden fields of a form.
#[must_use]
pub fn hidden(fields: &[Hidden<'_>]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// An `<input …/>` with these attributes in this order. It closes itself: Redshift's JDBC driver reads pages by `<input(.+?)/>`.
#[must_use]
pub fn input(attributes: &[(&str, &str)]) -> Markup {
    let attributes: String = attributes
        .iter()
        .map(|(name, value)| {
            let PreEscaped(value) = html! { (value) };
            format!(" {name}=\"{value}\"")
        })
        .collect();
    PreEscaped(format!("<input{attributes}/>"))
}

/// The synchroniser token that the forms of this cookie's browser must carry: it can't be made without the cookie, and doesn't
/// tell it.
#[must_use]
pub fn csrf_token(cookie: &Secret<String>) -> Secret<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.expose().as_bytes());
    Secret::new(hex::encode(hmac::sign(&key, b"gatehouse form")))
}

/// Whether a form that changes something came from a page of ours: by what the browser says of its origin, and by the token that
/// only a page of ours can hold.
#[must_use]
pub fn form_is_ours(headers: &HeaderMap, cookie: &Secret<String>, token: &str, connection: Connection) -> bool {
    origin_may_be_ours(headers, connection) && csrf_token(cookie).matches(token.as_bytes())
}

/// What the browser says of a form's origin, if it is a browser: `Sec-Fetch-Site` where the browser sends it, else `Origin`. `Origin: null` says nothing: it is what browsers send from pages
/// whose Referrer-Policy is no-referrer, as ours are.
#[must_use]
pub fn origin_may_be_ours(headers: &HeaderMap, connection: Connection) -> bool {
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
