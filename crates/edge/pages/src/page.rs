//! The frame of every page, and the headers of every answer.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

/// Where the style sheet is served.
pub const STYLE_PATH: &str = "/signin/style.css";
/// Where the script of [`crate::auto_post`] is served.
pub const SCRIPT_PATH: &str = "/signin/post.js";
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("post.js");

/// How wide a page is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// One question or answer in a card of a form's width.
    #[default]
    Card,
    /// A page with tiles, tables or several sections, up to 64rem wide; its body brings its own cards (class `card`).
    Wide,
}

/// What every page has. [`Page::new`] makes a plain one; the fields are there to be set.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Shown above the card: whose page this is.
    pub organisation: &'a str,
    pub title: &'a str,
    pub status: StatusCode,
    pub layout: Layout,
    /// Above the content, beside the organisation: links and the sign-out form of a page with navigation.
    pub navigation: Option<&'a Markup>,
    /// Besides ourselves, where this page's forms may lead: origins, or schemes such as `https:`. Chrome holds the redirects
    /// after a form to it too.
    pub form_targets: &'a [&'a str],
    /// Paths of static scripts of ours. The page must work without them.
    pub scripts: &'a [&'a str],
    /// Where to go at once, without a click: see [`crate::onward`].
    pub refresh_to: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// A page of status 200 with a card, no script, and forms that lead to ourselves only.
    #[must_use]
    pub const fn new(organisation: &'a str, title: &'a str) -> Self {
        Self {
            organisation,
            title,
            status: StatusCode::OK,
            layout: Layout::Card,
            navigation: None,
            form_targets: &[],
            scripts: &[],
            refresh_to: None,
        }
    }

    /// The whole answer around `body`.
    #[must_use]
    pub fn render(&self, body: &Markup) -> Response {
        let document = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    @if let Some(location) = self.refresh_to { meta http-equiv="refresh" content=(format!("0;url={location}")); }
                    title { (self.title) " · " (self.organisation) }
                    link rel="stylesheet" href=(STYLE_PATH);
                    @for script in self.scripts { script src=(script) defer {} }
                }
                body { (self.content(body)) }
            }
        };
        let mut response = (self.status, document.into_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert("content-security-policy", self.policy());
        headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        protect(response)
    }

    fn content(&self, body: &Markup) -> Markup {
        let wide = match self.layout {
            Layout::Card => None,
            Layout::Wide => Some("wide"),
        };
        html! {
            @if let Some(navigation) = self.navigation {
                header {
                    p class="organisation" { (self.organisation) }
                    (navigation)
                }
            }
            main class=[wide] {
                @if self.navigation.is_none() { p class="organisation" { (self.organisation) } }
                @match self.layout {
                    Layout::Card => div class="card" { h1 { (self.title) } (body) },
                    Layout::Wide => { h1 { (self.title) } (body) }
                }
            }
        }
    }

    fn policy(&self) -> HeaderValue {
        let targets = self.form_targets.iter().map(|target| format!(" {target}")).collect::<String>();
        let scripts = if self.scripts.is_empty() { "" } else { " script-src 'self';" };
        let policy = format!(
            "default-src 'none'; style-src 'self';{scripts} form-action 'self'{targets}; base-uri 'none'; frame-ancestors 'none'"
        );
        // Without a policy no page: a target that can't be a header falls back to none at all.
        let policy = HeaderValue::from_str(&policy);
        policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; form-action 'none'"))
    }
}

/// What every answer of ours carries.
#[must_use]
pub fn protect(mut response: Response) -> Response {
    const HEADERS: [(&str, &str); 3] =
        [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("pragma", "no-cache")];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 303 to `location`, which must be visible ASCII (URLs are).
#[must_use]
pub fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        tracing::error!("a redirect can't be written as a header");
        return protect(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    protect(response)
}

/// Adds cookies.
#[must_use]
pub fn with_cookies(mut response: Response, cookies: impl IntoIterator<Item = Option<HeaderValue>>) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// `GET` [`STYLE_PATH`]: the style sheet.
pub async fn style() -> Response {
    asset(STYLE, "text/css; charset=utf-8")
}

/// `GET` [`SCRIPT_PATH`]: sends the form of an [`crate::auto_post`] page.
pub async fn script() -> Response {
    asset(SCRIPT, "text/javascript; charset=utf-8")
}

fn asset(text: &'static str, content_type: &'static str) -> Response {
    let mut response = protect(text.into_response());
    response.headers_mut().remove("pragma");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

#[cfg(test)]
mod tests;
