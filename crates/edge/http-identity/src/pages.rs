//! The pages: plain HTML forms, no script, one style sheet.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base::Secret;
use maud::{DOCTYPE, Markup, html};

/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/signin/style.css";
const STYLE: &str = include_str!("pages/style.css");

/// A hidden field of a form.
pub(crate) type Hidden<'a> = (&'a str, &'a str);

/// What every page has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) title: &'a str,
    pub(crate) status: StatusCode,
    /// Besides ourselves, where this page's forms may lead. Chrome holds the redirect after a POST to it too.
    pub(crate) form_target: Option<&'a str>,
}

impl Page<'_> {
    /// The whole answer around `body`.
    pub(crate) fn render(&self, body: &Markup) -> Response {
        let document = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) " · " (self.organisation) }
                    link rel="stylesheet" href=(STYLE_PATH);
                }
                body {
                    main {
                        p class="organisation" { (self.organisation) }
                        div class="card" { h1 { (self.title) } (body) }
                    }
                }
            }
        };
        let mut response = (self.status, document.into_string()).into_response();
        let target = self.form_target.map(|target| format!(" {target}")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action 'self'{target}; base-uri 'none'; frame-ancestors 'none'"
        );
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        // Without a policy no page: a target that can't be a header falls back to none at all.
        let policy = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        headers.insert("content-security-policy", policy);
        headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        protect(response)
    }
}

/// What every answer of ours carries.
pub(crate) fn protect(mut response: Response) -> Response {
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
pub(crate) fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        tracing::error!("a redirect can't be written as a header");
        return protect(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    protect(response)
}

/// Adds cookies.
pub(crate) fn with_cookies(mut response: Response, cookies: impl IntoIterator<Item = Option<HeaderValue>>) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The style sheet.
pub(crate) async fn style() -> Response {
    let mut response = protect(STYLE.into_response());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

fn hidden(fields: &[Hidden<'_>]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// The sign-in form. `error` is what went wrong the last time; `user_name` what was typed then.
pub(crate) fn sign_in(fields: &[Hidden<'_>], user_name: &str, error: Option<&str>) -> Markup {
    let retry = error.is_some() && !user_name.is_empty();
    html! {
        div class="error" id="error" role="alert" aria-live="assertive" { @if let Some(error) = error { p { (error) } } }
        form method="post" action="/signin" {
            (hidden(fields))
            label for="user_name" { "User name" }
            input id="user_name" name="user_name" type="text" value=(user_name) required maxlength="256"
                autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false"
                aria-describedby="error" autofocus[!retry];
            label for="password" { "Password" }
            input id="password" name="password" type="password" required maxlength="1024"
                autocomplete="current-password" aria-describedby="error" autofocus[retry];
            button type="submit" { "Sign in" }
        }
    }
}

/// The form by which a person chooses a password. `error` is what was wrong with the last one.
pub(crate) fn choose_password(fields: &[Hidden<'_>], user_name: &str, error: Option<&str>) -> Markup {
    html! {
        div class="error" id="error" role="alert" aria-live="assertive" { @if let Some(error) = error { p { (error) } } }
        p { "Choose the password that " strong { (user_name) } " signs in with from now on." }
        // Without an action it goes to the page's own address, which has the link's token.
        form method="post" {
            (hidden(fields))
            // For password managers, which keep the new password under this name.
            input type="text" name="user_name" value=(user_name) autocomplete="username" readonly hidden;
            label for="new_password" { "New password" }
            input id="new_password" name="new_password" type="password" required minlength="8" maxlength="1024"
                autocomplete="new-password" aria-describedby="error rule" autofocus;
            p class="soft" id="rule" { "At least 8 characters. Longer is better; several words are easy to remember." }
            label for="again" { "The same again" }
            input id="again" name="again" type="password" required minlength="8" maxlength="1024"
                autocomplete="new-password" aria-describedby="error";
            button type="submit" { "Change password" }
        }
    }
}

/// After a password was chosen.
pub(crate) fn password_changed(user_name: &str, sign_in: &str) -> Markup {
    html! {
        p { strong { (user_name) } " signs in with the new password from now on. "
            "Whoever was signed in with the old one has been signed out." }
        p { a class="button" href=(sign_in) { "Sign in" } }
    }
}

/// The question whether a program may act for the person.
pub(crate) struct Consent<'a> {
    pub(crate) client_name: &'a str,
    /// `on this computer` or `at https://host`.
    pub(crate) place: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) fields: &'a [Hidden<'a>],
    /// For the form that changes the person.
    pub(crate) sign_out_fields: &'a [Hidden<'a>],
}

impl Consent<'_> {
    pub(crate) fn markup(&self) -> Markup {
        html! {
            p { strong { (self.client_name) } " " (self.place) " asks to read Amazon Redshift data as you." }
            dl { dt { "You are signed in as" } dd { (self.user_name) } }
            p class="soft" { "Allow this only if you have just started this program yourself. "
                "It sees the data that you may see, for at most 8 hours." }
            form method="post" action="/authorize" {
                (hidden(self.fields))
                div class="actions" {
                    button type="submit" name="decision" value="allow" { "Allow" }
                    button type="submit" name="decision" value="deny" class="second" { "Deny" }
                }
            }
            form method="post" action="/signout" class="foot" {
                (hidden(self.sign_out_fields))
                button type="submit" class="second" { "Sign in as somebody else" }
            }
        }
    }
}

/// What went wrong, what to do, and the id under which the server's records have it.
pub(crate) fn problem(what: &str, hint: &str, reference: &str, leave: Option<(&str, &str)>) -> Markup {
    html! {
        div class="error" role="alert" { p { (what) } }
        p { (hint) }
        @if let Some((text, address)) = leave { p { a class="button" href=(address) { (text) } } }
        p class="soft" { "Reference: " code { (reference) } }
    }
}

/// Who is signed in, with the button that ends it.
pub(crate) fn signed_in(user_name: &str, csrf: &Secret<String>) -> Markup {
    html! {
        p { "You are signed in as " strong { (user_name) } ". You can close this page." }
        form method="post" action="/signout" {
            (hidden(&[("csrf", csrf.expose())]))
            button type="submit" class="second" { "Sign out" }
        }
    }
}

pub(crate) fn signed_out() -> Markup {
    html! {
        p { "You are signed out in this browser. Programs that you allowed before keep their access until it expires." }
        p { a class="button second" href="/signin" { "Sign in" } }
    }
}
